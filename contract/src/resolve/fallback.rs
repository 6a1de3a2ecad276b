//! The request that brings tokens where a refresh cannot. It is written as a refresh is, and resolved as one: what is wrong with it is
//! placed below `refresh.else`.

use super::template::Scope;
use super::whole_url::{self, Target};
use super::{auth, headers, mint, profile, request, values};
use crate::contract::{ASSERTION, Fallback, Operation, Parameter, Request, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_REQUEST_LINE;
use crate::path::{Path, Step};
use crate::spec::{ElseSpec, Profile, RefreshSpec, Spec};
use std::collections::BTreeMap;

/// What `refresh.else` says. `target` is where the refresh goes.
pub(super) fn resolve(
    spec: &Spec,
    target: &Target<'_>,
    client: &BTreeMap<String, Parameter>,
    found: &mut Vec<Finding>,
) -> Option<Fallback> {
    let written = as_refresh(&spec.refresh)?;
    let rfc6749 = spec.profile == Some(Profile::Rfc6749);
    let operation = Operation::from(written.operation);
    let mut scope = Scope { assertion: spec.assertion.is_some(), ..Scope::of(client) };
    if rfc6749 {
        scope.client.extend(profile::parameters(operation).map(str::to_owned));
    }
    let mut own = Vec::new();
    let at = Path::of("refresh.request");
    let line = whole_url::split(written.request.as_deref().unwrap_or_default(), at, &mut own);
    if line.host.is_some() && line.host != target.host {
        let message = "the refresh goes to another host";
        let hint = "a provider has one base URL: write the path alone";
        let path = Path::of("refresh.request");
        own.push(Finding::value(BAD_REQUEST_LINE, path, message).hint(hint));
    }
    let unless_said = rfc6749 && operation != Operation::Assertion;
    let proof = auth::resolve(written.auth.as_ref(), unless_said, &scope, &mut own);
    let mut request = request::resolve(&written, &line.line, rfc6749, proof, &scope, &mut own);
    let made = values::resolve(&BTreeMap::new(), spec.assertion.as_ref(), &scope, &mut own);
    request.values.splice(0..0, made);
    if !uses_assertion(&request) {
        request.values.retain(|(name, _)| name != ASSERTION);
    }
    let mint = match operation.mints() {
        true => mint::resolve(operation, written.limit.as_ref(), &mut own),
        // Which is refused as a whole.
        false => None,
    };
    let is_said = spec.refresh.else_.as_ref().is_some_and(|written| written.request.is_some());
    let line = Path::of("refresh.request");
    // What is wrong with the other request and with other blocks is told there.
    own.retain(|finding| is_below(&finding.path) && (is_said || finding.path != line));
    found.extend(own.into_iter().map(moved));
    Some(Fallback { request, mint: mint.unwrap_or_default() })
}

/// Leaves the assertion to the request that holds it.
pub(super) fn divide(refresh: &mut Request, fallback: &Fallback) {
    if uses_assertion(&fallback.request) && !uses_assertion(refresh) {
        refresh.values.retain(|(name, _)| name != ASSERTION);
    }
}

fn uses_assertion(request: &Request) -> bool {
    request.uses(&Slot::Value(ASSERTION.to_owned()))
}

/// The block that `refresh.else` would be if it stood alone.
pub(crate) fn as_refresh(refresh: &RefreshSpec) -> Option<RefreshSpec> {
    let ElseSpec { operation, request, auth, query, headers, form, json, limit } =
        refresh.else_.clone()?;
    Some(RefreshSpec {
        request: request.or_else(|| refresh.request.clone()),
        operation,
        auth,
        values: BTreeMap::new(),
        when: None,
        query,
        headers,
        form,
        json,
        xml: None,
        cookies: None,
        scope: None,
        limit,
        at_most_every: None,
        token: None,
        else_: None,
    })
}

/// A finding about that block, where it was written.
pub(crate) fn moved(mut finding: Finding) -> Finding {
    if is_below(&finding.path) {
        let path = &mut finding.path.0;
        path.insert(1, Step::Key("else".to_owned()));
        if finding.hint.as_deref() == Some(headers::COOKIES) {
            finding.hint = Some(headers::NO_COOKIES.to_owned());
        }
    }
    finding
}

fn is_below(path: &Path) -> bool {
    matches!(path.0.first(), Some(Step::Key(key)) if key == "refresh")
}
