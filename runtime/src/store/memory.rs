//! Grants in memory: gone with the process.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use super::listing;
use super::record::next_generation;
use super::{
    Acquired, Backlog, Cursor, EntryId, Fence, InFlight, Key, Lease, Page, Rate, Record, Reserved,
    Snapshot, Store, StoreError, StoreErrorKind,
};
use crate::clock::{Clock, SystemClock};

/// Keeps grants in memory, for tests and for tokens that need not outlive the process. Its copies are the same store.
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    clock: Arc<dyn Clock>,
    /// When it was made, on both clocks.
    made: (SystemTime, Duration),
}

#[derive(Default)]
struct Inner {
    slots: HashMap<Key, Slot>,
    /// Of what is due, the earliest first.
    due: BTreeSet<(SystemTime, Key)>,
    /// When the next exchange of each provider may begin, on the monotonic clock.
    rates: HashMap<String, Reserved>,
}

struct Slot {
    snapshot: Snapshot,
    /// Its place in the order of what is due.
    due: Option<SystemTime>,
    /// The last acquisition, and until when it holds on the monotonic clock; `None` once released.
    fence: u64,
    lease: Option<(EntryId, Duration)>,
    /// When the first request of what is in flight was journaled, on the monotonic clock.
    begun: Duration,
    /// The entry of the exchange that brought the record.
    committed: Option<EntryId>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock::new()))
    }

    /// An empty store that goes by this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        let made = (clock.wall(), clock.monotonic());
        Self { inner: Arc::default(), clock, made }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Replaces what is kept of a grant, and keeps the order of what is due. `committed` is the exchange that did it, if one
    /// did: after signing in, no repeated commit may take the new grant for its own.
    fn set(&mut self, key: &Key, record: Record, committed: Option<EntryId>) {
        let (due, snapshot) = (record.due, Snapshot::new(record));
        match self.slots.get_mut(key) {
            Some(slot) => {
                slot.snapshot = snapshot;
                slot.committed = committed;
            }
            None => {
                self.slots.insert(key.clone(), Slot::new(snapshot));
            }
        }
        self.set_due(key, due);
    }

    /// Moves a grant in the order of what is due.
    fn set_due(&mut self, key: &Key, due: Option<SystemTime>) {
        let Some(slot) = self.slots.get_mut(key) else {
            return;
        };
        if let Some(before) = std::mem::replace(&mut slot.due, due) {
            self.due.remove(&(before, key.clone()));
        }
        if let Some(after) = due {
            self.due.insert((after, key.clone()));
        }
    }

    /// What is due of a provider, the earliest first.
    fn due(&self, provider: &str, until: SystemTime) -> impl Iterator<Item = &(SystemTime, Key)> {
        let due = self.due.iter().take_while(move |(due, _)| *due <= until);
        due.filter(move |(_, key)| key.provider() == provider)
    }
}

impl Slot {
    fn new(snapshot: Snapshot) -> Self {
        Self { snapshot, due: None, fence: 0, lease: None, begun: Duration::ZERO, committed: None }
    }

    /// Takes the lease, if it is free; else how much longer it is held.
    fn acquire(
        &mut self,
        owner: &str,
        id: EntryId,
        now: Duration,
        ttl: Duration,
    ) -> Result<Lease, Duration> {
        if let Some((_, until)) = self.lease
            && now < until
        {
            return Err(until - now);
        }
        self.fence += 1;
        self.lease = Some((id, now.saturating_add(ttl)));
        Ok(Lease { owner: owner.into(), fence: Fence(self.fence), id })
    }

