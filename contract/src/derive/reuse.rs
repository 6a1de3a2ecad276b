//! Sequences about a refresh token that comes back.

use super::scenario::{Afterwards, Derived, MOST_STEPS, SECOND, Scenario, fault};
use crate::contract::{
    Contract, Ending, Fault, Generation, OldAccessToken, RefreshToken, RefreshWhen, ReplayAnswer,
    ReplayEnd, Reuse, Rotation, Spent, Successor,
};
use std::time::Duration;

/// What `contract` implies about reuse and replay.
pub(super) fn sequences(contract: &Contract) -> Vec<Derived> {
    let Some(refresh) = &contract.refresh else {
        return Vec::new();
    };
    match Afterwards::of(contract) {
        Afterwards::Good => kept(contract),
        Afterwards::Dead => spent(contract, refresh),
        Afterwards::Replayable => {
            let end = refresh.spent.until();
            let in_time = end.and_then(ReplayEnd::window).map(|window| within(contract, window));
            let unused = end.and_then(ReplayEnd::successor);
            let unused = unused.map(|successor| until(contract, successor));
            let again = in_time.into_iter().chain(unused).flatten();
            let again = again.chain(superseded(contract, refresh));
            again.chain(generations(contract, refresh)).collect()
        }
    }
}

/// An old refresh token that stays good.
fn kept(contract: &Contract) -> Vec<Derived> {
    let scenario = Scenario::of(contract)
        .refresh(Ending::Tokens)
        .ready()
        .send(Generation::Previous, Ending::Tokens);
    let doc = "A refresh leaves the refresh token that it sent good for another one.";
    vec![Derived::new("old-refresh-token", &["R16", "R25"], doc, scenario)]
}

/// An old refresh token that is dead, and what its coming back does.
fn spent(contract: &Contract, refresh: &RefreshToken) -> Vec<Derived> {
    if !contract.can_say_gone() {
        return Vec::new();
    }
    let scenario = Scenario::of(contract)
        .refresh(Ending::Tokens)
        .ready()
        .send(Generation::First, contract.gone());
    let (doc, scenario) = match refresh.reuse {
        // It is the access token beside it that is dead.
        _ if contract.refresh_token_stays() => {
            ("What a refresh has revoked is not accepted again.", scenario)
        }
        _ if !contract.first_refresh_rotates() => {
            ("A refresh token that was used is used up.", scenario)
        }
        Reuse::Refused | Reuse::Unknown => (
            "A spent refresh token that comes back is refused. Its successor stays good.",
            scenario.send(Generation::Current, Ending::Tokens),
        ),
        Reuse::ChainRevoked | Reuse::GrantRevoked => (
            "A spent refresh token that comes back is refused, and kills its successor.",
            scenario.send(Generation::Current, contract.gone()).uses(Generation::Current, false),
        ),
    };
    vec![Derived::new("spent-refresh-token", &["R25"], doc, scenario)]
}

/// A refresh token that may be sent again for a while.
fn within(contract: &Contract, window: Duration) -> Vec<Derived> {
    let begun = Scenario::of(contract).refresh(Ending::Tokens);
    // What comes again is of use while the access token in it lives.
    let inside = window.min(contract.assumed_lifetime()).saturating_sub(SECOND);
    let mut found = Vec::new();
    if is_heard(contract, inside) {
        found.push(Derived::new(
            "replay-in-time",
            &["R25"],
            "A spent refresh token may be sent again until its window is over.",
            begun.clone().wait(inside).send(Generation::First, Ending::Tokens),
        ));
        found.push(Derived::new(
            "lost-answer-replayed",
            &["R24", "R25"],
            "A lost answer is got by sending the same again, inside the window.",
            Scenario::of(contract)
                .suffer(fault(Fault::ResetAfter), lost(contract))
                .wait(inside)
                .send(Generation::Current, Ending::Tokens),
        ));
    }
    if is_heard(contract, window) && contract.can_say_gone() {
        found.push(Derived::new(
            "replay-too-late",
            &["R25"],
            "After its window a spent refresh token is dead.",
            begun.wait(window).send(Generation::First, contract.gone()),
        ));
    }
    found
}

