//! What a store of another crate tells the checks, and what they tell it.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use crate::store::{Store, StoreError};

/// How the checks reach a store.
pub trait Harness {
    /// The store.
    type Store: Store;

    /// Another handle on the same data, as another process would have.
    ///
    /// A lease is used only through the handle that acquired it.
    fn open(&self) -> impl Future<Output = Self::Store>;

    /// Lets so much time, or more, pass for leases: moves a virtual clock, or waits
    /// ([`Clock::sleep`](crate::clock::Clock::sleep)).
    fn pass(&self, time: Duration) -> impl Future<Output = ()>;

    /// How long those leases are that a check lets end. Long enough that a few operations fit in, short enough to wait for;
    /// 30 seconds unless told.
    fn ttl(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// What a store did wrong.
#[derive(Debug, Clone)]
pub struct Broken(pub(super) String);

/// What came of a check.
pub(super) type Outcome = Result<(), Broken>;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self(format!("the store failed: {error}"))
    }
}
