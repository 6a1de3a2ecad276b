//! Where grants are kept, so that a crash loses none and processes share them.
//!
//! A [`Store`] keeps a [`Record`] for each grant, and beside it the exchange that is in flight, if any. The order of a refresh is
//! always the same: *journal first, send second, commit third, show last*.
//!
//! 1. [`Store::acquire`]: a lease, so that one holder at a time thinks about sending. Each acquisition has an id, and a [`Fence`], a
//!    number that grows.
//! 2. [`Store::read`]: someone else may have refreshed meanwhile.
//! 3. [`Store::begin`]: the exchange is on record before a byte of it is sent. A compare-and-swap of the journal's entry: who
//!    begins says which entry it has read, and replaces no other.
//! 4. [`Store::commit`]: a compare-and-swap from the generation that was spent to the next. It asks for the journal's entry and
//!    not for the lease: a holder that was stopped for longer than its lease, and comes back with the answer, must not lose it.
//!    No other holder can have sent meanwhile without a journal entry of its own.
//! 5. [`Store::release`].
//!
//! Entries and leases are told apart by an [`EntryId`] and by nothing else. Fences do not do: a store that was restored from a backup, that
//! failed over, or whose lock file was deleted, counts the same numbers again.
//!
//! # What every store promises
//!
//! * Every write is either applied whole or not at all.
//! * It is durable when its future ends with `Ok`: neither a crash nor a loss of power takes it back.
//! * Reads are linearizable: one that begins after a write was acknowledged, through whichever handle on whichever machine, sees
//!   that write or a later one. A replica that lags behind cannot be read from.
//! * An operation that failed, or whose future was dropped, may still be applied, later than what follows it. Each can be
//!   repeated.

mod codec;
#[cfg(feature = "store-conformance")]
pub mod conformance;
mod error;
#[cfg(feature = "file")]
pub mod file;
mod listing;
mod memory;
mod methods;
mod moving;
#[cfg(feature = "postgres")]
pub mod postgres;
mod rate;
mod record;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "seal")]
mod seal;
mod shared;
mod shares;

use std::future::Future;
use std::ops::Range;
use std::time::{Duration, SystemTime};

pub use codec::{Codec, decode_plain, encode_plain};
pub use error::{StoreError, StoreErrorKind};
#[cfg(feature = "file")]
pub use file::FileStore;
pub use listing::{Cursor, Page};
pub use memory::MemoryStore;
pub use moving::{Left, Moved, Resealed, move_all, reseal_all};
#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) use rate::PUT_BACK;
pub use rate::Rate;
pub(crate) use rate::Reserved;
pub use record::{EntryId, Fence, InFlight, Key, Lease, Record, Snapshot};
#[cfg(feature = "seal")]
pub use seal::SealKey;
pub use shared::SharedStore;
pub use shares::Backlog;

