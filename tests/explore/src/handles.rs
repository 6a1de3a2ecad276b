//! The store and the transport as a process has them: each call waits at its [`Machine`], and then does what the real
//! [`MemoryStore`] and the [provider](crate::provider) do.

use std::fmt::{self, Write};
use std::ops::Range;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use rekindle_runtime::clock::{Clock, Sleep};
use rekindle_runtime::store::{
    Acquired, EntryId, InFlight, Key, Lease, MemoryStore, Record, Snapshot, Store, StoreError,
    StoreErrorKind,
};
use rekindle_runtime::{Sent, Transport, TransportError, TransportErrorKind};

use crate::client::STEP;
use crate::machine::{CallResult, Failure, Kind, Machine, Now};
use crate::properties::Ledger;

/// The clock of the store: it shows the true time.
pub struct StoreClock(pub Now);

impl Clock for StoreClock {
    fn monotonic(&self) -> Duration {
        self.0.get()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.0.get()
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> u64 {
        self.0.draw()
    }
}

/// What a future gives that does not wait.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("the store in memory never waits"),
    }
}

/// Something that was done to the store, to be done again.
type Effect = Arc<dyn Fn(&MemoryStore) + Send + Sync>;

/// The store itself, with what cannot be asked of it: who has the lease, and what was written.
#[derive(Clone)]
pub struct Shelf(Arc<Mutex<Kept>>);

/// What is kept.
pub struct Kept {
    pub memory: MemoryStore,
    pub now: Now,
    pub ledger: Ledger,
    /// The lease, and until when.
    pub lease: Option<(u64, Duration)>,
    /// The record was written before another server took over.
    pub outdated: bool,
    /// The fence of the last lease.
    pub fences: u64,
    /// The entry of the last commit.
    pub committed: Option<EntryId>,
    /// What was written so far, and when: kept where some of it may be lost.
    pub writes: Option<Vec<(Duration, Effect)>>,
}

impl Shelf {
    /// An empty store.
    pub fn new(now: &Now, ledger: Ledger, loses: bool) -> Self {
        Self(Arc::new(Mutex::new(Kept {
            memory: MemoryStore::with_clock(Arc::new(StoreClock(now.clone()))),
            now: now.clone(),
            ledger,
            lease: None,
            outdated: false,
            fences: 0,
            committed: None,
            writes: loses.then(Vec::new),
        })))
    }

    /// Looks at what is kept.
    pub fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// This was done to the store.
    pub fn wrote(&mut self, effect: impl Fn(&MemoryStore) + Send + Sync + 'static) {
        let now = self.now.get();
        if let Some(writes) = &mut self.writes {
            writes.push((now, Arc::new(effect)));
        }
    }

    /// What is stored under a key.
    pub fn snapshot(&self, key: &Key) -> Option<Snapshot> {
        let mut found = at_once(self.memory.read(key)).ok().flatten()?;
        found.may_be_outdated = self.outdated;
        Some(found)
    }

    /// Another server takes over, and the last writes are lost.
    pub fn lose(&mut self, writes: usize) {
        let Some(mut kept) = self.writes.take() else {
            return;
        };
        // The first sign-in is from long ago.
        kept.truncate(kept.len().saturating_sub(writes).max(1));
        self.outdated = true;
        let now = self.now.get();
        self.memory = MemoryStore::with_clock(Arc::new(StoreClock(self.now.clone())));
        for (at, effect) in &kept {
            self.now.set(*at);
            effect(&self.memory);
        }
        self.now.set(now);
        self.writes = Some(kept);
    }

    fn acquire(&mut self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let asked = at_once(self.memory.acquire(key, owner, ttl));
        if let Ok(Acquired::Held(lease)) = &asked {
            self.lease = Some((lease.fence.0, self.now.get() + ttl));
            self.fences = lease.fence.0;
            self.now.leased();
            let (key, owner) = (key.clone(), owner.to_owned());
            self.wrote(move |memory| drop(at_once(memory.acquire(&key, &owner, ttl))));
        }
        asked
    }

    fn renew(&mut self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let renewed = at_once(self.memory.renew(key, lease, ttl));
        if renewed.is_ok() {
            self.lease = Some((lease.fence.0, self.now.get() + ttl));
            let (key, lease) = (key.clone(), lease.clone());
            self.wrote(move |memory| drop(at_once(memory.renew(&key, &lease, ttl))));
        }
        renewed
    }

    fn release(&mut self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        if self.lease.is_some_and(|(fence, _)| fence == lease.fence.0) {
            self.lease = None;
        }
        let released = at_once(self.memory.release(key, lease));
        let (key, lease) = (key.clone(), lease.clone());
        self.wrote(move |memory| drop(at_once(memory.release(&key, &lease))));
        released
    }

    fn put(&mut self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let put = at_once(self.memory.put(key, record));
        if put.is_ok() {
            self.committed = None;
            self.outdated = false;
            self.ledger.lock().put(record);
            let (key, record) = (key.clone(), record.clone());
            self.wrote(move |memory| drop(at_once(memory.put(&key, &record))));
        }
        put
    }

