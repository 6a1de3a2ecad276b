//! The method, the URL and what stands in it.

use super::Facts;
use super::places::RequestPart;
use crate::contract::{Body, ClientAuth, SentAs, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BODY_CONFLICT, DELETE_WITH_BODY, GET_REQUEST, SECRET_IN_URL, SENT_TWICE, SLASH_BEHIND_BASE_URL,
};
use crate::path::Path;
use std::collections::BTreeSet;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    method(facts, found);
    slash(facts, found);
    query_twice(facts, found);
    query_and_body(facts, found);
    secrets(facts, found);
}

fn method(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    let has_body = request.body != Body::Empty;
    let line = Path::of("refresh.request");
    match request.method.as_str() {
        "GET" if has_body => {
            let message = "a GET request has no body";
            let hint = match taken_away(facts) {
                None => "write `POST`, or send the values in headers".to_owned(),
                Some(taken_away) => format!(
                    "the profile puts them there: where the page has them in the URL, write `{taken_away}` beside `query`; else write `POST`"
                ),
            };
            found.push(Finding::key(BODY_CONFLICT, facts.body(), message).hint(hint));
        }
        "GET" => {
            let message = "a refresh changes what is stored at the provider, and GET says that nothing changes";
            let hint = "write `POST` unless the page says GET; then write `allow: { get_request: the page says so }`";
            found.push(Finding::value(GET_REQUEST, line, message).hint(hint));
        }
        "DELETE" if has_body => {
            let message = "the body of a DELETE request is often dropped on the way";
            found.push(
                Finding::key(DELETE_WITH_BODY, facts.body(), message)
                    .hint("check the method on the page"),
            );
        }
        _ => {}
    }
}

/// What takes the fields away that the profile puts into the body; `None` where it puts none there.
fn taken_away(facts: Facts<'_>) -> Option<String> {
    let fields = facts.fields().into_iter().map(|(name, _)| name);
    let of_profile = fields.filter(|name| facts.field(name) == Path::of("profile"));
    let gone: Vec<String> = of_profile.map(|name| format!("{name}: null")).collect();
    let body = if facts.spec.refresh.json.is_some() { "json" } else { "form" };
    (!gone.is_empty()).then(|| format!("{body}: {{ {} }}", gone.join(", ")))
}

/// A base URL ends without a slash, and the path begins with one.
fn slash(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    if contract.base.integrator && contract.request.path.as_literal() == Some("/") {
        let message = "this puts a slash behind the base URL that the integrator brings: `https://a.example/token` becomes \
                       `https://a.example/token/`";
        let hint = "write the path that all share, and let integrators bring what stands before it";
        found.push(
            Finding::value(SLASH_BEHIND_BASE_URL, Path::of("refresh.request"), message).hint(hint),
        );
    }
}

fn query_twice(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let mut twice = |name, path: Path| {
        if !seen.insert(name) {
            let message = format!("the parameter `{name}` is in the query twice");
            found.push(Finding::key(SENT_TWICE, path, message).hint("leave one of them out"));
        }
    };
    for (index, (name, _)) in facts.contract.request.query.iter().enumerate() {
        twice(name.as_str(), facts.query(index, name));
    }
    if matches!(facts.contract.request.auth, ClientAuth::Query(_)) {
        facts.auth_names().into_iter().for_each(|name| twice(name, facts.auth()));
    }
}

/// A credential or a grant that stands in the query and in the body as well: servers differ in which one they read (RFC 6749 section 3.2).
fn query_and_body(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let is_credential = |value: &Template| {
        value.slots().any(|slot| matches!(slot, Slot::RefreshToken | Slot::AccessToken))
    };
    // Whatever the body of a GET request says, it is told that there can be none.
    let fields = if facts.contract.request.method == "GET" { Vec::new() } else { facts.fields() };
    for (index, (name, value)) in facts.contract.request.query.iter().enumerate() {
        let is_same = |(field, other): &&(&str, &Template)| {
            let counts = name == "grant_type" || is_credential(value);
            counts && (*field == name || is_credential(value) && *other == value)
        };
        let Some((field, _)) = fields.iter().find(is_same) else { continue };
        let message = format!("`{name}` is in the query, and `{field}` in the body says the same");
        let hint = match facts.spec.profile {
            Some(_) => format!(
                "the profile puts it into the body: leave it out here, or write `form: {{ {field}: null }}` where the page has it in the query alone"
            ),
            None => "leave one of them out".to_owned(),
        };
        found.push(Finding::key(SENT_TWICE, facts.query(index, name), message).hint(hint));
    }
}

/// URLs end in logs (R6).
fn secrets(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let in_query = matches!(facts.contract.request.auth, ClientAuth::Query(_));
    let in_url = |part: RequestPart| match part {
        RequestPart::Path | RequestPart::Query => true,
        RequestPart::Auth => in_query,
        RequestPart::Header | RequestPart::Body => false,
    };
    for placed in facts.placed().into_iter().filter(|placed| in_url(placed.part)) {
        for slot in placed.template.slots().filter(|slot| facts.is_secret(slot)) {
            let message = format!("`{slot}` is secret and stands in the URL, which ends in logs");
            let hint =
                "send it in a header or in the body, unless the provider takes it nowhere else";
            found.push(Finding::value(SECRET_IN_URL, placed.path.clone(), message).hint(hint));
        }
    }
    if let Some(SentAs::Query(_)) = facts.contract.access.sent_as {
        let path = Path::of("tokens.access.sent_as.query");
        let message = "the access token stands in the URL of each request, which ends in logs";
        let hint = "send it as `bearer` or in a header, unless the provider takes it nowhere else";
        found.push(Finding::value(SECRET_IN_URL, path, message).hint(hint));
    }
}
