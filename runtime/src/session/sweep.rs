//! Takes from the store what is due and no session of this process waits for: as many grants as there are free slots, and again as long
//! as there are more. Each comes with its lease, so that machines that share a store share the work.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::error::SessionError;
use super::event::EventKind;
use super::grant_state::GrantState;
use super::opened::Opened;
use super::provider::Renewable;
use super::rate::Turn;
use super::refresh_attempt::{Share, start_share};
use super::reminder::Reminder;
use super::settings::Upkeep;
use super::shared::Shared;
use super::telemetry;
use crate::clock::jitter;
use crate::store::{Store, StoreError, StoreErrorKind};

/// A process looks for the first time within this: what is due has been waiting for one.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait between two looks into the store.
const LONGEST_SWEEP: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Starts to look for due grants, unless they are refreshed when asked for only. It ends with the pool of which `opened` are the
/// sessions.
pub(super) fn start<P: Renewable>(shared: &Arc<Shared<P>>, opened: &Arc<Opened<P>>) {
    if shared.settings.upkeep == Upkeep::WhenAsked {
        return;
    }
    let sweeper = Sweeper {
        shared: Arc::downgrade(shared),
        opened: Arc::downgrade(opened),
        now: Arc::clone(&shared.sweep_now),
        failures: 0,
        failing: Reminder::default(),
        behind: Reminder::default(),
        counted: None,
    };
    shared.executor.spawn(Box::pin(sweeper.run()));
}

struct Sweeper<P: Renewable> {
    shared: Weak<Shared<P>>,
    opened: Weak<Opened<P>>,
    /// Wakes it.
    now: Arc<Notify>,
    /// How often in a row the store could not be asked.
    failures: u32,
    failing: Reminder<StoreErrorKind>,
    behind: Reminder<()>,
    /// When the backlog was counted, on the monotonic clock.
    counted: Option<Duration>,
}

impl<P: Renewable> Sweeper<P> {
    /// Looks until there are no sessions any more.
    async fn run(mut self) {
        // By chance, so that processes that start together do not ask at the same moment.
        let mut wait = self.shared.upgrade().map(|shared| FIRST.mul_f64(jitter(&*shared.clock)));
        while let Some(until_next) = wait {
            if self.wait(until_next).await.is_none() || self.sweep().await.is_none() {
                return;
            }
            wait = self.shared.upgrade().map(|shared| self.until_next(&shared));
        }
    }

    /// Waits, and no longer than until somebody wants a look at once; `None` when there are no sessions any more.
    async fn wait(&self, time: Duration) -> Option<()> {
        let over = self.shared.upgrade()?.clock.sleep(time);
        tokio::select! {
            biased;
            () = self.now.notified() => {}
            () = over => {}
        }
        (self.shared.strong_count() > 0).then_some(())
    }

    /// How long until the next look. After a failure it comes sooner, and less soon with each one that follows.
    fn until_next(&self, shared: &Shared<P>) -> Duration {
        let usual = shared.settings.sweep.min(LONGEST_SWEEP);
        let soon = 2_u32.saturating_pow(self.failures.saturating_sub(1));
        let time = match self.failures {
            0 => usual,
            _ => shared.settings.backoff.saturating_mul(soon).min(usual),
        };
        time.mul_f64(0.9 + jitter(&*shared.clock) / 5.0)
    }

    /// Takes what is due until there is no more, or the store cannot be asked; `None` when there are no sessions any more.
    async fn sweep(&mut self) -> Option<()> {
        loop {
            let slots = self.slots().await?;
            let (shared, opened) = (self.shared.upgrade()?, self.opened.upgrade()?);
            // Leases that are taken while the sessions close are given back before they have closed.
            let _look = shared.activity.begin()?;
            shared.learn_time_of_store().await;
            let slots = match slots {
                Ok(slots) => slots,
                Err(error) => {
                    self.failed(&shared, error);
                    return Some(());
                }
            };
            self.count_backlog(&shared).await;
            let asked = slots.len();
            let lease = shared.settings.lease;
            let taken = shared.store.acquire_due(P::ID, &shared.owner, shared.now(), lease, asked);
            let taken = match taken.await {
                Ok(taken) => taken,
                Err(error) => {
                    self.failed(&shared, error);
                    return Some(());
                }
            };
            self.succeeded(&shared);
            let found = taken.len();
            for ((key, lease), slot) in taken.into_iter().zip(slots) {
                let open = opened.get(&key);
                let grant = open.unwrap_or_else(|| GrantState::new(Arc::clone(&shared), key));
                start_share(&grant, Share { lease, slot }).await;
            }
            if found < asked {
                return Some(());
            }
        }
    }

