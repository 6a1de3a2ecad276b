//! A store behind one pointer: sessions do not carry its type.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Acquired, InFlight, Key, Lease, Record, Snapshot, Store, StoreError};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// [`Store`], with futures in boxes.
trait Erased: Send + Sync + 'static {
    fn read<'a>(&'a self, key: &'a Key) -> Boxed<'a, Option<Snapshot>>;
    fn put<'a>(&'a self, key: &'a Key, record: &'a Record) -> Boxed<'a, u64>;
    fn remove<'a>(&'a self, key: &'a Key) -> Boxed<'a, ()>;
    fn acquire<'a>(&'a self, key: &'a Key, owner: &'a str, ttl: Duration) -> Boxed<'a, Acquired>;
    fn renew<'a>(&'a self, key: &'a Key, lease: &'a Lease, ttl: Duration) -> Boxed<'a, ()>;
    fn release<'a>(&'a self, key: &'a Key, lease: &'a Lease) -> Boxed<'a, ()>;
    fn begin<'a>(&'a self, key: &'a Key, lease: &'a Lease, entry: &'a InFlight) -> Boxed<'a, ()>;
    fn commit<'a>(&'a self, key: &'a Key, entry: &'a InFlight, record: &'a Record)
    -> Boxed<'a, ()>;
    fn abandon<'a>(&'a self, key: &'a Key, entry: &'a InFlight) -> Boxed<'a, ()>;
    fn due<'a>(
        &'a self,
        provider: &'a str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Boxed<'a, Vec<Key>>;
}

impl<S: Store> Erased for S {
    fn read<'a>(&'a self, key: &'a Key) -> Boxed<'a, Option<Snapshot>> {
        Box::pin(Store::read(self, key))
    }
    fn put<'a>(&'a self, key: &'a Key, record: &'a Record) -> Boxed<'a, u64> {
        Box::pin(Store::put(self, key, record))
    }
    fn remove<'a>(&'a self, key: &'a Key) -> Boxed<'a, ()> {
        Box::pin(Store::remove(self, key))
    }
    fn acquire<'a>(&'a self, key: &'a Key, owner: &'a str, ttl: Duration) -> Boxed<'a, Acquired> {
        Box::pin(Store::acquire(self, key, owner, ttl))
    }
    fn renew<'a>(&'a self, key: &'a Key, lease: &'a Lease, ttl: Duration) -> Boxed<'a, ()> {
        Box::pin(Store::renew(self, key, lease, ttl))
    }
    fn release<'a>(&'a self, key: &'a Key, lease: &'a Lease) -> Boxed<'a, ()> {
        Box::pin(Store::release(self, key, lease))
    }
    fn begin<'a>(&'a self, key: &'a Key, lease: &'a Lease, entry: &'a InFlight) -> Boxed<'a, ()> {
        Box::pin(Store::begin(self, key, lease, entry))
    }
    fn commit<'a>(
        &'a self,
        key: &'a Key,
        entry: &'a InFlight,
        record: &'a Record,
    ) -> Boxed<'a, ()> {
        Box::pin(Store::commit(self, key, entry, record))
    }
    fn abandon<'a>(&'a self, key: &'a Key, entry: &'a InFlight) -> Boxed<'a, ()> {
        Box::pin(Store::abandon(self, key, entry))
    }
    fn due<'a>(
        &'a self,
        provider: &'a str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Boxed<'a, Vec<Key>> {
        Box::pin(Store::due(self, provider, until, places))
    }
}

/// Any store, shared: its copies are the same store.
#[derive(Clone)]
pub struct SharedStore(Arc<dyn Erased>);

impl SharedStore {
    /// Shares a store.
    pub fn new(store: impl Store) -> Self {
        Self(Arc::new(store))
    }
}

impl std::fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedStore(..)")
    }
}

impl Store for SharedStore {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        self.0.read(key).await
    }
    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        self.0.put(key, record).await
    }
    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.0.remove(key).await
    }
    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        self.0.acquire(key, owner, ttl).await
    }
    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        self.0.renew(key, lease, ttl).await
    }
    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        self.0.release(key, lease).await
    }
    async fn begin(&self, key: &Key, lease: &Lease, entry: &InFlight) -> Result<(), StoreError> {
        self.0.begin(key, lease, entry).await
    }
    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        self.0.commit(key, entry, record).await
    }
    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        self.0.abandon(key, entry).await
    }
    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        self.0.due(provider, until, places).await
    }
}
