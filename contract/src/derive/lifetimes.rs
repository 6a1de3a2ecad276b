//! Sequences at both sides of each lifetime.

use super::scenario::{Derived, SECOND, Scenario};
use crate::contract::{Contract, Ending, Expiry, Generation, RefreshWhen};
use std::time::Duration;

/// As long as anything that has no end is waited for.
const YEARS: Duration = Duration::from_secs(5 * 365 * 24 * 60 * 60);

/// What `contract` implies about the ends of its tokens.
pub(super) fn sequences(contract: &Contract) -> Vec<Derived> {
    let mut found = access_token(contract);
    found.extend(first_access_token(contract));
    found.extend(prolonged(contract));
    found.extend(refresh_token(contract));
    found.extend(idle(contract));
    found.extend(window(contract));
    found
}

/// When the first refresh token dies that nobody sends, where that ends by itself.
pub(super) fn first_end(contract: &Contract) -> Option<Duration> {
    let idle = contract.refresh.as_ref().and_then(|refresh| refresh.idle_limit);
    contract.refresh_lifetime().into_iter().chain(idle).min()
}

fn access_token(contract: &Contract) -> Vec<Derived> {
    let begun = Scenario::of(contract).refresh(Ending::Tokens);
    let uses =
        |scenario: Scenario<'_>, accepted| scenario.uses(Generation::Current, accepted).steps();
    let one = |id: &str, doc: &str, wait: Duration, accepted: bool| {
        let mut derived = Derived::new(id, &["R14", "R15"], doc, Scenario::of(contract));
        derived.sequence.steps = uses(begun.clone().wait(wait), accepted);
        derived
    };
    if contract.access.expires == Expiry::Never {
        return vec![one(
            "access-token-without-end",
            "An access token without an end is good after years.",
            YEARS,
            true,
        )];
    }
    let life = contract.assumed_lifetime();
    vec![
        one(
            "access-token-in-time",
            "An access token is good until the end of its life.",
            life.saturating_sub(SECOND),
            true,
        ),
        one(
            "access-token-too-late",
            "An access token is dead at the end of its life.",
            life,
            false,
        ),
    ]
}

/// The one that signing in brings, where it does not live as long as the others.
fn first_access_token(contract: &Contract) -> Option<Derived> {
    let life = contract.access.first_lifetime?;
    let scenario = Scenario::of(contract).wait(life.saturating_sub(SECOND));
    let scenario = match contract.access_is_used_once() {
        true => scenario,
        false => scenario.uses(Generation::Current, true),
    };
    Some(Derived::new(
        "first-access-token",
        &["R14", "R15"],
        "The access token that signing in brings dies at the end of its own life.",
        scenario.wait(SECOND).uses(Generation::Current, false),
    ))
}

/// An access token that no refresh replaces, beyond the end that it had before.
fn prolonged(contract: &Contract) -> Option<Derived> {
    let life = contract.assumed_lifetime();
    // So late that the end which it has by then is not the one that it gets.
    let late = contract.assumed_first_lifetime().saturating_sub(life / 2);
    let is_kept = contract.response.access_token.is_unchanged();
    (is_kept && contract.outlives(late)).then(|| {
        // Where no refresh is accepted by then, it is sent as soon as one is.
        let waited = Scenario::of(contract).wait(late);
        let begun = match contract.accepts_after(late) {
            true => waited.send(Generation::Current, Ending::Tokens),
            false => Scenario::of(contract).refresh(Ending::Tokens),
        };
        Derived::new(
            "access-token-prolonged",
            &["R14", "R15"],
            "A refresh brings no access token: the one that was sent lives on from then.",
            begun.wait(life.saturating_sub(SECOND)).uses(Generation::Previous, true),
        )
    })
}

