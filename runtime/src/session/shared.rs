//! What all sessions of one provider share: the client, its transport, the store, and the limits.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast};

use super::deadline_queue::DeadlineQueue;
use super::event::{Event, EventKind};
use super::executor::Executor;
use super::provider::{ErasedTransport, Renewable};
use super::settings::Settings;
use super::timeline::{Clocks, Moment, Timeline};
use crate::clock::Clock;
use crate::store::{Key, SharedStore};

/// A grant that is due and waits for the background refresher.
pub(crate) trait DueGrant: Send + Sync {
    /// Starts a refresh, if it is still due, and keeps `slot` until it has ended.
    fn refresh(self: Arc<Self>, slot: OwnedSemaphorePermit);
}

/// What all sessions of one provider share.
pub(crate) struct Shared<P: Renewable> {
    pub client: P,
    pub transport: Box<dyn ErasedTransport>,
    pub store: SharedStore,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub timeline: Timeline,
    /// Who this process is, in leases and journals.
    pub owner: Arc<str>,
    /// One for each exchange that may be out at a time. Waiters are served in order.
    pub permits: Arc<Semaphore>,
    #[cfg(feature = "rate-limit")]
    rate: Option<governor::DefaultDirectRateLimiter>,
    pub events: broadcast::Sender<Event>,
    pub deadlines: Arc<DeadlineQueue>,
    pub executor: Arc<dyn Executor>,
    due: Mutex<VecDeque<Arc<dyn DueGrant>>>,
    /// Wakes the background refresher.
    pub due_changed: Arc<Notify>,
    /// Until when the provider asked this client to wait, in milliseconds of the monotonic clock.
    held_off_until: AtomicU64,
}

/// The parts of [`Shared`] that the builder chooses.
pub(crate) struct Parts<P> {
    pub client: P,
    pub transport: Box<dyn ErasedTransport>,
    pub store: SharedStore,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub owner: Arc<str>,
    #[cfg(feature = "rate-limit")]
    pub rate: Option<governor::DefaultDirectRateLimiter>,
    pub deadlines: Arc<DeadlineQueue>,
    pub executor: Arc<dyn Executor>,
}

/// How many exchanges may be out at a time: at least one, and no more than can be counted.
pub(crate) fn permits(settings: &Settings) -> usize {
    settings.concurrency.clamp(1, 1 << 24)
}

/// How many events are kept for a slow listener.
const EVENTS: usize = 256;

impl<P: Renewable> Shared<P> {
    pub fn new(parts: Parts<P>) -> Arc<Self> {
        Arc::new(Self {
            client: parts.client,
            transport: parts.transport,
            store: parts.store,
            clock: parts.clock,
            permits: Arc::new(Semaphore::new(permits(&parts.settings))),
            settings: parts.settings,
            timeline: Timeline::default(),
            owner: parts.owner,
            #[cfg(feature = "rate-limit")]
            rate: parts.rate,
            events: broadcast::Sender::new(EVENTS),
            deadlines: parts.deadlines,
            executor: parts.executor,
            due: Mutex::default(),
            due_changed: Arc::default(),
            held_off_until: AtomicU64::new(0),
        })
    }

    /// This moment, on both clocks.
    pub fn moment(&self) -> Moment {
        Moment::now(&*self.clock)
    }

    /// This moment, by the machine's clock and by the provider's.
    pub fn clocks(&self) -> Clocks {
        self.timeline.at(self.moment())
    }

    /// What time it is by the machine's clock: what is due is told by it.
    pub fn now(&self) -> SystemTime {
        self.clock.wall()
    }

    /// Sends an event to telemetry and to all listeners.
    pub fn emit(&self, key: &Key, kind: EventKind) {
        super::telemetry::event(P::ID, key, &kind);
        // It fails when there is no listener.
        let _ = self.events.send(Event { key: key.clone(), kind });
    }

    /// The provider asked to wait for `after`, which is bounded. It means the client, not one grant.
    pub fn hold_off(&self, after: Duration) {
        let until = self.clock.monotonic().saturating_add(after);
        let until = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        self.held_off_until.fetch_max(until, Ordering::AcqRel);
    }

    /// How much longer the provider asked to wait, if it did.
    pub fn held_off(&self) -> Option<Duration> {
        let until = Duration::from_millis(self.held_off_until.load(Ordering::Acquire));
        let left = until.saturating_sub(self.clock.monotonic());
        (!left.is_zero()).then_some(left)
    }

    /// How long to wait until the rate limit allows one more exchange; `None` where it does now, and counts one.
    #[cfg(feature = "rate-limit")]
    pub fn rate_limit_wait(&self) -> Option<Duration> {
        use governor::clock::Clock as _;
        let early = self.rate.as_ref()?.check().err()?;
        Some(early.wait_time_from(governor::clock::DefaultClock::default().now()))
    }

    #[cfg(not(feature = "rate-limit"))]
    pub fn rate_limit_wait(&self) -> Option<Duration> {
        None
    }

    /// Hands a grant to the background refresher.
    pub fn enqueue(&self, grant: Arc<dyn DueGrant>) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.push_back(grant);
        drop(due);
        self.due_changed.notify_one();
    }

    pub fn dequeue(&self) -> Option<Arc<dyn DueGrant>> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.pop_front()
    }
}

impl<P: Renewable> Drop for Shared<P> {
    fn drop(&mut self) {
        // The background refresher finds that there are no sessions any more, and ends.
        self.due_changed.notify_one();
    }
}
