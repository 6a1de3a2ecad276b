//! What the checks have in common: fresh grants, and questions to a store.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::harness::{Broken, Harness};
use crate::expiry::Expiry;
use crate::grant::{Grant, Token};
use crate::store::{
    Acquired, EntryId, Fence, InFlight, Key, Lease, Record, Snapshot, Store, StoreError,
    StoreErrorKind,
};

/// A lease that no check outlives.
pub(super) const LONG: Duration = Duration::from_secs(3600);

/// When the tokens of the checks were issued: whole milliseconds, as stores keep them.
pub(super) const ISSUED_AT: Duration = Duration::from_millis(1_763_712_000_123);

/// Ends a check with what the store did wrong.
macro_rules! ensure {
    ($fine:expr, $($wrong:tt)+) => {
        if !$fine {
            return Err($crate::store::conformance::Broken(format!($($wrong)+)));
        }
    };
}
pub(super) use ensure;

/// The data of one check: a provider id of its own, and the grants that were put under it.
pub(super) struct Fixture<'h, H: Harness> {
    harness: &'h H,
    pub(super) provider: String,
    keys: Mutex<BTreeSet<Key>>,
}

impl<'h, H: Harness> Fixture<'h, H> {
    pub(super) fn new(harness: &'h H) -> Self {
        Self {
            harness,
            provider: format!("conformance-{:016x}", fastrand::u64(..)),
            keys: Mutex::default(),
        }
    }

    /// What the check was given.
    pub(super) fn harness(&self) -> &'h H {
        self.harness
    }

    /// Another handle on the store.
    pub(super) async fn open(&self) -> Arc<H::Store> {
        Arc::new(self.harness.open().await)
    }

    /// How long a lease is that [`Fixture::pass`] ends.
    pub(super) fn ttl(&self) -> Duration {
        self.harness.ttl()
    }

    /// Lets leases of [`Fixture::ttl`] end.
    pub(super) async fn pass(&self) {
        self.harness.pass(self.ttl()).await;
    }

    /// A grant of this check.
    pub(super) fn key(&self, subject: &str) -> Key {
        let key = Key::new(&self.provider, subject);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.clone());
        key
    }

    /// A grant of this check with tokens in it, of generation 1.
    pub(super) async fn put(&self, store: &H::Store, subject: &str) -> Result<Key, Broken> {
        let key = self.key(subject);
        let generation = store.put(&key, &record("first")).await?;
        ensure!(generation == 1, "the first put is generation {generation}");
        Ok(key)
    }

    /// A grant of this check, and of another provider whose id begins like that of the first.
    pub(super) fn key_elsewhere(&self, subject: &str) -> Key {
        let key = Key::new(&format!("{}2", self.provider), subject);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.clone());
        key
    }

    /// Every grant of this check, of its one provider, that is due at `until`.
    pub(super) async fn due(
        &self,
        store: &H::Store,
        until: SystemTime,
    ) -> Result<Vec<Key>, StoreError> {
        store.due(&self.provider, until, 0..usize::MAX).await
    }

    /// Removes what the check put, so that a shared store does not fill up.
    pub(super) async fn tidy(&self) {
        let keys = {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *keys)
        };
        let store = self.open().await;
        for key in keys {
            // Whether the store removes is a check of its own.
            let _ = store.remove(&key).await;
        }
    }
}

/// A record whose two tokens are told apart from those of other records by their text.
pub(super) fn record(text: &str) -> Record {
    let issued_at = UNIX_EPOCH + ISSUED_AT;
    let end = Expiry::At(issued_at + LONG);
    let grant = Grant::new()
        .with_access_token(Token::new(format!("access {text}")).with_expiry(end))
        .with_refresh_token(Token::new(format!("refresh {text}")));
    Record::new(grant, issued_at)
}