    fn create(&mut self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let created = at_once(self.memory.create(key, record));
        let (key, record) = (key.clone(), record.clone());
        self.wrote(move |memory| drop(at_once(memory.create(&key, &record))));
        created
    }

    fn remove(&mut self, key: &Key) -> Result<(), StoreError> {
        let removed = at_once(self.memory.remove(key));
        self.committed = None;
        self.ledger.lock().removed();
        let key = key.clone();
        self.wrote(move |memory| drop(at_once(memory.remove(&key))));
        removed
    }

    fn begin(
        &mut self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let begun = at_once(self.memory.begin(key, lease, entry, replaces));
        if begun.is_ok() {
            if let Some(snapshot) = self.snapshot(key) {
                self.ledger.lock().begun(&snapshot);
            }
            let (key, lease, entry) = (key.clone(), lease.clone(), entry.clone());
            self.wrote(move |memory| drop(at_once(memory.begin(&key, &lease, &entry, replaces))));
        }
        begun
    }

    fn commit(&mut self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let committed = at_once(self.memory.commit(key, entry, record));
        if committed.is_ok() {
            self.committed = Some(entry.id);
            self.outdated = false;
            self.ledger.lock().committed(record);
            let (key, entry, record) = (key.clone(), entry.clone(), record.clone());
            self.wrote(move |memory| drop(at_once(memory.commit(&key, &entry, &record))));
        }
        committed
    }

    fn postpone(&mut self, key: &Key, lease: &Lease, until: SystemTime) -> Result<(), StoreError> {
        let postponed = at_once(self.memory.postpone(key, lease, until));
        let (key, lease) = (key.clone(), lease.clone());
        self.wrote(move |memory| drop(at_once(memory.postpone(&key, &lease, until))));
        postponed
    }

    fn abandon(&mut self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let abandoned = at_once(self.memory.abandon(key, entry));
        let (key, entry) = (key.clone(), entry.clone());
        self.wrote(move |memory| drop(at_once(memory.abandon(&key, &entry))));
        abandoned
    }
}

/// The store as one process has it.
pub struct StoreHandle {
    pub machine: Machine,
    pub shelf: Shelf,
}

impl Store for StoreHandle {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let (shelf, key) = (self.shelf.clone(), key.clone());
        let effect = move || Ok(shelf.lock().snapshot(&key));
        self.machine.call(Kind::Read, "reads", String::new(), effect).await
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let (shelf, key, record) = (self.shelf.clone(), key.clone(), record.clone());
        let details = record_text(&record);
        let effect = move || shelf.lock().put(&key, &record);
        self.machine.call(Kind::Write, "puts", details, effect).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let (shelf, key, record) = (self.shelf.clone(), key.clone(), record.clone());
        let effect = move || shelf.lock().create(&key, &record);
        self.machine.call(Kind::Write, "creates", String::new(), effect).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let (shelf, key) = (self.shelf.clone(), key.clone());
        let effect = move || shelf.lock().remove(&key);
        self.machine.call(Kind::Write, "removes", String::new(), effect).await
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let (shelf, key, owner) = (self.shelf.clone(), key.clone(), owner.to_owned());
        let effect = move || shelf.lock().acquire(&key, &owner, ttl);
        self.machine.call(Kind::Write, "acquires", String::new(), effect).await
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let (shelf, key, lease) = (self.shelf.clone(), key.clone(), lease.clone());
        let details = format!("lease {}", lease.fence.0);
        let effect = move || shelf.lock().renew(&key, &lease, ttl);
        self.machine.call(Kind::Write, "renews", details, effect).await
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let (shelf, key, lease) = (self.shelf.clone(), key.clone(), lease.clone());
        let details = format!("lease {}", lease.fence.0);
        let effect = move || shelf.lock().release(&key, &lease);
        self.machine.call(Kind::Write, "releases", details, effect).await
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let details = entry_text(entry);
        let (shelf, key) = (self.shelf.clone(), key.clone());
        let (lease, entry) = (lease.clone(), entry.clone());
        let effect = move || shelf.lock().begin(&key, &lease, &entry, replaces);
        self.machine.call(Kind::Write, "begins", details, effect).await
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let details = format!("{} for {}", record_text(record), entry_text(entry));
        let (shelf, key) = (self.shelf.clone(), key.clone());
        let (entry, record) = (entry.clone(), record.clone());
        let effect = move || shelf.lock().commit(&key, &entry, &record);
        self.machine.call(Kind::Write, "commits", details, effect).await
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let details = entry_text(entry);
        let (shelf, key, entry) = (self.shelf.clone(), key.clone(), entry.clone());
        let effect = move || shelf.lock().abandon(&key, &entry);
        self.machine.call(Kind::Write, "abandons", details, effect).await
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let (shelf, key, lease) = (self.shelf.clone(), key.clone(), lease.clone());
        let effect = move || shelf.lock().postpone(&key, &lease, until);
        self.machine.call(Kind::Write, "postpones", String::new(), effect).await
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        let (shelf, provider) = (self.shelf.clone(), provider.to_owned());
        let effect = move || at_once(shelf.lock().memory.due(&provider, until, places.clone()));
        self.machine.call(Kind::Read, "asks what is due", String::new(), effect).await
    }
}

