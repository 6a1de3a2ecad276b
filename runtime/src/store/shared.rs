//! A store behind a pointer, so that its type is no parameter of sessions.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::methods::store_methods;
use super::{
    Acquired, Backlog, Cursor, EntryId, InFlight, Key, Lease, Page, Record, Snapshot, Store,
    StoreError, StoreErrorKind,
};
use crate::panics::caught;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A panic of the store says as little about the operation as an answer that is lost.
fn panicked() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable).with_detail("the store panicked")
}

/// Any store, shared: its copies are the same store. Where the store panics, the operation fails as
/// [`StoreErrorKind::Unavailable`].
#[derive(Clone)]
pub struct SharedStore(Arc<dyn BoxedStore>);

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

macro_rules! box_futures {
    ($($name:ident $_operation:ident ($($lent:ident: $Lent:ty),*) ($($given:ident: $Given:ty),*) $returned:ty;)+) => {
        /// [`Store`], with futures in boxes.
        trait BoxedStore: Send + Sync + 'static {
            $(fn $name<'a>(&'a self, $($lent: &'a $Lent,)* $($given: $Given),*) -> Boxed<'a, $returned>;)+
        }

        impl<S: Store> BoxedStore for S {
            $(fn $name<'a>(&'a self, $($lent: &'a $Lent,)* $($given: $Given),*) -> Boxed<'a, $returned> {
                Box::pin(async move {
                    // The call itself is others' code as well as the future that it returns.
                    let call = async { Store::$name(self, $($lent,)* $($given),*).await };
                    caught(call).await.unwrap_or_else(|_| Err(panicked()))
                })
            })+
        }

        impl Store for SharedStore {
            $(async fn $name(&self, $($lent: &$Lent,)* $($given: $Given),*) -> Result<$returned, StoreError> {
                self.0.$name($($lent,)* $($given),*).await
            })+
        }
    };
}
store_methods!(box_futures);
