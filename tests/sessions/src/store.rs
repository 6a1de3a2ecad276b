//! A store that fails when it is told to.

use rekindle_runtime::store::{
    Acquired, InFlight, Key, Lease, MemoryStore, Record, Snapshot, Store, StoreError,
    StoreErrorKind,
};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// What a store is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// [`Store::read`].
    Read,
    /// [`Store::begin`].
    Begin,
    /// [`Store::commit`].
    Commit,
    /// [`Store::abandon`].
    Abandon,
    /// [`Store::renew`].
    Renew,
    /// [`Store::remove`].
    Remove,
}

/// A store that cannot be reached now and then.
#[derive(Debug, Clone)]
pub struct Failing {
    store: MemoryStore,
    planned: Arc<Mutex<VecDeque<(Operation, bool)>>>,
}

impl Failing {
    /// The same store, as reachable as memory is.
    pub fn new(store: MemoryStore) -> Self {
        Self { store, planned: Arc::default() }
    }

    /// Lets the next `times` of an operation fail. With `applied` the write takes place and only its answer is lost.
    pub fn fail(&self, operation: Operation, times: usize, applied: bool) {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.extend(std::iter::repeat_n((operation, applied), times));
    }

    /// Forgets what was planned.
    pub fn calm(&self) {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.clear();
    }

    /// `Some` when the operation is to fail: whether it is applied all the same.
    fn fails(&self, operation: Operation) -> Option<bool> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let place = planned.iter().position(|(one, _)| *one == operation)?;
        planned.remove(place).map(|(_, applied)| applied)
    }

    async fn maybe<T>(
        &self,
        operation: Operation,
        act: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match self.fails(operation) {
            None => act.await,
            Some(applied) => {
                if applied {
                    act.await?;
                }
                Err(StoreErrorKind::Unavailable.into())
            }
        }
    }
}

impl Store for Failing {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        self.maybe(Operation::Read, self.store.read(key)).await
    }
    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        self.store.put(key, record).await
    }
    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.maybe(Operation::Remove, self.store.remove(key)).await
    }
    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        self.store.acquire(key, owner, ttl).await
    }
    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let act = self.store.renew(key, lease, ttl);
        self.maybe(Operation::Renew, act).await
    }
    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        self.store.release(key, lease).await
    }
    async fn begin(&self, key: &Key, lease: &Lease, entry: &InFlight) -> Result<(), StoreError> {
        let act = self.store.begin(key, lease, entry);
        self.maybe(Operation::Begin, act).await
    }
    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let act = self.store.commit(key, entry, record);
        self.maybe(Operation::Commit, act).await
    }
    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let act = self.store.abandon(key, entry);
        self.maybe(Operation::Abandon, act).await
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