fn refresh_token(contract: &Contract) -> Vec<Derived> {
    let Some(life) = contract.refresh_lifetime() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let before = life.saturating_sub(SECOND);
    if contract.accepts_after(before) && contract.outlives(before) {
        found.push(Derived::new(
            "refresh-token-in-time",
            &["R15", "R31"],
            "A refresh token is good until the end of its life.",
            Scenario::of(contract).wait(before).send(Generation::Current, Ending::Tokens),
        ));
    }
    let half = life / 2;
    if contract.refresh_ends_with_sign_in()
        && contract.accepts_after(half)
        && contract.outlives(half)
        && contract.lasts()
        && contract.can_say_gone()
    {
        found.push(Derived::new(
            "refresh-token-not-prolonged",
            &["R21", "R31"],
            "No refresh puts off an end that counts from signing in.",
            Scenario::of(contract)
                .wait(half)
                .send(Generation::Current, Ending::Tokens)
                .wait(life - half)
                .send(Generation::Current, contract.gone()),
        ));
    }
    if contract.accepts_after(life) && contract.can_say_gone() {
        found.push(Derived::new(
            "refresh-token-too-late",
            &["R21", "R31"],
            "A refresh token is dead at the end of its life.",
            Scenario::of(contract).wait(life).send(Generation::Current, contract.gone()),
        ));
    }
    found
}

fn idle(contract: &Contract) -> Vec<Derived> {
    let opens = |limit: &Duration| contract.accepts_after(limit.saturating_sub(SECOND));
    let Some(limit) = contract.idle_limit().filter(opens) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let inside = limit.saturating_sub(SECOND);
    let outlived =
        |waited: Duration| contract.refresh_lifetime().is_some_and(|life| waited >= life);
    if contract.lasts() && !outlived(inside * 2) {
        found.push(Derived::new(
            "refresh-token-kept-alive",
            &["R31"],
            "Each use lets a refresh token that dies when idle live on.",
            Scenario::of(contract)
                .wait(inside)
                .send(Generation::Current, Ending::Tokens)
                .wait(inside)
                .send(Generation::Current, Ending::Tokens),
        ));
    }
    if contract.can_say_gone() {
        found.push(Derived::new(
            "refresh-token-idle",
            &["R21", "R31"],
            "A refresh token that nobody uses dies.",
            Scenario::of(contract).wait(limit).send(Generation::Current, contract.gone()),
        ));
    }
    found
}

/// The edges of the time at which the provider accepts a refresh, where the client is told.
fn window(contract: &Contract) -> Vec<Derived> {
    // A client that sends no access token is not told when it dies.
    if !contract.credential().holds_access_token() || !contract.tells_access_expiry() {
        return Vec::new();
    }
    let life = contract.assumed_first_lifetime();
    let opens = match contract.request.when {
        RefreshWhen::AnyTime | RefreshWhen::Unknown => return Vec::new(),
        RefreshWhen::BeforeExpiry if !contract.outlives(life.saturating_sub(SECOND)) => {
            return Vec::new();
        }
        RefreshWhen::BeforeExpiry => {
            return vec![Derived::new(
                "refresh-too-late",
                &["R21"],
                "An access token that has expired is not sent to be renewed.",
                Scenario::of(contract)
                    .wait(life.saturating_sub(SECOND))
                    .send(Generation::Current, Ending::Tokens)
                    .wait(contract.assumed_lifetime())
                    .send(Generation::Current, Ending::Unsent),
            )];
        }
        RefreshWhen::AfterExpiry => life,
        RefreshWhen::NearExpiry(before) => life.saturating_sub(before),
    };
    if opens.is_zero() || !contract.outlives(opens) {
        return Vec::new();
    }
    vec![Derived::new(
        "refresh-too-early",
        &["R29"],
        "A refresh that the provider would not accept yet is not sent.",
        Scenario::of(contract)
            .wait(opens.saturating_sub(SECOND))
            .send(Generation::Current, Ending::Unsent)
            .wait(SECOND)
            .send(Generation::Current, Ending::Tokens),
    )]
}

impl Contract {
    /// Whether a refresh token that nobody has used is still good so long after it was issued.
    fn outlives(&self, waited: Duration) -> bool {
        self.idle_limit().is_none_or(|limit| waited < limit)
            && self.refresh_lifetime().is_none_or(|life| waited < life)
    }

    /// Whether the end of the refresh token counts from signing in.
    fn refresh_ends_with_sign_in(&self) -> bool {
        let refresh = self.refresh.as_ref();
        refresh.is_some_and(|refresh| matches!(refresh.expires, Expiry::SinceSignIn(_)))
    }

    /// How long a refresh token lives without being used, where that ends it.
    fn idle_limit(&self) -> Option<Duration> {
        self.refresh.as_ref()?.idle_limit
    }
}
