//! Where no answer brings a token, the one that is sent lives on, and nothing says otherwise.

use super::Facts;
use crate::contract::{AccessUse, Expiry, Operation, RefreshUse, Rotation, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{MISSING_FACT, NO_TOKEN_TO_KEEP, UNCHANGED_TOKEN};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    if facts.contract.response.access_token.is_unchanged() {
        success(facts, found);
        held(facts, found);
        answer(facts, found);
        access_token(facts, found);
        refresh_token(facts, found);
    }
}

/// No token in the answer shows that it is a success.
fn success(facts: Facts<'_>, found: &mut Vec<Finding>) {
    if facts.spec.response.as_ref().is_some_and(|response| response.success.is_none()) {
        let message = "no token shows that an answer is a success, and nothing says what does";
        let hint = "write a status, `success: 204`, or a field as well: `success: { status: 200, field: /ok, equals: true }`";
        found.push(Finding::key(MISSING_FACT, Path::of("response"), message).hint(hint));
    }
}

/// An exchange knows which token lives on: the one that it sends.
fn held(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let path = Path::of("response.access_token");
    let name_it = "name the place of the new token: `access_token: /access_token`";
    let request = &facts.contract.request;
    let operation = request.operation;
    if operation.mints() {
        let message = format!(
            "`operation: {}` sends no token, so there is none that could live on",
            operation.name()
        );
        found.push(Finding::value(NO_TOKEN_TO_KEEP, path, message).hint(name_it));
    } else if operation == Operation::RefreshToken && !request.uses(&Slot::AccessToken) {
        let message = "the request does not hold the access token: an exchange does not know which one lives on";
        let hint = format!(
            "write `${{access_token}}` where the provider expects it, or `operation: access_token` where it renews itself; or {name_it}"
        );
        found.push(Finding::value(NO_TOKEN_TO_KEEP, path, message).hint(hint));
    }
    if facts.contract.fallback.is_some() {
        let message = "its answer is read as that of the refresh, which brings no token";
        let hint = format!("leave it out, so that a person signs in; or {name_it}");
        found.push(Finding::key(NO_TOKEN_TO_KEEP, Path::of("refresh.else"), message).hint(hint));
    }
}

/// No other token is read.
fn answer(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let read = facts.spec.response.as_ref();
    let keys = [
        ("refresh_token", read.is_some_and(|it| it.refresh_token.is_some()), "a refresh token"),
        ("token_type", read.is_some_and(|it| it.token_type.is_some()), "the type of one"),
    ];
    for (key, _, what) in keys.into_iter().filter(|(_, written, _)| *written) {
        let message = format!("a success brings no token, and {what} is read");
        let hint = "leave it out, or name the place of the access token, too";
        let path = Path::of("response").key(key);
        found.push(Finding::key(UNCHANGED_TOKEN, path, message).hint(hint));
    }
}

/// What is said of the access token is said of one that stays as it is.
fn access_token(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let access = &facts.contract.access;
    let path = Path::of("tokens.access");
    let written = facts.spec.tokens.as_ref().map(|tokens| &tokens.access);
    let mut refuse = |key: &str, message: &str, hint: &str| {
        found.push(Finding::value(UNCHANGED_TOKEN, path.key(key), message).hint(hint));
    };
    if access.use_ == AccessUse::Once {
        let message = "the first use spends the access token, and a success brings no other";
        refuse("use", message, "leave it out: a token that lives on may be used often");
    }
    if written.is_some_and(|access| access.after_refresh.is_some()) {
        let message = "a success brings no new access token that would make another an old one";
        refuse("after_refresh", message, "leave it out: the token that was sent lives on");
    }
    if access.most_alive.is_some() {
        let message = "a success brings no new access token: a grant has one";
        refuse("most_alive", message, "leave it out");
    }
    let how = "say how long it lives after a success, `expires: { constant: 30m }`, or which field of the answer says it";
    match access.expires {
        Expiry::Jwt => {
            let message =
                "the end is in the access token, which stays the same: no refresh puts it off";
            refuse("expires", message, how);
        }
        Expiry::Never => {
            let message = "the access token never dies, so nothing makes it live longer";
            refuse("expires", message, &format!("{how}; or leave it out where nobody says it"));
        }
        _ => {}
    }
}

/// The refresh token stays as it is, too.
fn refresh_token(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let Some(refresh) = &facts.contract.refresh else {
        return;
    };
    let path = Path::of("tokens.refresh");
    if refresh.use_ != RefreshUse::Many {
        let message = "a success brings no refresh token, so the one that is sent is good for more";
        let hint = "write `use: many`, or leave it out: it follows";
        found.push(Finding::value(UNCHANGED_TOKEN, path.key("use"), message).hint(hint));
    } else if refresh.rotation != Rotation::Never {
        let message = "a success brings no refresh token, so none is replaced";
        let hint = "write `rotation: never`, or leave it out: it follows";
        found.push(Finding::value(UNCHANGED_TOKEN, path.key("rotation"), message).hint(hint));
    }
}
