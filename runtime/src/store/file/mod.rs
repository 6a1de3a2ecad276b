//! Grants in files of one machine.
//!
//! # What lies where
//!
//! [`FileStore::open`] keeps each grant in a file of its own, `provider@subject.json`, and beside it an empty-looking
//! `provider@subject.lock` that counts acquisitions. Both go with the grant (where the system is not unix, the latter stays). [`FileStore::single`] keeps many grants in one file, and the locks in a
//! folder beside it. Rates are in a file `.rates` beside the locks. The files are JSON: a person can read the generation, the journal and when a refresh is due; the tokens
//! too, unless a seal is set. Names are percent-encoded; those too long end in their SHA-256.
//!
//! Folders are made with mode `0700` and files with `0600`. As ssh does with keys, the store refuses a file that others may
//! read, a folder that others may write to, and either where it belongs to a user who is neither this one nor root, and says what to
//! do about it. A link in place of a file is not followed, and what is no file, such as a pipe, is refused without waiting for it.
//!
//! # What is promised
//!
//! * *Whole or not at all.* A write goes to a temporary file in the same folder, is synced to the disk (`fsync`), renamed over
//!   the old file, and the folder is synced as well. A process that is killed, or a machine that loses its power, between any
//!   two of these steps leaves the old file or the new one. The next write removes the temporary file of a killed writer, and so does
//!   [`FileStore::open`].
//! * *One writer at a time.* Writing takes the lock `.guard` of the folder for as long as the disk needs; reading takes none.
//! * *The lease is a lock of the operating system* on the grant's lock file (`flock`, or `LockFileEx` on Windows). It ends with
//!   the process that holds it, however that ends, and no clock is needed for it. A running process gives the lease back when
//!   its time is over; one that is stopped (`SIGSTOP`, a debugger) keeps it, and others wait until it goes on or is
//!   killed. So a lease is never held by two, not even after a long stop. Where a lock file was removed or replaced, the lease on it is
//!   lost: that is looked at when it is taken, renewed, and before an exchange is journaled.
//! * *Nothing that cannot be read is touched.* A damaged file, or one of a later version, is an error with its path, in
//!   every operation, [`put`](crate::store::Store::put) and [`remove`](crate::store::Store::remove) included: move it away to sign in
//!   anew. A record whose seal does not open is different, since all but the tokens can be read: `put` replaces it.
//!
//! # Where
//!
//! On local file systems that keep `flock`, `rename` and `fsync` as POSIX says: ext4, xfs, btrfs, zfs, APFS, NTFS. Not on NFS,
//! SMB or other shares, whose locks do not always reach the other machine: several machines take a database. A disk that says
//! it has written what is in its cache alone can lose the last writes with the power, whatever `fsync` asks. On systems that
//! are not unix, modes are not looked at and folders are not synced.

mod disk;
mod document;
mod lease;
mod lock;
mod name;
mod place;
mod seen;
mod stamp;
mod work;

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use self::document::Entry;
use self::lease::Leases;
use self::lock::Locked;
use self::place::Place;
use self::stamp::{Stamp, since};
use self::work::Work;
use super::listing;
use super::record::next_generation;
use super::{
    Acquired, Codec, Cursor, EntryId, Fence, InFlight, Key, Lease, Page, Rate, Record, Snapshot,
    Store, StoreError, StoreErrorKind,
};
use crate::clock::{Clock, SystemClock};

/// Keeps grants in files of one machine, for any number of processes. Its copies are the same handle, and share its leases.
///
/// Needs a `tokio` runtime with time enabled. [The module](self) says what is promised, and where.
///
/// ```
/// # async fn shown() -> Result<(), rekindle_runtime::store::StoreError> {
/// use rekindle_runtime::store::{FileStore, Key, Store};
///
/// let store = FileStore::open("/var/lib/example/grants")?;
/// let known = store.read(&Key::new("spark", "user-7")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FileStore {
    work: Work,
    codec: Codec,
    leases: Arc<Leases>,
    clock: Arc<dyn Clock>,
}

