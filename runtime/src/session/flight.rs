//! One attempt to get newer tokens, from the look into the store to the tokens being served. A task of its own: whoever asked
//! for it may go away (R28).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::sync::OwnedSemaphorePermit;

use super::arrival::Report;
use super::core::{Core, Source, Trouble};
use super::doubt::{Next, Policy};
use super::error::{SessionError, SessionErrorKind};
use super::event::EventKind;
use super::exchange::Sent;
use super::provider::Renewable;
use super::schedule;
use super::settings::{InDoubt, Upkeep};
use crate::error::Class;
use crate::store::{Acquired, Lease, Record, Snapshot, Store};

/// How a flight ends, for all who wait for it.
pub(crate) type Outcome = Result<(), SessionError>;

/// What a flight is for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Need {
    /// Tokens of a later generation than this.
    pub newer_than: u64,
    /// A token that is valid now.
    pub wants_token: bool,
    /// Even though an earlier attempt has failed a moment ago.
    pub insists: bool,
    /// Only if the grant is due, though nobody asked.
    pub upkeep: bool,
    /// What to do with an exchange in doubt, in place of what the settings say.
    pub in_doubt: Option<InDoubt>,
}

impl Need {
    /// A token that is valid now, where that of generation `seen` is not.
    pub fn token(seen: u64) -> Self {
        Self { newer_than: seen, wants_token: true, ..Self::default() }
    }

    /// Tokens of a later generation.
    pub fn newer_than(generation: u64) -> Self {
        Self { newer_than: generation, ..Self::default() }
    }

    /// What is due, if it is.
    pub fn upkeep() -> Self {
        Self { newer_than: u64::MAX, upkeep: true, ..Self::default() }
    }
}

/// How long to wait for somebody else's lease before it is asked for again, at first and at most.
const LEASE_WAIT: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));
/// The longest wait that any setting makes.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a missing or ended grant is taken for granted before the store is read again: somebody may sign in elsewhere.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Makes room for the next flight, also when this one is dropped because the executor is shut down.
struct Landing<P: Renewable> {
    core: Arc<Core<P>>,
    landed: bool,
}

impl<P: Renewable> Landing<P> {
    fn land(&mut self) {
        self.core.inner().flight = None;
        self.landed = true;
    }
}

impl<P: Renewable> Drop for Landing<P> {
    fn drop(&mut self) {
        if !self.landed {
            self.land();
        }
    }
}

impl<P: Renewable> Core<P> {
    /// Makes the attempt and tells all who wait how it ended.
    pub async fn fly(self: Arc<Self>, need: Need, report: Report) {
        let mut landing = Landing { core: Arc::clone(&self), landed: false };
        let outcome = self.attempt(need).await;
        if let Err(error) = &outcome {
            self.remember(error, need);
        }
        landing.land();
        report.tell(outcome);
    }

    async fn attempt(&self, mut need: Need) -> Outcome {
        self.settle_unsaved().await?;
        let first = self.live.load().generation == 0;
        let snapshot = self.look().await?;
        let met = self.take_over(&snapshot, need)?;
        // A process may have died in the middle of an exchange, and a window for asking again may be closing.
        let left_behind = first && snapshot.in_flight.is_some();
        let patient = !need.upkeep;
        if left_behind {
            need = Need {
                newer_than: snapshot.record.generation,
                wants_token: false,
                upkeep: false,
                ..need
            };
        } else if met {
            return Ok(());
        }
        let Some((_slot, lease)) = self.lease(need, patient).await? else {
            return Ok(());
        };
        let outcome = self.under_lease(&lease, need).await;
        // One that is not given back ends by itself.
        let _ = self.shared.store.release(&self.key, &lease).await;
        outcome
    }

    /// What the store holds.
    pub(super) async fn look(&self) -> Result<Snapshot, SessionError> {
        let found = self.shared.store.read(&self.key).await;
        found.map_err(SessionError::store)?.ok_or_else(SessionError::no_grant)
    }

