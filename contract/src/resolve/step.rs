//! The requests before the one that spends the credential, and those behind it.

use super::request::Wire;
use super::template::Scope;
use super::{auth, hosts, line, names, pointer, request, whole_url};
use crate::contract::{MOST_STEPS, Request, SPENDING, StepRequest, Taken, TakenKind};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_REQUEST_LINE, EMPTY_LIST, STEP_NAME_TAKEN, TOO_MANY_STEPS};
use crate::path::Path;
use crate::spec::{RefreshSpec, Spec, StepRequestSpec, TakeDetail, TakeSpec};
use std::collections::BTreeMap;

/// The steps of a spec; what they take is in `scope` from then on.
pub(super) fn resolve(
    spec: &Spec,
    scope: &mut Scope,
    found: &mut Vec<Finding>,
) -> Vec<StepRequest> {
    let (before, then) = (&spec.steps, &spec.refresh.then);
    if before.len() + then.len() > MOST_STEPS {
        let most = MOST_STEPS.saturating_sub(before.len());
        let path = match before.len() > MOST_STEPS {
            true => Path::of("steps").index(MOST_STEPS),
            false => Path::of("refresh.then").index(most),
        };
        let (count, place) = match then.is_empty() {
            true => (before.len(), "before the last"),
            false => (before.len() + then.len(), "besides the one under `refresh`"),
        };
        let message = format!("an exchange has {count} requests {place}");
        let hint =
            format!("at most {MOST_STEPS} are supported, and the one under `refresh` beside them");
        found.push(Finding::value(TOO_MANY_STEPS, path, message).hint(hint));
    }
    let of_refresh = spec.refresh.take.keys().map(|name| format!("{SPENDING}.{name}"));
    scope.later = before.iter().chain(then).flat_map(names_of).chain(of_refresh).collect();
    scope.steps = before.iter().chain(then).map(|step| step.id.clone()).collect();
    if !spec.refresh.take.is_empty() {
        scope.steps.insert(SPENDING.to_owned());
    }
    let mut steps = Vec::new();
    all(before, &Path::of("steps"), &mut steps, scope, found);
    for (index, step) in before.iter().enumerate().filter(|(_, step)| step.take.is_empty()) {
        let path = Path::of("steps").index(index);
        takes_nothing(&path.key("take"), &format!("the step `{}`", step.id), found);
    }
    steps
}

/// The requests behind the one under `refresh`, and what they need of its answer.
pub(super) fn then(
    spec: &Spec,
    request: &mut Request,
    steps: &[StepRequest],
    scope: &Scope,
    found: &mut Vec<Finding>,
) {
    let written = &spec.refresh;
    let path = Path::of("refresh");
    request.take = taken(&written.take, &path.key("take"), found);
    let mut scope = scope.clone();
    for (name, _) in &request.take {
        let name = format!("{SPENDING}.{name}");
        scope.later.remove(&name);
        scope.taken.insert(name);
    }
    if !written.then.is_empty() && written.take.is_empty() {
        takes_nothing(&path.key("take"), "the request under `refresh`", found);
    }
    let mut known = steps.to_vec();
    all(&written.then, &path.key("then"), &mut known, &mut scope, found);
    request.then = known.split_off(steps.len());
    let before_last = written.then.len().saturating_sub(1);
    for (index, step) in written.then.iter().enumerate().take(before_last) {
        if step.take.is_empty() {
            let path = path.key("then").index(index).key("take");
            takes_nothing(&path, &format!("the request `{}`", step.id), found);
        }
    }
}

/// The whole names of what a step takes.
fn names_of(step: &StepRequestSpec) -> Vec<String> {
    step.take.keys().map(|name| format!("{}.{name}", step.id)).collect()
}

/// The requests that are `written` at `path`, behind those that are known; what they take is in `scope` from then on.
fn all(
    written: &[StepRequestSpec],
    path: &Path,
    known: &mut Vec<StepRequest>,
    scope: &mut Scope,
    found: &mut Vec<Finding>,
) {
    for (index, step) in written.iter().enumerate() {
        let path = path.index(index);
        names::step(&step.id, path.key("id"), found);
        if known.iter().any(|earlier| earlier.id == step.id) {
            let message = format!("another step is called `{}`", step.id);
            let hint = "give each step a name of its own";
            found.push(Finding::value(STEP_NAME_TAKEN, path.key("id"), message).hint(hint));
        }
        known.push(one(step, scope, &path, found));
        for name in names_of(step) {
            scope.later.remove(&name);
            scope.taken.insert(name);
        }
    }
}

/// Nothing behind a request needs its answer.
fn takes_nothing(path: &Path, what: &str, found: &mut Vec<Finding>) {
    let message = format!("{what} takes nothing from its answer, so that nothing needs it");
    let hint = "say what a later request needs: `take: { nonce: /nonce }`, or leave it out";
    found.push(Finding::key(EMPTY_LIST, path.clone(), message).hint(hint));
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
    line::check_path(&target.line, path.key("request"), found);
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
            TakeSpec::At(field) => (field, TakenKind::Text, None, path.clone()),
            TakeSpec::Detailed(TakeDetail { field, kind, hosts }) => {
                (field, *kind, hosts.as_deref(), path.key("field"))
            }
        };
        let other = (kind != TakenKind::Url).then(|| kind.label());
        let hosts = hosts::resolve(hosts, other, &path.key("hosts"), found);
        (name.clone(), Taken { field: pointer::resolve(field, at, found), kind, hosts })
    };
    written.iter().map(one).collect()
}
