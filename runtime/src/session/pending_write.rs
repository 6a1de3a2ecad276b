//! What an exchange has to write into the store, and how it is written although other processes may have written meanwhile.

use std::time::SystemTime;

use super::cached_token::Origin;
use super::provider::Renewable;
use super::shared::Shared;
use crate::store::{Acquired, InFlight, Key, Record, Snapshot, Store, StoreError, StoreErrorKind};

/// A write that belongs to an exchange. Where the store does not take it, the session keeps it and tries again.
#[derive(Debug)]
pub(crate) enum PendingWrite {
    /// The result of the exchange. `spent` is when the tokens that it spent had been issued.
    Commit { entry: InFlight, record: Record, origin: Origin, spent: SystemTime },
    /// The exchange spent nothing.
    Abandon { entry: InFlight },
}

/// What came of a write.
pub(crate) enum Written {
    Stored,
    /// The store holds something newer, which makes this write superfluous; `None` where the grant was removed.
    Overtaken(Option<Snapshot>),
}

impl PendingWrite {
    pub async fn write<P: Renewable>(
        &self,
        shared: &Shared<P>,
        key: &Key,
    ) -> Result<Written, StoreError> {
        match self {
            Self::Commit { entry, record, spent, .. } => {
                commit(shared, key, entry, &storable::<P>(record), *spent).await
            }
            Self::Abandon { entry } => {
                shared.store.abandon(key, entry).await?;
                Ok(Written::Stored)
            }
        }
    }
}

async fn commit<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    entry: &InFlight,
    record: &Record,
    spent: SystemTime,
) -> Result<Written, StoreError> {
    match shared.store.commit(key, entry, record).await {
        Ok(()) => Ok(Written::Stored),
        Err(error) if is_outdated(error.kind()) => {
            commit_anew(shared, key, entry, record, spent).await
        }
        Err(error) => Err(error),
    }
}

/// Commits although the journal holds another entry. There are two cases:
///
/// * The generation has moved on: another session has signed in, or has sent the request again and committed. Its tokens are
///   newer, and this write is dropped. The same holds where the stored tokens were not issued when the spent ones were: the
///   grant was removed and put again, so its generations began anew.
/// * The generation is the same: the other session has journaled an exchange and has no answer yet. The tokens at hand are as
///   good as those that it waits for, so they are written under a lease and an entry of this session.
async fn commit_anew<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    entry: &InFlight,
    record: &Record,
    spent: SystemTime,
) -> Result<Written, StoreError> {
    let store = &shared.store;
    let Some(snapshot) = store.read(key).await? else {
        return Ok(Written::Overtaken(None));
    };
    let stored = &snapshot.record;
    if stored.generation != entry.generation || stored.issued_at != spent {
        return Ok(Written::Overtaken(Some(snapshot)));
    }
    let Acquired::Held(lease) = store.acquire(key, &shared.owner, shared.settings.lease).await?
    else {
        return Err(StoreErrorKind::Unavailable.into());
    };
    let ours = InFlight { fence: lease.fence, ..entry.clone() };
    let written = match store.begin(key, &lease, &ours).await {
        Ok(()) => store.commit(key, &ours, record).await,
        Err(error) => Err(error),
    };
    // A lease that cannot be released ends by itself.
    let _ = store.release(key, &lease).await;
    match written {
        Ok(()) => Ok(Written::Stored),
        // The store has changed in between: the next try finds out how.
        Err(error) if is_outdated(error.kind()) => Err(StoreErrorKind::Unavailable.into()),
        Err(error) => Err(error),
    }
}

/// The part of a record that is stored. A single-use access token is left out: a process that read it could not know whether
/// another has used it. It stays where the next exchange needs it.
pub(crate) fn storable<P: Renewable>(record: &Record) -> Record {
    let mut stored = record.clone();
    if P::FACTS.access_token_single_use {
        let without = record.grant.clone().without_access_token();
        if P::credential(&without).is_some() {
            stored.grant = without;
        }
    }
    stored
}

/// Whether the store refused a write because it has changed.
fn is_outdated(kind: StoreErrorKind) -> bool {
    matches!(kind, StoreErrorKind::Conflict | StoreErrorKind::Missing)
}
