//! What all sessions of one provider share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, broadcast};

use super::core::Core;
use super::event::{Event, EventKind};
use super::keeper::Keeper;
use super::provider::{Carry, Renewable};
use super::settings::Settings;
use super::timeline::{Moment, Timeline};
use crate::clock::Clock;
use crate::store::{Key, SharedStore};

/// What all sessions of one provider share: the client, its way to the provider, the store, and what bounds them.
pub(crate) struct Shared<P: Renewable> {
    pub client: P,
    pub transport: Box<dyn Carry>,
    pub store: SharedStore,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub timeline: Timeline,
    /// Who this process is, in leases and journals.
    pub owner: Arc<str>,
    /// The exchanges that may be out at a time. Those who wait are served in order.
    pub permits: Arc<Semaphore>,
    #[cfg(feature = "rate-limit")]
    pub rate: Option<governor::DefaultDirectRateLimiter>,
    pub events: broadcast::Sender<Event>,
    pub keeper: Arc<Keeper>,
    pub executor: Handle,
    /// Grants that are due and wait for a permit.
    pub ready: Mutex<VecDeque<Arc<Core<P>>>>,
    pub ready_changed: Arc<Notify>,
    /// Until when the provider asked everybody to wait, in milliseconds of the monotonic clock.
    held_off_until: AtomicU64,
}

/// The parts of [`Shared`] that its makers choose.
pub(crate) struct Parts<P> {
    pub client: P,
    pub transport: Box<dyn Carry>,
    pub store: SharedStore,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub owner: Arc<str>,
    #[cfg(feature = "rate-limit")]
    pub rate: Option<governor::DefaultDirectRateLimiter>,
    pub keeper: Arc<Keeper>,
    pub executor: Handle,
}

/// However long a provider asks to wait: after this it is asked again.
const LONGEST_HOLD_OFF: Duration = Duration::from_secs(60 * 60);

/// How many exchanges may be out at a time: at least one, and no more than can be counted.
pub(crate) fn permits(settings: &Settings) -> usize {
    settings.concurrency.clamp(1, 1 << 24)
}

/// How many events wait for those who are slow to hear them.
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
            keeper: parts.keeper,
            executor: parts.executor,
            ready: Mutex::default(),
            ready_changed: Arc::default(),
            held_off_until: AtomicU64::new(0),
        })
    }

    /// This moment, on both clocks.
    pub fn moment(&self) -> Moment {
        Moment::now(&*self.clock)
    }

    /// What time it is for the provider.
    pub fn now(&self) -> SystemTime {
        self.timeline.at(self.moment())
    }

    /// Tells everybody who listens.
    pub fn tell(&self, key: &Key, kind: EventKind) {
        super::telemetry::event(P::ID, key, &kind);
        // Nobody listens: that is no failure.
        let _ = self.events.send(Event { key: key.clone(), kind });
    }

    /// The provider asked to wait for `after`: it means the client and not one grant.
    pub fn hold_off(&self, after: Duration) {
        let after = after.min(LONGEST_HOLD_OFF);
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

    /// Puts a grant in the queue of those that need a refresh though nobody waits.
    pub fn enqueue(&self, core: Arc<Core<P>>) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.push_back(core);
        drop(ready);
        self.ready_changed.notify_one();
    }

    pub fn dequeue(&self) -> Option<Arc<Core<P>>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.pop_front()
    }
}

impl<P: Renewable> Drop for Shared<P> {
    fn drop(&mut self) {
        // The provider's task looks around, finds nobody, and ends.
        self.ready_changed.notify_one();
    }
}
