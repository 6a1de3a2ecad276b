//! What a request trades must be in it, and nothing of the sign-in.

use super::Facts;
use crate::contract::{Operation, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{INHERITED_SIGN_IN, NO_CREDENTIAL, WRONG_OPERATION};
use crate::path::Path;

/// Grants of a sign-in, which a refresh never names.
const SIGN_IN_GRANTS: &[&str] = &[
    "authorization_code",
    "password",
    "client_credentials",
    "implicit",
    "urn:ietf:params:oauth:grant-type:device_code",
];

/// Parameters of a sign-in, which a refresh never sends.
const SIGN_IN_PARAMETERS: &[&str] =
    &["code", "code_verifier", "code_challenge", "device_code", "redirect_uri", "response_type"];

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let (operation, slot) = match facts.contract.request.operation {
        Operation::RefreshToken => ("refresh_token", Slot::RefreshToken),
        Operation::AccessToken => ("access_token", Slot::AccessToken),
    };
    if !uses(facts, &slot) {
        let message = format!("the request trades `{slot}` and does not hold it");
        let hint = if facts.spec.profile.is_some() {
            format!("the profile's field does not hold it any more: write `{slot}` where it goes")
        } else {
            format!(
                "write `{slot}` where the provider expects it: in a header, in `form` or in `json`"
            )
        };
        let finding = Finding::value(NO_CREDENTIAL, Path::of("refresh.request"), message);
        found.push(finding.label(format!("`operation: {operation}`")).hint(hint));
    }
    if facts.contract.request.operation == Operation::AccessToken {
        no_refresh_token(facts, found);
    }
    inherited(facts, found);
}

fn uses(facts: Facts<'_>, slot: &Slot) -> bool {
    facts.contract.request.templates().any(|template| template.slots().any(|used| used == slot))
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

fn inherited(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let query = facts.contract.request.query.iter().enumerate();
    let query =
        query.map(|(index, (name, value))| (name.as_str(), value, facts.query(index, name)));
    let body = facts.fields().into_iter().map(|(name, value)| (name, value, facts.field(name)));
    for (name, value, path) in body.chain(query) {
        if name == "grant_type"
            && let Some(grant) = value.as_literal().filter(|grant| SIGN_IN_GRANTS.contains(grant))
        {
            let message = format!("`grant_type: {grant}` is a sign-in, not a refresh");
            found.push(
                Finding::value(INHERITED_SIGN_IN, path, message)
                    .hint("write `grant_type: refresh_token`, or leave it out"),
            );
        } else if SIGN_IN_PARAMETERS.contains(&name) {
            let message = format!("`{name}` is a parameter of the sign-in, not of a refresh");
            found.push(
                Finding::key(INHERITED_SIGN_IN, path, message)
                    .hint("leave it out, unless the page asks for it here"),
            );
        }
    }
}