    /// The slots that are free, at least one: it waits for that, and until the provider may be asked. Where there is a rate limit, one:
    /// the limit counts it, whether a grant is due or not.
    ///
    /// While the provider asks to wait, nothing is looked for, although the window of an exchange in doubt may close meanwhile. Which grants
    /// those are, only reading all that is due would show; and a window that is shorter than the time between two looks is not kept by
    /// looking. Who holds such a grant, or is asked for it, does not wait: [`closes_within`](super::in_doubt_policy::closes_within).
    async fn slots(&self) -> Option<Result<Vec<OwnedSemaphorePermit>, StoreError>> {
        let permits = Arc::clone(&self.shared.upgrade()?.permits);
        let mut slots = vec![Arc::clone(&permits).acquire_owned().await.ok()?];
        while let Some(left) = self.shared.upgrade()?.held_off() {
            self.wait(left).await?;
        }
        loop {
            let shared = self.shared.upgrade()?;
            match shared.turn().await {
                Ok(Turn::Now) if shared.is_rate_limited() => {}
                Ok(Turn::Now) => {
                    let more = std::iter::from_fn(|| Arc::clone(&permits).try_acquire_owned().ok());
                    slots.extend(more);
                }
                Ok(Turn::In(time)) => {
                    drop(shared);
                    self.wait_all(time).await?;
                }
                Ok(Turn::AskAgain(time)) => {
                    drop(shared);
                    self.wait(time).await?;
                    continue;
                }
                Err(error) => return Some(Err(error)),
            }
            return Some(Ok(slots));
        }
    }

    /// Waits for as long as this, whoever wants a look meanwhile; `None` when there are no sessions any more.
    async fn wait_all(&self, time: Duration) -> Option<()> {
        let until = self.shared.upgrade()?.clock.monotonic().saturating_add(time);
        loop {
            let left = until.saturating_sub(self.shared.upgrade()?.clock.monotonic());
            if left.is_zero() {
                return Some(());
            }
            self.wait(left).await?;
        }
    }

    fn failed(&mut self, shared: &Shared<P>, error: StoreError) {
        self.failures = self.failures.saturating_add(1);
        let kind = error.kind();
        telemetry::sweep_failed(P::ID, kind);
        if self.failing.is_news(shared.clock.monotonic(), kind) {
            shared.emit_of_all(EventKind::SweepFailed(SessionError::store(error)));
        }
    }

    fn succeeded(&mut self, shared: &Shared<P>) {
        self.failures = 0;
        if self.failing.is_over() {
            shared.emit_of_all(EventKind::SweepRecovered);
        }
    }

    /// Counts what is due, about as often as is looked, and tells when it is due for too long.
    async fn count_backlog(&mut self, shared: &Shared<P>) {
        let now = shared.clock.monotonic();
        let usual = shared.settings.sweep;
        if self.counted.is_some_and(|counted| now.saturating_sub(counted) < usual / 2) {
            return;
        }
        self.counted = Some(now);
        // That the store cannot be asked is told by the sweep itself.
        let Ok(backlog) = shared.store.backlog(P::ID, shared.now()).await else {
            return;
        };
        let since = |oldest| shared.now().duration_since(oldest).unwrap_or_default();
        let age = backlog.oldest.map(since).unwrap_or_default();
        telemetry::backlog(P::ID, backlog.due, age);
        match backlog.oldest.filter(|_| age > usual.saturating_mul(2)) {
            Some(oldest) if self.behind.is_news(now, ()) => {
                shared.emit_of_all(EventKind::Behind { due: backlog.due, oldest });
            }
            None if self.behind.is_over() => shared.emit_of_all(EventKind::CaughtUp),
            _ => {}
        }
    }
}
