//! What an exchange has to write into the store, and how it is written although other processes may have written meanwhile.

use std::cmp::Ordering;

use super::cached_token::{Issue, Origin};
use super::provider::Renewable;
use super::shared::Shared;
use crate::store::{
    Acquired, EntryId, InFlight, Key, Lease, Record, Snapshot, Store, StoreError, StoreErrorKind,
};

/// A write that belongs to an exchange. Where the store does not take it, the session keeps it and tries again.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are commits")]
pub(crate) enum PendingWrite {
    /// The result of the exchange. `spent` are the tokens that were stored when it was journaled.
    Commit { entry: InFlight, record: Record, origin: Origin, spent: Issue },
    /// The exchange spent nothing. `lease` is the one under which it was begun.
    Abandon { entry: InFlight, lease: Lease },
}

/// What came of a write.
pub(crate) enum Written {
    /// It is stored; a commit as this generation.
    Stored(u64),
    /// The store holds something newer, which makes this write superfluous; `None` where the grant was removed.
    Overtaken(Option<Box<Snapshot>>),
}

impl PendingWrite {
    /// The generation that its exchange spends.
    pub fn generation(&self) -> u64 {
        let (Self::Commit { entry, .. } | Self::Abandon { entry, .. }) = self;
        entry.generation
    }

    pub async fn write<P: Renewable>(
        &self,
        shared: &Shared<P>,
        key: &Key,
    ) -> Result<Written, StoreError> {
        match self {
            Self::Commit { entry, record, spent, .. } => {
                commit(shared, key, entry, &storable::<P>(record), *spent).await
            }
            Self::Abandon { entry, lease } => {
                abandon(shared, key, entry, lease).await?;
                Ok(Written::Stored(entry.generation))
            }
        }
    }
}

/// Ends the entry. Once the lease has ended, another session may have seen it and put the grant off for as long as nobody knows better:
/// then the grant is due again when its record says so.
async fn abandon<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    entry: &InFlight,
    lease: &Lease,
) -> Result<(), StoreError> {
    let (store, ttl) = (&shared.store, shared.settings.lease);
    let age = shared.now().duration_since(entry.started_at).unwrap_or_default();
    if age < ttl || store.renew(key, lease, ttl).await.is_ok() {
        return store.abandon(key, entry).await;
    }
    let known = store.read(key).await?.filter(|known| known.entry_id() == Some(entry.id));
    let Some(due) = known.and_then(|known| known.record.due) else {
        return store.abandon(key, entry).await;
    };
    // Who holds it now may be about to put the grant off.
    let Acquired::Held(lease) = store.acquire(key, &shared.owner, ttl).await? else {
        return Err(StoreErrorKind::Unavailable.into());
    };
    let abandoned = match store.postpone(key, &lease, due).await {
        Ok(()) => store.abandon(key, entry).await,
        Err(error) => Err(error),
    };
    // A lease that cannot be released ends by itself.
    let _ = store.release(key, &lease).await;
    abandoned
}

async fn commit<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    entry: &InFlight,
    record: &Record,
    spent: Issue,
) -> Result<Written, StoreError> {
    match shared.store.commit(key, entry, record).await {
        Ok(()) => Ok(Written::Stored(record.generation)),
        Err(error) if is_outdated(error.kind()) => {
            commit_anew(shared, key, entry, record, spent).await
        }
        Err(error) => Err(error),
    }
}

/// Commits although the journal holds another entry, or the record has changed, under a lease and an entry of this session; or drops
/// the write, where what is stored is newer ([`outlives`]).
async fn commit_anew<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    entry: &InFlight,
    record: &Record,
    spent: Issue,
) -> Result<Written, StoreError> {
    let store = &shared.store;
    let Some(snapshot) = store.read(key).await? else {
        return Ok(Written::Overtaken(None));
    };
    let stored = &snapshot.record;
    if !outlives(entry, spent, &snapshot) {
        return Ok(Written::Overtaken(Some(Box::new(snapshot))));
    }
    let Acquired::Held(lease) = store.acquire(key, &shared.owner, shared.settings.lease).await?
    else {
        return Err(StoreErrorKind::Unavailable.into());
    };
    let ours = InFlight {
        id: EntryId::of(&*shared.clock),
        generation: stored.generation,
        fence: lease.fence,
        ..entry.clone()
    };
    let written = match store.begin(key, &lease, &ours, snapshot.entry_id()).await {
        Ok(()) => store.commit(key, &ours, record).await,
        Err(error) => Err(error),
    };
    // A lease that cannot be released ends by itself.
    let _ = store.release(key, &lease).await;
    match written {
        Ok(()) => Ok(Written::Stored(ours.generation + 1)),
        // The store has changed in between: the next try finds out how.
        Err(error) if is_outdated(error.kind()) => Err(StoreErrorKind::Unavailable.into()),
        Err(error) => Err(error),
    }
}

/// Whether the tokens that the exchange of `entry` has brought, for the tokens `spent`, are to be written over what is
/// stored now:
///
/// * The stored tokens are those that it spent. Another session has journaled an exchange and has no answer yet: these tokens are as
///   good as those that it waits for. Or it has given the grant up, or was refused: these tokens are better than none. But where this
///   exchange had stored its refresh token before, and nothing was sent under its last entry, another exchange spends that one.
/// * The store has gone back to older ones: these are all that is left.
///
/// Otherwise another session has signed in, or has sent the request again and committed: its tokens are newer. The same holds where
/// the grant was removed and put again, so that its generations began anew.
fn outlives(entry: &InFlight, spent: Issue, snapshot: &Snapshot) -> bool {
    let stored = &snapshot.record;
    let issue = Issue::of(stored);
    let spends = entry.attempt > 0;
    match stored.generation.cmp(&entry.generation) {
        Ordering::Less => issue.is_before(&spent),
        Ordering::Equal => issue == spent && (spends || snapshot.doubted().is_none()),
        Ordering::Greater => {
            let is_next = stored.generation == entry.generation + 1;
            issue == spent && stored.ended.is_some() && is_next && spends
        }
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
