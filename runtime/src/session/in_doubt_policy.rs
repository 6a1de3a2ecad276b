//! What to do when the journal holds an exchange whose outcome is unknown: the one rule that depends on the contract. No I/O, no
//! clock: how long ago something was is told by the store, whose clock is the same for all processes (R35).

use std::time::Duration;

use super::failure::LONGEST_ASKED;
use super::mint;
use super::settings::InDoubt;
use crate::facts::{Facts, Spent};

/// The share of a replay window that is left unused: the request takes time to arrive.
const WINDOW_SHARE: u32 = 10;
/// The share of a window that is left for the repeats after the first one, where the provider asks to wait for longer than the window is open.
const LAST_SHARE: u32 = 5;
/// How often one refresh attempt repeats an exchange.
const REPEATS: u32 = 5;
/// How long a process that holds new tokens may take to store them once the store is there: it tries every ten seconds.
const SAVED_WITHIN: Duration = Duration::from_secs(20);
/// How long a request that its process has given up may still be on its way, in a proxy say.
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// An exchange on record, or a record that may not be the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt {
    /// How many requests of it were sent; 0 where it is not known that any was.
    pub attempt: u32,
    /// How long ago its first request was journaled.
    pub age: Duration,
    /// For how long this process has seen it on record.
    pub seen_for: Duration,
    /// Whether this process has sent it, and no other one since.
    pub is_ours: bool,
    /// Whether the store has gone back: later exchanges may be missing from it (R37).
    pub outdated: bool,
}

impl Doubt {
    /// Nothing is on record, and the record itself may not be the last one.
    pub const OF_THE_RECORD: Self = Self {
        attempt: 0,
        age: Duration::MAX,
        seen_for: Duration::MAX,
        is_ours: false,
        outdated: true,
    };
}

/// What the user wants, and what was already done about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct InDoubtPolicy {
    pub in_doubt: InDoubt,
    /// Whether the user has decided so for this very exchange.
    pub decided: bool,
    /// How long a request of another session may still be under way.
    pub exchange_limit: Duration,
    /// How long before that its entry may have been journaled.
    pub lease: Duration,
    /// Whether this attempt has already sent against the contract's rules.
    pub gambled: bool,
}

/// What to do next under the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NextStep {
    /// Journal it, and send.
    Send {
        /// Whether the contract does not say that it may be sent.
        gamble: bool,
    },
    /// Send nothing.
    Wait {
        /// Until when waiting may help: the process that sent it stores its answer, or the policy allows more.
        look_again: Option<Duration>,
    },
    /// Record that the grant has ended.
    GiveUp,
    /// Record that the access token may have ended, and that nothing is under way any more.
    Forget,
}

impl InDoubtPolicy {
    /// Decides, given what the journal holds.
    pub fn next_step(self, facts: &Facts, on_record: Option<Doubt>) -> NextStep {
        let Some(doubt) = on_record else {
            return NextStep::Send { gamble: false };
        };
        if mint::ends_others(facts) {
            return self.next_mint(facts, &doubt);
        }
        if may_repeat(facts, &doubt) {
            return NextStep::Send { gamble: false };
        }
        let wait = if self.decided { Duration::ZERO } else { self.may_be_saved_for(&doubt) };
        if facts.fallback.is_some() {
            // Nobody decides about it: tokens come in another way.
            return match wait {
                Duration::ZERO => NextStep::Forget,
                wait => NextStep::Wait { look_again: Some(wait) },
            };
        }
        let may_gamble = !self.gambled && (self.decided || doubt.attempt < 2);
        match self.in_doubt {
            InDoubt::Gamble if may_gamble && wait.is_zero() => NextStep::Send { gamble: true },
            InDoubt::Reauthenticate if wait.is_zero() => NextStep::GiveUp,
            // Whoever sent it may store its answer yet, or say that nothing was spent.
            InDoubt::Keep => NextStep::Wait { look_again: (!wait.is_zero()).then_some(wait) },
            InDoubt::Gamble if !may_gamble => NextStep::Wait { look_again: None },
            InDoubt::Gamble | InDoubt::Reauthenticate => NextStep::Wait { look_again: Some(wait) },
        }
    }

    /// The same where an exchange spends nothing and may end the token of one that comes later: then each request that counts must be
    /// over before the next exchange begins. Nobody decides about it: time does.
    fn next_mint(self, facts: &Facts, doubt: &Doubt) -> NextStep {
        let ends = mint::may_end(facts, doubt.attempt);
        let first_is_over = mint_is_over_after(self.exchange_limit, self.lease, 1);
        if doubt.attempt == 0 || (!ends && doubt.age < first_is_over) {
            return NextStep::Send { gamble: false };
        }
        let over = mint_is_over_after(self.exchange_limit, self.lease, doubt.attempt);
        match over.saturating_sub(doubt.age) {
            Duration::ZERO => NextStep::Forget,
            left => NextStep::Wait { look_again: Some(left) },
        }
    }

