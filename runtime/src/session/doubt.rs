//! What to do when the journal holds an exchange: the one rule that depends on the contract.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::core::{Core, Source};
use super::error::SessionError;
use super::event::EventKind;
use super::provider::Renewable;
use super::settings::InDoubt;
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::facts::{Facts, Spent};
use crate::grant::Grant;
use crate::store::{InFlight, Lease, Snapshot};

/// How much of a replay window is left unused: the request takes time to arrive.
const WINDOW_SHARE: u32 = 10;
/// How often an exchange is repeated in one go.
const REPEATS: u32 = 5;

/// What to do about an exchange in doubt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub in_doubt: InDoubt,
    /// Whether somebody has decided so for this very exchange.
    pub decided: bool,
}

/// What to do next under the lease.
pub(super) enum Next {
    /// Journal this, and send.
    Send {
        entry: InFlight,
        /// Whether it is sent though the contract does not say that it may be.
        gamble: bool,
    },
    /// Send nothing: an exchange is in doubt since then.
    Wait { since: SystemTime },
    /// Take the grant for over.
    GiveUp(InFlight),
}

/// Whether a credential that was sent may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// At any time. Either it is reusable; or it stays good until its successor is first used, and nobody has: tokens are
    /// shown only once they are stored, and whoever journals this exchange anew keeps the older one from being stored.
    Always,
    /// Until then.
    Until(SystemTime),
    /// Not as far as the contract says.
    Never,
}

fn again(facts: &Facts, started_at: SystemTime) -> Again {
    match (facts.single_use, facts.spent) {
        (false, _) | (true, Spent::GoodUntil(_)) => Again::Always,
        (true, Spent::GoodFor(window)) => {
            let until = started_at.checked_add(window - window / WINDOW_SHARE);
            until.map_or(Again::Never, Again::Until)
        }
        (true, Spent::Dead) => Again::Never,
    }
}

/// Whether an exchange that was begun at `started_at` may be repeated at `now`.
fn may_repeat(facts: &Facts, started_at: SystemTime, now: SystemTime) -> bool {
    match again(facts, started_at) {
        Again::Always => true,
        // A clock that has gone back to before the exchange proves nothing.
        Again::Until(until) => started_at <= now && now < until,
        Again::Never => false,
    }
}

impl<P: Renewable> Core<P> {
    /// What to do, given what the journal holds.
    pub(super) fn next_entry(
        &self,
        snapshot: &Snapshot,
        lease: &Lease,
        policy: Policy,
        gambled: bool,
    ) -> Next {
        // The journal keeps milliseconds.
        let now = whole_millis(self.shared.now());
        let ours = |started_at, attempt| InFlight {
            generation: snapshot.record.generation,
            fence: lease.fence,
            owner: Arc::clone(&lease.owner),
            started_at,
            attempt,
        };
        let Some(before) = &snapshot.in_flight else {
            return Next::Send { entry: ours(now, 1), gamble: false };
        };
        let entry = ours(before.started_at, before.attempt.saturating_add(1));
        if may_repeat(&P::FACTS, before.started_at, now) {
            return Next::Send { entry, gamble: false };
        }
        // Somebody else's may still be on its way, if they have lost their lease but not their life.
        let elapsed = now.duration_since(before.started_at).unwrap_or_default();
        let may_come = !policy.decided
            && before.fence != lease.fence
            && elapsed < self.shared.settings.exchange_limit;
        match policy.in_doubt {
            InDoubt::Gamble if !gambled && !may_come && (policy.decided || before.attempt < 2) => {
                Next::Send { entry, gamble: true }
            }
            InDoubt::Reauthenticate if !may_come => Next::GiveUp(entry),
            _ => Next::Wait { since: before.started_at },
        }
    }

    /// How long to wait before an exchange in doubt is repeated in the same go; `None` when it may not be.
    pub(super) fn repeat_after(&self, entry: &InFlight) -> Option<Duration> {
        let possible = may_repeat(&P::FACTS, entry.started_at, self.shared.now());
        let pause = Duration::from_millis(50) * 2_u32.saturating_pow(entry.attempt.min(10));
        (possible && P::FACTS.single_use && entry.attempt <= REPEATS).then_some(pause)
    }

    /// Takes the grant for over, as the user's policy says.
    pub(super) async fn give_up(
        &self,
        snapshot: &Snapshot,
        lease: &Lease,
        entry: InFlight,
    ) -> Result<(), SessionError> {
        // Under an entry of its own: whoever began the other one must not take this commit for theirs.
        self.journal(lease, &entry).await?;
        if !self.end(snapshot, entry, SignIn::Unspecified).await? {
            return Ok(());
        }
        Err(SessionError::sign_in_needed(SignIn::Unspecified, None))
    }

    /// Remembers, for every holder, that the grant is over. `false` when somebody has signed in meanwhile.
    pub(super) async fn end(
        &self,
        snapshot: &Snapshot,
        entry: InFlight,
        how: SignIn,
    ) -> Result<bool, SessionError> {
        let mut record = snapshot.record.clone();
        record.generation = entry.generation + 1;
        record.ended = Some(how);
        record.due = None;
        record.grant = self.without_refused(record.grant, entry.generation);
        self.commit(&snapshot.record, entry, record, Source::Kept).await
    }

    /// A grant that goes on with the access token of `generation`: one that was refused stays dead.
    pub(super) fn without_refused(&self, grant: Grant, generation: u64) -> Grant {
        let live = self.live.load();
        let refused = live.generation == generation && live.valid_until.is_zero();
        match grant.access_token() {
            Some(token) if refused => {
                let dead = token.clone().with_expiry(Expiry::At(SystemTime::UNIX_EPOCH));
                grant.with_access_token(dead)
            }
            _ => grant,
        }
    }

    /// Tells what differed from the contract.
    pub(super) fn tell_deviations(&self, deviations: Vec<crate::Deviation>) {
        for deviation in deviations {
            self.shared.tell(&self.key, EventKind::Deviation(deviation));
        }
    }
}

fn whole_millis(instant: SystemTime) -> SystemTime {
    let since = instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let beyond = Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000));
    instant.checked_sub(beyond).unwrap_or(instant)
}
