//! Which refusals say that a person has to sign in again, and whether a refused client is told apart from a dead grant.

use super::Facts;
use crate::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, Slot, StatusRange, TokenPlace,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{NO_SIGN_IN_RULE, REFUSED_CLIENT_ENDS_GRANT};
use crate::path::Path;

/// The statuses of a client whose secret is wrong (RFC 6749 section 5.2): 401, or 400 as for everything else.
const REFUSED_CLIENT: [u16; 2] = [401, 400];

/// `written`: the rules of the spec itself.
pub(super) fn check(facts: Facts<'_>, written: &[ErrorRule], found: &mut Vec<Finding>) {
    let contract = facts.contract;
    if contract.request.operation.mints() {
        return;
    }
    if !contract.errors.iter().any(ErrorRule::may_end_grant) {
        let path = Path::of(if written.is_empty() { "refresh" } else { "errors" });
        let message = "no refusal means `reauthenticate`: a dead grant would be tried for ever";
        found.push(Finding::key(NO_SIGN_IN_RULE, path, message).hint(way(facts)));
    }
    if !shows_secret(contract) || contract.fallback.is_some() {
        return;
    }
    for (index, rule) in written.iter().enumerate() {
        // The first rule that fits decides: those of a profile stand behind all of the spec's own.
        let (before, behind) = written.split_at(index);
        if let Some(status) = takes_refused_client(rule)
            && !before.iter().any(|other| is_of_refused_client(other, status))
            && !behind.iter().any(|other| is_told_otherwise(other, rule))
        {
            let path = Path::of("errors").index(index).key("class");
            let message = format!(
                "a wrong client secret is answered with {status} as well: this rule would end a grant that is good"
            );
            let finding = Finding::value(REFUSED_CLIENT_ENDS_GRANT, path, message);
            found.push(finding.hint(apart(facts, status)));
        }
    }
}

/// How to say which refusal means that the grant is gone, by what the contract shows of its provider.
fn way(facts: Facts<'_>) -> String {
    let rule = match () {
        () if is_like_rfc6749(facts) => {
            "{ status: 400, field: /error, equals: invalid_grant, class: reauthenticate }"
        }
        () if shows_secret(facts.contract) => {
            return "say which answer means it, by a field that tells it from a refused client, or where nothing tells them \
                    apart: `errors: [{ status: 401, class: client_misconfigured, or: reauthenticate }]`"
                .to_owned();
        }
        () => "{ status: 401, class: reauthenticate }",
    };
    format!("say which answer means it: `errors: [{rule}]`")
}

/// How to tell the two apart.
fn apart(facts: Facts<'_>, status: u16) -> String {
    let field = match is_like_rfc6749(facts) {
        true => {
            "`{ status: 400, field: /error, equals: invalid_grant, class: reauthenticate }` is RFC 6749's way"
        }
        false => "name the field that tells the two apart (`field`, `equals`)",
    };
    format!(
        "{field}; where nothing tells them apart, `{{ status: {status}, class: client_misconfigured, or: reauthenticate }}` \
         keeps the token"
    )
}

/// Whether the exchange is RFC 6749's, whose refusals have `/error`.
fn is_like_rfc6749(facts: Facts<'_>) -> bool {
    facts.fields().iter().any(|(name, _)| *name == "grant_type")
        && matches!(facts.contract.response.access_token, TokenPlace::Json(_))
}

/// Whether the request shows a secret of the client, which may be wrong.
fn shows_secret(contract: &Contract) -> bool {
    let is_secret = |slot: &Slot| match slot {
        Slot::Client(name) => contract.client.get(name).is_some_and(|parameter| parameter.secret),
        _ => false,
    };
    contract.request.templates().any(|template| template.slots().any(is_secret))
}

/// The status by which alone a rule ends the grant, where a refused client gets it as well.
fn takes_refused_client(rule: &ErrorRule) -> Option<u16> {
    let ends = rule.class == ErrorClass::Reauthenticate && rule.body == BodyCondition::Any;
    let has = |status: &u16| rule.status.iter().any(|range| range.contains(*status));
    REFUSED_CLIENT.into_iter().find(|status| ends && has(status))
}

/// Whether a rule, where it is asked first, says of a refused client that it is none of those with this status: it takes them, or it names
/// another status than the 400 of any request that is wrong in itself.
fn is_of_refused_client(rule: &ErrorRule, status: u16) -> bool {
    let of = |range: &StatusRange| range.contains(status) || is_of_clients(range);
    rule.class == ErrorClass::ClientMisconfigured && rule.status.iter().any(of)
}

/// Whether a rule names the status of a refused client, and one that `first` leaves to it.
fn is_told_otherwise(rule: &ErrorRule, first: &ErrorRule) -> bool {
    let left = |status: u16| !first.status.iter().any(|range| range.contains(status));
    let of = |range: &StatusRange| is_of_clients(range) && left(range.first);
    rule.class == ErrorClass::ClientMisconfigured && rule.status.iter().any(of)
}

fn is_of_clients(range: &StatusRange) -> bool {
    range.first == range.last && range.first != 400
}