    fn holds(&self, lease: &Lease, now: Duration) -> bool {
        self.lease.is_some_and(|(id, until)| id == lease.id && now < until)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("grants", &self.lock().slots.len())
            .finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    async fn now(&self) -> Result<Option<SystemTime>, StoreError> {
        // Nobody sets this one: it goes on from when the store was made, as long as the store lives.
        let (wall, monotonic) = self.made;
        Ok(wall.checked_add(self.clock.monotonic().saturating_sub(monotonic)))
    }

    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let now = self.clock.monotonic();
        let inner = self.lock();
        Ok(inner.slots.get(key).map(|slot| {
            let mut known = slot.snapshot.clone();
            if known.in_flight.is_some() {
                known.in_flight_for = now.saturating_sub(slot.begun);
            }
            known
        }))
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let mut inner = self.lock();
        let mut record = record.clone();
        record.generation = match inner.slots.get(key) {
            Some(slot) => next_generation(slot.snapshot.record.generation)?,
            None => 1,
        };
        let generation = record.generation;
        inner.set(key, record, None);
        Ok(generation)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if !inner.slots.contains_key(key) {
            inner.set(key, Record { generation: 1, ..record.clone() }, None);
        }
        Ok(())
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let mut inner = self.lock();
        inner.set_due(key, None);
        inner.slots.remove(key);
        Ok(())
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let now = self.clock.monotonic();
        let mut inner = self.lock();
        let slot = inner.slots.get_mut(key).ok_or(StoreErrorKind::Missing)?;
        Ok(match slot.acquire(owner, EntryId::of(&*self.clock), now, ttl) {
            Ok(lease) => Acquired::Held(lease),
            Err(left) => Acquired::Busy { at_most: Some(left) },
        })
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let now = self.clock.monotonic();
        let mut inner = self.lock();
        match inner.slots.get_mut(key) {
            Some(slot) if slot.holds(lease, now) => {
                slot.lease = Some((lease.id, now.saturating_add(ttl)));
                Ok(())
            }
            _ => Err(StoreErrorKind::LeaseLost.into()),
        }
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if let Some(slot) = inner.slots.get_mut(key)
            && slot.lease.is_some_and(|(id, _)| id == lease.id)
        {
            slot.lease = None;
        }
        Ok(())
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let now = self.clock.monotonic();
        let mut inner = self.lock();
        let slot = inner.slots.get_mut(key).filter(|slot| slot.holds(lease, now));
        let slot = slot.ok_or(StoreErrorKind::LeaseLost)?;
        let known = &mut slot.snapshot;
        if entry.may_begin(known.record.generation, known.entry_id(), replaces)? {
            known.in_flight = Some(entry.clone());
            if replaces.is_none() {
                slot.begun = now;
            }
        }
        Ok(())
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let slot = inner.slots.get(key).ok_or(StoreErrorKind::Missing)?;
        let (generation, journaled) = (slot.snapshot.record.generation, slot.snapshot.entry_id());
        let Some(next) = entry.commit_to(generation, journaled, slot.committed)? else {
            return Ok(());
        };
        let mut record = record.clone();
        record.generation = next;
        inner.set(key, record, Some(entry.id));
        Ok(())
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if let Some(slot) = inner.slots.get_mut(key)
            && slot.snapshot.entry_id() == Some(entry.id)
        {
            slot.snapshot.in_flight = None;
        }
        Ok(())
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        let inner = self.lock();
        let due = inner.due(provider, until).map(|(_, key)| key);
        Ok(due.skip(places.start).take(places.len()).cloned().collect())
    }

    async fn acquire_due(
        &self,
        provider: &str,
        owner: &str,
        until: SystemTime,
        ttl: Duration,
        at_most: usize,
    ) -> Result<Vec<(Key, Lease)>, StoreError> {
        let now = self.clock.monotonic();
        let mut inner = self.lock();
        let is_free = |key: &Key| {
            let lease = inner.slots.get(key).and_then(|slot| slot.lease);
            lease.is_none_or(|(_, until)| until <= now)
        };
        let due = inner.due(provider, until).map(|(_, key)| key);
        let free: Vec<Key> = due.filter(|key| is_free(key)).take(at_most).cloned().collect();
        let mut taken = Vec::with_capacity(free.len());
        for key in free {
            let id = EntryId::of(&*self.clock);
            let held = inner.slots.get_mut(&key).map(|slot| slot.acquire(owner, id, now, ttl));
            if let Some(Ok(lease)) = held {
                taken.push((key, lease));
            }
        }
        Ok(taken)
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let now = self.clock.monotonic();
        let mut inner = self.lock();
        let slot = inner.slots.get(key).filter(|slot| slot.holds(lease, now));
        let due = slot.ok_or(StoreErrorKind::LeaseLost)?.due;
        inner.set_due(key, due.map(|_| until));
        Ok(())
    }

    /// Nothing is sealed in memory.
    async fn reseal(&self, _: &Key) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<Page, StoreError> {
        let inner = self.lock();
        let after = listing::after(from.as_ref());
        let rest = inner.slots.keys().filter(|key| {
            key.provider() == provider && after.is_none_or(|after| key.subject() > after)
        });
        let mut rest: Vec<&Key> = rest.collect();
        // Of a million grants, those of one page alone are put in order.
        if at_most.saturating_add(1) < rest.len() {
            rest.select_nth_unstable(at_most);
            rest.truncate(at_most.saturating_add(1));
        }
        rest.sort_unstable();
        Ok(Page::in_order(rest.into_iter().cloned(), at_most))
    }

    fn keeps_rates(&self) -> bool {
        true
    }

    async fn reserve(&self, provider: &str, rate: Rate) -> Result<Duration, StoreError> {
        let now = self.clock.monotonic();
        let mut inner = self.lock();
        let kept = inner.rates.entry(provider.to_owned()).or_default();
        let (wait, reserved) = rate.reserve(*kept, now);
        *kept = reserved;
        Ok(wait)
    }

    async fn backlog(&self, provider: &str, until: SystemTime) -> Result<Backlog, StoreError> {
        let inner = self.lock();
        let mut due = inner.due(provider, until);
        let oldest = due.next().map(|(due, _)| *due);
        let others = u64::try_from(due.count()).unwrap_or(u64::MAX);
        Ok(Backlog::new(others + u64::from(oldest.is_some()), oldest))
    }
}
