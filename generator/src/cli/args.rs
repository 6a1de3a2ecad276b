//! The arguments.

use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  rekindle generate                     read specs/, write the package generated/
  rekindle generate --check             change nothing; exit 1 and name what differs
  rekindle check specs/acme.yaml        check one spec
  rekindle check --format json          the same for machines, every spec of specs/
  rekindle explain RK0101               what a diagnostic means and what to do about it
  rekindle schema > v1.json             the JSON Schema of the language, for editors

Exit codes:
  0  done, nothing to say
  1  differences or findings
  2  called in a way that makes no sense, or files that cannot be read or written";

/// From YAML contracts of token refresh endpoints to typed Rust clients, with the tests that prove them.
#[derive(Debug, Parser)]
#[command(name = "rekindle", version, after_help = EXAMPLES, max_term_width = 100)]
pub(super) struct Arguments {
    /// When to use colour; it is never needed to understand the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the package of clients equal to what the specs ask for
    Generate(Generate),
    /// Check specs and name every problem with its place
    Check(Check),
    /// Print the JSON Schema of the language
    Schema,
    /// Print the page about a diagnostic, a lint or a conformance test
    Explain(Explain),
    /// List the providers and what their contracts say, a line each
    List(List),
}

/// Make the package of clients equal to what the specs ask for.
///
/// Files are written only where they differ. What an earlier run wrote and no spec asks for any more is deleted, but a file that
/// rekindle did not write, or that was changed since, is named and left alone. A run that fails writes nothing.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// Change nothing; exit 1 and name what differs
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) check: bool,
    /// Change nothing; name what would change
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The folder of the specs
    #[arg(long, value_name = "DIR", default_value = "specs")]
    pub(super) specs: PathBuf,
    /// The folder of the package
    #[arg(long, value_name = "DIR", default_value = "generated")]
    pub(super) out: PathBuf,
    /// A folder with templates that replace those of the same name
    #[arg(long, value_name = "DIR")]
    pub(super) templates: Option<PathBuf>,
    /// Where rekindle-runtime is, as the generated manifest names it [default: ../runtime where that is the package, else
    /// the registry]
    #[arg(long, value_name = "PATH")]
    pub(super) runtime: Option<String>,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) deny_warnings: bool,
}

/// Check specs and name every problem with its place.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Specs, or folders of specs
    #[arg(value_name = "PATH", default_value = "specs")]
    pub(super) paths: Vec<PathBuf>,
    /// For people, on stderr; or for machines, on stdout
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) deny_warnings: bool,
}

/// Print the page about a diagnostic, a lint or a conformance test; without one, the list of them.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// What to explain: `RK0101`, the name of a lint, the id of a conformance test
    #[arg(value_name = "CODE", action = ArgAction::Set)]
    pub(super) code: Option<String>,
}

/// List the providers and what their contracts say, a line each.
#[derive(Debug, Args)]
pub(super) struct List {
    /// The folder of the specs
    #[arg(long, value_name = "DIR", default_value = "specs")]
    pub(super) specs: PathBuf,
    /// For people, or for machines
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(super) format: Format,
}

/// Whom the output is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// People
    Human,
    /// Machines
    Json,
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
