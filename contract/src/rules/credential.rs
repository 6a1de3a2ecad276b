//! What a request trades must be in it, and nothing of the sign-in.

use super::Facts;
use crate::contract::{Operation, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{INHERITED_SIGN_IN, NO_CREDENTIAL, WRONG_OPERATION};
use crate::path::Path;

/// Grants, none of which belongs to another operation than its own.
const GRANTS: &[(&str, Option<Operation>)] = &[
    ("refresh_token", Some(Operation::RefreshToken)),
    ("client_credentials", Some(Operation::ClientCredentials)),
    ("password", Some(Operation::SignIn)),
    ("authorization_code", None),
    ("implicit", None),
    ("urn:ietf:params:oauth:grant-type:device_code", None),
];

/// Parameters of a sign-in by a person, which no operation sends.
const SIGN_IN_PARAMETERS: &[&str] =
    &["code", "code_verifier", "code_challenge", "device_code", "redirect_uri", "response_type"];

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let operation = facts.contract.request.operation;
    let slot = match operation {
        Operation::RefreshToken => Some(Slot::RefreshToken),
        Operation::AccessToken => Some(Slot::AccessToken),
        Operation::ClientCredentials
        | Operation::SignIn
        | Operation::Assertion
        | Operation::Local => None,
    };
    if let Some(slot) = slot.filter(|slot| !facts.contract.request.uses(slot)) {
        let message = format!("the request trades `{slot}` and does not hold it");
        let hint = if facts.spec.profile.is_some() {
            format!("the profile's field does not hold it any more: write `{slot}` where it goes")
        } else {
            format!(
                "write `{slot}` where the provider expects it: in a header, in `form` or in `json`"
            )
        };
        let finding = Finding::value(NO_CREDENTIAL, Path::of("refresh.request"), message);
        found.push(finding.label(format!("`operation: {}`", operation.name())).hint(hint));
    }
    if operation == Operation::AccessToken {
        no_refresh_token(facts, found);
    }
    inherited(facts, found);
}

/// Where the access token renews itself there is no refresh token.
fn no_refresh_token(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let hint = "leave it out, or write `operation: refresh_token`";
    let mut refuse = |path: Path, message: &str| {
        found.push(Finding::key(WRONG_OPERATION, path, message).hint(hint));
    };
    if let Some(placed) = facts
        .placed()
        .iter()
        .find(|placed| placed.template.slots().any(|slot| *slot == Slot::RefreshToken))
    {
        refuse(
            placed.path.clone(),
            "the access token renews itself, and the request holds `${refresh_token}`",
        );
    }
    if facts.contract.refresh.is_some() {
        refuse(
            Path::of("tokens.refresh"),
            "the access token renews itself, and a refresh token is declared",
        );
    }
    if facts.spec.response.as_ref().is_some_and(|response| response.refresh_token.is_some()) {
        refuse(
            Path::of("response.refresh_token"),
            "the access token renews itself, and a refresh token is read",
        );
    }
}

/// The grant that an operation has of its own.
fn own_grant(operation: Operation) -> Option<&'static str> {
    GRANTS.iter().find(|(_, of)| *of == Some(operation)).map(|(grant, _)| *grant)
}

fn inherited(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let operation = facts.contract.request.operation;
    let query = facts.contract.request.query.iter().enumerate();
    let query =
        query.map(|(index, (name, value))| (name.as_str(), value, facts.query(index, name)));
    let body = facts.fields().into_iter().map(|(name, value)| (name, value, facts.field(name)));
    for (name, value, path) in body.chain(query) {
        if name == "grant_type"
            && let Some(grant) = value.as_literal()
            && let Some((_, of)) = GRANTS.iter().find(|(name, _)| *name == grant)
        {
            // The access token may be renewed by the name of the refresh token.
            let own = match operation {
                Operation::AccessToken => Operation::RefreshToken,
                own => own,
            };
            if *of == Some(own) {
                continue;
            }
            let what = if own.mints() { own.name() } else { "a refresh" };
            let message = match of {
                Some(of) if of.mints() || own.mints() => {
                    format!("`grant_type: {grant}` is `operation: {}`, not {what}", of.name())
                }
                _ => format!("`grant_type: {grant}` is a sign-in, not {what}"),
            };
            let hint = own_grant(own).map_or("leave it out".to_owned(), |grant| {
                format!("write `grant_type: {grant}`, or leave it out")
            });
            found.push(Finding::value(INHERITED_SIGN_IN, path, message).hint(hint));
        } else if SIGN_IN_PARAMETERS.contains(&name) {
            let message = format!("`{name}` is a parameter of the sign-in, not of a refresh");
            found.push(
                Finding::key(INHERITED_SIGN_IN, path, message)
                    .hint("leave it out, unless the page asks for it here"),
            );
        }
    }
}
