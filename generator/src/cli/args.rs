//! The arguments.

use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  rekindle init hello --path rekindle   make a project with a spec, its client and their tests
  rekindle generate                     read specs/, write the package generated/
  rekindle generate --check             change nothing; exit 1 and name what differs
  rekindle check specs/acme.yaml        check one spec
  rekindle check --format sarif         the same for machines, every spec of specs/
  rekindle check - < acme.yaml          a spec from standard input
  rekindle diff main/specs              what changed between two contracts, and for whom
  rekindle import curl 'curl -u …'      begin a spec from the curl line that a page shows
  rekindle explain RK0101               what a diagnostic means and what to do about it
  rekindle schema > v1.json             the JSON Schema of the language, for editors
  rekindle completions bash             a script that completes the command in a shell
  rekindle serve                        fake providers for every spec of specs/, with curl lines to try
  rekindle serve specs/acme.yaml --fault reset_after:1
                                        one of them; the answer of the next refresh is lost
  rekindle test --base-url http://127.0.0.1:4747
                                        whether what is served there keeps the contracts of specs/
  rekindle test specs/acme.yaml --base-url https://id.acme.example --credentials acme.json
                                        the same for a real provider, as far as one grant allows

Exit codes:
  0  done, nothing to say
  1  differences or findings; a warning is one with `--deny-warnings` alone
  2  called in a way that makes no sense, or files that cannot be read or written";

/// What stands over the options that every command has, behind its own.
const OF_EVERY: &str = "Options of every command";

/// From YAML contracts of token refresh endpoints to typed Rust clients, with the tests that prove them.
#[derive(Debug, Parser)]
#[command(name = "rekindle", version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Arguments {
    /// When to use colour; it is never needed to understand the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = OF_EVERY)]
    pub(super) color: ColorChoice,
    #[command(flatten)]
    pub(super) amount: AmountArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What each does is said by its arguments: a doc comment here would stand in place of all that they say.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(Init),
    Generate(Generate),
    Check(Check),
    /// Print the JSON Schema of the language
    Schema,
    Explain(Explain),
    List(List),
    Diff(Diff),
    New(New),
    Import(Import),
    #[cfg(feature = "serve")]
    Serve(Serve),
    #[cfg(feature = "test")]
    Test(Test),
    Completions(Completions),
    Man(Man),
}

/// Make a project that builds, and whose tests pass.
///
/// It has a spec of a provider that does not exist, its client, the tests of both, and a program that keeps a token fresh. A file that is
/// there already is left as it is and named, with the lines that it needs; so it works in a package of your own, too. Of a rekindle.toml
/// that is there, `--path`, `--git` and `--registry` win, and what it has to say for that to last is named.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The folder of the project, which is made where there is none
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// How the clients are made
    #[arg(long, value_name = "FORM", default_value = "build-script")]
    pub(super) form: Form,
    /// The name of the package [default: that of the folder]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) packages: Packages,
}

/// How the clients of a project are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// By a build script, whenever a spec changes; nothing generated is committed
    BuildScript,
    /// By `rekindle generate`, as a package that is committed and reviewed
    Package,
}

/// Make the package of clients equal to what the specs ask for.
///
/// Files are written only where they differ. What an earlier run wrote and no spec asks for any more is deleted, but a file that
/// rekindle did not write, or that was changed since, is named and left alone. A run that fails writes nothing, and none writes
/// through a link. The package holds what is generated and nothing else; only `target`, `Cargo.lock`, `.git`, `.gitignore` and
/// `.gitattributes` may stand in its root.
///
/// With `--quiet`, files that were written are not named; those that differ or are in the way are. With `--verbose`, every spec that
/// was read has a line.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// Change nothing; exit 1 and name what differs
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) check: bool,
    /// Change nothing; name what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The folder of the specs [default: `specs`, or what rekindle.toml says]
    #[arg(long, value_name = "DIR")]
    pub(super) specs: Option<PathBuf>,
    /// The folder of the package [default: `generated`, or what rekindle.toml says]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// A folder with templates that replace those of the same name [default: what rekindle.toml says]
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
    #[command(flatten)]
    pub(super) packages: Packages,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) deny_warnings: bool,
    /// How problems of the specs are told: for people, on stderr; or for machines, on stdout
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ProblemFormat,
}