impl FileStore {
    /// One file for each grant in a folder, which is made where there is none.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when the folder cannot be made, or others may write to it.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::at(Place::folder(folder.as_ref())?)
    }

    /// One file for many grants, made with the first of them. Its locks lie in a folder beside it, `….locks`.
    ///
    /// Every write writes the whole file: for tens of grants, not for thousands.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when the folder of the locks cannot be made, or others may write to it.
    pub fn single(file: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::at(Place::single(file.as_ref())?)
    }

    fn at(place: Place) -> Result<Self, StoreError> {
        // Where the guard is taken, another process is writing, and removes the file itself.
        if let Some(_guard) = Locked::take(&place.guard())? {
            place.tidy()?;
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        Ok(Self {
            work: Work::new(place),
            codec: Codec::plain(),
            leases: Leases::new(Arc::clone(&clock)),
            clock,
        })
    }

    /// The same, which writes records like this.
    #[must_use]
    pub fn with_codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// The same, which goes by this clock: when its leases end, and for how long an exchange has been in flight. For a handle that
    /// holds no lease yet.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.leases = Leases::new(Arc::clone(&clock));
        self.clock = clock;
        self
    }

    /// An entry of this record, with nothing in flight.
    fn entry(&self, key: &Key, record: &Record, generation: u64) -> Result<Entry, StoreError> {
        let mut record = record.clone();
        record.generation = generation;
        Ok(Entry {
            generation,
            due: record.due,
            in_flight: None,
            begun: None,
            committed: None,
            record: self.codec.encode_text(key, &record)?,
        })
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.work.place().path())
            .field("leases", &self.leases.count())
            .finish_non_exhaustive()
    }
}

fn begun_by(entry: &Entry) -> Option<EntryId> {
    entry.in_flight.as_ref().map(|found| found.id)
}

impl Store for FileStore {
    async fn read(&self, key: &Key) -> Result<Option<Snapshot>, StoreError> {
        let grant = key.clone();
        let entry = self.work.read(move |place| place.load(&grant)).await?;
        let Some(entry) = entry else {
            return Ok(None);
        };
        let record = self.codec.decode_text(key, &entry.record);
        let path = self.work.place().file(key);
        let mut record = record.map_err(|error| error.at(path.display()))?;
        // The generation beside the seal is the one within it, or somebody has put the one to the other.
        if self.codec.is_sealed() && record.generation != entry.generation {
            let hint = "what is sealed in it is of another generation";
            return Err(disk::wrong(StoreErrorKind::Unreadable, &path, hint));
        }
        record.generation = entry.generation;
        let mut snapshot = Snapshot::new(record);
        if let Some(found) = entry.in_flight {
            let clock = &*self.clock;
            snapshot.in_flight_for = match entry.begun {
                Some(begun) => begun.elapsed(clock),
                None => since(found.started_at, clock),
            };
            snapshot.in_flight = Some(found);
        }
        Ok(Some(snapshot))
    }

