//! An exchange that spends no token has no word for one.

use super::Facts;
use crate::contract::{Contract, ErrorClass, ErrorRule, RefreshWhen, SignIn, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    MINT_SPENDS_NOTHING, NO_CREDENTIAL, NO_MISCONFIGURATION_RULE, WRONG_OPERATION,
};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    if !facts.contract.request.operation.mints() {
        return;
    }
    tokens(facts, found);
    errors(facts, found);
    no_misconfiguration(facts, found);
    proves_nothing(facts.contract, Path::of("refresh.request"), found);
}

/// No token is sent, and none but an access token is held.
fn tokens(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let Facts { contract, spec, .. } = facts;
    let trade = "leave it out, or write `operation: refresh_token`";
    sends_no_token(facts, trade, found);
    let operation = contract.request.operation.name();
    let mut refuse = |path: Path, what: &str, hint: &str| {
        let message = format!("`operation: {operation}` spends no token, and {what}");
        found.push(Finding::key(WRONG_OPERATION, path, message).hint(hint));
    };
    let instead = format!(
        "describe the refresh that trades it, and this request as the one where there is none: `refresh: {{ request: …, else: {{ operation: \
         {operation}, … }} }}`; or leave it out: the next token comes without it"
    );
    if contract.refresh.is_some() {
        refuse(Path::of("tokens.refresh"), "a refresh token is declared", &instead);
    }
    if spec.response.as_ref().is_some_and(|response| response.refresh_token.is_some()) {
        refuse(Path::of("response.refresh_token"), "a refresh token is read", &instead);
    }
    if contract.request.when != RefreshWhen::AnyTime {
        let what = "so no token says when it is accepted";
        refuse(Path::of("refresh.when"), what, "leave it out: it may be asked for at any time");
    }
    if contract.request.at_most_every.is_some() {
        let what = "so there is no grant that is refreshed too soon";
        let hint = "say how many requests the provider takes: `limit: { at_most: 1, per: 1s }`";
        refuse(Path::of("refresh.at_most_every"), what, hint);
    }
    if contract.access.first_lifetime.is_some() {
        let hint = "leave it out: each token lives as long as `constant` says";
        refuse(Path::of("tokens.access.expires.first"), "nobody signs in for the first", hint);
    }
    for (index, example) in spec.examples.iter().enumerate() {
        let given = example.given.as_ref();
        let held = |key, token: Option<&String>| token.map(|_| key);
        for key in [
            held("access_token", given.and_then(|given| given.access_token.as_ref())),
            held("refresh_token", given.and_then(|given| given.refresh_token.as_ref())),
        ]
        .into_iter()
        .flatten()
        {
            let path = Path::of("examples").index(index).key("given").key(key);
            refuse(path, "the example holds one", "leave it out");
        }
    }
}

/// No token is in the request.
pub(super) fn sends_no_token(facts: Facts<'_>, hint: &str, found: &mut Vec<Finding>) {
    let operation = facts.contract.request.operation.name();
    for placed in facts.placed() {
        let is_token = |slot: &&Slot| matches!(slot, Slot::AccessToken | Slot::RefreshToken);
        if let Some(slot) = placed.template.slots().find(is_token) {
            let message =
                format!("`operation: {operation}` spends no token, and the request holds `{slot}`");
            found.push(Finding::key(WRONG_OPERATION, placed.path, message).hint(hint));
        }
    }
}

/// A refusal neither ends a grant nor leaves anything in doubt: there is nothing that could be gone.
fn errors(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let written = contract.errors.get(..facts.spec.errors.len()).unwrap_or_default();
    for (index, rule) in written.iter().enumerate() {
        let nobody_signs_in = (
            "nobody can sign in again: the client's settings bring the token",
            "write `client_misconfigured` alone where they are refused; where a person has to consent once more, say how with \
             `sign_in: authorization_code`",
        );
        let (key, (why, hint)) = match rule.class {
            _ if rule.may_end_grant() && rule.sign_in != SignIn::Unspecified => continue,
            ErrorClass::Reauthenticate => ("class", nobody_signs_in),
            _ if rule.perhaps_gone => ("or", nobody_signs_in),
            ErrorClass::InDoubt => (
                "class",
                (
                    "nothing is in doubt where no token is spent",
                    "write `transient`: it is asked for again",
                ),
            ),
            _ => continue,
        };
        let path = Path::of("errors").index(index).key(key);
        found.push(Finding::value(MINT_SPENDS_NOTHING, path, why).hint(hint));
    }
}

/// Some refusal says that the settings are wrong.
pub(super) fn no_misconfiguration(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    // Where something is spent, a verdict says what follows; elsewhere one without a way to sign in is told by itself.
    let mints = contract.request.operation.mints();
    let is_told = |rule: &ErrorRule| {
        rule.class == ErrorClass::Reauthenticate && !(mints && rule.sign_in != SignIn::Unspecified)
    };
    let refuses = |rule: &ErrorRule| rule.class == ErrorClass::ClientMisconfigured || is_told(rule);
    if !contract.errors.iter().any(refuses) {
        let path = Path::of(if facts.spec.errors.is_empty() { "refresh" } else { "errors" });
        let message =
            "no refusal means `client_misconfigured`: wrong secrets would be tried for ever";
        let hint = "say which answer refuses them: `errors: [{ status: 401, class: client_misconfigured }]`";
        found.push(Finding::key(NO_MISCONFIGURATION_RULE, path, message).hint(hint));
    }
}

/// Something that the integrator brings must say who asks: the certificate, or what the request holds of it, perhaps by way of a value or
/// of a step.
pub(super) fn proves_nothing(contract: &Contract, path: Path, found: &mut Vec<Finding>) {
    let request = &contract.request;
    let steps = contract.steps.iter().flat_map(|step| step.templates());
    let mut slots = request.templates().chain(steps).flat_map(|template| template.slots());
    if !request.certificate && !slots.any(|slot| matches!(slot, Slot::Client(_))) {
        let message = "the request holds nothing that says who asks: anybody could mint a token";
        let hint = "write `auth: basic` or `auth: body`, or a parameter where the provider expects it: `${client.NAME}`";
        let finding = Finding::key(NO_CREDENTIAL, path, message);
        let operation = contract.request.operation.name();
        found.push(finding.label(format!("`operation: {operation}`")).hint(hint));
    }
}
