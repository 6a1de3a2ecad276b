//! What a grant holds of its credential once another takes its place.

use super::provider::Renewable;
use crate::expiry::Expiry;
use crate::facts::Ends;
use crate::grant::{Grant, Token};
use crate::store::Record;

/// The grant with another credential: its refresh token, or its access token where that one renews itself.
pub(super) fn with_credential(grant: Grant, token: Token) -> Grant {
    if grant.refresh_token().is_some() || grant.access_token().is_none() {
        grant.with_refresh_token(token)
    } else {
        grant.with_access_token(token)
    }
}

/// A refresh token without an end that came back unchanged keeps the end that is known, and so does any whose end signing in has set.
pub(super) fn keeping_end<P: Renewable>(token: Token, before: &Record) -> Token {
    let is_set = matches!(P::FACTS.refresh_token_ends, Ends::AfterSignIn(_));
    match (token.expiry(), before.grant.refresh_token()) {
        (Expiry::Undeclared, Some(old)) if is_set || old.expose() == token.expose() => {
            token.with_expiry(old.expiry())
        }
        _ => token,
    }
}