    /// How much longer the process that sent it may live, with the answer on its way or in hand: it has lost its lease, and the
    /// store may have been away when the answer came.
    fn may_be_saved_for(self, doubt: &Doubt) -> Duration {
        if doubt.is_ours {
            return Duration::ZERO;
        }
        let answered_within = self.exchange_limit.saturating_add(SAVED_WITHIN);
        answered_within.saturating_sub(doubt.age).max(SAVED_WITHIN.saturating_sub(doubt.seen_for))
    }
}

/// How long after its first request was journaled a mint of so many requests is under way no more, whoever has sent it.
pub(super) fn mint_is_over_after(
    exchange_limit: Duration,
    lease: Duration,
    requests: u32,
) -> Duration {
    // For so long one request may be on its way, from the moment at which it is journaled.
    let limit = exchange_limit.saturating_add(lease).saturating_add(ARRIVES_WITHIN);
    // A repeat is sent within the limit of the first.
    if requests > 1 { limit.saturating_mul(2) } else { limit }
}

/// How long a repeat may be under way that is sent so long after the first request; `None` where the contract sets no limit. A request
/// that is given up does not arrive any more, and one that arrives when the window is over is taken for a theft.
pub(super) fn repeat_limit(facts: &Facts, age: Duration) -> Option<Duration> {
    let window = facts.spent.window().filter(|_| facts.spends())?;
    Some((window - window / (2 * WINDOW_SHARE)).saturating_sub(age))
}

/// When an exchange is sent again of which an answer is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// By the same attempt, after this pause.
    After(Duration),
    /// By another attempt, which begins no later than after this time.
    Later(Duration),
    /// Nothing says that it may be, or when.
    Never,
}

/// When an exchange of this process is sent again of which an answer is lost.
///
/// `asked` is how long the provider has asked to wait. That is waited for, unless the window closes before: then the wait ends shortly
/// before the window does. A request that comes sooner than the provider wants costs one more refusal, and a window that closes may cost the
/// grant.
pub(super) fn repeat(facts: &Facts, doubt: &Doubt, asked: Option<Duration>) -> Repeat {
    let Doubt { attempt, age, .. } = *doubt;
    let pause = Duration::from_millis(50) * 2_u32.saturating_pow(attempt.min(10));
    if !facts.spends() || !may_repeat(facts, doubt) {
        return Repeat::Never;
    }
    let left = |share| {
        let window = facts.spent.window();
        window.map(|window| (window - window / share).saturating_sub(age))
    };
    let last = left(LAST_SHARE).unwrap_or(Duration::MAX);
    match asked {
        Some(asked) if last > pause => Repeat::Later(asked.max(pause).min(last)),
        _ if attempt <= REPEATS && may_repeat_in(facts, doubt, pause) => Repeat::After(pause),
        // Until the window closes, the usual pauses after failures are made; then the policy decides. Without one they are made for as long
        // as it takes.
        _ => Repeat::Later(left(WINDOW_SHARE).unwrap_or(LONGEST_ASKED)),
    }
}

/// Whether the contract lets an exchange be repeated after such a wait.
fn may_repeat_in(facts: &Facts, doubt: &Doubt, wait: Duration) -> bool {
    may_repeat(facts, &Doubt { age: doubt.age.saturating_add(wait), ..*doubt })
}

/// Whether the window in which an exchange on record can be repeated closes within this time.
pub(super) fn closes_within(facts: &Facts, doubt: &Doubt, time: Duration) -> bool {
    is_urgent(facts, doubt) && !may_repeat_in(facts, doubt, time)
}

/// Whether the contract lets an exchange be repeated.
pub(super) fn may_repeat(facts: &Facts, doubt: &Doubt) -> bool {
    match (facts.spends(), facts.spent) {
        (false, _) => true,
        // A token that is good until its successor is used is still good: a session serves tokens only once they are stored,
        // and the new journal entry keeps the older exchange from being stored. Unless the store has gone back: its successor, and that
        // one's, may have been stored and used.
        (true, Spent::GoodUntil(_)) => !doubt.outdated,
        (true, Spent::GoodFor(window) | Spent::GoodForUntil(window, _)) => {
            doubt.attempt > 0 && doubt.age < window - window / WINDOW_SHARE
        }
        (true, Spent::Dead) => false,
    }
}

/// Whether an exchange on record is worth a look of its own, although no caller waits for a token: its window closes.
pub(super) fn is_urgent(facts: &Facts, doubt: &Doubt) -> bool {
    facts.spends() && facts.spent.window().is_some() && may_repeat(facts, doubt)
}

#[cfg(test)]
#[path = "in_doubt_policy_tests.rs"]
mod tests;
