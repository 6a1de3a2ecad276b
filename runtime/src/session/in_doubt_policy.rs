//! What to do when the journal holds an exchange whose outcome is unknown: the one rule that depends on the contract. No I/O.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::settings::InDoubt;
use crate::facts::{Facts, Spent};
use crate::store::{EntryId, InFlight, Lease, Snapshot};

/// The share of a replay window that is left unused: the request takes time to arrive.
const WINDOW_SHARE: u32 = 10;
/// How often one refresh attempt repeats an exchange.
const REPEATS: u32 = 5;

/// What the user wants, and what was already done about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct InDoubtPolicy {
    pub in_doubt: InDoubt,
    /// Whether the user has decided so for this very exchange.
    pub decided: bool,
    /// How long a request of another session may still be under way.
    pub exchange_limit: Duration,
    /// Whether this attempt has already sent against the contract's rules.
    pub gambled: bool,
}

/// What to do next under the lease.
pub(super) enum NextStep {
    /// Journal this entry, and send.
    Send {
        entry: InFlight,
        /// Whether the contract does not say that it may be sent.
        gamble: bool,
    },
    /// Send nothing: an exchange has been in doubt since then.
    Wait { since: SystemTime },
    /// Record that the grant has ended, under this entry.
    GiveUp(InFlight),
}

impl InDoubtPolicy {
    /// Decides, given what the journal holds at `now`. An entry that is to be journaled is `id`.
    pub fn next_step(
        self,
        facts: &Facts,
        snapshot: &Snapshot,
        lease: &Lease,
        id: EntryId,
        now: SystemTime,
    ) -> NextStep {
        // The journal keeps milliseconds.
        let now = whole_millis(now);
        let entry_of = |started_at, attempt| InFlight {
            id,
            generation: snapshot.record.generation,
            fence: lease.fence,
            owner: Arc::clone(&lease.owner),
            started_at,
            attempt,
        };
        let Some(before) = &snapshot.in_flight else {
            return NextStep::Send { entry: entry_of(now, 1), gamble: false };
        };
        let entry = entry_of(before.started_at, before.attempt.saturating_add(1));
        if may_repeat(facts, before.started_at, now) {
            return NextStep::Send { entry, gamble: false };
        }
        // A process that has lost its lease may still be running, and the answer to its request may still come.
        let elapsed = now.duration_since(before.started_at).unwrap_or_default();
        let may_come =
            !self.decided && before.fence != lease.fence && elapsed < self.exchange_limit;
        let may_gamble = !self.gambled && (self.decided || before.attempt < 2);
        match self.in_doubt {
            InDoubt::Gamble if may_gamble && !may_come => NextStep::Send { entry, gamble: true },
            InDoubt::Reauthenticate if !may_come => NextStep::GiveUp(entry),
            _ => NextStep::Wait { since: before.started_at },
        }
    }
}

/// How long to wait before the same attempt repeats an exchange in doubt; `None` when it may not.
pub(super) fn repeat_after(facts: &Facts, entry: &InFlight, now: SystemTime) -> Option<Duration> {
    let possible = may_repeat(facts, entry.started_at, now);
    let pause = Duration::from_millis(50) * 2_u32.saturating_pow(entry.attempt.min(10));
    (possible && facts.single_use && entry.attempt <= REPEATS).then_some(pause)
}

/// Whether the contract lets an exchange that was begun at `started_at` be repeated at `now`.
fn may_repeat(facts: &Facts, started_at: SystemTime, now: SystemTime) -> bool {
    match (facts.single_use, facts.spent) {
        // A token that is good until its successor is used is still good: a session serves tokens only once they are stored,
        // and the new journal entry keeps the older exchange from being stored.
        (false, _) | (true, Spent::GoodUntil(_)) => true,
        (true, Spent::GoodFor(window)) => {
            let until = started_at.checked_add(window - window / WINDOW_SHARE);
            // A clock that was set back to before the exchange proves nothing.
            until.is_some_and(|until| started_at <= now && now < until)
        }
        (true, Spent::Dead) => false,
    }
}

fn whole_millis(instant: SystemTime) -> SystemTime {
    let since = instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let beyond = Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000));
    instant.checked_sub(beyond).unwrap_or(instant)
}
