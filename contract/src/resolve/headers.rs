//! Headers of the request.

use super::template::{self, Scope};
use crate::contract::{COOKIE, Part, Template};
use crate::diagnostics::meaning::{BAD_HEADER, EMPTY_LIST, SENT_TWICE};
use crate::diagnostics::{At, Finding};
use crate::path::Path;
use std::collections::BTreeMap;

/// What the transport writes itself.
const TRANSPORT: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers that are `written`, by lower-case name.
pub(super) fn resolve(
    written: &BTreeMap<String, String>,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> BTreeMap<String, Template> {
    let mut headers = BTreeMap::new();
    let mut spelled: BTreeMap<String, &str> = BTreeMap::new();
    for (name, value) in written {
        let path = path.key(name);
        found.extend(cookie_problem(name, &path).or_else(|| name_problem(name, &path)));
        let value = value_template(value, scope, &path, found);
        let lower = name.to_ascii_lowercase();
        if let Some(first) = spelled.insert(lower.clone(), name) {
            let message =
                format!("the header `{name}` is the same as `{first}`: header names have no case");
            found.push(Finding::key(SENT_TWICE, path, message).hint("leave one of them out"));
        }
        headers.insert(lower, value);
    }
    headers
}

/// The header of the cookies that are `written`, one behind the other (RFC 6265 section 5.4).
pub(super) fn cookies(
    written: &BTreeMap<String, String>,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Option<Template> {
    if written.is_empty() {
        let message = "there is no cookie in `cookies`";
        let hint = "name them, `{ session: \"${refresh_token}\" }`, or leave it out";
        found.push(Finding::key(EMPTY_LIST, path.clone(), message).hint(hint));
    }
    let mut header = Template { parts: Vec::new() };
    for (name, value) in written {
        let path = path.key(name);
        found.extend(cookie_name_problem(name, path.clone(), At::Key));
        let separator = if header.parts.is_empty() { "" } else { "; " };
        header.push(&format!("{separator}{name}="));
        for part in template::resolve(value, scope, &path, found).parts {
            let Part::Literal(text) = part else {
                header.parts.push(part);
                continue;
            };
            if let Some(bad) = text.chars().find(|c| !rekindle_syntax::is_cookie_character(*c)) {
                let message = format!("a cookie cannot hold `{}`", bad.escape_debug());
                let hint =
                    "percent-encode it where the provider decodes that (RFC 6265 section 4.1.1)";
                found.push(Finding::value(BAD_HEADER, path.clone(), message).hint(hint));
            }
            header.push(&text);
        }
    }
    (!header.parts.is_empty()).then_some(header)
}

/// A header's value.
pub(super) fn value_template(
    value: &str,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Template {
    let template = template::resolve(value, scope, path, found);
    let literals = template.parts.iter().filter_map(|part| match part {
        Part::Literal(text) => Some(text),
        Part::Slot(_) => None,
    });
    let bad =
        literals.flat_map(|text| text.chars()).find(|c| !rekindle_syntax::is_header_character(*c));
    if let Some(c) = bad {
        let message = format!("a header's value cannot hold `{}`", c.escape_debug());
        found.push(
            Finding::value(BAD_HEADER, path.clone(), message)
                .hint("use printable ASCII characters on one line"),
        );
    } else if value != value.trim() {
        let message = "a header's value neither begins nor ends with a space";
        found.push(
            Finding::value(BAD_HEADER, path.clone(), message)
                .hint(format!("write `{}`", value.trim())),
        );
    }
    template
}

/// What is wrong with declaring cookies as a header.
pub(super) fn cookie_problem(name: &str, path: &Path) -> Option<Finding> {
    let message =
        format!("the header `{name}` cannot be declared: cookies have a key of their own");
    let hint = "write them by name beside `headers`: `cookies: { device: \"${client.device}\" }`";
    name.eq_ignore_ascii_case(COOKIE)
        .then(|| Finding::key(BAD_HEADER, path.clone(), message).hint(hint))
}

/// What is wrong with the name of a header.
pub(super) fn name_problem(name: &str, path: &Path) -> Option<Finding> {
    let lower = name.to_ascii_lowercase();
    if TRANSPORT.contains(&lower.as_str()) {
        let message = format!("the header `{name}` cannot be declared: the transport writes it");
        return Some(Finding::key(BAD_HEADER, path.clone(), message).hint("leave it out"));
    }
    token_problem(name).map(|message| {
        Finding::key(BAD_HEADER, path.clone(), message).hint("use letters, digits and hyphens")
    })
}

/// Why `name` is no token of HTTP (RFC 9110 section 5.6.2).
pub(super) fn token_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a header has an empty name".to_owned());
    }
    let bad = name.chars().find(|c| !is_token_character(*c))?;
    Some(format!("the name of a header cannot hold `{}`", bad.escape_debug()))
}

/// Why `scheme` is no scheme of an `authorization` header (RFC 9110 section 11.1).
pub(super) fn scheme_problem(scheme: &str) -> Option<String> {
    match scheme.chars().find(|c| !is_token_character(*c)) {
        Some(bad) => Some(format!("a scheme cannot hold `{}`", bad.escape_debug())),
        None => scheme.is_empty().then(|| "a scheme is not empty".to_owned()),
    }
}

/// What is wrong with the name of a cookie (RFC 6265 section 4.1.1).
pub(super) fn cookie_name_problem(name: &str, path: Path, at: At) -> Option<Finding> {
    let message = match name.chars().find(|c| !is_token_character(*c)) {
        Some(bad) => format!("the name of a cookie cannot hold `{}`", bad.escape_debug()),
        None if name.is_empty() => "a cookie has an empty name".to_owned(),
        None => return None,
    };
    let finding = Finding::key(BAD_HEADER, path, message).hint("use letters, digits and hyphens");
    Some(Finding { at, ..finding })
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}