/// Where the packages of Rekindle are that manifests name: the registry, unless rekindle.toml or one of these says otherwise.
#[derive(Debug, Default, Clone, Args)]
pub(super) struct Packages {
    /// Take the packages of Rekindle from a clone, this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["git", "registry"])]
    pub(super) path: Option<PathBuf>,
    /// Take them from a Git repository
    #[arg(long, value_name = "URL", conflicts_with = "registry")]
    pub(super) git: Option<String>,
    /// A commit of the Git repository
    #[arg(long, value_name = "COMMIT", requires = "git", conflicts_with_all = ["branch", "tag"])]
    pub(super) rev: Option<String>,
    /// A branch of the Git repository
    #[arg(long, value_name = "NAME", requires = "git", conflicts_with = "tag")]
    pub(super) branch: Option<String>,
    /// A tag of the Git repository
    #[arg(long, value_name = "NAME", requires = "git")]
    pub(super) tag: Option<String>,
    /// Take them from the registry, at this version
    #[arg(long, value_name = "VERSION")]
    pub(super) registry: Option<String>,
}

impl Packages {
    /// Whether any of them is given.
    pub(super) fn is_given(&self) -> bool {
        self.path.is_some() || self.git.is_some() || self.registry.is_some()
    }
}

/// Check specs and name every problem with its place.
///
/// The exit code is 1 where there is an error. A warning leaves it at 0, unless `--deny-warnings` is given.
///
/// With `--quiet`, nothing is said but the problems. With `--verbose`, every spec that was read has a line, and the page of each
/// problem follows, as `rekindle explain` prints it.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Specs, folders of specs, or ids of the project's specs; `-` for a spec from standard input [default: `specs`, or what rekindle.toml says]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The file that standard input stands for, in messages and for a spec that is `like` another of its folder
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) stdin_name: String,
    /// For people, on stderr; or for machines, on stdout
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ProblemFormat,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) deny_warnings: bool,
}

/// Print the page about a diagnostic, a lint or a conformance test; without one, the list of them.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// What to explain: `RK0101`, the name of a lint, the id of a conformance test, a rule such as `R16` or `header-value`
    #[arg(value_name = "CODE", action = ArgAction::Set)]
    pub(super) code: Option<String>,
}

/// List the providers and what their contracts say, a line each.
///
/// With `--quiet`, their ids alone. With `--verbose`, where each is, and which spec and page it comes from.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Specs, folders of specs, or ids of the project's specs [default: `specs`, or what rekindle.toml says]
    #[arg(value_name = "SPEC")]
    pub(super) specs: Vec<PathBuf>,
    /// For people, or for machines
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

/// Say what changed between two contracts, and for whom.
///
/// Each change is rated twice: for those who hold tokens of the provider, and for those who compile its client. `breaking`: what worked
/// does not any more; `behaviour`: the same calls do something else; `additive`: neither.
///
/// With `--quiet`, the exit code says it alone. With `--verbose`, values are shown whole, however long they are.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// A spec, a folder of specs, or the id of one of the project's specs, as it was
    #[arg(value_name = "OLD")]
    pub(super) old: PathBuf,
    /// The same as it is [default: `specs`, or what rekindle.toml says]
    #[arg(value_name = "NEW")]
    pub(super) new: Option<PathBuf>,
    /// From which effect on the exit code is 1
    #[arg(long, value_name = "EFFECT", default_value = "breaking")]
    pub(super) fail_on: Effect,
    /// For people, or for machines
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

