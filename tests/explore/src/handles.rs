//! The store and the transport as a process has them: each call waits at its [`Machine`], and then does what the real
//! [`MemoryStore`] and the [provider](crate::provider) do.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::ops::Range;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use rekindle_runtime::clock::{Clock, Sleep};
use rekindle_runtime::store::{
    Acquired, Backlog, Cursor, EntryId, InFlight, Key, Lease, MemoryStore, Page, Record, Snapshot,
    Store, StoreError, StoreErrorKind,
};
use rekindle_runtime::{Sent, Transport, TransportError, TransportErrorKind};

use crate::client::{FOLLOWS, STEP};
use crate::machine::{BEGINNING, CallResult, Failure, Kind, Machine, Now};
use crate::properties::Ledger;
use crate::writes::{Asked, Came, Change, Write, came, done};

/// The clock of the store: it shows the true time.
pub struct StoreClock(pub Now);

impl Clock for StoreClock {
    fn monotonic(&self) -> Duration {
        self.0.get()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + BEGINNING + self.0.get()
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

/// How many numbers a store draws for the id of a lease.
const NUMBERS_OF_AN_ID: u64 = 2;

/// The store itself, with what cannot be asked of it: who has the lease, and what was written.
#[derive(Clone)]
pub struct Shelf(Arc<Mutex<Kept>>);

/// What is kept.
pub struct Kept {
    pub memory: MemoryStore,
    pub now: Now,
    pub ledger: Ledger,
    marks: BTreeMap<Key, Mark>,
    /// The records that are not among these were written before another server took over.
    fresh: Option<BTreeSet<Key>>,
    /// Other servers, which have all but the last writes: one for each time that one takes over.
    spares: Vec<MemoryStore>,
    /// The last writes: kept where some of them may be lost.
    writes: VecDeque<Wrote>,
    /// All that is asked of it, and what came of each; `None` where nobody will ask.
    pub trace: Option<Vec<Asked>>,
    /// How many of them a spare may lack.
    behind: usize,
    /// Leases as files have them.
    locks: Option<Locks>,
}

/// Leases that are locks of the operating system, as [`FileStore`](rekindle_runtime::store::FileStore) has them: no clock but its holder's
/// own ends one, so that one of a process that is stopped lasts until it goes on; one of a process that is gone is free at once.
#[derive(Default)]
struct Locks {
    held: BTreeMap<Key, (Lease, Duration)>,
    stopped: BTreeSet<String>,
}

/// What a store keeps of a grant beside what can be read.
#[derive(Clone, Copy, Default, Hash)]
pub struct Mark {
    /// The lease, and until when.
    pub lease: Option<(u64, Duration)>,
    /// The fence of the last lease.
    fence: u64,
    /// The entry of the last commit.
    committed: Option<EntryId>,
}

/// Something that was done to the store, when, and what numbers the store had drawn by then: done again, it draws the same.
struct Wrote {
    at: Duration,
    drawn: u64,
    key: Key,
    write: Write,
}

impl Shelf {
    /// An empty store, with so many other servers that may take over, each of them so many writes behind at most.
    pub fn new(now: &Now, ledger: Ledger, (spares, behind): (usize, usize)) -> Self {
        let memory = || MemoryStore::with_clock(Arc::new(StoreClock(now.clone())));
        Self(Arc::new(Mutex::new(Kept {
            memory: memory(),
            now: now.clone(),
            ledger,
            marks: BTreeMap::new(),
            fresh: None,
            spares: std::iter::repeat_with(memory).take(spares).collect(),
            writes: VecDeque::new(),
            trace: None,
            behind,
            locks: None,
        })))
    }

    /// The same, whose leases are those of files.
    pub fn in_files(self) -> Self {
        self.lock().locks = Some(Locks::default());
        self
    }

    /// Looks at what is kept.
    pub fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// A grant from long ago: no server lacks it.
    pub fn begin_with(&mut self, key: &Key, record: &Record) {
        for memory in self.spares.iter().chain([&self.memory]) {
            drop(at_once(memory.put(key, record)));
        }
        self.ledger.lock().put(key, record);
    }

    /// This was asked of the store, which had drawn so many numbers before.
    fn asked(&mut self, key: &Key, drawn: u64, came: Came, write: impl FnOnce() -> Write) {
        if self.trace.is_none() && self.spares.is_empty() {
            return;
        }
        let (at, write) = (self.now.get(), write());
        let is_done = !matches!(came, Err(_) | Ok(Change::Nothing));
        if self.trace.is_some() {
            let (key, write, then) = (key.clone(), write.clone(), self.snapshot(key));
            self.trace.get_or_insert_default().push(Asked { at, key, write, came, then });
        }
        if self.spares.is_empty() || !is_done {
            return;
        }
        self.writes.push_back(Wrote { at, drawn, key: key.clone(), write });
        if self.writes.len() > self.behind
            && let Some(oldest) = self.writes.pop_front()
        {
            self.again(&oldest, &self.spares);
        }
    }

    /// Does to these what was done then.
    fn again(&self, wrote: &Wrote, to: &[MemoryStore]) {
        let (now, drawn) = (self.now.get(), self.now.drawn());
        self.now.set(wrote.at);
        for memory in to {
            self.now.set_drawn(wrote.drawn);
            drop(at_once(wrote.write.to(memory, &wrote.key)));
        }
        self.now.set(now);
        self.now.set_drawn(drawn);
    }

    /// How many writes may be lost.
    pub fn unsure(&self) -> usize {
        self.writes.len()
    }

    /// What else the store keeps of a grant.
    pub fn mark(&self, key: &Key) -> Mark {
        self.marks.get(key).copied().unwrap_or_default()
    }

    fn mark_mut(&mut self, key: &Key) -> &mut Mark {
        self.marks.entry(key.clone()).or_default()
    }

    /// The record of this grant was written by the server that answers now.
    fn refreshed(&mut self, key: &Key) {
        if let Some(fresh) = &mut self.fresh {
            fresh.insert(key.clone());
        }
    }

    /// What is stored under a key.
    pub fn snapshot(&self, key: &Key) -> Option<Snapshot> {
        let mut found = at_once(self.memory.read(key)).ok().flatten()?;
        found.may_be_outdated = self.fresh.as_ref().is_some_and(|fresh| !fresh.contains(key));
        Some(found)
    }

    /// Another server takes over, and the last writes are lost.
    pub fn lose(&mut self, writes: usize) {
        let Some(spare) = self.spares.pop() else {
            return;
        };
        self.memory = spare;
        self.fresh = Some(BTreeSet::new());
        self.writes.truncate(self.writes.len().saturating_sub(writes));
        for wrote in &self.writes {
            self.again(wrote, std::slice::from_ref(&self.memory));
        }
        for key in self.marks.keys() {
            self.ledger.lock().went_back(key, self.snapshot(key).as_ref());
        }
    }

    /// A process is stopped, or goes on.
    pub fn stops(&mut self, owner: &str, is_stopped: bool) {
        self.unlock_over();
        if let Some(locks) = &mut self.locks {
            match is_stopped {
                true => locks.stopped.insert(owner.to_owned()),
                false => locks.stopped.remove(owner),
            };
        }
    }

    /// A process is gone.
    pub fn is_gone(&mut self, owner: &str) {
        self.unlock(|lease, _, _| *lease.owner == *owner);
    }

    /// Frees the locks whose holders have let them go because their time is over.
    fn unlock_over(&mut self) {
        let now = self.now.get();
        self.unlock(|lease, until, stopped| until <= now && !stopped.contains(&*lease.owner));
    }

    fn unlock(&mut self, is_over: impl Fn(&Lease, Duration, &BTreeSet<String>) -> bool) {
        let Some(Locks { held, stopped }) = &mut self.locks else { return };
        held.retain(|key, (lease, until)| {
            let over = is_over(lease, *until, stopped);
            if over {
                drop(at_once(self.memory.release(key, lease)));
            }
            !over
        });
    }

    /// For how long the store itself takes a lease: a lock has no end.
    fn ttl(&self, ttl: Duration) -> Duration {
        if self.locks.is_some() { Duration::MAX } else { ttl }
    }

    fn acquire(&mut self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        self.unlock_over();
        let drawn = self.now.drawn();
        let mut asked = at_once(self.memory.acquire(key, owner, self.ttl(ttl)));
        if let Ok(Acquired::Held(lease)) = &asked {
            self.leased(key, lease, ttl);
        }
        let came = came(&asked, |asked| match asked {
            Acquired::Held(lease) => Change::Leased(lease.clone()),
            Acquired::Busy { .. } => Change::Nothing,
        });
        self.asked(key, drawn, came, || Write::Acquire(owner.to_owned(), ttl));
        if let (Ok(Acquired::Busy { at_most }), Some(_)) = (&mut asked, &self.locks) {
            *at_most = None;
        }
        asked
    }

    fn acquire_due(
        &mut self,
        (provider, until): (&str, SystemTime),
        owner: &str,
        ttl: Duration,
        at_most: usize,
    ) -> Result<Vec<(Key, Lease)>, StoreError> {
        self.unlock_over();
        let mut drawn = self.now.drawn();
        let lasts = self.ttl(ttl);
        let taken = at_once(self.memory.acquire_due(provider, owner, until, lasts, at_most));
        for (key, lease) in taken.iter().flatten() {
            self.leased(key, lease, ttl);
            let came = Ok(Change::Leased(lease.clone()));
            self.asked(key, drawn, came, || Write::Acquire(owner.to_owned(), ttl));
            drawn += NUMBERS_OF_AN_ID;
        }
        taken
    }

    fn leased(&mut self, key: &Key, lease: &Lease, ttl: Duration) {
        let until = self.now.get() + ttl;
        let mark = self.mark_mut(key);
        mark.lease = Some((lease.fence.0, until));
        mark.fence = lease.fence.0;
        self.now.leased();
        if let Some(locks) = &mut self.locks {
            locks.held.insert(key.clone(), (lease.clone(), until));
        }
    }

    fn renew(&mut self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        self.unlock_over();
        let renewed = at_once(self.memory.renew(key, lease, self.ttl(ttl)));
        if renewed.is_ok() {
            let until = self.now.get() + ttl;
            if let Some(locks) = &mut self.locks {
                locks.held.insert(key.clone(), (lease.clone(), until));
            }
            self.mark_mut(key).lease = Some((lease.fence.0, until));
        }
        self.asked(key, 0, done(&renewed), || Write::Renew(lease.clone(), ttl));
        renewed
    }

    fn release(&mut self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let mark = self.mark_mut(key);
        mark.lease.take_if(|(fence, _)| *fence == lease.fence.0);
        let released = at_once(self.memory.release(key, lease));
        self.asked(key, 0, done(&released), || Write::Release(lease.clone()));
        released
    }

    fn put(&mut self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let put = at_once(self.memory.put(key, record));
        if put.is_ok() {
            self.mark_mut(key).committed = None;
            self.refreshed(key);
            self.ledger.lock().put(key, record);
        }
        self.asked(key, 0, done(&put), || Write::Put(record.clone()));
        put
    }

    fn create(&mut self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let created = at_once(self.memory.create(key, record));
        self.asked(key, 0, done(&created), || Write::Create(record.clone()));
        created
    }

    fn remove(&mut self, key: &Key) -> Result<(), StoreError> {
        let removed = at_once(self.memory.remove(key));
        self.mark_mut(key).committed = None;
        self.ledger.lock().removed(key);
        self.asked(key, 0, done(&removed), || Write::Remove);
        removed
    }

    fn begin(
        &mut self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        self.unlock_over();
        let begun = at_once(self.memory.begin(key, lease, entry, replaces));
        if begun.is_ok()
            && let Some(snapshot) = self.snapshot(key)
        {
            self.ledger.lock().begun(&snapshot);
        }
        let write = || Write::Begin(lease.clone(), entry.clone(), replaces);
        self.asked(key, 0, done(&begun), write);
        begun
    }

    fn commit(&mut self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let committed = at_once(self.memory.commit(key, entry, record));
        if committed.is_ok() {
            self.mark_mut(key).committed = Some(entry.id);
            self.refreshed(key);
            self.ledger.lock().committed(key, record);
        }
        self.asked(key, 0, done(&committed), || Write::Commit(entry.clone(), record.clone()));
        committed
    }

    fn postpone(&mut self, key: &Key, lease: &Lease, until: SystemTime) -> Result<(), StoreError> {
        self.unlock_over();
        let postponed = at_once(self.memory.postpone(key, lease, until));
        self.asked(key, 0, done(&postponed), || Write::Postpone(lease.clone(), until));
        postponed
    }

    fn abandon(&mut self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let abandoned = at_once(self.memory.abandon(key, entry));
        self.asked(key, 0, done(&abandoned), || Write::Abandon(entry.clone()));
        abandoned
    }
}

/// The store as one process has it.
pub struct StoreHandle {
    pub machine: Machine,
    pub shelf: Shelf,
    /// Whether it says what time it is by its clock, as servers do.
    pub tells_time: bool,
}

impl Store for StoreHandle {
    async fn now(&self) -> Result<Option<SystemTime>, StoreError> {
        if !self.tells_time {
            return Ok(None);
        }
        let shelf = self.shelf.clone();
        let effect = move || at_once(shelf.lock().memory.now());
        self.machine.call(Kind::Read, "asks the time", (None, String::new()), effect).await
    }

    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let (shelf, grant) = (self.shelf.clone(), key.clone());
        let effect = move || Ok(shelf.lock().snapshot(&grant));
        self.machine.call(Kind::Read, "reads", (Some(key), String::new()), effect).await
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let (shelf, grant, record) = (self.shelf.clone(), key.clone(), record.clone());
        let details = record_text(&record);
        let effect = move || shelf.lock().put(&grant, &record);
        self.machine.call(Kind::Write, "puts", (Some(key), details), effect).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let (shelf, grant, record) = (self.shelf.clone(), key.clone(), record.clone());
        let effect = move || shelf.lock().create(&grant, &record);
        self.machine.call(Kind::Write, "creates", (Some(key), String::new()), effect).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let (shelf, grant) = (self.shelf.clone(), key.clone());
        let effect = move || shelf.lock().remove(&grant);
        self.machine.call(Kind::Write, "removes", (Some(key), String::new()), effect).await
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        let (shelf, grant, owner) = (self.shelf.clone(), key.clone(), owner.to_owned());
        let effect = move || shelf.lock().acquire(&grant, &owner, ttl);
        self.machine.call(Kind::Write, "acquires", (Some(key), String::new()), effect).await
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let (shelf, grant, lease) = (self.shelf.clone(), key.clone(), lease.clone());
        let details = format!("lease {}", lease.fence.0);
        let effect = move || shelf.lock().renew(&grant, &lease, ttl);
        self.machine.call(Kind::Write, "renews", (Some(key), details), effect).await
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        let (shelf, grant, lease) = (self.shelf.clone(), key.clone(), lease.clone());
        let details = format!("lease {}", lease.fence.0);
        let effect = move || shelf.lock().release(&grant, &lease);
        self.machine.call(Kind::Write, "releases", (Some(key), details), effect).await
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let details = entry_text(entry);
        let (shelf, grant) = (self.shelf.clone(), key.clone());
        let (lease, entry) = (lease.clone(), entry.clone());
        let effect = move || shelf.lock().begin(&grant, &lease, &entry, replaces);
        self.machine.call(Kind::Write, "begins", (Some(key), details), effect).await
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let details = format!("{} for {}", record_text(record), entry_text(entry));
        let (shelf, grant) = (self.shelf.clone(), key.clone());
        let (entry, record) = (entry.clone(), record.clone());
        let effect = move || shelf.lock().commit(&grant, &entry, &record);
        self.machine.call(Kind::Write, "commits", (Some(key), details), effect).await
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let details = entry_text(entry);
        let (shelf, grant, entry) = (self.shelf.clone(), key.clone(), entry.clone());
        let effect = move || shelf.lock().abandon(&grant, &entry);
        self.machine.call(Kind::Write, "abandons", (Some(key), details), effect).await
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let (shelf, grant, lease) = (self.shelf.clone(), key.clone(), lease.clone());
        let effect = move || shelf.lock().postpone(&grant, &lease, until);
        self.machine.call(Kind::Write, "postpones", (Some(key), String::new()), effect).await
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        let (shelf, provider) = (self.shelf.clone(), provider.to_owned());
        let effect = move || at_once(shelf.lock().memory.due(&provider, until, places.clone()));
        self.machine.call(Kind::Read, "asks what is due", (None, String::new()), effect).await
    }

    async fn acquire_due(
        &self,
        provider: &str,
        owner: &str,
        until: SystemTime,
        ttl: Duration,
        at_most: usize,
    ) -> Result<Vec<(Key, Lease)>, StoreError> {
        let (shelf, provider) = (self.shelf.clone(), provider.to_owned());
        let owner = owner.to_owned();
        let effect = move || shelf.lock().acquire_due((&provider, until), &owner, ttl, at_most);
        self.machine.call(Kind::Write, "takes what is due", (None, String::new()), effect).await
    }

    async fn backlog(&self, provider: &str, until: SystemTime) -> Result<Backlog, StoreError> {
        let (shelf, provider) = (self.shelf.clone(), provider.to_owned());
        let effect = move || at_once(shelf.lock().memory.backlog(&provider, until));
        self.machine.call(Kind::Read, "counts what is due", (None, String::new()), effect).await
    }

    async fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<Page, StoreError> {
        let (shelf, provider) = (self.shelf.clone(), provider.to_owned());
        let effect = move || at_once(shelf.lock().memory.list(&provider, from.clone(), at_most));
        self.machine.call(Kind::Read, "lists", (None, String::new()), effect).await
    }
}

/// The way to the provider, as one process has it.
pub struct TransportHandle {
    pub machine: Machine,
    /// The incarnation of the process.
    pub incarnation: u64,
    /// As the process is called in the journal.
    pub owner: String,
    pub shelf: Shelf,
}

impl TransportHandle {
    /// Whether the journal holds an exchange of this process that spends this token.
    fn is_on_record(&self, token: usize) -> bool {
        let kept = self.shelf.lock();
        let key = kept.ledger.lock().key_of(token);
        let known = key.and_then(|key| kept.snapshot(&key));
        let entry = known.and_then(|known| known.in_flight);
        entry.is_some_and(|entry| *entry.owner == *self.owner)
    }
}

impl Transport for TransportHandle {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let text = String::from_utf8_lossy(request.body()).into_owned();
        let (ledger, now) = {
            let kept = self.shelf.lock();
            (kept.ledger.clone(), kept.now.clone())
        };
        let incarnation = self.incarnation;
        if let Some(token) = text.strip_prefix(STEP) {
            let on_record = self.is_on_record(number(token));
            ledger.lock().steps(on_record);
            let effect = || Ok(Response::new(Vec::new()));
            return self.machine.call(Kind::Send, "takes a", (None, STEP.to_owned()), effect).await;
        }
        if let Some(token) = text.strip_prefix(FOLLOWS) {
            let on_record = self.is_on_record(number(token));
            ledger.lock().follows(number(token), on_record);
            let effect = || Ok(Response::new(Vec::new()));
            let call = (None, FOLLOWS.to_owned());
            return self.machine.call(Kind::Send, "goes on as it", call, effect).await;
        }
        let token = number(&text);
        ledger.lock().leaves(incarnation, token, now.get());
        let arrived = ledger.clone();
        let effect = move || Ok(arrived.lock().arrives(token, now.get()));
        let result: Result<Response<Vec<u8>>, TransportError> =
            self.machine.call(Kind::Send, "sends", (None, format!("r{token}")), effect).await;
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
pub fn show_snapshot(snapshot: &Snapshot, to: &mut dyn fmt::Write) -> fmt::Result {
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

            fn show(&self, $to: &mut dyn fmt::Write) -> fmt::Result {
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
    Vec<(Key, Lease)>, |taken, to| write!(to, "{taken:?}");
    Backlog, |backlog, to| write!(to, "{backlog:?}");
    Page, |page, to| write!(to, "{page:?}");
    Option<SystemTime>, |time, to| write!(to, "{time:?}");
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

    fn show(&self, to: &mut dyn fmt::Write) -> fmt::Result {
        match self {
            Ok(answer) => {
                let body = String::from_utf8_lossy(answer.body());
                write!(to, "{} {body}", answer.status().as_u16())
            }
            Err(error) => write!(to, "{error}"),
        }
    }
}
