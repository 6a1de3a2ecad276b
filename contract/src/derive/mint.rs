//! Sequences of exchanges that spend no token.

use super::scenario::{Derived, MOST_STEPS, Scenario};
use crate::contract::{Contract, Ending, ErrorClass, Generation, MintLimit, SignIn};

/// What `contract` implies about mints.
pub(super) fn sequences(contract: &Contract) -> Vec<Derived> {
    let Some(mint) = contract.mint else {
        return Vec::new();
    };
    let mut found = vec![revoked(contract)];
    found.extend(mint.limit.and_then(|limit| limited(contract, limit)));
    found
}

fn revoked(contract: &Contract) -> Derived {
    Derived::new(
        "revoked-tokens",
        &["R21"],
        "Where access tokens are revoked, another one is minted.",
        Scenario::of(contract)
            .refresh(Ending::Tokens)
            .revoke()
            .uses(Generation::Current, false)
            .refresh(Ending::Tokens)
            .uses(Generation::Current, true),
    )
}

fn limited(contract: &Contract, limit: MintLimit) -> Option<Derived> {
    if limit.at_most > MOST_STEPS {
        return None;
    }
    let all = (0..limit.at_most).fold(Scenario::of(contract), |all, _| all.refresh(Ending::Tokens));
    let refused = contract.refused(ErrorClass::RateLimited, SignIn::Unspecified);
    let scenario = all
        .attempt_at_once(Generation::Current, None, refused)
        .wait(limit.per)
        .refresh(Ending::Tokens);
    let doc = "More mints than the provider takes in a time are refused until that is over.";
    Some(Derived::new("too-many-mints", &["R20"], doc, scenario))
}