/// Write a spec that checks, from answers in a terminal or from flags.
///
/// It is that of a plain provider of RFC 6749, whose token endpoint takes a form; `import` begins one for any other. In a terminal,
/// what no flag says is asked for, unless it follows from what was said, and asked for again where the answer makes no sense. Elsewhere
/// `--request`, `--title` and `--page` must be there; what other flags would say is left out of the spec then, and means its default.
/// `TODO` is an answer, too: `check` asks again. A file that is there already is never written over, and whoever stops leaves none.
///
/// With `--quiet`, the file that was written is not named.
#[derive(Debug, Args)]
pub(super) struct New {
    /// The provider's id, in `snake_case`; its file is called so
    #[arg(value_name = "ID")]
    pub(super) id: String,
    /// The provider's name for people [default: made of its id]
    #[arg(long, value_name = "TEXT")]
    pub(super) name: Option<String>,
    /// The method and the whole URL of the token endpoint: `POST https://id.acme.example/oauth/token`
    #[arg(long, value_name = "LINE")]
    pub(super) request: Option<String>,
    /// What is traded: `refresh_token` or `client_credentials` [default: `refresh_token`]
    #[arg(long, value_name = "WORD")]
    pub(super) operation: Option<String>,
    /// How the client proves who it is: `basic`, HTTP Basic over id and secret that are form-encoded first (RFC 6749 section 2.3.1),
    /// `{ basic: { encoding: raw } }`, the same over both as they are, `public`, `private_key_jwt`, … [default: `body`]
    #[arg(long, value_name = "WORD")]
    pub(super) auth: Option<String>,
    /// The title of the page that says so
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// Its address
    #[arg(long, value_name = "URL")]
    pub(super) page: Option<String>,
    /// The day on which it was read: `2026-11-28` [default: today]
    #[arg(long, value_name = "DATE")]
    pub(super) retrieved: Option<String>,
    /// When an access token ends: the member that holds the seconds, `/expires_in`, a lifetime, `1d`, a mapping as a spec has it,
    /// or `jwt`, `never`, `undeclared` [default: `/expires_in`]
    #[arg(long, value_name = "WHEN")]
    pub(super) expires: Option<String>,
    /// What becomes of the old access token: `valid`, `revoked`, `revoked_on_first_use`, `unknown` [default: `unknown`]
    #[arg(long, value_name = "WORD")]
    pub(super) after_refresh: Option<String>,
    /// How requests carry the access token: `bearer`, `raw`, `unknown` [default: `bearer`]
    #[arg(long, value_name = "WORD")]
    pub(super) sent_as: Option<String>,
    /// How often a refresh token may be used: `once`, `many`, `unknown` [default: `many` beside `--rotation never` or `echo`, else `unknown`]
    #[arg(long, value_name = "WORD", id = "use")]
    pub(super) use_: Option<String>,
    /// Whether a refresh replaces the refresh token: `never`, `echo`, `always`, `sometimes`, `keeps_old`, `unknown` [default: `sometimes`]
    #[arg(long, value_name = "WORD")]
    pub(super) rotation: Option<String>,
    /// When a refresh token ends, used or not, in the words of `--expires`; `{ constant: 90d, since: sign_in }` counts from the sign-in
    /// [default: `undeclared`]
    #[arg(long, value_name = "WHEN")]
    pub(super) refresh_expires: Option<String>,
    /// How long a refresh token lives without being used: `60d`, or `undeclared` [default: `undeclared`]
    #[arg(long = "idle-limit", value_name = "TIME")]
    pub(super) unused: Option<String>,
    /// What a spent refresh token is still good for: `dead`, `unknown` [default: `dead`]
    #[arg(long, value_name = "WORD")]
    pub(super) spent: Option<String>,
    /// What a spent refresh token that comes back does: `refused`, `chain_revoked`, `grant_revoked`, `unknown` [default: `unknown`]
    #[arg(long, value_name = "WORD")]
    pub(super) reuse: Option<String>,
    /// Where the spec goes, `-` for standard output [default: specs/ID.yaml]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

/// Begin a spec from a curl command line, an HTTP request, an OpenAPI document or discovery metadata.
///
/// The spec says what the source says: method, URL, client authentication, fields, and, with the answer that the page shows, where its
/// members are. Every value that somebody brings becomes a reference; no secret of the source is in the spec. What the source cannot
/// know is a TODO, which `rekindle check` reports with the values it takes and what to look for on the page. Rotation, reuse and ends
/// are never guessed. A file that is there already stays as it is without `--force`.
///
/// With `--quiet`, the file that was written is not named.
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    pub(super) from: ImportFrom,
}

