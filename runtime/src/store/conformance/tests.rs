//! The checks themselves: a store that keeps its word passes, and each kind of broken promise is found.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::fixture::invented;
use super::records::every_character;
use super::*;
use crate::clock::VirtualClock;
use crate::grant::{Grant, Token};
use crate::store::{
    Acquired, Backlog, Cursor, EntryId, Fence, InFlight, Key, Lease, MemoryStore, Page, Rate,
    Record, Snapshot, Store, StoreError, StoreErrorKind,
};

struct Memory(MemoryStore, VirtualClock);

impl Memory {
    fn new() -> Self {
        let clock = VirtualClock::new(UNIX_EPOCH);
        Self(MemoryStore::with_clock(Arc::new(clock.clone())), clock)
    }
}

impl Harness for Memory {
    type Store = MemoryStore;

    async fn open(&self) -> MemoryStore {
        self.0.clone()
    }

    async fn pass(&self, time: Duration) {
        self.1.advance(time);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_memory_passes() -> Result<(), Failures> {
    check_all(&Memory::new()).await
}

/// Handles that share nothing: whatever asks a second handle must notice.
struct Forgetful;

impl Harness for Forgetful {
    type Store = MemoryStore;

    async fn open(&self) -> MemoryStore {
        MemoryStore::new()
    }

    async fn pass(&self, _: Duration) {}
}

#[tokio::test]
async fn a_store_that_shares_nothing_fails_by_name() {
    let failures = check_all(&Forgetful).await.expect_err("failures");
    let failed: Vec<_> = failures.names().collect();
    for name in ["what_is_put_is_read", "one_holds_the_lease", "commit_needs_no_lease"] {
        assert!(failed.contains(&name), "{name} passes: {failures}");
        assert!(failures.to_string().contains(name));
    }
}

#[test]
fn the_tokens_of_the_checks_have_every_byte_of_utf_8() {
    let mut seen = [false; 256];
    every_character().bytes().for_each(|byte| seen[usize::from(byte)] = true);
    let unseen: Vec<usize> = (0..256).filter(|byte| !seen[*byte]).collect();
    // What UTF-8 never has (RFC 3629 §1).
    let never: Vec<usize> = [0xc0, 0xc1].into_iter().chain(0xf5..=0xff).collect();
    assert_eq!(unseen, never);
}

/// One promise that a store may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breach {
    PutKeepsNoCount,
    CreateIsPut,
    FencesStandStill,
    LeasesNeverEnd,
    LeasesAreForMany,
    ReleaseFreesAnyLease,
    LeasesAreTheirFences,
    LeasesNeedNoGrant,
    RemoveLeavesTheLease,
    EntriesAreTheirFences,
    BeginForgets,
    BeginWithoutLease,
    BeginReplacesAnything,
    RepeatsCountAnew,
    CommitWithoutJournal,
    CommitNeedsLease,
    CommitIsNotRepeated,
    AbandonEndsAnyEntry,
    DueIsEverything,
    DueBeginsAnew,
    DueIsOfAnyProvider,
    SharesOverlap,
    PostponedIsForgotten,
    BacklogIsAPage,
    AListIsOnePage,
    RatesAreOfEachHandle,
    TokensAreTrimmed,
}

/// A store in memory that breaks a promise.
struct Breaking(MemoryStore, Breach, Arc<Leases>);

/// The last lease of each grant.
type Leases = Mutex<HashMap<Key, Lease>>;

impl Breaking {
    fn breaks(&self, breach: Breach) -> bool {
        self.1 == breach
    }

