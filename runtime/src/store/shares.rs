//! What is due, shared out: for stores that do it one grant at a time.

use std::time::{Duration, SystemTime};

use super::{Acquired, Key, Lease, Store, StoreError, StoreErrorKind};

/// How many grants are asked for at a time.
const PAGE: usize = 1024;

/// How many grants of a provider are due, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// How many there are, those included whose lease is held.
    pub due: u64,
    /// When the first of them was due; `None` where none is.
    pub oldest: Option<SystemTime>,
}

impl Backlog {
    /// So many grants, the first of which was due at `oldest`.
    pub fn new(due: u64, oldest: Option<SystemTime>) -> Self {
        Self { due, oldest }
    }
}

/// [`Store::acquire_due`], with a request for each grant.
pub(super) async fn acquire_due<S: Store + ?Sized>(
    store: &S,
    provider: &str,
    owner: &str,
    until: SystemTime,
    ttl: Duration,
    at_most: usize,
) -> Result<Vec<(Key, Lease)>, StoreError> {
    let mut held = Vec::new();
    let mut first = 0;
    while held.len() < at_most {
        let page = store.due(provider, until, first..first + PAGE).await?;
        let is_last = page.len() < PAGE;
        for key in page {
            match store.acquire(&key, owner, ttl).await {
                Ok(Acquired::Held(lease)) => held.push((key, lease)),
                Ok(Acquired::Busy { .. }) => {}
                // Removed since it was listed.
                Err(error) if error.kind() == StoreErrorKind::Missing => {}
                // What is held is of use, and the next call finds out whether the store is back.
                Err(_) if !held.is_empty() => return Ok(held),
                Err(error) => return Err(error),
            }
            if held.len() == at_most {
                return Ok(held);
            }
        }
        if is_last {
            break;
        }
        first += PAGE;
    }
    Ok(held)
}

/// [`Store::backlog`], by counting.
pub(super) async fn backlog<S: Store + ?Sized>(
    store: &S,
    provider: &str,
    until: SystemTime,
) -> Result<Backlog, StoreError> {
    let mut first = 0;
    let mut oldest = None;
    loop {
        let page = store.due(provider, until, first..first + PAGE).await?;
        if let (0, Some(key)) = (first, page.first()) {
            let known = store.read(key).await?;
            oldest = known.and_then(|known| known.record.due);
        }
        first += page.len();
        if page.len() < PAGE {
            return Ok(Backlog { due: u64::try_from(first).unwrap_or(u64::MAX), oldest });
        }
    }
}
