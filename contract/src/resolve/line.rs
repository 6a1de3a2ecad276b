//! The request line: `POST /oauth/token?v=2`.

use super::template::{self, Scope};
use crate::contract::{Base, ClientAuth, Part, Request, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_REQUEST_LINE;
use crate::path::Path;
use percent_encoding::percent_decode_str;
use rekindle_syntax::{PathProblem, bad_escape, is_query_character, percent_encode};

/// The methods that a refresh usually has.
pub(crate) const METHODS: &[&str] = &["DELETE", "GET", "PATCH", "POST", "PUT"];

/// Methods whose answers cannot bring a token (RFC 9110 section 9.3).
const NEVER: &[&str] = &["CONNECT", "HEAD", "OPTIONS", "TRACE"];

/// A request line, taken apart.
pub(super) struct Line {
    pub(super) method: String,
    pub(super) path: Template,
    pub(super) query: Vec<(String, Template)>,
    /// The names in it that stand without a `=`.
    pub(super) valueless: Vec<String>,
}

/// Takes `text` apart.
pub(super) fn resolve(text: &str, scope: &Scope, path: &Path, found: &mut Vec<Finding>) -> Line {
    let mut line = Line {
        method: "POST".to_owned(),
        path: Template::literal("/"),
        query: Vec::new(),
        valueless: Vec::new(),
    };
    let (method, target) = match split(text) {
        Ok(split) => split,
        Err((message, hint)) => {
            found.push(Finding::value(BAD_REQUEST_LINE, path.clone(), message).hint(hint));
            return line;
        }
    };
    line.method = method.to_owned();
    if target.is_empty() {
        line.path = Template::default();
        return line;
    }
    let (target, query) = match target.split_once('?') {
        Some((target, query)) => (target, Some(query)),
        None => (target, None),
    };
    line.path = template::resolve(target, scope, path, found);
    let problem = path_problem(&literals(&line.path));
    found.extend(
        problem.map(|(message, hint)| {
            Finding::value(BAD_REQUEST_LINE, path.clone(), message).hint(hint)
        }),
    );
    if let Some(query) = query {
        for pair in query.split('&') {
            if let Some((name, value)) = parameter(pair, scope, path, found) {
                line.valueless.extend((!pair.contains('=')).then(|| name.clone()));
                line.query.push((name, value));
            }
        }
    }
    line
}

/// Holds a request without a path against the hosts: it goes to the URL that the integrator brings, which is all of it.
pub(super) fn check_whole(line: &str, request: &Request, base: &Base, found: &mut Vec<Finding>) {
    // A path of placeholders that nothing declares is empty as well, which is told of them.
    if !request.is_at_whole_url() || line.trim().contains(char::is_whitespace) {
        return;
    }
    let only_integrator = base.integrator && base.environments.is_empty() && base.output.is_none();
    let has_query = !request.query.is_empty() || matches!(request.auth, ClientAuth::Query(_));
    let (message, hint) = match () {
        () if !only_integrator => (
            format!("`{}` has no path", request.method),
            "write the method and the path, `POST /oauth/token`; the method alone is for `base_url: integrator` without \
             `environments`, where the integrator brings the whole URL",
        ),
        () if has_query => (
            "the integrator brings the whole URL, and the query is a part of it".to_owned(),
            "leave the query to the integrator, send its values in the body, or write a path",
        ),
        () => return,
    };
    found.push(Finding::value(BAD_REQUEST_LINE, Path::of("refresh.request"), message).hint(hint));
}

/// Holds the line of a step: nobody brings its whole URL.
pub(super) fn check_path(line: &str, path: Path, found: &mut Vec<Finding>) {
    let method = line.trim();
    if METHODS.contains(&method) {
        let message = format!("`{method}` has no path");
        let hint = format!("write the method and the path: `{method} /nonce`");
        found.push(Finding::value(BAD_REQUEST_LINE, path, message).hint(hint));
    }
}

type Problem = (String, String);

fn split(text: &str) -> Result<(&str, &str), Problem> {
    let text = text.trim();
    let example = "write the method and the path: `POST /oauth/token`";
    let Some((method, target)) = text.split_once(char::is_whitespace) else {
        if METHODS.contains(&text) {
            return Ok((text, "")); // Whether there is a whole URL is known with the hosts.
        }
        return Err(match text {
            "" => ("the request line is empty".to_owned(), example.to_owned()),
            path if path.starts_with('/') => {
                (format!("`{path}` has no method"), format!("write `POST {path}`"))
            }
            address if address.contains(['/', '.']) => {
                (format!("`{address}` has no method"), format!("write `POST https://{address}`"))
            }
            method => (format!("`{method}` has no path"), example.to_owned()),
        });
    };
    let upper = method.to_ascii_uppercase();
    let target = target.trim();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if NEVER.contains(&upper.as_str()) || !method.chars().all(is_token) {
        return Err((
            format!("a refresh cannot be a `{method}` request"),
            format!("use one of {}", METHODS.join(", ")),
        ));
    }
    if method != upper {
        return Err((
            format!("the method `{method}` is not in upper case"),
            format!("write `{upper} {target}`"),
        ));
    }
    check_target(method, target)?;
    Ok((method, target))
}

fn check_target(method: &str, target: &str) -> Result<(), Problem> {
    if target.contains('#') {
        let message = "the request line holds a fragment: it is never sent";
        return Err((
            message.to_owned(),
            "leave out what begins with `#`, or write it as `%23`".to_owned(),
        ));
    }
    if let Some(place) = place_at_beginning(target).filter(|_| !is_place_of_step(target)) {
        return Err((
            format!("behind the address `{place}` stands neither a slash nor a query"),
            format!("write `{method} {place}/…`"),
        ));
    }
    if !target.starts_with('/') && !is_place_of_step(target) {
        let host = target.split(['/', '?']).next().is_some_and(|first| first.contains('.'));
        let or = if host { format!(", or `{method} https://{target}`") } else { String::new() };
        return Err((
            format!("the path `{target}` has no slash at its beginning"),
            format!("write `{method} /{target}`{or}"),
        ));
    }
    if without_places(target).contains(char::is_whitespace) {
        return Err((
            format!("the path `{target}` holds white space"),
            "write a space as `%20`".to_owned(),
        ));
    }
    Ok(())
}

/// Whether the path is one place that a step fills, its address, or begins with one: a slash follows it then.
fn is_place_of_step(target: &str) -> bool {
    place_at_beginning(target).is_some_and(|place| {
        let rest = target[place.len()..].split('?').next().unwrap_or_default();
        rest.is_empty() || rest.starts_with('/')
    })
}

/// The place with which a path begins, where a step may fill it: `${discovery.token_endpoint}`.
fn place_at_beginning(target: &str) -> Option<&str> {
    let end = target.find('}')?;
    let name = target[..end].strip_prefix("${")?;
    let (first, _) = name.split_once('.')?;
    (!name.contains('$') && !matches!(first, "client" | "value")).then(|| &target[..=end])
}

/// `target` up to each place and from there on: spaces within a place are the placeholder's own problem.
fn without_places(target: &str) -> String {
    let mut pieces = target.split("${");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('}').map_or("", |(_, rest)| rest))
}

