//! The request that brings tokens where a refresh cannot. It is written as a refresh is, and resolved as one: what is wrong with it is
//! placed below `refresh.else`.

use super::template::Scope;
use super::whole_url::{self, Target};
use super::{auth, line, mint, profile, request, values};
use crate::contract::{
    ASSERTION, Base, Fallback, Operation, Parameter, Request, Slot, StepRequest, needed,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::BAD_REQUEST_LINE;
use crate::path::{Path, Step};
use crate::spec::{ElseSpec, Profile, RefreshSpec, Spec};
use std::collections::BTreeMap;

/// What `refresh.else` says. `target` is where the refresh goes, `of_steps` what steps took.
pub(super) fn resolve(
    spec: &Spec,
    target: &Target<'_>,
    client: &BTreeMap<String, Parameter>,
    of_steps: &Scope,
    found: &mut Vec<Finding>,
) -> Option<Fallback> {
    let written = as_refresh(&spec.refresh)?;
    let rfc6749 = spec.profile == Some(Profile::Rfc6749);
    let operation = Operation::from(written.operation);
    let mut scope = Scope {
        assertion: spec.assertion.is_some(),
        taken: of_steps.taken.clone(),
        steps: of_steps.steps.clone(),
        ..Scope::of(client)
    };
    if rfc6749 {
        scope.client.extend(profile::parameters(operation).map(str::to_owned));
    }
    let mut own = Vec::new();
    let at = Path::of("refresh.request");
    let line = whole_url::split(written.request.as_deref().unwrap_or_default(), at, &mut own);
    if line.host.is_some() && line.host != target.host {
        let message = "the refresh goes to another host";
        let hint = format!("a provider has one base URL: write the path alone, `{}`", line.line);
        let path = Path::of("refresh.request");
        // What else is wrong with the URL is mended with it.
        own.clear();
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
    Some(Fallback { request, steps: Vec::new(), mint: mint.unwrap_or_default() })
}

/// Leaves the assertion, and each step, to the request that needs it.
pub(super) fn divide(refresh: &mut Request, steps: &mut Vec<StepRequest>, fallback: &mut Fallback) {
    if uses_assertion(&fallback.request) && !uses_assertion(refresh) {
        refresh.values.retain(|(name, _)| name != ASSERTION);
    }
    let ids = |needed: Vec<&StepRequest>| -> Vec<String> {
        needed.into_iter().map(|step| step.id.clone()).collect()
    };
    let own = ids(needed(steps.iter(), refresh));
    let others = ids(needed(steps.iter(), &fallback.request));
    let is_other = |step: &StepRequest| others.contains(&step.id) && !own.contains(&step.id);
    (fallback.steps, *steps) = std::mem::take(steps).into_iter().partition(is_other);
}

/// Holds where the request goes against where the refresh goes: both to the URL that the integrator brings whole, or below a base URL.
pub(super) fn check_whole(
    refresh: &Request,
    fallback: &Fallback,
    base: &Base,
    found: &mut Vec<Finding>,
) {
    let own = &fallback.request;
    if refresh.is_at_whole_url() && !own.is_at_whole_url() {
        let message = "the integrator brings the whole URL of the refresh, and this has a path";
        let hint = "write the method alone, `POST`: it is the same URL; or write a path under `refresh` as well";
        let path = Path::of("refresh.else.request");
        found.push(Finding::value(BAD_REQUEST_LINE, path, message).hint(hint));
    } else if own.is_at_whole_url() && !refresh.is_at_whole_url() {
        let message = format!("`{}` has no path", own.method);
        let hint = "write the method and the path: `POST /login`";
        let path = Path::of("refresh.else.request");
        found.push(Finding::value(BAD_REQUEST_LINE, path, message).hint(hint));
    } else {
        let mut about = Vec::new();
        line::check_whole(&own.method, own, base, &mut about);
        found.extend(about.into_iter().map(moved));
    }
}

fn uses_assertion(request: &Request) -> bool {
    request.uses(&Slot::Value(ASSERTION.to_owned()))
}

/// The block that `refresh.else` would be if it stood alone.
pub(crate) fn as_refresh(refresh: &RefreshSpec) -> Option<RefreshSpec> {
    let ElseSpec { operation, request, auth, query, headers, form, json, xml, cookies, limit } =
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
        xml,
        cookies,
        scope: None,
        limit,
        at_most_every: None,
        token: None,
        take: BTreeMap::new(),
        then: Vec::new(),
        else_: None,
    })
}

/// A finding about that block, where it was written.
pub(crate) fn moved(mut finding: Finding) -> Finding {
    if is_below(&finding.path) {
        finding.path.0.insert(1, Step::Key("else".to_owned()));
    }
    finding
}

fn is_below(path: &Path) -> bool {
    matches!(path.0.first(), Some(Step::Key(key)) if key == "refresh")
}
