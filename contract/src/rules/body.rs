//! The body, the headers that speak of it, and values that are empty.

use super::Facts;
use super::places::{RequestPart, field_names};
use crate::contract::{Body, ClientAuth};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{CONTENT_TYPE_MISMATCH, EMPTY_CONSTANT, SENT_TWICE};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    field_twice(facts, found);
    header_twice(facts, found);
    content_type(facts, found);
    empty(facts, found);
}

fn field_twice(facts: Facts<'_>, found: &mut Vec<Finding>) {
    if !matches!(facts.contract.request.auth, ClientAuth::Body(_)) {
        return;
    }
    let fields = field_names(&facts.contract.request.body);
    for name in facts.auth_names().into_iter().filter(|name| fields.contains(name)) {
        let message = format!("the body already gets a field `{name}` from client authentication");
        let hint = "leave the field out, or write `auth: none`";
        found.push(Finding::key(SENT_TWICE, facts.field(name), message).hint(hint));
    }
}

fn header_twice(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for step in facts.contract.all_steps().filter(|step| !step.auth.is_none()) {
        let Some((written, path)) = facts.step(&step.id) else { continue };
        let mut headers = written.headers.keys();
        if let Some(name) = headers.find(|name| name.eq_ignore_ascii_case("authorization")) {
            let message = "client authentication already writes the header `authorization`";
            let path = path.key("headers").key(name);
            let hint = "leave the header out, or `auth`";
            found.push(Finding::key(SENT_TWICE, path, message).hint(hint));
        }
    }
    let name = match &facts.contract.request.auth {
        ClientAuth::Basic { .. } => "authorization",
        ClientAuth::Header { name, .. } => name,
        ClientAuth::None | ClientAuth::Body(_) | ClientAuth::Query(_) => return,
    };
    let written =
        facts.spec.refresh.headers.keys().find(|written| written.eq_ignore_ascii_case(name));
    if let Some(written) = written {
        let message = format!("client authentication already writes the header `{name}`");
        let path = Path::of("refresh.headers").key(written);
        found.push(
            Finding::key(SENT_TWICE, path, message)
                .hint("leave the header out, or write `auth: none`"),
        );
    }
}

fn content_type(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    let Some(expected) = crate::resolve::media_type(&request.body) else {
        return;
    };
    let declared = request.headers.iter().find(|(name, _)| name == "content-type");
    let Some(declared) = declared.and_then(|(_, value)| value.as_literal()) else {
        return;
    };
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = match request.body {
        Body::Json(_) => essence == expected || essence.ends_with("+json"),
        Body::Xml(_) => essence == expected || essence == "text/xml" || essence.ends_with("+xml"),
        Body::Form(_) | Body::Empty => essence == expected,
    };
    if !fits {
        let message =
            format!("`content-type: {declared}` contradicts the body, which is `{expected}`");
        let hint = "leave the header out: it follows from the body";
        found.push(
            Finding::value(CONTENT_TYPE_MISMATCH, facts.header("content-type"), message).hint(hint),
        );
    } else if let (Body::Xml(_), Some(charset)) = (&request.body, charset(declared))
        && !charset.eq_ignore_ascii_case("utf-8")
    {
        let message = format!("`charset={charset}` contradicts the body, which is UTF-8");
        let hint = "write `charset=utf-8`, or leave it out";
        found.push(
            Finding::value(CONTENT_TYPE_MISMATCH, facts.header("content-type"), message).hint(hint),
        );
    }
}

/// The encoding that a content type names. To a server it counts more than what the XML declaration says (RFC 7303 section 3).
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"'))
    })
}

/// Absent and empty differ: strict servers refuse `client_secret=` (R3).
fn empty(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let basic = matches!(facts.contract.request.auth, ClientAuth::Basic { .. });
    let ignored = |part| part == RequestPart::Path || (part == RequestPart::Auth && basic);
    for placed in facts.placed().into_iter().filter(|placed| !ignored(placed.part)) {
        if placed.template.parts.is_empty() {
            let message =
                "this value is always empty: to strict servers that is not the same as absent";
            found.push(
                Finding::value(EMPTY_CONSTANT, placed.path, message)
                    .hint("leave it out, or give it a value"),
            );
        }
    }
}
