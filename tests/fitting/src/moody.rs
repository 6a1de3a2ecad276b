//! A store that fails when it is told to.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use rekindle_runtime::store::{
    Acquired, InFlight, Key, Lease, MemoryStore, Record, Snapshot, Store, StoreError,
    StoreErrorKind,
};

/// A store in memory. While it is moody it can be neither read nor written. Its copies are the same store.
#[derive(Debug, Clone, Default)]
pub struct Moody {
    store: MemoryStore,
    reads: Arc<AtomicBool>,
    commits: Arc<AtomicBool>,
}

impl Moody {
    /// Lets reads fail, or no longer.
    pub fn fail_reads(&self, fail: bool) {
        self.reads.store(fail, Ordering::SeqCst);
    }

    /// Lets commits fail, or no longer.
    pub fn fail_commits(&self, fail: bool) {
        self.commits.store(fail, Ordering::SeqCst);
    }
}

fn unless(fails: &AtomicBool) -> Result<(), StoreError> {
    if fails.load(Ordering::SeqCst) {
        return Err(StoreErrorKind::Unavailable.into());
    }
    Ok(())
}

impl Store for Moody {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        unless(&self.reads)?;
        self.store.read(key).await
    }
    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        self.store.put(key, record).await
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
    async fn begin(&self, key: &Key, lease: &Lease, entry: &InFlight) -> Result<(), StoreError> {
        self.store.begin(key, lease, entry).await
    }
    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        unless(&self.commits)?;
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
}