/// What a spec is begun from.
#[derive(Debug, Subcommand)]
pub(super) enum ImportFrom {
    /// From a curl command line or an HTTP request, as pages print them
    ///
    /// An HTTP request is its line, `POST /token HTTP/1.1`, with headers and body below it. An answer that stands below either, JSON on
    /// lines of its own, is read as by `--answer`.
    Curl {
        /// The line or the request in quotes, the file that holds it, or `-` for standard input, which no shell remembers
        #[arg(value_name = "LINE", default_value = "-")]
        line: String,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// From an operation of an OpenAPI 3 document
    Openapi {
        /// A file, JSON or YAML, `-` for standard input, or a URL
        #[arg(value_name = "FILE|URL")]
        source: String,
        /// The operation: its operationId, or `POST /oauth/token` [default: the one that looks most like a token endpoint]
        #[arg(long, value_name = "ID")]
        operation: Option<String>,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// From the metadata of an authorization server (RFC 8414, OpenID Connect Discovery)
    Discovery {
        /// A file, `-` for standard input, or a URL: `https://id.example.com/.well-known/openid-configuration`
        #[arg(value_name = "FILE|URL")]
        source: String,
        #[command(flatten)]
        options: ImportOptions,
    },
}

/// What the source does not say.
#[derive(Debug, Args)]
pub(super) struct ImportOptions {
    /// The provider's id, in `snake_case` [default: made of `--name`, or of the name in its host]
    #[arg(long, value_name = "ID")]
    pub(super) id: Option<String>,
    /// The provider's name for people [default: made of its id]
    #[arg(long, value_name = "TEXT")]
    pub(super) name: Option<String>,
    /// A file with the answer that the page shows: JSON, perhaps behind the head that `curl -i` prints
    #[arg(long, value_name = "FILE")]
    pub(super) answer: Option<PathBuf>,
    /// The address of the page
    #[arg(long, value_name = "URL")]
    pub(super) page: Option<String>,
    /// The title of the page
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// The day on which it was read, `2026-11-28` [default: today, where the page is known]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) retrieved: Option<String>,
    /// Where the spec goes, `-` for standard output [default: specs/ID.yaml]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write over the file that is there
    #[arg(long)]
    pub(super) force: bool,
}

/// A day as a spec writes one.
fn day(text: &str) -> Result<String, String> {
    let day: jiff::civil::Date =
        text.trim().parse().map_err(|_| "a day such as `2026-11-28`".to_owned())?;
    Ok(day.to_string())
}

/// Print a script by which a shell completes the command.
///
/// The shell reads it at its start: `rekindle completions bash > ~/.local/share/bash-completion/completions/rekindle`;
/// `rekindle completions fish > ~/.config/fish/completions/rekindle.fish`; for zsh as `_rekindle` in a folder of `$fpath`; for
/// PowerShell and elvish at the end of the profile.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}

/// Print the manual page of the command, or write those of all its parts.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder into which `rekindle.1`, `rekindle-check.1` and the others are written, such as `~/.local/share/man/man1`; it is
    /// made where it is not there
    #[arg(value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
}

/// Play providers on a port of this machine, for clients in any language.
///
/// Each keeps its contract: it refuses what the contract does not allow, and says by which rule. What it needs to be called, curl
/// lines included, is printed first; then comes a line for each exchange, on stderr. It ends with Ctrl-C.
#[cfg(feature = "serve")]
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Specs, folders of specs, or ids of the project's specs [default: `specs`, or what rekindle.toml says]
    #[arg(value_name = "SPEC")]
    pub(super) specs: Vec<PathBuf>,
    /// The port, or the first of them; 0 for any that is free
    #[arg(long, value_name = "N", default_value_t = 4747)]
    pub(super) port: u16,
    /// Give each provider a port of its own
    #[arg(long)]
    pub(super) separate_ports: bool,
    /// What goes wrong with each refresh: the name of a fault, `NAME:3` for the next three, several in turn, or `random`
    /// for whatever comes; `list` lists them
    #[arg(long, value_name = "NAME")]
    pub(super) fault: Vec<String>,
    /// Tells tokens apart, and draws random faults [default: another each time]
    #[arg(long, value_name = "N", value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// How fast time passes: 3600 for an hour a second, 0 for not at all
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub(super) clock_speed: f64,
    /// A rule that is not enforced, to see who notices; `list` lists them
    #[arg(long, value_name = "RULE")]
    pub(super) without: Vec<String>,
    /// Print what is needed to call the providers for people, or for machines
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

#[cfg(feature = "serve")]
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

/// Check over HTTP whether providers keep their contracts.
///
/// At a fake provider, as `rekindle serve` plays it, everything is checked: the answer to a refresh, every request that must be
/// refused, and sequences over time and under fault. At a real one there is one grant and no control over time: only what leaves
/// the grant alive is checked.
///
/// Credentials of a real provider come from a file, {"acme": {"client": {"client_secret": "..."}, "refresh_token": "...",
/// "access_token": "..."}}, or from the environment: REKINDLE_ACME_CLIENT_SECRET, REKINDLE_ACME_REFRESH_TOKEN,
/// REKINDLE_ACME_ACCESS_TOKEN. New tokens are written to the file before anything else is sent.
///
/// With `--quiet`, what failed is all that is named. With `--verbose`, what passed is named, too.
#[cfg(feature = "test")]
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Specs, folders of specs, or ids of the project's specs [default: `specs`, or what rekindle.toml says]
    #[arg(value_name = "SPEC")]
    pub(super) specs: Vec<PathBuf>,
    /// Check this provider alone, by its id, where the specs describe several: `acme_pkce`, a variant of `acme`
    #[arg(long, value_name = "ID")]
    pub(super) provider: Option<String>,
    /// Where the provider is; the origin of `rekindle serve` stands for all that it plays
    #[arg(long, value_name = "URL")]
    pub(super) base_url: String,
    /// The control endpoint of a fake provider: its URL, `auto` to look for it on this machine, or `none`
    #[arg(long, value_name = "URL", default_value = "auto")]
    pub(super) control: String,
    /// A JSON file with the credentials of real providers; new tokens are kept in it
    #[arg(long, value_name = "FILE")]
    pub(super) credentials: Option<PathBuf>,
    /// Keep new tokens in this file; those that are in it already are sent in the place of the given ones
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Do these checks alone
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) only: Vec<String>,
    /// Do checks that may cost the grant of a real provider, too
    #[arg(long)]
    pub(super) burn: bool,
    /// A command that signs in anew at a real provider and prints a file of credentials, as above, to stdout. It is run by the shell
    /// whenever the grant is used up or is dead already; checks that may cost a grant are done then. Where it fails, or what it brings is
    /// refused, the run ends
    #[arg(long, value_name = "COMMAND")]
    pub(super) sign_in: Option<String>,
    /// A page that access tokens open, to check there how they are sent, how a wrong one is refused, and what a refresh does to the
    /// earlier one. It is read with GET, and sees access tokens alone; https, or http to this machine. Of one provider at a time
    #[arg(long, value_name = "URL")]
    pub(super) resource: Option<String>,
    /// Wait for so long between two requests to a real provider: `500ms`, `2s`
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s")]
    pub(super) pause: std::time::Duration,
    /// Print each request as a curl line, and its answer, on stderr; what may be a secret is masked
    #[arg(long)]
    pub(super) show: bool,
    /// Do not ask before credentials of a real provider are spent
    #[arg(long)]
    pub(super) yes: bool,
    /// Send no refresh; say what would be done
    #[arg(long)]
    pub(super) dry_run: bool,
    /// For people, for machines, or as JUnit XML for continuous integration
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: ReportFormat,
}

