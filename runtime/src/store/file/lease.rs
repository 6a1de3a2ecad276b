//! The leases that a handle holds.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::lock::Locked;
use crate::clock::Clock;
use crate::store::{EntryId, Key, Lease};

/// The leases of one handle and its copies.
pub(super) struct Leases {
    held: Mutex<HashMap<Key, Held>>,
    clock: Arc<dyn Clock>,
}

/// One of them. The lock is let go when this is dropped.
struct Held {
    lock: Locked,
    id: EntryId,
    until: Duration,
    watch: AbortHandle,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

impl Leases {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { held: Mutex::default(), clock })
    }

    /// Keeps a lease that was just taken, and sees to it that it ends in time.
    pub(super) fn keep(self: &Arc<Self>, key: &Key, lock: Locked, id: EntryId, ttl: Duration) {
        let until = self.clock.monotonic().saturating_add(ttl);
        // Taken before the watch begins, which would not find the lease otherwise.
        let mut held = self.lock();
        let watch = self.watch(key, id);
        let lease = Held { lock, id, until, watch };
        held.insert(key.clone(), lease);
    }

    /// Ends a lease in time.
    fn watch(self: &Arc<Self>, key: &Key, id: EntryId) -> AbortHandle {
        tokio::spawn(watch(Arc::downgrade(self), key.clone(), id)).abort_handle()
    }

    /// How long the lease is still held; `None` when it is not, which lets its lock go.
    fn left(&self, key: &Key, id: EntryId) -> Option<Duration> {
        let now = self.clock.monotonic();
        let mut held = self.lock();
        let found = held.get(key).filter(|held| held.id == id)?;
        if found.until > now {
            return Some(found.until - now);
        }
        held.remove(key);
        None
    }

    /// Whether a lease is held, whose lock is the file at `path`. One whose file was removed is lost.
    pub(super) fn holds(&self, key: &Key, lease: &Lease, path: &Path) -> bool {
        if self.left(key, lease.id).is_none() {
            return false;
        }
        let mut held = self.lock();
        let is_there = held.get(key).is_some_and(|held| held.lock.is_at(path));
        if !is_there {
            held.remove(key);
        }
        is_there
    }

    /// Lets a lease go that has ended, if its watch has not got to it yet.
    pub(super) fn expire(&self, key: &Key) {
        let id = self.lock().get(key).map(|held| held.id);
        if let Some(id) = id {
            self.left(key, id);
        }
    }

    /// Prolongs a lease; `false` when it is not held.
    pub(super) fn renew(
        self: &Arc<Self>,
        key: &Key,
        lease: &Lease,
        path: &Path,
        ttl: Duration,
    ) -> bool {
        if !self.holds(key, lease, path) {
            return false;
        }
        let until = self.clock.monotonic().saturating_add(ttl);
        match self.lock().get_mut(key) {
            Some(held) if held.id == lease.id => {
                held.until = until;
                // The watch may be asleep until later than that.
                let watch = self.watch(key, lease.id);
                std::mem::replace(&mut held.watch, watch).abort();
                true
            }
            _ => false,
        }
    }

    pub(super) fn release(&self, key: &Key, lease: &Lease) {
        let mut held = self.lock();
        if held.get(key).is_some_and(|held| held.id == lease.id) {
            held.remove(key);
        }
    }

    /// How many leases are held, for messages.
    pub(super) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a lease in time.
async fn watch(leases: Weak<Leases>, key: Key, id: EntryId) {
    loop {
        let Some((left, clock)) = leases.upgrade().and_then(|leases| {
            let left = leases.left(&key, id)?;
            Some((left, Arc::clone(&leases.clock)))
        }) else {
            return;
        };
        clock.sleep(left.min(clock.longest_sleep())).await;
    }
}
