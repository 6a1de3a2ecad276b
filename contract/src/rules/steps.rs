//! What steps take is used, fits where it goes, and leads to one request that can be told from the others.

use super::Facts;
use crate::contract::{
    Operation, Pointer, SPENDING, Slot, StepRequest, Taken, TakenKind, Template, TokenPlace,
    taken_url,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    BAD_TAKEN_URL, MISPLACED_IN_STEP, NOT_SUPPORTED_YET, UNUSED_TAKEN,
};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    if contract.all_steps().next().is_some() && contract.request.is_at_whole_url() {
        let message = "an address that the integrator brings whole has no place for steps";
        let hint = "write the path of each request, `POST /oauth/token`: the integrator brings what comes before it";
        found.push(
            Finding::value(NOT_SUPPORTED_YET, Path::of("refresh.request"), message).hint(hint),
        );
        return;
    }
    for step in contract.all_steps() {
        let Some((_, path)) = facts.step(&step.id) else { continue };
        if contract.request.then.last() == Some(step) {
            of_last(&step.id, &step.take, &path, found);
        } else {
            unused(facts, step, &path, found);
        }
        address(facts, &step.path, path.key("request"), found);
    }
    let path = Path::of("refresh");
    match contract.spending() {
        None => of_last(SPENDING, &contract.request.take, &path, found),
        Some(spending) => {
            unused(facts, &spending, &path, found);
            unsupported(facts, found);
        }
    }
    address(facts, &contract.request.path, Path::of("refresh.request"), found);
    let said = facts.spec.refresh.else_.as_ref().is_some_and(|it| it.request.is_some());
    for fallback in contract.fallback.iter().filter(|_| said) {
        address(facts, &fallback.request.path, Path::of("refresh.else.request"), found);
    }
    same_place(facts, found);
}

/// Nothing can use what is taken from the answer to the last request.
fn of_last(id: &str, take: &[(String, Taken)], path: &Path, found: &mut Vec<Finding>) {
    if take.is_empty() {
        return;
    }
    let message = format!("no request follows `{id}`, so that nothing can use what it takes");
    let hint =
        "leave it out, or write the request that uses it under `refresh.then`, behind this one";
    found.push(Finding::key(MISPLACED_IN_STEP, path.key("take"), message).hint(hint));
}

fn unused(facts: Facts<'_>, step: &StepRequest, path: &Path, found: &mut Vec<Finding>) {
    for (name, _) in &step.take {
        let slot = Slot::Taken(step.name_of(name));
        if facts.contract.uses_anywhere(&slot) {
            continue;
        }
        let path = path.key("take").key(name);
        let message = format!("no later request uses `{slot}`");
        let hint = "write it where it goes, or leave it out: an answer without it would break the exchange for nothing";
        found.push(Finding::key(UNUSED_TAKEN, path, message).hint(hint));
    }
}

/// What cannot be beside requests that come behind the one under `refresh`.
fn unsupported(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let (contract, spec) = (facts.contract, facts.spec);
    let mut refuse = |path: &str, what: &str, hint: &str| {
        let message = format!("{what} is not supported beside `then` yet");
        found.push(Finding::value(NOT_SUPPORTED_YET, Path::of(path), message).hint(hint));
    };
    let operation = contract.request.operation;
    if operation != Operation::RefreshToken {
        let what = format!("`operation: {}`", operation.name());
        refuse(
            "refresh.operation",
            &what,
            "where no refresh token is spent, write the others under `steps`",
        );
    }
    if spec.profile.is_some() {
        let hint = "write what it fills in where it goes: the answer that it describes is not the last one";
        refuse("profile", "a profile", hint);
    }
    if contract.fallback.is_some() {
        refuse(
            "refresh.else",
            "`else`",
            "leave it out: a person signs in where the refresh token has died",
        );
    }
    if contract.request.uses(&Slot::AccessToken) {
        refuse(
            "refresh.request",
            "an access token in the request",
            "leave the provider out until it is",
        );
    }
    if contract.access.most_alive.is_some() {
        let hint = "leave it out, or leave the provider out until it is: which request ends an earlier access token is not known";
        refuse("tokens.access.most_alive", "`most_alive`", hint);
    }
    if contract.base.output.is_some() {
        refuse(
            "base_url",
            "a base URL that answers tell",
            "take an address, and write it where it goes",
        );
    }
    let response = &contract.response;
    if spec.response.as_ref().is_some_and(|response| response.success.is_some()) {
        let hint =
            "leave it out: a status from 200 to 299 is success, and `errors` may say what is none";
        refuse("response.success", "another success than a status from 200 to 299", hint);
    }
    if !matches!(response.access_token, TokenPlace::Json(_)) {
        refuse("response", "an answer that is no JSON", "leave the provider out until it is");
    }
    let is_in_head = |field: &Pointer| field.all().any(|place| place.head.is_some());
    if response.refresh_token.as_ref().is_some_and(is_in_head) {
        let hint = "leave the provider out until it is: the new refresh token is read of the JSON in the answer";
        refuse("response.refresh_token", "a refresh token in the head of an answer", hint);
    }
    let end = contract.refresh.as_ref().and_then(|refresh| refresh.expires.field());
    if end.is_some_and(is_in_head) {
        let hint = "leave it out until it is: the end of the new refresh token is read of the JSON in the answer";
        refuse(
            "tokens.refresh.expires",
            "the end of a refresh token in the head of an answer",
            hint,
        );
    }
}

/// Only a whole address can stand for a path.
fn address(facts: Facts<'_>, path: &Template, at: Path, found: &mut Vec<Finding>) {
    let Some(name) = taken_url(path) else { return };
    let Some(taken) = facts.contract.taken(name) else { return };
    if taken.kind != TakenKind::Url {
        let (step, value) = name.split_once('.').unwrap_or((name, ""));
        let message = format!("the request goes to `${{{name}}}`, which is {}", taken.kind.label());
        let hint = format!(
            "write `{value}: {{ field: …, type: url }}` in the step `{step}`, or a path that begins with a slash"
        );
        found.push(Finding::value(BAD_TAKEN_URL, at, message).hint(hint));
    }
}

/// Nobody could tell two requests of one exchange apart that go to the same place.
fn same_place(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let mut before: Vec<_> =
        contract.requests().map(|request| (&request.method, &request.path)).collect();
    for step in contract.all_steps() {
        let place = (&step.method, &step.path);
        let twin = before.contains(&place);
        before.push(place);
        if let Some((_, path)) = facts.step(&step.id).filter(|_| twin) {
            let (method, target) = place;
            let message = format!(
                "two requests of the exchange are `{method} {target}`, which is not supported yet"
            );
            let hint =
                "nothing but the body would tell them apart: leave the provider out until it is";
            found.push(Finding::value(NOT_SUPPORTED_YET, path.key("request"), message).hint(hint));
        }
    }
}
