//! The requests before the one that spends the credential.

use super::request::Wire;
use super::template::Scope;
use super::{auth, hosts, names, pointer, request, whole_url};
use crate::contract::{MOST_STEPS, StepRequest, Taken, TakenKind};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_REQUEST_LINE, EMPTY_LIST, STEP_NAME_TAKEN, TOO_MANY_STEPS};
use crate::path::Path;
use crate::spec::{RefreshSpec, StepRequestSpec, TakeDetail, TakeSpec};
use std::collections::BTreeMap;

/// The steps that are `written`; what they take is in `scope` from then on.
pub(super) fn resolve(
    written: &[StepRequestSpec],
    scope: &mut Scope,
    found: &mut Vec<Finding>,
) -> Vec<StepRequest> {
    let path = Path::of("steps");
    if let Some(index) = (written.len() > MOST_STEPS).then_some(MOST_STEPS) {
        let message = format!("an exchange has {} requests before the last", written.len());
        let hint =
            format!("at most {MOST_STEPS} are supported, and the one under `refresh` behind them");
        found.push(Finding::value(TOO_MANY_STEPS, path.index(index), message).hint(hint));
    }
    let of = |step: &StepRequestSpec| {
        step.take.keys().map(|name| format!("{}.{name}", step.id)).collect::<Vec<_>>()
    };
    scope.later = written.iter().flat_map(of).collect();
    scope.steps = written.iter().map(|step| step.id.clone()).collect();
    let mut steps: Vec<StepRequest> = Vec::new();
    for (index, step) in written.iter().enumerate() {
        let path = path.index(index);
        names::step(&step.id, path.key("id"), found);
        if steps.iter().any(|earlier| earlier.id == step.id) {
            let message = format!("another step is called `{}`", step.id);
            let hint = "give each step a name of its own";
            found.push(Finding::value(STEP_NAME_TAKEN, path.key("id"), message).hint(hint));
        }
        steps.push(one(step, scope, &path, found));
        for name in of(step) {
            scope.later.remove(&name);
            scope.taken.insert(name);
        }
    }
    steps
}

fn one(
    written: &StepRequestSpec,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> StepRequest {
    let StepRequestSpec { id, request, auth, query, headers, cookies, form, json, xml, take } =
        written;
    let scope = Scope { in_step: true, ..scope.clone() };
    let auth = auth::of_step(auth.as_ref(), &scope, &path.key("auth"), found);
    let line = path.key("request");
    let target = whole_url::split(request, line.clone(), found);
    if target.host.is_some() {
        let message = "a step holds a whole URL";
        let hint = "write the path alone: a step goes where the request under `refresh` goes, or to an address that an earlier one took";
        found.push(Finding::value(BAD_REQUEST_LINE, line, message).hint(hint));
    }
    let written = RefreshSpec {
        query: query.clone(),
        headers: headers.clone(),
        cookies: cookies.clone(),
        form: form.as_ref().map(|fields| {
            fields.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect()
        }),
        json: json.clone(),
        xml: xml.clone(),
        ..RefreshSpec::default()
    };
    let wire = request::wire(&written, &target.line, Vec::new(), &scope, path, found);
    let Wire { method, path: target, query, valueless, mut headers, body } = wire;
    headers.entry("accept".to_owned()).or_insert_with(request::accepts_json);
    request::content_type(&mut headers, &body);
    let headers = headers.into_iter().collect();
    let take = taken(take, &path.key("take"), found);
    StepRequest {
        id: id.clone(),
        method,
        path: target,
        query,
        valueless,
        headers,
        body,
        auth,
        take,
    }
}

fn taken(
    written: &BTreeMap<String, TakeSpec>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<(String, Taken)> {
    let one = |(name, written): (&String, &TakeSpec)| {
        let path = path.key(name);
        names::taken(name, &path, found);
        let (field, kind, hosts, at) = match written {
            TakeSpec::At(field) => (field, TakenKind::Text, [].as_slice(), path.clone()),
            TakeSpec::Detailed(TakeDetail { field, kind, hosts }) => {
                (field, *kind, hosts.as_slice(), path.key("field"))
            }
        };
        let other = (kind != TakenKind::Url).then(|| kind.label());
        let hosts = hosts::resolve(hosts, other, &path.key("hosts"), found);
        (name.clone(), Taken { field: pointer::resolve(field, at, found), kind, hosts })
    };
    let taken: Vec<_> = written.iter().map(one).collect();
    if taken.is_empty() {
        let message = "the step takes nothing from its answer, so that nothing needs it";
        let hint =
            "say what a later request needs: `take: { nonce: /nonce }`, or leave the step out";
        found.push(Finding::key(EMPTY_LIST, path.clone(), message).hint(hint));
    }
    taken
}
