//! A store that fails when it is told to.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use crate::store::{
    Acquired, InFlight, Key, Lease, Record, Snapshot, Store, StoreError, StoreErrorKind,
};

/// How an operation of [`Faulty`] fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails as [`StoreErrorKind::Unavailable`], and is not applied.
    NotApplied,
    /// It is applied, and fails as [`StoreErrorKind::Unavailable`]: the answer is lost.
    AnswerLost,
    /// It is not applied, and never ends: it can only be dropped.
    HangsBefore,
    /// It is applied, and never ends.
    HangsAfter,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::NotApplied, Self::AnswerLost, Self::HangsBefore, Self::HangsAfter];

    /// Whether the operation takes place all the same.
    pub const fn applies(self) -> bool {
        matches!(self, Self::AnswerLost | Self::HangsAfter)
    }
}

/// A store whose operations fail by a script.
///
/// Operations are counted from 0, whichever they are: `Faulty::new(store).fail(2, Fault::AnswerLost)` is a store whose third
/// operation takes place and does not say so. One that is not in the script is passed on.
#[derive(Debug)]
pub struct Faulty<S> {
    inner: S,
    state: Mutex<State>,
    hangs: Notify,
}

#[derive(Debug, Default)]
struct State {
    script: BTreeMap<usize, Fault>,
    /// How many operations were called.
    calls: usize,
}

impl<S> Faulty<S> {
    /// The store, and no fault yet.
    pub fn new(inner: S) -> Self {
        Self { inner, state: Mutex::default(), hangs: Notify::new() }
    }

    /// The same, where the operation of this number fails like this.
    #[must_use]
    pub fn fail(self, number: usize, fault: Fault) -> Self {
        self.plan(number, fault);
        self
    }

    /// Adds to the script of a store that is in use. Numbers count from the first operation of all.
    pub fn plan(&self, number: usize, fault: Fault) {
        self.state().script.insert(number, fault);
    }

    /// How many operations were called so far.
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// Ends when an operation hangs, at once where one does already. Of several who wait, one is told.
    pub async fn hangs(&self) {
        self.hangs.notified().await;
    }

    /// The store itself.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Fault> {
        let mut state = self.state();
        let number = state.calls;
        state.calls += 1;
        state.script.remove(&number)
    }

    /// The operation, or what the script has in place of it.
    async fn call<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let Some(fault) = self.next() else {
            return operation.await;
        };
        if fault.applies() {
            // An operation that fails by itself has an answer that can be lost as well.
            let _ = operation.await;
        }
        match fault {
            Fault::NotApplied | Fault::AnswerLost => {
                Err(StoreError::new(StoreErrorKind::Unavailable)
                    .with_detail("a fault of the script"))
            }
            Fault::HangsBefore | Fault::HangsAfter => {
                self.hangs.notify_one();
                pending().await
            }
        }
    }
}

impl<S: Store> Store for Faulty<S> {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        self.call(self.inner.read(key)).await
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        self.call(self.inner.put(key, record)).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.call(self.inner.remove(key)).await
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        self.call(self.inner.acquire(key, owner, ttl)).await
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        self.call(self.inner.renew(key, lease, ttl)).await
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        self.call(self.inner.release(key, lease)).await
    }

    async fn begin(&self, key: &Key, lease: &Lease, entry: &InFlight) -> Result<(), StoreError> {
        self.call(self.inner.begin(key, lease, entry)).await
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        self.call(self.inner.commit(key, entry, record)).await
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        self.call(self.inner.abandon(key, entry)).await
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        self.call(self.inner.due(provider, until, places)).await
    }
}
