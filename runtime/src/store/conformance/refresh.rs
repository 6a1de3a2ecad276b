//! A whole refresh as a session does it, the states that it may leave, and the next holder's refresh.

use super::fixture::{Fixture, begun, ensure, entry, has, text_of};
use super::{Broken, Harness};
use crate::store::{Acquired, InFlight, Key, Snapshot, Store, StoreError, StoreErrorKind};

/// How many operations of a store [`refresh`] calls.
pub(super) const STEPS: usize = 5;

/// Refreshes a grant that no other holder refreshes, to tokens of this text.
pub(super) async fn refresh<S: Store>(
    store: &S,
    key: &Key,
    ttl: std::time::Duration,
    text: &str,
) -> Result<(), StoreError> {
    let Acquired::Held(lease) = store.acquire(key, "first", ttl).await? else {
        return Err(StoreErrorKind::LeaseLost.into());
    };
    let Some(known) = store.read(key).await? else {
        return Err(StoreErrorKind::Missing.into());
    };
    let entry = entry(&lease, known.record.generation);
    store.begin(key, &lease, &entry, known.entry_id()).await?;
    // Here the request is sent and answered.
    store.commit(key, &entry, &super::fixture::record(text)).await?;
    store.release(key, &lease).await
}

/// What a refresh that ended somewhere may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing has happened.
    Old,
    /// The old generation, and the exchange is on record.
    Begun,
    /// The new generation, and nothing is in flight.
    New,
}

/// Which of the states it is, where the refresh went from generation 1 and `first` to 2 and `text`.
pub(super) fn state(known: &Snapshot, text: &str) -> Result<State, Broken> {
    let generation = known.record.generation;
    let journal = known.in_flight.as_ref();
    match (generation, text_of(&known.record), journal) {
        (1, Some("first"), None) => Ok(State::Old),
        (1, Some("first"), Some(entry)) if entry.generation == 1 => Ok(State::Begun),
        (2, Some(found), None) if found == text => Ok(State::New),
        (_, found, _) => Err(Broken(format!(
            "the refresh left generation {generation}, {} tokens, and {journal:?} in the journal",
            if found.is_some() { "whole" } else { "mixed" },
        ))),
    }
}

/// Another holder refreshes the grant, whatever was left, after leases have ended. Gives the entry of its exchange.
pub(super) async fn go_on<H: Harness>(
    fixture: &Fixture<'_, H>,
    store: &H::Store,
    key: &Key,
) -> Result<InFlight, Broken> {
    // A dropped operation may still be on its way to the store: a holder that is overtaken reads again.
    for _ in 0..5 {
        let lease = match store.acquire(key, "second", super::fixture::LONG).await? {
            Acquired::Held(lease) => lease,
            Acquired::Busy { .. } => {
                fixture.pass().await;
                continue;
            }
        };
        let known = super::fixture::known(store, key).await?;
        let generation = known.record.generation;
        let entry = entry(&lease, generation);
        match store.begin(key, &lease, &entry, known.entry_id()).await {
            Err(error) if error.kind() == StoreErrorKind::Conflict => {
                store.release(key, &lease).await?;
                continue;
            }
            begun => begun?,
        }
        store.commit(key, &entry, &super::fixture::record("second holder")).await?;
        store.release(key, &lease).await?;
        let after = (generation + 1, "second holder");
        has(store, key, after, None, "after the next holder's refresh").await?;
        return Ok(entry);
    }
    Err(Broken("the next holder never gets to refresh".to_owned()))
}

/// Whether the grant takes the whole cycle of operations: nothing that happened before stands in the way.
pub(super) async fn works<H: Harness>(
    fixture: &Fixture<'_, H>,
    store: &H::Store,
    key: &Key,
) -> Result<(), Broken> {
    store.put(key, &super::fixture::record("signed in")).await?;
    go_on(fixture, store, key).await?;
    store.remove(key).await?;
    let generation = store.put(key, &super::fixture::record("first")).await?;
    ensure!(generation == 1, "put after remove is generation {generation}");
    let (lease, entry) = begun(store, key, 1, super::fixture::LONG).await?;
    store.abandon(key, &entry).await?;
    store.release(key, &lease).await?;
    has(store, key, (1, "first"), None, "after everything").await
}