    /// Takes over what the store holds; `true` if nothing more is needed.
    fn take_over(&self, snapshot: &Snapshot, need: Need) -> Result<bool, SessionError> {
        let record = &snapshot.record;
        self.adopt(record, Source::Store);
        if let Some(how) = record.ended {
            // An access token that lives on is served all the same; nothing newer comes.
            return Err(SessionError::sign_in_needed(how, None));
        }
        if !need.upkeep {
            return Ok(self.is_met(&need));
        }
        if self.is_due(record) {
            return Ok(false);
        }
        self.replan(record);
        Ok(true)
    }

    /// Whether a grant needs a refresh though nobody asks.
    fn is_due(&self, record: &Record) -> bool {
        let shared = &self.shared;
        let now = shared.now();
        let ahead = || {
            let live = self.live.load();
            shared.clock.monotonic() >= live.fresh_until
        };
        record.due.is_some_and(|due| due <= now)
            || (shared.settings.upkeep == Upkeep::Always && ahead())
    }

    /// Leave to have an exchange out: one of so many of the provider's.
    async fn slot(&self) -> Result<OwnedSemaphorePermit, SessionError> {
        let shared = &self.shared;
        if let Some(after) = shared.held_off() {
            return Err(SessionError::held_off(after));
        }
        let permit = Arc::clone(&shared.permits).acquire_owned().await;
        let permit = permit.map_err(|_| SessionError::no_executor())?;
        // One of those who were served before may have been asked to wait.
        if let Some(after) = shared.held_off() {
            return Err(SessionError::held_off(after));
        }
        Ok(permit)
    }

    /// How long to wait until the provider's rate leaves room for one exchange more; `None` where it does, and room is taken.
    #[cfg(feature = "rate-limit")]
    fn crowded(&self) -> Option<Duration> {
        use governor::clock::Clock as _;
        let early = self.shared.rate.as_ref()?.check().err()?;
        Some(early.wait_time_from(governor::clock::DefaultClock::default().now()))
    }

    #[cfg(not(feature = "rate-limit"))]
    fn crowded(&self) -> Option<Duration> {
        None
    }

    /// The lease, and leave to send; `None` when somebody else has done meanwhile what was needed, or is about to and nobody here
    /// is `patient`: then the grant is looked at again when the lease must have ended.
    async fn lease(
        &self,
        need: Need,
        patient: bool,
    ) -> Result<Option<(OwnedSemaphorePermit, Lease)>, SessionError> {
        let shared = &self.shared;
        let (mut wait, longest) = LEASE_WAIT;
        let mut waited = Duration::ZERO;
        let mut slot = self.slot().await?;
        loop {
            let asked = shared.store.acquire(&self.key, &shared.owner, shared.settings.lease).await;
            match asked.map_err(SessionError::store)? {
                Acquired::Held(lease) => {
                    let Some(wait) = self.crowded() else {
                        return Ok(Some((slot, lease)));
                    };
                    // A lease may not last as long as this.
                    let _ = shared.store.release(&self.key, &lease).await;
                    shared.clock.sleep(wait).await;
                    continue;
                }
                Acquired::Busy { at_most } if !patient => {
                    let pause = at_most.unwrap_or(shared.settings.lease);
                    self.look_again(Some(shared.clock.monotonic().saturating_add(pause)));
                    return Ok(None);
                }
                // Grants whose leases others hold, or have died with, keep nobody else waiting.
                Acquired::Busy { .. } => drop(slot),
            }
            if waited > shared.settings.exchange_limit.saturating_mul(2) {
                return Err(SessionError::busy());
            }
            // Not all who wait ask at the same moment.
            let pause = wait.mul_f64(0.5 + fastrand::f64() / 2.0);
            shared.clock.sleep(pause).await;
            waited += pause;
            wait = (wait * 2).min(longest);
            let snapshot = self.look().await?;
            if self.take_over(&snapshot, need)? {
                return Ok(None);
            }
            slot = self.slot().await?;
        }
    }

