//! What is asked of a store, as data: so that it can be asked again, of a server that takes over and of a store of another kind.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use rekindle_runtime::store::{
    Acquired, EntryId, Fence, InFlight, Key, Lease, Record, Snapshot, Store, StoreError,
    StoreErrorKind,
};

use crate::handles::record_text;

/// How long leases last where they are ended by hand.
const LONG: Duration = Duration::from_secs(60 * 60);

/// Something that may change a store, and with what.
#[derive(Debug, Clone)]
pub enum Write {
    /// [`Store::put`].
    Put(Record),
    /// [`Store::create`].
    Create(Record),
    /// [`Store::remove`].
    Remove,
    /// [`Store::acquire`], or one grant of [`Store::acquire_due`].
    Acquire(String, Duration),
    /// [`Store::renew`].
    Renew(Lease, Duration),
    /// [`Store::release`].
    Release(Lease),
    /// [`Store::begin`].
    Begin(Lease, InFlight, Option<EntryId>),
    /// [`Store::commit`].
    Commit(InFlight, Record),
    /// [`Store::abandon`].
    Abandon(InFlight),
    /// [`Store::postpone`].
    Postpone(Lease, SystemTime),
}

/// What a write has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing: another one has the lease.
    Nothing,
    /// What it says.
    Done,
    /// This lease was given.
    Leased(Lease),
}

/// What came of a write.
pub type Came = Result<Change, StoreErrorKind>;

/// What came of a write, by what it has brought.
pub fn came<T>(result: &Result<T, StoreError>, change: impl FnOnce(&T) -> Change) -> Came {
    result.as_ref().map(change).map_err(StoreError::kind)
}

/// What came of a write that brings nothing of interest.
pub fn done<T>(result: &Result<T, StoreError>) -> Came {
    came(result, |_| Change::Done)
}

impl Write {
    /// Asks a store for it.
    pub async fn to(&self, store: &impl Store, key: &Key) -> Came {
        match self {
            Self::Put(record) => done(&store.put(key, record).await),
            Self::Create(record) => done(&store.create(key, record).await),
            Self::Remove => done(&store.remove(key).await),
            Self::Acquire(owner, ttl) => {
                came(&store.acquire(key, owner, *ttl).await, |asked| match asked {
                    Acquired::Held(lease) => Change::Leased(lease.clone()),
                    Acquired::Busy { .. } => Change::Nothing,
                })
            }
            Self::Renew(lease, ttl) => done(&store.renew(key, lease, *ttl).await),
            Self::Release(lease) => done(&store.release(key, lease).await),
            Self::Begin(lease, entry, replaces) => {
                done(&store.begin(key, lease, entry, *replaces).await)
            }
            Self::Commit(entry, record) => done(&store.commit(key, entry, record).await),
            Self::Abandon(entry) => done(&store.abandon(key, entry).await),
            Self::Postpone(lease, until) => done(&store.postpone(key, lease, *until).await),
        }
    }
}

/// A write, when it was asked for, what came of it, and what was stored then.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Since the beginning.
    pub at: Duration,
    /// Of which grant.
    pub key: Key,
    /// For what.
    pub write: Write,
    /// What came of it.
    pub came: Came,
    /// What was stored of the grant.
    pub then: Option<Snapshot>,
}

/// Asks another store for the same under another key, and holds its answers and what it keeps against what was seen.
///
/// Its clock is its own: a lease is taken for long, and given back at the moment at which it has ended. Its leases and fences are its
/// own, too.
///
/// # Errors
/// The first difference.
pub async fn again(trace: &[Asked], store: &impl Store, key: &Key) -> Result<(), String> {
    let mut theirs = Theirs::default();
    for (asked, number) in trace.iter().zip(1..) {
        for over in theirs.over(asked.at) {
            let _ = store.release(key, &over).await;
        }
        let came = theirs.write(&asked.write).to(store, key).await;
        let differs =
            |what: String| Err(format!("{number} of {}, {:?}: {what}", trace.len(), asked.write));
        match (&asked.came, &came) {
            (Ok(Change::Leased(ours)), Ok(Change::Leased(lease))) => {
                theirs.leased(ours, lease, asked);
            }
            (ours, came) if ours == came => theirs.renewed(asked),
            (ours, came) => return differs(format!("{came:?} in place of {ours:?}")),
        }
        let stored = store.read(key).await.map_err(|error| error.to_string())?;
        let (ours, stored) = (asked.then.as_ref().map(text), stored.as_ref().map(text));
        if ours != stored {
            return differs(format!("{stored:?} is stored in place of {ours:?}"));
        }
    }
    Ok(())
}

/// What of a grant is the same in every store.
fn text(known: &Snapshot) -> String {
    let entry = known.in_flight.as_ref().map(|entry| {
        let InFlight { id, generation, owner, attempt, .. } = entry;
        format!("entry {id} of {owner}, generation {generation}, attempt {attempt}")
    });
    format!("{}, {entry:?}", record_text(&known.record))
}

/// The leases of another store, by those of the one in memory.
#[derive(Default)]
struct Theirs {
    /// All that were given.
    leases: HashMap<EntryId, Lease>,
    fences: HashMap<Fence, Fence>,
    /// Those that have not ended, and until when.
    held: HashMap<EntryId, Duration>,
}

impl Theirs {
    /// Those that have ended by now.
    fn over(&mut self, now: Duration) -> Vec<Lease> {
        let over = self.held.extract_if(|_, until| *until <= now);
        over.filter_map(|(id, _)| self.leases.get(&id).cloned()).collect()
    }

    fn leased(&mut self, ours: &Lease, lease: &Lease, asked: &Asked) {
        self.leases.insert(ours.id, lease.clone());
        self.fences.insert(ours.fence, lease.fence);
        if let Write::Acquire(_, ttl) = &asked.write {
            self.held.insert(ours.id, asked.at + *ttl);
        }
    }

    fn renewed(&mut self, asked: &Asked) {
        if let (Write::Renew(lease, ttl), Ok(_)) = (&asked.write, &asked.came) {
            self.held.insert(lease.id, asked.at + *ttl);
        }
    }

    fn lease(&self, ours: &Lease) -> Lease {
        self.leases.get(&ours.id).unwrap_or(ours).clone()
    }

    fn entry(&self, ours: &InFlight) -> InFlight {
        let fence = self.fences.get(&ours.fence).copied().unwrap_or(ours.fence);
        InFlight { fence, ..ours.clone() }
    }

    /// The same by their leases.
    fn write(&self, write: &Write) -> Write {
        match write {
            Write::Acquire(owner, _) => Write::Acquire(owner.clone(), LONG),
            Write::Renew(lease, _) => Write::Renew(self.lease(lease), LONG),
            Write::Release(lease) => Write::Release(self.lease(lease)),
            Write::Begin(lease, entry, replaces) => {
                Write::Begin(self.lease(lease), self.entry(entry), *replaces)
            }
            Write::Commit(entry, record) => Write::Commit(self.entry(entry), record.clone()),
            Write::Abandon(entry) => Write::Abandon(self.entry(entry)),
            Write::Postpone(lease, until) => Write::Postpone(self.lease(lease), *until),
            write => write.clone(),
        }
    }
}
