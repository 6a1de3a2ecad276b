//! One client authentication per request, in a place that exists.

use super::Facts;
use super::places::{RequestPart, field_names};
use crate::contract::{Body, ClientAuth, JsonTemplate, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{AUTH_WITHOUT_BODY, TWO_AUTHENTICATIONS};
use crate::path::Path;
use std::collections::BTreeSet;

/// Parameters by which a client proves itself (RFC 6749 section 2.3.1, RFC 7521 section 4.2).
const PROOFS: &[&str] = &["client_secret", "client_assertion"];

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    without_body(facts, found);
    if !secret_twice(facts, found) {
        second_proof(facts, found);
    }
}

fn without_body(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    if !matches!(request.auth, ClientAuth::Body(_)) {
        return;
    }
    let what = match &request.body {
        Body::Form(_) | Body::Json(JsonTemplate::Object(_)) => return,
        Body::Json(_) => "the body is no JSON object, so it has no fields",
        Body::Xml(_) => "the body is XML, which has no fields",
        Body::Empty => "the request has no body",
    };
    let message = format!("the client proves itself in the body, and {what}");
    let hint = "declare a `form` or a `json` object, or use `basic` or a header";
    found.push(Finding::value(AUTH_WITHOUT_BODY, facts.auth(), message).hint(hint));
}

/// A secret that stands in two places is a second authentication (R4).
fn secret_twice(facts: Facts<'_>, found: &mut Vec<Finding>) -> bool {
    let before = found.len();
    let mut seen: BTreeSet<(Option<&str>, &Slot)> = BTreeSet::new();
    let mut placed = facts.placed();
    placed.sort_by_key(|placed| placed.part != RequestPart::Auth);
    for placed in &placed {
        for slot in placed
            .template
            .slots()
            .filter(|slot| matches!(slot, Slot::Client(_)) && facts.is_secret(slot))
        {
            // Each request of an exchange has a proof of its own.
            if !seen.insert((placed.step, slot)) {
                let message = format!("`{slot}` is sent twice: a client proves itself once");
                let hint = "keep the one that the provider asks for";
                found.push(
                    Finding::value(TWO_AUTHENTICATIONS, placed.path.clone(), message).hint(hint),
                );
            }
        }
    }
    found.len() > before
}

/// HTTP Basic or a header beside a field that proves the client as well, in each request of an exchange.
fn second_proof(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let named = field_names(&contract.request.body);
    proofs(&contract.request.auth, named, |name| facts.field(name), found);
    for step in contract.all_steps() {
        let Some((_, path)) = facts.step(&step.id) else { continue };
        let block = path.key(if matches!(step.body, Body::Form(_)) { "form" } else { "json" });
        proofs(&step.auth, field_names(&step.body), |name| block.key(name), found);
    }
}

/// Those of the fields of one request that prove the client beside `auth`.
fn proofs(
    auth: &ClientAuth,
    fields: Vec<&str>,
    place: impl Fn(&str) -> Path,
    found: &mut Vec<Finding>,
) {
    let method = match auth {
        ClientAuth::Basic { .. } => "HTTP Basic",
        ClientAuth::Header { .. } => "a header",
        ClientAuth::Query(_) => "the query",
        ClientAuth::Body(_) | ClientAuth::None => return,
    };
    for name in fields.into_iter().filter(|name| PROOFS.contains(name)) {
        let message =
            format!("the client proves itself with {method} and again with the field `{name}`");
        found.push(
            Finding::key(TWO_AUTHENTICATIONS, place(name), message)
                .hint("keep the one that the provider asks for"),
        );
    }
}