    fn last_lease(&self, key: &Key) -> Option<Lease> {
        self.2.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The lease that is meant, where leases are told apart by their fences.
    fn meant(&self, key: &Key, lease: &Lease) -> Lease {
        let last = self.last_lease(key).filter(|last| last.fence == lease.fence);
        last.filter(|_| self.breaks(Breach::LeasesAreTheirFences)).unwrap_or_else(|| lease.clone())
    }

    /// The entry that is meant, where entries are told apart by their fences.
    async fn journaled(&self, key: &Key, entry: &InFlight) -> Result<InFlight, StoreError> {
        let found = self.0.read(key).await?.and_then(|known| known.in_flight);
        let found = found.filter(|found| found.fence == entry.fence);
        let found = found.filter(|_| self.breaks(Breach::EntriesAreTheirFences));
        Ok(found.unwrap_or_else(|| entry.clone()))
    }
}

impl Store for Breaking {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let mut read = self.0.read(key).await?;
        if let Some(known) = &mut read
            && self.breaks(Breach::TokensAreTrimmed)
        {
            let tokens = |token: &Token| Token::new(token.expose().trim_end_matches('\0'));
            let access = known.record.grant.access_token().map(tokens);
            known.record.grant = access.into_iter().fold(Grant::new(), Grant::with_access_token);
        }
        Ok(read)
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        if self.breaks(Breach::PutKeepsNoCount) {
            self.0.remove(key).await?;
        }
        self.0.put(key, record).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        if self.breaks(Breach::CreateIsPut) {
            return self.0.put(key, record).await.map(drop);
        }
        self.0.create(key, record).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.0.remove(key).await
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let ttl = match self.1 {
            Breach::LeasesNeverEnd => Duration::MAX,
            Breach::LeasesAreForMany => Duration::ZERO,
            _ => ttl,
        };
        let acquired = self.0.acquire(key, owner, ttl).await;
        if self.breaks(Breach::LeasesNeedNoGrant) && acquired.is_err() {
            return Ok(Acquired::Held(invented(1)));
        }
        let mut acquired = acquired?;
        if let Acquired::Held(lease) = &acquired {
            let mut leases = self.2.lock().unwrap_or_else(PoisonError::into_inner);
            leases.insert(key.clone(), lease.clone());
        }
        if let Acquired::Held(lease) = &mut acquired
            && self.breaks(Breach::FencesStandStill)
        {
            lease.fence = Fence(1);
        }
        Ok(acquired)
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        if self.breaks(Breach::RemoveLeavesTheLease) && self.last_lease(key).as_ref() == Some(lease)
        {
            return Ok(());
        }
        self.0.renew(key, &self.meant(key, lease), ttl).await
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let last = self.last_lease(key).filter(|_| self.breaks(Breach::ReleaseFreesAnyLease));
        self.0.release(key, &last.unwrap_or_else(|| self.meant(key, lease))).await
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let replaces = match self.1 {
            Breach::BeginReplacesAnything => {
                self.0.read(key).await?.and_then(|known| known.entry_id())
            }
            _ => replaces,
        };
        let lease = &self.meant(key, lease);
        match self.0.begin(key, lease, entry, replaces).await {
            Err(error) if error.kind() == StoreErrorKind::LeaseLost => {
                if self.breaks(Breach::BeginWithoutLease) {
                    return Ok(());
                }
                Err(error)
            }
            Ok(()) if self.breaks(Breach::BeginForgets) => self.0.abandon(key, entry).await,
            Ok(()) if self.breaks(Breach::RepeatsCountAnew) && replaces.is_some() => {
                self.0.abandon(key, entry).await?;
                self.0.begin(key, lease, entry, None).await
            }
            done => done,
        }
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let entry = &self.journaled(key, entry).await?;
        let known = self.0.read(key).await?;
        let spent = known.is_some_and(|known| known.record.generation > entry.generation);
        match self.1 {
            Breach::CommitWithoutJournal => self.0.put(key, record).await.map(drop),
            Breach::CommitNeedsLease => {
                let last = self.last_lease(key).filter(|last| last.fence == entry.fence);
                let last = last.ok_or(StoreErrorKind::LeaseLost)?;
                self.0.renew(key, &last, Duration::from_secs(3600)).await?;
                self.0.commit(key, entry, record).await
            }
            Breach::CommitIsNotRepeated if spent => Err(StoreErrorKind::Conflict.into()),
            _ => self.0.commit(key, entry, record).await,
        }
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let known = self.0.read(key).await?.and_then(|known| known.in_flight);
        match known {
            Some(found) if self.breaks(Breach::AbandonEndsAnyEntry) => {
                self.0.abandon(key, &found).await
            }
            _ => self.0.abandon(key, &self.journaled(key, entry).await?).await,
        }
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        match self.1 {
            Breach::DueIsEverything => {
                let until = until + Duration::from_secs(9);
                self.0.due(provider, until, places).await
            }
            Breach::DueIsOfAnyProvider => {
                let mut found = self.0.due(provider, until, places.clone()).await?;
                found.extend(self.0.due(&format!("{provider}2"), until, places).await?);
                Ok(found)
            }
            Breach::DueBeginsAnew => self.0.due(provider, until, 0..places.len()).await,
            _ => self.0.due(provider, until, places).await,
        }
    }

