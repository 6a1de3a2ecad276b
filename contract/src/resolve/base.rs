//! Where the provider lives.

use super::template::{self, Scope};
use super::whole_url::ENVIRONMENT;
use crate::contract::{Base, Environment, Parameter, Part, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_BASE_URL, HOST_TWICE, INSECURE_URL, NO_BASE_URL};
use crate::diagnostics::shape::UNKNOWN_VALUE;
use crate::path::Path;
use crate::spec::{DescribedEnvironment, EnvironmentSpec};
use crate::suggest::nearest;
use rekindle_syntax::{BaseUrl, HostProblem, PathProblem, Scheme, UrlProblem};
use std::collections::BTreeMap;

/// The hosts of a spec; `whole_url` is that of its request line.
pub(super) fn resolve(
    written: &BTreeMap<String, EnvironmentSpec>,
    base_url: Option<&str>,
    whole_url: Option<&str>,
    client: &BTreeMap<String, Parameter>,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Base {
    let output = base_url.and_then(|text| text.strip_prefix("output.")).map(str::to_owned);
    let unknown = base_url.filter(|text| *text != "integrator" && output.is_none());
    found.extend(unknown.map(unknown_source));
    let integrator = match base_url {
        Some("integrator") => true,
        // Answers tell the later ones: somebody brings the first.
        Some(_) => written.is_empty() && whole_url.is_none(),
        None => false,
    };
    let scope = &Scope { in_host: true, ..scope.clone() };
    let line = Path::of("refresh.request");
    let declared = if integrator { "base_url" } else { "environments" };
    let mut environments = Vec::new();
    match whole_url {
        Some(_) if integrator || !written.is_empty() => {
            let message =
                format!("the request line holds a whole URL, and `{declared}` says where it goes");
            let hint =
                format!("write the path alone, `POST /oauth/token`, or leave `{declared}` out");
            found.push(Finding::value(HOST_TWICE, line, message).hint(hint));
        }
        Some(url) => {
            let url = self::url(url, line, client, scope, found);
            environments.push(Environment { name: ENVIRONMENT.to_owned(), url, doc: None });
        }
        None if written.is_empty() && !integrator => {
            let message = "nothing says where the provider lives";
            let hint = "write the whole URL, `request: POST https://auth.example.com/oauth/token`, name the hosts under \
                        `environments`, or write `base_url: integrator`";
            found.push(Finding::key(NO_BASE_URL, Path::of("provider"), message).hint(hint));
        }
        None => {}
    }
    let path = Path::of("environments");
    let one = |(name, written): (&String, _)| one(name, written, &path, client, scope, found);
    environments.extend(written.iter().map(one));
    Base { environments, integrator, output }
}

/// Who should bring the base URL is none of those who can.
fn unknown_source(written: &str) -> Finding {
    let is_url = written.contains("://");
    let hint = match nearest(written, ["integrator"]) {
        _ if is_url => format!("write it under `environments`: `production: {written}`"),
        Some(word) => format!("did you mean `{word}`?"),
        None => "it takes `integrator`, or `output.` and the name of an output".to_owned(),
    };
    let message = format!("`{written}` is no value of `base_url`");
    Finding::value(UNKNOWN_VALUE, Path::of("base_url"), message).hint(hint)
}

fn one(
    name: &str,
    written: &EnvironmentSpec,
    path: &Path,
    client: &BTreeMap<String, Parameter>,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Environment {
    let path = path.key(name);
    let (url, doc, path) = match written {
        EnvironmentSpec::Url(url) => (url, None, path),
        EnvironmentSpec::Described(DescribedEnvironment { url, doc }) => {
            (url, doc.clone(), path.key("url"))
        }
    };
    let url = self::url(url, path, client, scope, found);
    Environment { name: name.to_owned(), url, doc }
}

fn url(
    written: &str,
    path: Path,
    client: &BTreeMap<String, Parameter>,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Template {
    let before = found.len();
    let url = template::resolve(written, scope, &path, found);
    if found.len() == before {
        found.extend(problem(&url, client).map(|problem| problem.at(path)));
    }
    if found.len() == before { url } else { stand_in(&url) }
}

/// A URL in place of one that is none: the rest of the request can be looked at with it. It has the same parameters, which are
/// no less used.
fn stand_in(url: &Template) -> Template {
    let mut other = Template::literal("https://auth.example.com");
    for slot in url.slots().filter(|slot| matches!(slot, Slot::Client(_))) {
        other.push("/");
        other.parts.push(Part::Slot(slot.clone()));
    }
    other
}

/// What is wrong with the URL that the integrator brings in an example, which holds no places; `is_whole` where it is all of the URL.
pub(super) fn text_problem(url: &str, is_whole: bool, path: Path) -> Option<Finding> {
    let mut problem = problem(&Template::literal(url), &BTreeMap::new())?;
    if is_whole && problem.message == NO_QUERY {
        "an example shows the URL without its query".clone_into(&mut problem.hint);
    }
    Some(problem.at(path))
}

const NO_QUERY: &str = "a base URL has no query";

struct Problem {
    message: String,
    hint: String,
    insecure: bool,
}

impl Problem {
    fn at(self, path: Path) -> Finding {
        let code = if self.insecure { INSECURE_URL } else { BAD_BASE_URL };
        Finding::value(code, path, self.message).hint(self.hint)
    }
}

fn bad(message: impl Into<String>, hint: impl Into<String>) -> Option<Problem> {
    Some(Problem { message: message.into(), hint: hint.into(), insecure: false })
}

/// What is wrong with a base URL, whatever stands in its places: a client reads it as this does. It must be written as clients
/// write it, so that what a spec shows is what goes on the wire.
fn problem(url: &Template, client: &BTreeMap<String, Parameter>) -> Option<Problem> {
    if let Some(slot) = url.slots().find(|slot| !matches!(slot, Slot::Client(_))) {
        return bad(
            format!("a base URL cannot hold `{slot}`"),
            "only client parameters may stand in it: `${client.tenant}`",
        );
    }
    let shown = url.to_string();
    let filled = url.render(|slot| match slot {
        Slot::Client(name) => {
            client.get(name).map_or("a", |parameter| parameter.kind.stand_in()).to_owned()
        }
        Slot::AccessToken
        | Slot::RefreshToken
        | Slot::Value(_)
        | Slot::Taken(_)
        | Slot::TokenUrl => String::new(),
    });
    match BaseUrl::read(&filled) {
        Err(problem) => refusal(problem, &Pieces::of(&shown)),
        Ok(read) => place_in_path(&shown).or_else(|| other_form(&read, &filled, &shown)),
    }
}

/// The pieces of a base URL, as a message quotes them.
struct Pieces<'a> {
    shown: &'a str,
    scheme: &'a str,
    rest: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
}

impl<'a> Pieces<'a> {
    fn of(shown: &'a str) -> Self {
        let (scheme, rest) = shown.split_once("://").unwrap_or(("", shown));
        let (authority, path) =
            rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        // The port stands after the last colon, unless that colon belongs to an IPv6 address.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (authority, ""),
        };
        Self { shown, scheme, rest, host, port, path }
    }
}

fn refusal(problem: UrlProblem, pieces: &Pieces<'_>) -> Option<Problem> {
    let Pieces { shown, scheme, rest, host, port, path } = pieces;
    match problem {
        UrlProblem::NoScheme => bad(
            format!("the base URL `{shown}` has no scheme"),
            format!("write `https://{}`", shown.trim_start_matches('/')),
        ),
        UrlProblem::OtherScheme => bad(
            format!("`{scheme}` is not the scheme of a web address"),
            format!("write `https://{rest}`"),
        ),
        UrlProblem::PlainHttp => insecure(
            "credentials would cross the network in plain text",
            format!("write `https://{rest}`"),
        ),
        UrlProblem::Host(HostProblem::User) => bad(
            "a base URL holds no user and no password",
            "declare them under `client` and send them with `auth`",
        ),
        UrlProblem::Host(HostProblem::NoHost) => {
            bad(format!("the base URL `{shown}` has no host"), "write `https://auth.example.com`")
        }
        UrlProblem::Host(HostProblem::Port) => {
            bad(format!("`{port}` is no port"), "write a number from 1 to 65535, or leave it out")
        }
        UrlProblem::Host(_) if host.starts_with('[') => bad(
            format!("`{host}` is no address of IPv6"),
            "write it as `[2001:db8::1]`, without a zone",
        ),
        UrlProblem::Host(HostProblem::Host | HostProblem::Label) => bad(
            format!("`{host}` is no host name"),
            "write `https://auth.example.com`; a name in other letters in its `xn--` form",
        ),
        UrlProblem::Path(PathProblem::Fragment) => {
            bad("a base URL has no fragment: it is never sent", "leave out what begins with `#`")
        }
        UrlProblem::Path(PathProblem::Query) => bad(
            NO_QUERY,
            "put it into `refresh.request`: `POST /token?v=2`, or under `refresh.query`",
        ),
        UrlProblem::Path(problem) => {
            let (message, hint) = super::line::path_words(problem, path);
            bad(message, hint)
        }
    }
}

fn insecure(message: &str, hint: String) -> Option<Problem> {
    Some(Problem { message: message.to_owned(), hint, insecure: true })
}

fn place_in_path(shown: &str) -> Option<Problem> {
    if !Pieces::of(shown).path.contains("${") {
        return None;
    }
    bad(
        "a place in a base URL stands in its host",
        "put the path into `refresh.request`: `POST /${client.tenant}/token`",
    )
}

/// What clients would write in another way.
fn other_form(read: &BaseUrl<'_>, filled: &str, shown: &str) -> Option<Problem> {
    let Pieces { rest, host, path, .. } = Pieces::of(shown);
    if read.scheme == Scheme::HttpToLoopback {
        return insecure(
            "a contract has no plain `http`: to this machine, too, it is for a client to allow",
            "leave the environment out: `Client::new(Place::loopback(\"http://127.0.0.1:8080\"), …)`"
                .to_owned(),
        );
    }
    if read.to_string() == filled {
        return None;
    }
    if read.authority.contains(|c: char| c.is_ascii_uppercase()) {
        return bad(
            format!("the host `{host}` is not in lower case"),
            format!("write `{}`", host.to_ascii_lowercase()),
        );
    }
    if path.ends_with('/') {
        return bad(
            "a base URL ends without a slash: paths begin with one",
            format!("write `{}`", shown.trim_end_matches('/')),
        );
    }
    bad("the scheme of a base URL is in lower case", format!("write `https://{rest}`"))
}