    async fn put(&self, key: &Key, record: &Record) -> Result<u64, StoreError> {
        let (key, record, store) = (key.clone(), record.clone(), self.clone());
        let put = move |place: &Place| {
            let generation = match place.load(&key)? {
                Some(before) => next_generation(before.generation)?,
                None => 1,
            };
            place.save(&key, &store.entry(&key, &record, generation)?)?;
            Ok(generation)
        };
        self.work.write(put).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<(), StoreError> {
        let (key, record, store) = (key.clone(), record.clone(), self.clone());
        let create = move |place: &Place| match place.load(&key)? {
            Some(_) => Ok(()),
            None => place.save(&key, &store.entry(&key, &record, 1)?),
        };
        self.work.write(create).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let key = key.clone();
        let remove = move |place: &Place| {
            let is_there = place.load(&key)?.is_some();
            // First: a process that is killed here leaves a grant, and not a subject without one.
            place.forget_lock(&key)?;
            if is_there { place.forget(&key) } else { Ok(()) }
        };
        self.work.write(remove).await
    }

    async fn acquire(&self, key: &Key, owner: &str, ttl: Duration) -> Result<Acquired, StoreError> {
        self.leases.expire(key);
        let grant = key.clone();
        let take = move |place: &Place| {
            let Some(entry) = place.load(&grant)? else {
                return Err(StoreErrorKind::Missing.into());
            };
            let path = place.lock(&grant);
            let Some(mut lock) = Locked::take(&path)? else {
                return Ok(None);
            };
            let known = entry.in_flight.map_or(0, |found| found.fence.0);
            let fence = lock::count(&path, &mut lock, known)?;
            Ok(Some((lock, Fence(fence))))
        };
        // The lock is dropped with this future, since no caller could give it back.
        let Some((lock, fence)) = self.work.write(take).await? else {
            return Ok(Acquired::Busy { at_most: None });
        };
        let id = EntryId::of(&*self.clock);
        self.leases.keep(key, lock, id, ttl);
        Ok(Acquired::Held(Lease { owner: owner.into(), fence, id }))
    }

    async fn renew(&self, key: &Key, lease: &Lease, ttl: Duration) -> Result<(), StoreError> {
        let path = self.work.place().lock(key);
        if self.leases.renew(key, lease, &path, ttl) {
            Ok(())
        } else {
            Err(StoreErrorKind::LeaseLost.into())
        }
    }

    async fn release(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        self.leases.release(key, lease);
        Ok(())
    }

    async fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> Result<(), StoreError> {
        let (key, lease, exchange) = (key.clone(), lease.clone(), entry.clone());
        let (leases, clock) = (Arc::clone(&self.leases), Arc::clone(&self.clock));
        let begin = move |place: &Place| {
            // Asked while the guard is held: who acquires after this, reads what is written here.
            if !leases.holds(&key, &lease, &place.lock(&key)) {
                return Err(StoreErrorKind::LeaseLost.into());
            }
            let mut entry = place.load(&key)?.ok_or(StoreErrorKind::Missing)?;
            if !exchange.may_begin(entry.generation, begun_by(&entry), replaces)? {
                return Ok(());
            }
            if replaces.is_none() {
                entry.begun = Some(Stamp::now(&*clock)?);
            }
            entry.in_flight = Some(exchange);
            place.save(&key, &entry)
        };
        self.work.write(begin).await
    }

    async fn commit(&self, key: &Key, entry: &InFlight, record: &Record) -> Result<(), StoreError> {
        let (key, record, exchange, store) =
            (key.clone(), record.clone(), entry.clone(), self.clone());
        let commit = move |place: &Place| {
            let before = place.load(&key)?.ok_or(StoreErrorKind::Missing)?;
            let (journaled, committed) = (begun_by(&before), before.committed);
            let Some(after) = exchange.commit_to(before.generation, journaled, committed)? else {
                return Ok(());
            };
            let mut entry = store.entry(&key, &record, after)?;
            entry.committed = Some(exchange.id);
            place.save(&key, &entry)
        };
        self.work.write(commit).await
    }

    async fn abandon(&self, key: &Key, entry: &InFlight) -> Result<(), StoreError> {
        let (key, exchange) = (key.clone(), entry.clone());
        let abandon = move |place: &Place| match place.load(&key)? {
            Some(mut entry) if begun_by(&entry) == Some(exchange.id) => {
                entry.in_flight = None;
                place.save(&key, &entry)
            }
            _ => Ok(()),
        };
        self.work.write(abandon).await
    }

    async fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> Result<Vec<Key>, StoreError> {
        let provider = provider.to_owned();
        let is_due = move |place: &Place| {
            place.all(|grant| {
                let due = grant.due.filter(|due| *due <= until && grant.key.provider() == provider);
                Some((due?, grant.key.clone()))
            })
        };
        let mut due = self.work.read(is_due).await?;
        due.sort_unstable();
        let due = due.into_iter().map(|(_, key)| key);
        Ok(due.skip(places.start).take(places.len()).collect())
    }

    async fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<Page, StoreError> {
        let mut keys = self.work.read(|place| place.all(|grant| Some(grant.key.clone()))).await?;
        let after = listing::after(from.as_ref());
        keys.retain(|key| {
            key.provider() == provider && after.is_none_or(|after| key.subject() > after)
        });
        keys.sort_unstable();
        Ok(Page::in_order(keys.into_iter(), at_most))
    }

    async fn reseal(&self, key: &Key) -> Result<bool, StoreError> {
        let (key, codec) = (key.clone(), self.codec.clone());
        let reseal = move |place: &Place| {
            let Some(mut entry) = place.load(&key)? else {
                return Ok(false);
            };
            let record = codec.resealed_text(&key, &entry.record);
            let Some(record) = record.map_err(|error| error.at(place.file(&key).display()))? else {
                return Ok(false);
            };
            entry.record = record;
            place.save(&key, &entry).map(|()| true)
        };
        self.work.write(reseal).await
    }

    fn keeps_rates(&self) -> bool {
        true
    }

    async fn reserve(&self, provider: &str, rate: Rate) -> Result<Duration, StoreError> {
        let (provider, clock) = (provider.to_owned(), Arc::clone(&self.clock));
        let reserve = move |place: &Place| {
            let now = clock.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            place.reserve(provider, rate, now)
        };
        self.work.write(reserve).await
    }

    async fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> Result<(), StoreError> {
        let (key, lease, leases) = (key.clone(), lease.clone(), Arc::clone(&self.leases));
        let postpone = move |place: &Place| {
            if !leases.holds(&key, &lease, &place.lock(&key)) {
                return Err(StoreErrorKind::LeaseLost.into());
            }
            match place.load(&key)? {
                Some(mut entry) if entry.due.is_some() => {
                    entry.due = Some(until);
                    place.save(&key, &entry)
                }
                _ => Ok(()),
            }
        };
        self.work.write(postpone).await
    }
}