/// The way to the provider, as one process has it.
pub struct TransportHandle {
    pub machine: Machine,
    /// The incarnation of the process.
    pub incarnation: u64,
    /// As the process is called in the journal.
    pub owner: &'static str,
    /// What its grant is stored under.
    pub key: Key,
    pub shelf: Shelf,
}

impl TransportHandle {
    /// Whether the journal holds an exchange of this process.
    fn is_on_record(&self) -> bool {
        let memory = self.shelf.lock().memory.clone();
        let known = at_once(memory.read(&self.key));
        let entry = known.ok().flatten().and_then(|known| known.in_flight);
        entry.is_some_and(|entry| *entry.owner == *self.owner)
    }
}

impl Transport for TransportHandle {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let token = number(&String::from_utf8_lossy(request.body()));
        let (ledger, now) = {
            let kept = self.shelf.lock();
            (kept.ledger.clone(), kept.now.clone())
        };
        let incarnation = self.incarnation;
        if request.body() == STEP.as_bytes() {
            ledger.lock().steps(self.is_on_record());
            let effect = || Ok(Response::new(Vec::new()));
            return self.machine.call(Kind::Send, "takes a", STEP.to_owned(), effect).await;
        }
        ledger.lock().leaves(incarnation, token, now.get());
        let arrived = ledger.clone();
        let effect = move || Ok(arrived.lock().arrives(token, now.get()));
        let result: Result<Response<Vec<u8>>, TransportError> =
            self.machine.call(Kind::Send, "sends", format!("r{token}"), effect).await;
        ledger.lock().returns(incarnation, token, &result);
        result
    }
}

/// The number of a token by its text.
pub fn number(token: &str) -> usize {
    token.get(1..).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Of a record: its generation and its tokens.
pub fn record_text(record: &Record) -> String {
    let mut text = format!("generation {}", record.generation);
    for token in [record.grant.access_token(), record.grant.refresh_token()].into_iter().flatten() {
        text = text + " " + token.expose();
    }
    if let Some(predecessor) = &record.predecessor {
        text = text + " after " + predecessor.expose();
    }
    if record.ended.is_some() {
        text += " ended";
    }
    text
}

fn entry_text(entry: &InFlight) -> String {
    let InFlight { generation, fence, attempt, .. } = entry;
    format!("entry of generation {generation}, lease {}, attempt {attempt}", fence.0)
}

/// What is stored, whole, behind what people want to know of it: whatever a store keeps is in its `Debug`, but for the tokens.
pub fn show_snapshot(snapshot: &Snapshot, to: &mut dyn Write) -> fmt::Result {
    to.write_str(&record_text(&snapshot.record))?;
    if let Some(entry) = &snapshot.in_flight {
        write!(to, ", {}", entry_text(entry))?;
    }
    write!(to, "{WHOLE}{snapshot:?}")
}

/// Where the part for people ends.
pub const WHOLE: &str = " | ";

/// How a store's answer is shown and failed.
macro_rules! results {
    ($($result:ty, |$ok:ident, $to:ident| $show:expr;)+) => {$(
        impl CallResult for Result<$result, StoreError> {
            fn failed(_: Failure) -> Self {
                Err(StoreErrorKind::Unavailable.into())
            }

            fn show(&self, $to: &mut dyn Write) -> fmt::Result {
                match self {
                    Ok($ok) => $show,
                    Err(error) => write!($to, "{error}"),
                }
            }
        }
    )+};
}
results! {
    (), |_ok, to| to.write_str("ok");
    u64, |generation, to| write!(to, "generation {generation}");
    Acquired, |acquired, to| write!(to, "{acquired:?}");
    Vec<Key>, |keys, to| write!(to, "{keys:?}");
    Option<Snapshot>, |found, to| match found {
        Some(snapshot) => show_snapshot(snapshot, to),
        None => to.write_str("nothing"),
    };
}

impl CallResult for Result<Response<Vec<u8>>, TransportError> {
    fn failed(failure: Failure) -> Self {
        Err(match failure {
            Failure::Before => TransportError::bare(TransportErrorKind::Connect, Sent::No),
            Failure::Unknown => TransportError::bare(TransportErrorKind::Io, Sent::Maybe),
        })
    }

    fn show(&self, to: &mut dyn Write) -> fmt::Result {
        match self {
            Ok(answer) => {
                let body = String::from_utf8_lossy(answer.body());
                write!(to, "{} {body}", answer.status().as_u16())
            }
            Err(error) => write!(to, "{error}"),
        }
    }
}
