//! What a store keeps.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::StoreErrorKind;
use crate::clock::Clock;
use crate::error::SignIn;
use crate::grant::{Grant, Token};
use crate::readable::Readable;

/// Names one grant in a store: a provider's id, and whose grant it is.
///
/// Neither is a secret: both stand in file names, columns and logs.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    text: Arc<str>,
    provider: u8,
}

impl Key {
    /// The grant of `subject` at `provider`, whose id has at most 255 bytes (what is more is cut off).
    pub fn new(provider: &str, subject: &str) -> Self {
        let mut end = provider.len().min(usize::from(u8::MAX));
        while !provider.is_char_boundary(end) {
            end -= 1;
        }
        let provider = &provider[..end];
        Self {
            text: format!("{provider}/{subject}").into(),
            provider: u8::try_from(end).unwrap_or(u8::MAX),
        }
    }

    /// The provider's id.
    pub fn provider(&self) -> &str {
        &self.text[..usize::from(self.provider)]
    }

    /// Whose grant it is.
    pub fn subject(&self) -> &str {
        &self.text[usize::from(self.provider) + 1..]
    }

    /// `provider/subject`. Provider ids of generated clients hold no slash, so it is unique.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", &*self.text)
    }
}

/// A grant as it is kept. One record is written whole or not at all.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Record {
    /// How often the grant's tokens have changed: 1 for the first.
    pub generation: u64,
    /// Which sign-in the tokens come from: random for each, and kept by every refresh. It tells a grant that was removed and put again
    /// from an older state of the same one. `None` where an earlier version, or a caller of its own, has put it.
    pub sign_in: Option<EntryId>,
    /// The tokens.
    pub grant: Grant,
    /// When they were issued, by the clock of the machine that received them.
    pub issued_at: SystemTime,
    /// Set once the provider has said that the grant is over, with the way to sign in again; or once it was given up, since an exchange
    /// is in doubt.
    pub ended: Option<SignIn>,
    /// When the provider has said so, by the clock of the machine that recorded it; `None` where it was given up.
    pub ended_at: Option<SystemTime>,
    /// When the grant needs a refresh even if no caller asks for a token; `None` where it never does.
    pub due: Option<SystemTime>,
    /// The token that an exchange has spent for these, where the contract says that it stays good until one of them is used: these may
    /// not be the last ones that were issued for it. Kept with the tokens, and sealed as they are.
    pub predecessor: Option<Token>,
}

impl Record {
    /// A record of tokens that were issued at `issued_at`, of which whole milliseconds are kept, of generation 1.
    pub fn new(grant: Grant, issued_at: SystemTime) -> Self {
        let issued_at = whole_millis(issued_at);
        Self {
            generation: 1,
            sign_in: None,
            grant,
            predecessor: None,
            issued_at,
            ended: None,
            ended_at: None,
            due: None,
        }
    }
}

/// The instant without what is less than a millisecond.
fn whole_millis(instant: SystemTime) -> SystemTime {
    let since = instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let beyond = Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000));
    instant.checked_sub(beyond).unwrap_or(instant)
}

/// A number that grows with each acquisition of a grant's lease: of two holders, the later has the larger one. It begins anew with a
/// grant that was removed and put again, and in a store that has gone back in time: what tells leases apart is [`Lease::id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The name of its holder, for log messages.
    pub owner: Arc<str>,
    /// How many acquisitions there were, this one included.
    pub fence: Fence,
    /// Which acquisition it is: no other one has this.
    pub id: EntryId,
}

/// Tells one entry of the journal from every other: 128 random bits, new for each [`Store::begin`](super::Store::begin). Leases and
/// sign-ins have one as well.
///
/// Fences count, and a store that was restored or failed over counts the same numbers again. These never come again. As text
/// they are 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryId(u128);

impl EntryId {
    /// The id of these bits, which come from a random generator: those of [`Clock::random`](crate::clock::Clock::random), say.
    pub const fn from_bits(high: u64, low: u64) -> Self {
        Self((high as u128) << 64 | low as u128)
    }

    /// An id of its own.
    pub fn random() -> Self {
        Self::from_bits(fastrand::u64(..), fastrand::u64(..))
    }

    /// An id of its own, by the chance that this clock gives.
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self::from_bits(clock.random(), clock.random())
    }

    /// What stands for the id of an entry that a version without ids has written: its fence, in decimal digits.
    #[cfg(feature = "file")]
    pub(super) fn of_fence(fence: Fence) -> Self {
        // A number's digits are hexadecimal digits too, and never too many.
        fence.0.to_string().parse().unwrap_or(Self(u128::MAX))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({self})")
    }
}

impl FromStr for EntryId {
    type Err = ParseIntError;

