//! Where the provider lives.

use super::template::{self, Scope};
use crate::contract::{Base, Environment, Part, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_BASE_URL, INSECURE_URL, NO_BASE_URL};
use crate::path::Path;
use crate::spec::{BaseUrlSource, DescribedEnvironment, EnvironmentSpec};
use std::collections::BTreeMap;

/// The hosts of `spec`.
pub(super) fn resolve(
    written: &BTreeMap<String, EnvironmentSpec>,
    base_url: Option<BaseUrlSource>,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Base {
    let integrator = match base_url {
        Some(BaseUrlSource::Integrator) => true,
        None => false,
    };
    if written.is_empty() && !integrator {
        let message = "nothing says where the provider lives";
        let hint = "name its hosts, `environments: { production: https://auth.example.com }`, or write `base_url: integrator`";
        found.push(Finding::key(NO_BASE_URL, Path::of("provider"), message).hint(hint));
    }
    let path = Path::of("environments");
    let environments =
        written.iter().map(|(name, written)| one(name, written, &path, scope, found)).collect();
    Base { environments, integrator }
}

fn one(
    name: &str,
    written: &EnvironmentSpec,
    path: &Path,
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
    let before = found.len();
    let url = template::resolve(url, scope, &path, found);
    if found.len() == before {
        found.extend(problem(&url).map(|problem| problem.at(path)));
    }
    Environment { name: name.to_owned(), url, doc }
}

/// What is wrong with the text of a base URL that holds no places.
pub(super) fn text_problem(url: &str, path: Path) -> Option<Finding> {
    problem(&Template::literal(url)).map(|problem| problem.at(path))
}

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

fn problem(url: &Template) -> Option<Problem> {
    if let Some(slot) = url.slots().find(|slot| !matches!(slot, Slot::Client(_))) {
        return bad(
            format!("a base URL cannot hold `{slot}`"),
            "only client parameters may stand in it: `${client.tenant}`",
        );
    }
    let shown = url.to_string();
    let Some((scheme, rest)) = shown.split_once("://") else {
        return bad(
            format!("the base URL `{shown}` has no scheme"),
            format!("write `https://{}`", shown.trim_start_matches('/')),
        );
    };
    let at = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    authority_problem(authority, url)
        .or_else(|| path_problem(&shown, path))
        .or_else(|| scheme_problem(scheme, authority, rest))
}

fn authority_problem(authority: &str, url: &Template) -> Option<Problem> {
    if authority.contains('@') {
        return bad(
            "a base URL holds no user and no password",
            "declare them under `client` and send them with `auth`",
        );
    }
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return bad(
            format!("the base URL `{url}` has no host"),
            "write `https://auth.example.com`",
        );
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return bad(
            format!("`{}` is no port", port.unwrap_or_default()),
            "write a number up to 65535, or leave it out",
        );
    }
    let literals = url.parts.iter().filter_map(|part| match part {
        Part::Literal(text) => Some(text.as_str()),
        Part::Slot(_) => None,
    });
    if literals.flat_map(str::chars).any(|c| c.is_ascii_uppercase())
        && host.chars().any(|c| c.is_ascii_uppercase())
    {
        return bad(
            format!("the host `{host}` is not in lower case"),
            format!("write `{}`", host.to_ascii_lowercase()),
        );
    }
    let plain = without_places(host);
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let bracketed = plain.starts_with('[') && plain.ends_with(']') && plain.contains("::");
    if !bracketed && (!plain.chars().all(allowed) || plain.split('.').any(str::is_empty)) {
        return bad(
            format!("`{host}` is no host name"),
            "write `https://auth.example.com`; a name in other letters in its `xn--` form",
        );
    }
    None
}

/// The port stands after the last colon, unless that colon belongs to an IPv6 address or to a place.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains([']', '}']) => (host, Some(port)),
        _ => (authority, None),
    }
}

/// `host` with an `x` for each place.
fn without_places(host: &str) -> String {
    let mut plain = String::new();
    let mut rest = host;
    while let Some(start) = rest.find("${") {
        plain.push_str(&rest[..start]);
        plain.push('x');
        rest = rest[start..].split_once('}').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain
}

fn path_problem(shown: &str, path: &str) -> Option<Problem> {
    if path.contains('#') {
        return bad(
            "a base URL has no fragment: it is never sent",
            "leave out what begins with `#`",
        );
    }
    if path.contains('?') {
        return bad(
            "a base URL has no query",
            "put it into `refresh.request`: `POST /token?v=2`, or under `refresh.query`",
        );
    }
    if path.contains("${") {
        return bad(
            "a place in a base URL stands in its host",
            "put the path into `refresh.request`: `POST /${client.tenant}/token`",
        );
    }
    if path.ends_with('/') {
        return bad(
            "a base URL ends without a slash: paths begin with one",
            format!("write `{}`", shown.trim_end_matches('/')),
        );
    }
    super::line::path_problem(path).and_then(|(message, hint)| bad(message, hint))
}

fn scheme_problem(scheme: &str, authority: &str, rest: &str) -> Option<Problem> {
    if scheme == "https" || (scheme == "http" && is_loopback(split_port(authority).0)) {
        return None;
    }
    let hint = format!("write `https://{rest}`");
    if scheme == "http" {
        let message = "credentials would cross the network in plain text: `http` is for loopback addresses alone".to_owned();
        return Some(Problem { message, hint, insecure: true });
    }
    bad(format!("`{scheme}` is not the scheme of a web address"), hint)
}

/// This machine: `localhost`, `127.0.0.0/8`, `[::1]`.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