/// The text that [`record`] was made with; `None` where the two tokens are not of one record.
pub(super) fn text_of(record: &Record) -> Option<&str> {
    let access = record.grant.access_token()?.expose();
    let refresh = record.grant.refresh_token()?.expose();
    let text = access.strip_prefix("access ")?;
    (refresh.strip_prefix("refresh ")? == text).then_some(text)
}

/// Takes a lease that is free.
pub(super) async fn hold<S: Store>(store: &S, key: &Key, ttl: Duration) -> Result<Lease, Broken> {
    match store.acquire(key, "holder \u{1F511}", ttl).await? {
        Acquired::Held(lease) => Ok(lease),
        Acquired::Busy { .. } => Err(Broken("a lease that is free is busy".to_owned())),
    }
}

/// Asks for a lease that another holder has.
pub(super) async fn is_busy<S: Store>(store: &S, key: &Key, when: &str) -> Result<(), Broken> {
    match store.acquire(key, "another", LONG).await? {
        Acquired::Busy { at_most } => {
            let fine = at_most.is_none_or(|at_most| at_most <= LONG);
            ensure!(fine, "a lease is said to be busy for longer than it lasts");
            Ok(())
        }
        Acquired::Held(_) => Err(Broken(format!("two hold a lease at once {when}"))),
    }
}

/// The first exchange under a lease.
pub(super) fn entry(lease: &Lease, generation: u64) -> InFlight {
    InFlight {
        id: EntryId::random(),
        generation,
        fence: lease.fence,
        owner: lease.owner.clone(),
        started_at: SystemTime::UNIX_EPOCH + ISSUED_AT + Duration::from_millis(7),
        attempt: 1,
    }
}

/// The next request of the same exchange, which is an entry of its own.
pub(super) fn repeat(entry: &InFlight) -> InFlight {
    InFlight { id: EntryId::random(), attempt: entry.attempt + 1, ..entry.clone() }
}

/// Takes the lease and journals an exchange of `generation`, in place of what is in flight.
pub(super) async fn begun<S: Store>(
    store: &S,
    key: &Key,
    generation: u64,
    ttl: Duration,
) -> Result<(Lease, InFlight), Broken> {
    let lease = hold(store, key, ttl).await?;
    let entry = entry(&lease, generation);
    let replaces = known(store, key).await?.entry_id();
    store.begin(key, &lease, &entry, replaces).await?;
    Ok((lease, entry))
}

/// What the store knows of a grant that it must know.
pub(super) async fn known<S: Store>(store: &S, key: &Key) -> Result<Snapshot, Broken> {
    let known = store.read(key).await?;
    known.ok_or_else(|| Broken("a grant that was put is not there".to_owned()))
}

/// Whether the store has just this of a grant.
pub(super) async fn has<S: Store>(
    store: &S,
    key: &Key,
    (generation, text): (u64, &str),
    in_flight: Option<&InFlight>,
    when: &str,
) -> Result<(), Broken> {
    let known = known(store, key).await?;
    let found = known.record.generation;
    ensure!(found == generation, "generation {found} instead of {generation} {when}");
    ensure!(
        text_of(&known.record) == Some(text),
        "the tokens are not those of generation {generation} {when}"
    );
    let found = known.in_flight.as_ref();
    ensure!(found == in_flight, "the journal holds {found:?} instead of {in_flight:?} {when}");
    Ok(())
}

/// Whether an operation was refused as it must be.
pub(super) fn refused<T>(
    result: Result<T, StoreError>,
    kind: StoreErrorKind,
    what: &str,
) -> Result<(), Broken> {
    match result {
        Ok(_) => Err(Broken(format!("{what} succeeded instead of {kind:?}"))),
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => Err(Broken(format!(
            "{what} failed with {:?} instead of {kind:?}: {error}",
            error.kind()
        ))),
    }
}

/// A lease that was never given out.
pub(super) fn invented(fence: u64) -> Lease {
    Lease { owner: "nobody".into(), fence: Fence(fence), id: EntryId::random() }
}
