//! A store whose disk is full for a moment.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use rekindle_runtime::store::{
    Acquired, EntryId, InFlight, Key, Lease, Record, Snapshot, Store, StoreError, StoreErrorKind,
};

/// Fails the first write of what a refresh brought, as the peers' stores do; otherwise it is the store that it wraps.
pub struct FirstCommitFails<S> {
    store: S,
    fails: AtomicBool,
}

impl<S> FirstCommitFails<S> {
    /// Wraps `store`.
    pub fn new(store: S) -> Self {
        Self { store, fails: AtomicBool::new(true) }
    }
}

impl<S: Store> Store for FirstCommitFails<S> {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        self.store.read(key).await
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        self.store.put(key, record).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        self.store.create(key, record).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.store.remove(key).await
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        self.store.acquire(key, owner, ttl).await
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        self.store.renew(key, lease, ttl).await
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        self.store.release(key, lease).await
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        self.store.begin(key, lease, entry, replaces).await
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        if self.fails.swap(false, Ordering::Relaxed) {
            return Err(StoreErrorKind::Unavailable.into());
        }
        self.store.commit(key, entry, record).await
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        self.store.abandon(key, entry).await
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        self.store.due(provider, until, places).await
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        self.store.postpone(key, lease, until).await
    }
}