    /// Reads hexadecimal digits: what [`Display`](fmt::Display) writes.
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

/// An exchange that may be in flight: what the journal holds.
#[derive(Clone, PartialEq, Eq)]
pub struct InFlight {
    /// Which entry it is: no other one has this, not even that of a repeat of the same exchange.
    pub id: EntryId,
    /// The generation that it spends.
    pub generation: u64,
    /// The lease under which it was begun.
    pub fence: Fence,
    /// The name of the process that began it, for log messages.
    pub owner: Arc<str>,
    /// When the first request of it was sent: a declared replay window counts from here, however often it is repeated. Stores
    /// keep whole milliseconds.
    pub started_at: SystemTime,
    /// How many requests of it were sent that spend something, this one included. 0 where none is: what was to be spent is spent, what takes
    /// its place is stored, and the entry is there for the rest to be committed.
    pub attempt: u32,
}

/// With the instant as people read it.
impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, generation, fence, owner, started_at, attempt } = self;
        f.debug_struct("InFlight")
            .field("id", id)
            .field("generation", generation)
            .field("fence", fence)
            .field("owner", owner)
            .field("started_at", &Readable(*started_at))
            .field("attempt", attempt)
            .finish()
    }
}

impl InFlight {
    /// Whether this entry may be journaled where the stored record has `generation` and the journal holds an entry `journaled`;
    /// `false` when it is journaled already.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when the generation has moved on or the journal holds another entry than `replaces`;
    /// [`StoreErrorKind::Refused`] when no generation comes after this one.
    pub(super) fn may_begin(
        &self,
        generation: u64,
        journaled: Option<EntryId>,
        replaces: Option<EntryId>,
    ) -> Result<bool, StoreErrorKind> {
        if generation != self.generation {
            return Err(StoreErrorKind::Conflict);
        }
        next_generation(generation)?;
        if journaled == Some(self.id) {
            return Ok(false);
        }
        if journaled == replaces { Ok(true) } else { Err(StoreErrorKind::Conflict) }
    }

    /// The generation that a commit of this exchange makes, where the stored record has `generation`, the journal holds an entry
    /// `journaled`, and the last commit was of the entry `committed`; `None` when this exchange is committed already.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when the generation has moved on or the journal holds another exchange.
    pub(super) fn commit_to(
        &self,
        generation: u64,
        journaled: Option<EntryId>,
        committed: Option<EntryId>,
    ) -> Result<Option<u64>, StoreErrorKind> {
        let next = next_generation(self.generation).map_err(|_| StoreErrorKind::Conflict)?;
        if generation == next && committed == Some(self.id) {
            return Ok(None);
        }
        let ours = generation == self.generation && journaled == Some(self.id);
        ours.then_some(Some(next)).ok_or(StoreErrorKind::Conflict)
    }
}

/// The last generation: the largest number that every store can hold.
pub(super) const LAST_GENERATION: u64 = i64::MAX as u64;

/// The generation after this one.
///
/// # Errors
/// [`StoreErrorKind::Refused`] when there is none.
pub(super) fn next_generation(generation: u64) -> Result<u64, StoreErrorKind> {
    if generation < LAST_GENERATION { Ok(generation + 1) } else { Err(StoreErrorKind::Refused) }
}

/// What a store knows of one grant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Snapshot {
    /// The grant.
    pub record: Record,
    /// The exchange that was begun and neither committed nor abandoned.
    pub in_flight: Option<InFlight>,
    /// How long ago the first request of that exchange was journaled, by the store's own clock: that of the server, or of the
    /// machine where there is none. No clock of another machine is believed for it. Zero where nothing is in flight.
    pub in_flight_for: Duration,
    /// Whether another server has taken over since the record was put or committed, by failover or restored from a backup: what
    /// was written in between may be lost, a later record or the entry of an exchange, so that these tokens may be spent. Stores
    /// that have no servers say `false`.
    pub may_be_outdated: bool,
}

impl Snapshot {
    /// A record with nothing in flight.
    pub fn new(record: Record) -> Self {
        Self { record, in_flight: None, in_flight_for: Duration::ZERO, may_be_outdated: false }
    }

    /// The exchange of which it is not known what became of what it spends. Under an entry of no attempt nothing is spent: what takes the
    /// place of the refresh token was stored before it.
    pub(crate) fn doubted(&self) -> Option<&InFlight> {
        self.in_flight.as_ref().filter(|entry| entry.attempt > 0)
    }

    /// The id of the entry that the journal holds: what [`Store::begin`](super::Store::begin) is told that it replaces.
    pub fn entry_id(&self) -> Option<EntryId> {
        self.in_flight.as_ref().map(|entry| entry.id)
    }
}