    /// Holds the lease: reads again, journals, sends, commits, and asks again where the contract allows it.
    async fn under_lease(&self, lease: &Lease, need: Need) -> Outcome {
        let policy = Policy {
            in_doubt: need.in_doubt.unwrap_or(self.shared.settings.in_doubt),
            decided: need.in_doubt.is_some(),
        };
        let mut gambled = false;
        loop {
            let snapshot = self.look().await?;
            if self.take_over(&snapshot, need)? {
                return Ok(());
            }
            let entry = match self.next_entry(&snapshot, lease, policy, gambled) {
                Next::Send { entry, gamble } => {
                    gambled |= gamble;
                    entry
                }
                Next::Wait { since } => {
                    return Err(SessionError::in_doubt(since, None));
                }
                Next::GiveUp(entry) => return self.give_up(&snapshot, lease, entry).await,
            };
            let watch = self.watch(&entry);
            match watch.over(self.exchange(snapshot, lease, entry)).await? {
                Sent::Renewed => return Ok(()),
                // Whether it may be sent again is for the journal to say.
                Sent::InDoubt { error, again } => {
                    let may_repeat =
                        again.is_some() || (policy.in_doubt != InDoubt::Keep && !gambled);
                    if !may_repeat {
                        return Err(error);
                    }
                    self.shared.clock.sleep(again.unwrap_or_default()).await;
                }
            }
        }
    }

    /// When the grant needs its next refresh though nobody asks.
    pub(super) fn due_of(&self, record: &Record, before: Option<&Record>) -> Option<SystemTime> {
        let settings = &self.shared.settings;
        schedule::keep_alive(&P::FACTS, settings, record, before, fastrand::f64())
    }

    /// Remembers a failure, and when to try again.
    fn remember(&self, error: &SessionError, need: Need) {
        let shared = &self.shared;
        let (told, until) = {
            let mut inner = self.inner();
            let before = inner.trouble.take();
            let failures = before.as_ref().map_or(1, |trouble| trouble.failures + 1);
            let told = before.is_some_and(|trouble| trouble.error.kind() == error.kind());
            let wait = self.wait_after(error, failures);
            let until = shared.clock.monotonic().saturating_add(wait);
            inner.trouble = Some(Box::new(Trouble { error: error.clone(), until, failures }));
            (told, until)
        };
        if let Class::RateLimited { after: Some(after) } = error.class() {
            shared.hold_off(after);
        }
        match error.kind() {
            SessionErrorKind::SignInNeeded(how) if !told => {
                shared.tell(&self.key, EventKind::SignInNeeded(how));
            }
            SessionErrorKind::InDoubt(since) if !told => {
                shared.tell(&self.key, EventKind::InDoubt { since });
            }
            SessionErrorKind::SignInNeeded(_)
            | SessionErrorKind::InDoubt(_)
            | SessionErrorKind::Unsaved(_) => {}
            _ => shared.tell(&self.key, EventKind::Failed(error.clone())),
        }
        let over =
            matches!(error.kind(), SessionErrorKind::SignInNeeded(_) | SessionErrorKind::NoGrant);
        if need.upkeep && !over {
            self.look_again(Some(until));
        }
    }

    /// How long nothing is tried after so many failures in a row.
    fn wait_after(&self, error: &SessionError, failures: u32) -> Duration {
        let settings = &self.shared.settings;
        let mut steps = ExponentialBuilder::default()
            .with_min_delay(settings.backoff)
            .with_max_delay(settings.longest_backoff)
            .with_factor(2.0)
            .without_max_times()
            .build();
        let step = usize::try_from(failures.saturating_sub(1).min(32)).unwrap_or(32);
        let wait = steps.nth(step).unwrap_or(settings.longest_backoff);
        let wait = wait.min(LONGEST_WAIT).mul_f64(1.0 + fastrand::f64() / 4.0);
        let wait = match error.kind() {
            SessionErrorKind::NoGrant | SessionErrorKind::SignInNeeded(_) => wait.min(LOOK_AGAIN),
            _ => wait,
        };
        let asked = match error.class() {
            Class::RateLimited { after } => after,
            _ => error.exchange().and_then(crate::Error::retry_after),
        };
        wait.max(asked.unwrap_or_default())
    }
}
