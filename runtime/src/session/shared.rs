//! What all sessions of one provider share: the client, its transport, the store, and the limits.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast};

use super::activity::{Activity, Unfinished};
use super::breaker::{Breaker, Ending};
use super::deadline_queue::DeadlineQueue;
use super::event::{Event, EventKind};
use super::executor::Executor;
use super::mint;
use super::provider::{ErasedTransport, Renewable};
use super::rate::{RateLimit, Turn};
use super::settings::Settings;
use super::timeline::{Clocks, Moment, Timeline};
use crate::clock::Clock;
use crate::grant::Grant;
use crate::store::{Key, Rate, Reserved, SharedStore, Store, StoreError};

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
    /// When the sessions were made, on the monotonic clock.
    pub began: Duration,
    /// Who this process is, in leases and journals.
    pub owner: Arc<str>,
    /// One for each exchange that may be out at a time. Waiters are served in order.
    pub permits: Arc<Semaphore>,
    rate: RateLimit,
    /// When the next exchange of each rate may begin that the store does not keep, on the monotonic clock.
    rates: Mutex<HashMap<String, Reserved>>,
    /// Held by the one attempt that waits for the rate limit: the others wait for it, in order.
    rate_turn: Semaphore,
    /// Whether the provider is believed when it says that grants have ended.
    breaker: Mutex<Breaker>,
    pub events: broadcast::Sender<Event>,
    pub deadlines: Arc<DeadlineQueue>,
    pub executor: Arc<dyn Executor>,
    pub activity: Arc<Activity>,
    due: Mutex<VecDeque<Arc<dyn DueGrant>>>,
    /// Wakes the background refresher.
    pub due_changed: Arc<Notify>,
    /// Wakes what looks for due grants in the store.
    pub sweep_now: Arc<Notify>,
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
    pub rate: RateLimit,
    pub deadlines: Arc<DeadlineQueue>,
    pub executor: Arc<dyn Executor>,
    pub activity: Arc<Activity>,
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
            began: parts.clock.monotonic(),
            clock: parts.clock,
            permits: Arc::new(Semaphore::new(permits(&parts.settings))),
            settings: parts.settings,
            timeline: Timeline::default(),
            owner: parts.owner,
            rate: parts.rate,
            rates: Mutex::default(),
            rate_turn: Semaphore::new(1),
            breaker: Mutex::default(),
            events: broadcast::Sender::new(EVENTS),
            deadlines: parts.deadlines,
            executor: parts.executor,
            activity: parts.activity,
            due: Mutex::default(),
            due_changed: Arc::default(),
            sweep_now: Arc::default(),
            held_off_until: AtomicU64::new(0),
        })
    }

    /// This moment, on both clocks.
    pub fn moment(&self) -> Moment {
        Moment::now(&*self.clock)
    }

    /// This moment, by the clock of what is stored and by the provider's.
    pub fn clocks(&self) -> Clocks {
        self.timeline.at(self.moment())
    }

    /// What time it is by the clock of what is stored: what is due is told by it.
    pub fn now(&self) -> SystemTime {
        self.clocks().machine
    }

    /// Asks the store what time it is, every now and then. What it does not say is no failure: what was known goes on.
    pub async fn learn_time_of_store(&self) {
        let began = self.clock.monotonic();
        if self.timeline.store_is_due(began)
            && let Ok(shows) = self.store.now().await
        {
            self.timeline.learn_store(shows, began, self.clock.monotonic());
        }
    }

    /// Sends an event of one grant to telemetry and to all listeners.
    pub fn emit(&self, key: &Key, kind: EventKind) {
        self.send(Event { key: Some(key.clone()), kind });
    }

    /// Sends an event of the provider's grants as a whole.
    pub fn emit_of_all(&self, kind: EventKind) {
        self.send(Event { key: None, kind });
    }

    fn send(&self, event: Event) {
        super::telemetry::event(P::ID, &event);
        // It fails when there is no listener.
        let _ = self.events.send(event);
    }

    /// What the client makes, where requests of this grant go. The store is not trusted with that: the client holds what is kept against its
    /// contract.
    pub fn at_home<T>(&self, key: &Key, grant: &Grant, make: impl FnOnce(&P) -> T) -> T {
        match self.client.for_grant(grant) {
            Ok(Some(moved)) => make(&moved),
            Ok(None) => make(&self.client),
            Err(deviation) => {
                self.emit(key, EventKind::Deviation(deviation));
                make(&self.client)
            }
        }
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

    /// Whether there is a rate limit.
    pub fn is_rate_limited(&self) -> bool {
        !self.rate.is_none()
    }

    /// When the rate limit allows one more exchange.
    pub async fn turn(&self) -> Result<Turn, StoreError> {
        self.rate.turn(&self.store, P::ID).await
    }

    /// Reserves one mint or one refresh of a grant, for all processes that share the store, or for this one alone where the store keeps no rates.
    /// Returns how long to wait before it begins.
    pub async fn reserve_of(
        &self,
        key: &Key,
        rate: Rate,
        mints: bool,
    ) -> Result<Duration, StoreError> {
        let name = mint::rate_name(key, mints);
        if self.store.keeps_rates() {
            return self.store.reserve(&name, rate).await;
        }
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = rates.entry(name).or_default();
        let (wait, reserved) = rate.reserve(*kept, self.clock.monotonic());
        *kept = reserved;
        Ok(wait)
    }

    /// Waits until the rate limit allows one more exchange, and counts it.
    pub async fn wait_for_rate(&self) -> Result<(), StoreError> {
        if self.rate.is_none() {
            return Ok(());
        }
        // The turn is never closed.
        let _turn = self.rate_turn.acquire().await;
        loop {
            match self.turn().await? {
                Turn::Now => return Ok(()),
                Turn::In(wait) => {
                    self.clock.sleep(wait).await;
                    return Ok(());
                }
                Turn::AskAgain(wait) => self.clock.sleep(wait).await,
            }
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An exchange brought new tokens: the provider may be believed again when it says that grants have ended.
    pub fn count_renewal(&self) {
        let believed = self.breaker().renewed(self.clock.monotonic());
        if believed {
            self.emit_of_all(EventKind::EndingsBelieved);
        }
    }

    /// Whether the provider is believed, which says that this grant has ended. If not, it is kept.
    pub fn believes_ending(&self, key: &Key) -> bool {
        let number = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        let ending = self.breaker().refused(self.clock.monotonic(), number);
        match ending {
            Ending::Believed => return true,
            Ending::Held { first: true, refused } => {
                self.emit_of_all(EventKind::EndingsHeld { refused });
            }
            Ending::Held { .. } => {}
        }
        super::telemetry::ending_held(P::ID);
        false
    }

    /// Whether no grant is ended now, although the provider says so of many.
    pub fn holds_endings(&self) -> bool {
        self.breaker().holds()
    }

    /// An operator says that the provider is right.
    pub fn believe_endings(&self) {
        let held = self.breaker().believe();
        if held {
            self.emit_of_all(EventKind::EndingsBelieved);
        }
    }

    /// Lets nothing more begin, and waits until what was begun has ended: see [`Pool::close`](super::Pool::close).
    pub async fn close(&self, limit: Duration) -> Unfinished {
        self.activity.close(limit, &*self.clock).await
    }

    /// Hands a grant to the background refresher.
    pub fn enqueue(&self, grant: Arc<dyn DueGrant>) {
        if self.activity.is_closed() {
            return;
        }
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
        // The tasks in the background find that there are no sessions any more, and end.
        self.due_changed.notify_one();
        self.sweep_now.notify_one();
    }
}