/// A refresh token that may be sent again until a successor is used.
fn until(contract: &Contract, successor: Successor) -> Vec<Derived> {
    let replayed =
        Scenario::of(contract).refresh(Ending::Tokens).send(Generation::First, Ending::Tokens);
    let used = match successor {
        Successor::AccessTokenUsed | Successor::EitherUsed => {
            replayed.uses(Generation::Current, true)
        }
        Successor::RefreshTokenUsed => replayed.refresh(Ending::Tokens),
    };
    let never_used = successor == Successor::RefreshTokenUsed && !contract.first_refresh_rotates();
    if never_used || !contract.can_say_gone() {
        return Vec::new();
    }
    vec![Derived::new(
        "replay-until-successor-is-used",
        &["R25"],
        "A spent refresh token may be sent again until a successor is used.",
        used.send(Generation::First, contract.gone()),
    )]
}

/// How many of the last spent refresh tokens may be sent again, where each refresh spends one.
fn generations(contract: &Contract, refresh: &RefreshToken) -> Vec<Derived> {
    let most = refresh.spent.generations().filter(|most| *most < MOST_STEPS);
    let (Some(most), Rotation::Always) = (most, refresh.rotation) else {
        return Vec::new();
    };
    // The use of a refresh token may be what ends the one before it.
    let ends = |successor| successor != Successor::AccessTokenUsed;
    if refresh.spent.until().and_then(ReplayEnd::successor).is_some_and(ends) {
        return Vec::new();
    }
    let after = |refreshes: u32, ending| {
        let begun = Scenario::of(contract).refresh(Ending::Tokens);
        let spent = (1..refreshes).fold(begun, |all, _| all.refresh(Ending::Tokens));
        spent.ready().send(Generation::First, ending)
    };
    let window = refresh.spent.until().and_then(ReplayEnd::window);
    let in_time = |scenario: &Scenario<'_>| window.is_none_or(|window| scenario.takes() < window);
    let mut found = Vec::new();
    let good = Some(after(most, Ending::Tokens)).filter(|scenario| most > 1 && in_time(scenario));
    found.extend(good.map(|scenario| {
        let doc = format!("Each of the last {most} spent refresh tokens may be sent again.");
        Derived::new("replay-of-an-older-one", &["R25"], doc, scenario)
    }));
    let dead = after(most + 1, contract.gone());
    if contract.can_say_gone() && in_time(&dead) {
        let doc = "A spent refresh token is dead once too many were spent after it.";
        found.push(Derived::new("replay-of-too-old-a-one", &["R25"], doc, dead));
    }
    found
}

/// What becomes of the tokens that a refresh brought when the same request is sent again and brings others.
fn superseded(contract: &Contract, refresh: &RefreshToken) -> Option<Derived> {
    let accepted = match refresh.spent {
        Spent::Good { answer: ReplayAnswer::Another, .. } => true,
        Spent::Good { answer: ReplayAnswer::Supersedes, .. } => false,
        _ => return None,
    };
    // Another refresh revokes the access token all the same, or nothing tells whether it is used.
    if contract.access.after_refresh == OldAccessToken::Revoked || contract.access_is_used_once() {
        return None;
    }
    let scenario = Scenario::of(contract)
        .refresh(Ending::Tokens)
        .send(Generation::First, Ending::Tokens)
        .uses(Generation::Previous, accepted);
    let doc = match accepted {
        true => {
            "A refresh token that is sent again brings tokens that live beside the earlier ones."
        }
        false => "A refresh token that is sent again brings tokens that end the earlier ones.",
    };
    Some(Derived::new("replayed-pair", &["R25"], doc, scenario))
}

/// Whether a client sends anything so long after a refresh: it does not send an access token that has expired.
fn is_heard(contract: &Contract, waited: Duration) -> bool {
    contract.request.when != RefreshWhen::BeforeExpiry || waited < contract.assumed_lifetime()
}

fn lost(contract: &Contract) -> Ending {
    contract.ending_under(Fault::ResetAfter).unwrap_or(Ending::Tokens)
}