    async fn acquire_due(
        &self,
        provider: &str,
        owner: &str,
        until: SystemTime,
        ttl: Duration,
        at_most: usize,
    ) -> Result<Vec<(Key, Lease)>, StoreError> {
        if self.breaks(Breach::SharesOverlap) {
            let due = self.0.due(provider, until, 0..at_most).await?;
            let lease = |key| (key, Lease { owner: owner.into(), ..invented(1) });
            return Ok(due.into_iter().map(lease).collect());
        }
        crate::store::shares::acquire_due(self, provider, owner, until, ttl, at_most).await
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        if self.breaks(Breach::PostponedIsForgotten) {
            return Ok(());
        }
        self.0.postpone(key, lease, until).await
    }

    async fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<Page, StoreError> {
        let mut page = self.0.list(provider, from, at_most).await?;
        page.next = page.next.filter(|_| !self.breaks(Breach::AListIsOnePage));
        Ok(page)
    }

    fn keeps_rates(&self) -> bool {
        true
    }

    async fn reserve(&self, provider: &str, rate: Rate) -> Result<Duration, StoreError> {
        if self.breaks(Breach::RatesAreOfEachHandle) {
            return MemoryStore::new().reserve(provider, rate).await;
        }
        self.0.reserve(provider, rate).await
    }

    async fn backlog(&self, provider: &str, until: SystemTime) -> Result<Backlog, StoreError> {
        let mut backlog = crate::store::shares::backlog(self, provider, until).await?;
        if self.breaks(Breach::BacklogIsAPage) {
            backlog.due = backlog.due.min(1);
        }
        Ok(backlog)
    }
}

struct Broke(Memory, Breach, Arc<Leases>);

impl Harness for Broke {
    type Store = Breaking;

    async fn open(&self) -> Breaking {
        Breaking(self.0.open().await, self.1, Arc::clone(&self.2))
    }

    async fn pass(&self, time: Duration) {
        self.0.pass(time).await;
    }
}

#[tokio::test]
async fn each_broken_promise_is_found_by_its_check() {
    let cases = [
        (Breach::PutKeepsNoCount, "put_counts_generations"),
        (Breach::CreateIsPut, "create_is_for_what_is_not_there"),
        (Breach::CreateIsPut, "one_of_many_creates"),
        (Breach::FencesStandStill, "fences_grow"),
        (Breach::LeasesNeverEnd, "a_lease_ends_with_its_ttl"),
        (Breach::LeasesAreForMany, "one_holds_the_lease"),
        (Breach::ReleaseFreesAnyLease, "a_stale_release_frees_no_lease"),
        (Breach::LeasesAreTheirFences, "a_lease_is_not_its_fence"),
        (Breach::LeasesNeedNoGrant, "begin_needs_a_grant"),
        (Breach::RemoveLeavesTheLease, "remove_ends_the_lease"),
        (Breach::EntriesAreTheirFences, "two_histories_are_kept_apart"),
        (Breach::BeginForgets, "begin_is_on_record"),
        (Breach::BeginWithoutLease, "begin_needs_the_lease"),
        (Breach::BeginReplacesAnything, "begin_replaces_what_was_read_alone"),
        (Breach::RepeatsCountAnew, "in_flight_counts_from_the_first_request"),
        (Breach::CommitWithoutJournal, "commit_needs_the_journal"),
        (Breach::CommitNeedsLease, "commit_needs_no_lease"),
        (Breach::CommitIsNotRepeated, "commit_twice_is_once"),
        (Breach::AbandonEndsAnyEntry, "abandon_leaves_another_entry"),
        (Breach::DueIsEverything, "due_is_in_order_and_paged"),
        (Breach::DueBeginsAnew, "due_is_in_order_and_paged"),
        (Breach::DueIsOfAnyProvider, "due_is_of_one_provider"),
        (Breach::SharesOverlap, "what_is_due_is_shared_out"),
        (Breach::PostponedIsForgotten, "what_is_postponed_is_not_due"),
        (Breach::BacklogIsAPage, "the_backlog_is_what_is_due"),
        (Breach::AListIsOnePage, "every_grant_is_listed"),
        (Breach::RatesAreOfEachHandle, "a_rate_is_kept_by_all"),
        (Breach::TokensAreTrimmed, "what_is_put_is_read"),
    ];
    for (breach, name) in cases {
        let outcome = check_all(&Broke(Memory::new(), breach, Arc::default())).await;
        let failures = outcome.expect_err("failures");
        let found = failures.names().any(|failed| failed == name);
        assert!(found, "{breach:?}: {failures}");
    }
}
