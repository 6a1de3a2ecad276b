//! What goes on the wire.

use super::fields::{self, List};
use super::{auth, body, placement, vary};
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Part, RefreshWhen, Request, Template};
use std::time::Duration;

const QUERY: List = List {
    fact: "request.query",
    set: Operator::QuerySet,
    name: Operator::QueryName,
    value: Operator::QueryValue,
    headers: false,
    get: |contract| Some(&mut contract.request.query),
};
const HEADERS: List = List {
    fact: "request.headers",
    set: Operator::HeaderSet,
    name: Operator::HeaderName,
    value: Operator::HeaderValue,
    headers: true,
    get: |contract| Some(&mut contract.request.headers),
};

/// Every mutation of the request.
pub fn request(mutants: &mut Mutants<'_>, request: &Request) {
    let Request {
        // Follows from where the tokens stand.
        operation: _,
        method,
        path,
        query,
        headers,
        body,
        auth,
        when,
    } = request;
    for other in ["GET", "POST", "PUT", "PATCH", "REFRESH"] {
        mutants.add(Operator::Method, "request.method", method, other, |contract| {
            other.clone_into(&mut contract.request.method)
        });
    }
    for other in vary::templates(mutants.contract, path).into_iter().chain(paths(path)) {
        mutants.add(Operator::Path, "request.path", path, &other, |contract| {
            contract.request.path.clone_from(&other)
        });
    }
    fields::fields(mutants, &QUERY, query);
    fields::fields(mutants, &HEADERS, headers);
    body::body(mutants, body);
    auth::auth(mutants, auth);
    placement::placement(mutants);
    for other in windows(*when) {
        mutants.add(Operator::Window, "request.when", show(*when), show(other), |contract| {
            contract.request.when = other
        });
    }
}

/// The same path without its first or its last segment, and with a slash at the end.
fn paths(path: &Template) -> Vec<Template> {
    let mut variants = vec![vary::join(path, &Template::literal("/"))];
    if let Some(Part::Literal(first)) = path.parts.first()
        && let Some((at, _)) = first.match_indices('/').nth(1)
    {
        let mut shorter = path.clone();
        shorter.parts[0] = Part::Literal(first[at..].to_owned());
        variants.push(shorter);
    }
    if let Some(Part::Literal(last)) = path.parts.last()
        && let Some(at) = last.rfind('/').filter(|at| *at > 0)
    {
        let mut shorter = path.clone();
        let end = shorter.parts.len() - 1;
        shorter.parts[end] = Part::Literal(last[..at].to_owned());
        variants.push(shorter);
    }
    variants
}

fn windows(when: RefreshWhen) -> Vec<RefreshWhen> {
    const HOUR: Duration = Duration::from_secs(60 * 60);
    let mut windows = vec![
        RefreshWhen::AnyTime,
        RefreshWhen::BeforeExpiry,
        RefreshWhen::AfterExpiry,
        RefreshWhen::Unknown,
        RefreshWhen::NearExpiry(HOUR),
    ];
    if let RefreshWhen::NearExpiry(lead) = when {
        windows.extend(vary::durations(lead).into_iter().map(RefreshWhen::NearExpiry));
    }
    windows
}

fn show(when: RefreshWhen) -> String {
    match when {
        RefreshWhen::AnyTime => "any time".to_owned(),
        RefreshWhen::NearExpiry(lead) => format!("from {lead:?} before the expiry"),
        RefreshWhen::BeforeExpiry => "before the expiry".to_owned(),
        RefreshWhen::AfterExpiry => "after the expiry".to_owned(),
        RefreshWhen::Unknown => "unknown".to_owned(),
    }
}