/// The text of a path with an `x` for each place.
fn literals(path: &Template) -> String {
    path.render(|_| "x".to_owned())
}

/// What is wrong with the literal part of a path.
fn path_problem(path: &str) -> Option<Problem> {
    rekindle_syntax::path(path).err().map(|problem| path_words(problem, path))
}

/// What to say about a problem of `path`.
pub(super) fn path_words(problem: PathProblem, path: &str) -> Problem {
    match problem {
        PathProblem::Dots => (
            format!("the path `{path}` has dots for a segment, which are resolved away"),
            "write the path that is meant".to_owned(),
        ),
        PathProblem::Character(c) => (
            format!("a path cannot hold `{}`", c.escape_debug()),
            format!("write it as `{}`", percent_encode(c.encode_utf8(&mut [0; 4]))),
        ),
        PathProblem::Escape => escape_words(bad_escape(path).unwrap_or("%")),
        PathProblem::Query | PathProblem::Fragment | PathProblem::Empty => {
            (format!("the path `{path}` {problem}"), "write the path that is meant".to_owned())
        }
    }
}

fn escape_words(shown: &str) -> Problem {
    (
        format!("`{shown}` is no percent-encoding"),
        "write two hexadecimal digits, and `%25` for a percent sign".to_owned(),
    )
}

/// One parameter of the query.
fn parameter(
    pair: &str,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<(String, Template)> {
    if pair.is_empty() {
        let message = "the query has nothing before or after a `&` or `?`";
        let finding = Finding::value(BAD_REQUEST_LINE, path.clone(), message);
        found.push(finding.hint("leave the sign out, or write `name=value`"));
        return None;
    }
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let before = found.len();
    let template = template::resolve(value, scope, path, found);
    if found.len() > before {
        return None;
    }
    match query_text(name).and_then(|name| Ok((name, decode(template)?))) {
        Ok((name, value)) if !name.is_empty() => Some((name, value)),
        Ok(_) => {
            let message = format!("`{pair}` in the query has no name");
            found.push(
                Finding::value(BAD_REQUEST_LINE, path.clone(), message).hint("write `name=value`"),
            );
            None
        }
        Err((message, hint)) => {
            found.push(Finding::value(BAD_REQUEST_LINE, path.clone(), message).hint(hint));
            None
        }
    }
}

fn decode(template: Template) -> Result<Template, Problem> {
    let parts = template.parts.into_iter().map(|part| match part {
        Part::Literal(text) => query_text(&text).map(Part::Literal),
        slot @ Part::Slot(_) => Ok(slot),
    });
    Ok(Template { parts: parts.collect::<Result<_, _>>()? })
}

/// The text that a literal of the query stands for.
fn query_text(text: &str) -> Result<String, Problem> {
    if text.contains("${") {
        return Err((
            format!("the name `{text}` in the query holds a placeholder"),
            "only values may hold one".to_owned(),
        ));
    }
    if text.contains('+') {
        let message =
            "a `+` in a query is a space to some servers and a plus sign to others".to_owned();
        return Err((message, "write `%20` for a space and `%2B` for a plus sign".to_owned()));
    }
    if let Some(c) = text.chars().find(|c| !is_query_character(*c)) {
        return Err((
            format!("a query cannot hold `{}`", c.escape_debug()),
            format!("write it as `{}`", percent_encode(c.encode_utf8(&mut [0; 4]))),
        ));
    }
    if let Some(shown) = bad_escape(text) {
        return Err(escape_words(shown));
    }
    let decoded = percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
    decoded.map_err(|_| {
        (
            format!("`{text}` is not UTF-8 once decoded"),
            "percent-encode the bytes of UTF-8".to_owned(),
        )
    })
}