#[cfg(feature = "test")]
impl Test {
    /// Whether checks are done that may cost a grant: another one can be had, or the one that there is may be lost.
    pub(super) fn spends_grants(&self) -> bool {
        self.burn || self.sign_in.is_some()
    }
}

/// A length of time as a person writes it.
#[cfg(feature = "test")]
fn time(text: &str) -> Result<std::time::Duration, String> {
    let span: jiff::SignedDuration =
        text.trim().parse().map_err(|_| "a time such as `500ms` or `2s`".to_owned())?;
    span.try_into().map_err(|_| "a time that is not negative".to_owned())
}

/// Whom a report is for.
#[cfg(feature = "test")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// People
    Human,
    /// Machines
    Json,
    /// Continuous integration
    Junit,
}

/// How much is said.
#[derive(Debug, Args)]
pub(super) struct AmountArguments {
    /// Say less: what went wrong, and what was asked for, alone
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = OF_EVERY)]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = OF_EVERY)]
    verbose: bool,
}

impl AmountArguments {
    pub(super) fn amount(&self) -> Amount {
        match (self.quiet, self.verbose) {
            (true, _) => Amount::Quiet,
            (_, true) => Amount::Verbose,
            _ => Amount::Usual,
        }
    }
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// What went wrong, and what was asked for.
    Quiet,
    /// That, and how it went.
    Usual,
    /// More than that.
    Verbose,
}

/// Whom problems of specs are told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProblemFormat {
    /// People
    Human,
    /// Machines
    Json,
    /// GitHub: workflow commands, which a pull request shows at their lines
    Github,
    /// SARIF 2.1.0, for services that gather findings
    Sarif,
}

/// Whom the output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// People
    Human,
    /// Machines
    Json,
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Effect {
    /// Nothing that worked before works otherwise
    Additive,
    /// The same calls do something else
    Behaviour,
    /// Something that worked before does not any more
    Breaking,
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use clap::CommandFactory;

    #[test]
    fn arguments_make_sense() {
        Arguments::command().debug_assert();
    }
}
