//! The leases that a handle holds.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::task::AbortHandle;

use super::lock::Locked;
use crate::clock::Clock;
use crate::store::{Fence, Key, Lease};

/// The leases of one handle and its copies.
pub(super) struct Leases {
    held: Mutex<HashMap<Key, Held>>,
    /// Where a lock file is gone, and the count of fences with it: a lease on the new one has another fence than any that is still in
    /// somebody's hands.
    highest_fence: AtomicU64,
    clock: Arc<dyn Clock>,
}

/// One of them. The lock is let go when this is dropped.
struct Held {
    lock: Locked,
    fence: Fence,
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
        Arc::new(Self { held: Mutex::default(), highest_fence: AtomicU64::new(0), clock })
    }

    /// Keeps a lease that was just taken, and sees to it that it ends in time.
    pub(super) fn keep(self: &Arc<Self>, key: &Key, lock: Locked, fence: Fence, ttl: Duration) {
        let until = self.clock.monotonic().saturating_add(ttl);
        self.highest_fence.fetch_max(fence.0, Ordering::Relaxed);
        // Taken before the watch begins, which would not find the lease otherwise.
        let mut held = self.lock();
        let watch = self.watch(key, fence);
        let lease = Held { lock, fence, until, watch };
        held.insert(key.clone(), lease);
    }

    /// Ends a lease in time.
    fn watch(self: &Arc<Self>, key: &Key, fence: Fence) -> AbortHandle {
        tokio::spawn(watch(Arc::downgrade(self), key.clone(), fence)).abort_handle()
    }

    /// How long the lease is still held; `None` when it is not, which lets its lock go. Where the file of the lock was removed or
    /// replaced, another process may hold it by now.
    fn left(&self, key: &Key, fence: Fence) -> Option<Duration> {
        let now = self.clock.monotonic();
        let mut held = self.lock();
        let found = held.get(key).filter(|held| held.fence == fence)?;
        if found.until > now && found.lock.holds() {
            return Some(found.until - now);
        }
        held.remove(key);
        None
    }

    pub(super) fn holds(&self, key: &Key, lease: &Lease) -> bool {
        self.left(key, lease.fence).is_some()
    }

    /// The highest fence of any lease that was held here; 0 where none was.
    pub(super) fn highest_fence(&self) -> u64 {
        self.highest_fence.load(Ordering::Relaxed)
    }

    /// Lets a lease go that has ended, if its watch has not got to it yet.
    pub(super) fn expire(&self, key: &Key) {
        let fence = self.lock().get(key).map(|held| held.fence);
        if let Some(fence) = fence {
            self.left(key, fence);
        }
    }

    /// Prolongs a lease; `false` when it is not held.
    pub(super) fn renew(self: &Arc<Self>, key: &Key, lease: &Lease, ttl: Duration) -> bool {
        let now = self.clock.monotonic();
        match self.lock().get_mut(key) {
            Some(held) if held.fence == lease.fence && now < held.until && held.lock.holds() => {
                held.until = now.saturating_add(ttl);
                // The watch may be asleep until later than that.
                let watch = self.watch(key, lease.fence);
                std::mem::replace(&mut held.watch, watch).abort();
                true
            }
            _ => false,
        }
    }

    pub(super) fn release(&self, key: &Key, lease: &Lease) {
        let mut held = self.lock();
        if held.get(key).is_some_and(|held| held.fence == lease.fence) {
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
async fn watch(leases: Weak<Leases>, key: Key, fence: Fence) {
    loop {
        let Some((left, clock)) = leases.upgrade().and_then(|leases| {
            let left = leases.left(&key, fence)?;
            Some((left, Arc::clone(&leases.clock)))
        }) else {
            return;
        };
        clock.sleep(left.min(clock.longest_sleep())).await;
    }
}