/// Keeps grants. See [the module](self) for the order in which a refresh calls it.
pub trait Store: Send + Sync + 'static {
    /// What time it is by the clock that all holders share: the server's. `None` where they all go by the machine's, as for files.
    ///
    /// What is stored is told by this clock, so that machines whose clocks differ read each other's records right.
    fn now(&self) -> impl Future<Output = Result<Option<SystemTime>, StoreError>> + Send {
        async { Ok(None) }
    }

    /// What is known of a grant; `None` where it was never put.
    fn read(&self, key: &Key) -> impl Future<Output = Result<Option<Snapshot>, StoreError>> + Send;

    /// Puts a grant that came from signing in, over whatever was there, and forgets an exchange in flight.
    ///
    /// Returns its generation: one more than that of the record it replaces, or 1. The record's own `generation` is ignored.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when the record that it replaces has the last generation (2⁶³ − 1).
    fn put(
        &self,
        key: &Key,
        record: &Record,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Puts a record that holds no tokens, unless there is a grant: what the first exchange of a contract begins with that spends
    /// nothing. It is of generation 1; the record's own `generation` is ignored.
    ///
    /// Of many that ask at once, one has put its record, and none has done anything to the grant that is there.
    fn create(
        &self,
        key: &Key,
        record: &Record,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets a grant, and with it an exchange in flight and its lease: nothing of it is left, not even the subject. A holder who comes
    /// late finds that the lease is lost, and does nothing to a grant that is put anew.
    fn remove(&self, key: &Key) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes the lease of a grant for `ttl`, if it is free.
    ///
    /// `owner` is a name for people to read: it is in the journal. A lease ends with its `ttl`, with [`Store::release`], with
    /// [`Store::remove`], or, where the store can notice, with the process that holds it. Leases are told apart by their ids.
    ///
    /// # Errors
    /// [`StoreErrorKind::Missing`] when there is no such grant: a lease leaves no trace of a subject that has none.
    fn acquire(
        &self,
        key: &Key,
        owner: &str,
        ttl: Duration,
    ) -> impl Future<Output = Result<Acquired, StoreError>> + Send;

    /// Prolongs a lease to `ttl` from now.
    ///
    /// # Errors
    /// [`StoreErrorKind::LeaseLost`] when someone else holds it now or it has ended.
    fn renew(
        &self,
        key: &Key,
        lease: &Lease,
        ttl: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Gives a lease back. One that is already lost is no error.
    fn release(
        &self,
        key: &Key,
        lease: &Lease,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Journals an exchange before it is sent, in place of the entry `replaces`: the one that was read, or none.
    ///
    /// Doing it twice with the same entry is doing it once. An entry that replaces none is stamped by the store's own clock
    /// ([`Snapshot::in_flight_for`]); one that replaces another keeps its stamp, since it goes on with the same exchange.
    ///
    /// # Errors
    /// [`StoreErrorKind::LeaseLost`] when `lease` is no longer held; [`StoreErrorKind::Conflict`] when the record's generation is
    /// not that of the entry, or the journal holds anything but `replaces`; [`StoreErrorKind::Refused`] when the record's
    /// generation is the last (2⁶³ − 1), so that nothing could be committed.
    fn begin(
        &self,
        key: &Key,
        lease: &Lease,
        entry: &InFlight,
        replaces: Option<EntryId>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Replaces the record that the journaled exchange spent, and ends the journal's entry, in one step.
    ///
    /// The new record's generation is one more than the entry's. Doing it twice is doing it once: where the last commit was of the
    /// same entry, it succeeds. Entries are the same when their ids are. It does not ask for a lease.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when the generation has moved on or the journal holds another entry.
    fn commit(
        &self,
        key: &Key,
        entry: &InFlight,
        record: &Record,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends the journal's entry of an exchange that certainly spent nothing. An entry of another id is left alone, and no error.
    fn abandon(
        &self,
        key: &Key,
        entry: &InFlight,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The grants of `provider` whose [`Record::due`] is at or before `until`, the earliest first: of these, those at `places`.
    ///
    /// A caller that pages through what is due asks for places further back each time. Grants come and go between two pages: one
    /// that is left out is found when the caller starts again from the first page.
    fn due(
        &self,
        provider: &str,
        until: SystemTime,
        places: Range<usize>,
    ) -> impl Future<Output = Result<Vec<Key>, StoreError>> + Send;

    /// Takes, in one step, the leases of grants of `provider` that are due at or before `until` and whose lease is free: of up to
    /// `at_most`, the earliest first.
    ///
    /// It is how machines share what is due: two that ask at once get different grants, and neither waits for the other. Fewer than
    /// `at_most` mean that nothing more is due and free. A lease is one as from [`Store::acquire`].
    ///
    /// Unless a store does it better, [`Store::due`] is asked, and then [`Store::acquire`] for one grant after the other.
    fn acquire_due(
        &self,
        provider: &str,
        owner: &str,
        until: SystemTime,
        ttl: Duration,
        at_most: usize,
    ) -> impl Future<Output = Result<Vec<(Key, Lease)>, StoreError>> + Send {
        shares::acquire_due(self, provider, owner, until, ttl, at_most)
    }

    /// Puts off a grant that is due and could not be refreshed: until `until`, [`Store::due`] and [`Store::acquire_due`] leave it
    /// out, for every process. Its record stays as it is. The next [`Store::put`] or [`Store::commit`] counts again, and a grant
    /// that is never due stays so.
    ///
    /// # Errors
    /// [`StoreErrorKind::LeaseLost`] when `lease` is no longer held.
    fn postpone(
        &self,
        key: &Key,
        lease: &Lease,
        until: SystemTime,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How many grants of `provider` are due at or before `until`, and since when.
    ///
    /// Unless a store does it better, it counts what [`Store::due`] lists.
    fn backlog(
        &self,
        provider: &str,
        until: SystemTime,
    ) -> impl Future<Output = Result<Backlog, StoreError>> + Send {
        shares::backlog(self, provider, until)
    }

    /// The grants of `provider`, `at_most` on a page or a few more, from a page's [`Page::next`] on; the first page where there is none.
    ///
    /// A grant that is there all the while is on a page, and may be on two. Of those that come and go meanwhile nothing is said.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] unless a store can do it.
    fn list(
        &self,
        provider: &str,
        from: Option<Cursor>,
        at_most: usize,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send {
        let _ = (provider, from, at_most);
        let refused = StoreError::new(StoreErrorKind::Refused);
        std::future::ready(Err(refused.with_detail("it keeps no list of its grants")))
    }

    /// Seals the record of a grant under the first key of the store's [`Codec`], where an older one has sealed it. Nothing else of the grant
    /// changes, not even its generation, and no lease is needed. Returns whether it did: not where the first key has sealed it, where there
    /// is no such grant, and where another write came in between, which the first key has sealed.
    ///
    /// For all grants of a provider there is [`reseal_all`].
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`] where no key opens it; [`StoreErrorKind::Refused`] unless a store can do it.
    fn reseal(&self, key: &Key) -> impl Future<Output = Result<bool, StoreError>> + Send {
        let _ = key;
        let refused = StoreError::new(StoreErrorKind::Refused);
        std::future::ready(Err(refused.with_detail("it seals nothing anew")))
    }

    /// Whether [`Store::reserve`] can be used.
    fn keeps_rates(&self) -> bool {
        false
    }

    /// Reserves the next exchange at `provider`, for whichever process asks: returns how long to wait before it begins. Each call is one
    /// exchange, of which no two are closer together than the rate allows, by the store's own clock.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] unless a store can do it.
    fn reserve(
        &self,
        provider: &str,
        rate: Rate,
    ) -> impl Future<Output = Result<Duration, StoreError>> + Send {
        let _ = (provider, rate);
        let refused = StoreError::new(StoreErrorKind::Refused);
        std::future::ready(Err(refused.with_detail("it keeps no rates")))
    }
}

/// What came of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// It is held now.
    Held(Lease),
    /// Another holder has it.
    Busy {
        /// For how much longer at most, where the store knows.
        at_most: Option<Duration>,
    },
}
