//! A store that fails on command.

use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use crate::store::methods::store_methods;
use crate::store::{
    Acquired, Backlog, Cursor, EntryId, InFlight, Key, Lease, Page, Record, Snapshot, Store,
    StoreError, StoreErrorKind,
};

/// How an operation of [`Faulty`] fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails as [`StoreErrorKind::Unavailable`], and is not applied.
    NotApplied,
    /// It is applied, and fails as [`StoreErrorKind::Unavailable`]: the answer is lost.
    AnswerLost,
    /// It is not applied, and its future never ends: it can only be dropped.
    HangsBefore,
    /// It is applied, and its future never ends.
    HangsAfter,
    /// It panics, and is not applied.
    Panics,
    /// It is applied, and its answer stays away until [`Faulty::answer`].
    Late,
}

impl Fault {
    /// Those after which nothing is known.
    pub const ALL: [Self; 4] =
        [Self::NotApplied, Self::AnswerLost, Self::HangsBefore, Self::HangsAfter];

    /// Whether the operation is applied nevertheless.
    pub const fn applies(self) -> bool {
        matches!(self, Self::AnswerLost | Self::HangsAfter | Self::Late)
    }
}

/// A store whose operations fail as planned. Its copies share the store's plan.
///
/// A fault is planned for the operation of a number, counted from 0 whichever operations they are
/// (`Faulty::new(store).fail(2, Fault::AnswerLost)` is a store whose third operation is applied and does not say so), or for
/// the next operations of one kind. All others are passed on.
#[derive(Debug, Clone)]
pub struct Faulty<S> {
    inner: S,
    plan: Arc<Mutex<Plan>>,
    hangs: Arc<Notify>,
    late: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Plan {
    by_number: BTreeMap<usize, Fault>,
    /// How often the next operations of a kind fail, the earliest plan first.
    by_kind: Vec<(Operation, usize, Fault)>,
    /// Which operations were called, each with how often.
    calls: Vec<(Operation, usize)>,
}

impl Plan {
    fn calls(&self) -> usize {
        self.calls.iter().map(|(_, times)| times).sum()
    }

    fn count(&mut self, operation: Operation) {
        match self.calls.iter_mut().find(|(called, _)| *called == operation) {
            Some((_, times)) => *times += 1,
            None => self.calls.push((operation, 1)),
        }
    }
}

impl<S> Faulty<S> {
    /// The store, and no fault yet.
    pub fn new(inner: S) -> Self {
        Self { inner, plan: Arc::default(), hangs: Arc::default(), late: Arc::default() }
    }

    /// The same, where the operation of this number fails like this.
    #[must_use]
    pub fn fail(self, number: usize, fault: Fault) -> Self {
        self.plan().by_number.insert(number, fault);
        self
    }

    /// Lets the next `times` operations of a kind fail.
    pub fn fail_next(&self, operation: Operation, times: usize, fault: Fault) {
        self.plan().by_kind.push((operation, times, fault));
    }

    /// Forgets what was planned.
    pub fn clear(&self) {
        let mut plan = self.plan();
        plan.by_number.clear();
        plan.by_kind.clear();
    }

    /// How many operations were called so far.
    pub fn calls(&self) -> usize {
        self.plan().calls()
    }

    /// How many of them were of this kind.
    pub fn called(&self, operation: Operation) -> usize {
        let plan = self.plan();
        let called = plan.calls.iter().find(|(called, _)| *called == operation);
        called.map_or(0, |(_, times)| *times)
    }

    /// Ends when an operation hangs, at once where one does already. Of several waiters, one is told.
    pub async fn hangs(&self) {
        self.hangs.notified().await;
    }

    /// Lets the answer of one late operation through.
    pub fn answer(&self) {
        self.late.notify_one();
    }

    /// The store itself.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, operation: Operation) -> Option<Fault> {
        let mut plan = self.plan();
        let number = plan.calls();
        plan.count(operation);
        if let Some(fault) = plan.by_number.remove(&number) {
            return Some(fault);
        }
        let planned = &mut plan.by_kind;
        let place = planned.iter().position(|(planned, _, _)| *planned == operation)?;
        let (_, times, fault) = &mut planned[place];
        let fault = *fault;
        *times = times.saturating_sub(1);
        if *times == 0 {
            planned.remove(place);
        }
        Some(fault)
    }

    /// The operation, or the fault that is planned for it.
    async fn call<T>(
        &self,
        kind: Operation,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let Some(fault) = self.next(kind) else {
            return operation.await;
        };
        if fault == Fault::Late {
            let answer = operation.await;
            self.hangs.notify_one();
            self.late.notified().await;
            return answer;
        }
        if fault.applies() {
            // The answer that is lost may be an error.
            let _ = operation.await;
        }
        match fault {
            Fault::NotApplied | Fault::AnswerLost => {
                Err(StoreError::new(StoreErrorKind::Unavailable).with_detail("a planned fault"))
            }
            Fault::Panics => panic!("a planned panic"),
            Fault::HangsBefore | Fault::HangsAfter | Fault::Late => {
                self.hangs.notify_one();
                pending().await
            }
        }
    }
}

macro_rules! pass_on {
    ($($name:ident $operation:ident ($($lent:ident: $Lent:ty),*) ($($given:ident: $Given:ty),*) $returned:ty;)+) => {
        /// An operation of a store.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operation {
            $(#[doc = concat!("[`Store::", stringify!($name), "`].")] $operation,)+
        }

        impl<S: Store> Store for Faulty<S> {
            $(async fn $name(&self, $($lent: &$Lent,)* $($given: $Given),*) -> Result<$returned, StoreError> {
                self.call(Operation::$operation, self.inner.$name($($lent,)* $($given),*)).await
            })+
        }
    };
}
store_methods!(pass_on);
