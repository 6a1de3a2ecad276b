//! What a store keeps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::StoreErrorKind;
use crate::error::SignIn;
use crate::grant::{Grant, Token};

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
    /// The tokens.
    pub grant: Grant,
    /// The token that an exchange spent for these, where its contract says that it stays good until one of them is used: they may
    /// not be the last ones that were issued for it.
    pub predecessor: Option<Token>,
    /// When they were issued, by the clock of the machine that received them.
    pub issued_at: SystemTime,
    /// Set once the provider has said that the grant is over, with the way to sign in again.
    pub ended: Option<SignIn>,
    /// When the grant needs a refresh even if no caller asks for a token; `None` where it never does.
    pub due: Option<SystemTime>,
}

impl Record {
    /// A record of tokens that were issued at `issued_at`, of which whole milliseconds are kept, of generation 1.
    pub fn new(grant: Grant, issued_at: SystemTime) -> Self {
        let issued_at = whole_millis(issued_at);
        Self { generation: 1, grant, predecessor: None, issued_at, ended: None, due: None }
    }
}

/// The instant without what is less than a millisecond.
fn whole_millis(instant: SystemTime) -> SystemTime {
    let since = instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let beyond = Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000));
    instant.checked_sub(beyond).unwrap_or(instant)
}

/// A number that grows with each acquisition of a grant's lease: of two holders, the later has the larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The name of its holder, for log messages.
    pub owner: Arc<str>,
    /// Which acquisition it is.
    pub fence: Fence,
}

/// An exchange that may be in flight: what the journal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The generation that it spends.
    pub generation: u64,
    /// The lease under which it was begun.
    pub fence: Fence,
    /// The name of the process that began it, for log messages.
    pub owner: Arc<str>,
    /// When the first request of it was sent: a declared replay window counts from here, however often it is repeated. Stores
    /// keep whole milliseconds.
    pub started_at: SystemTime,
    /// How many requests of it were sent, this one included.
    pub attempt: u32,
}

impl InFlight {
    /// The generation that a commit of this exchange makes, where the stored record has `generation`, the journal holds an entry
    /// of the fence `journaled`, and the last commit was of the fence `committed`; `None` when this exchange is committed already.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when the generation has moved on or the journal holds another exchange.
    pub(super) fn commit_to(
        &self,
        generation: u64,
        journaled: Option<Fence>,
        committed: Option<Fence>,
    ) -> Result<Option<u64>, StoreErrorKind> {
        let next = self.generation.checked_add(1).ok_or(StoreErrorKind::Conflict)?;
        if generation == next && committed == Some(self.fence) {
            return Ok(None);
        }
        let ours = generation == self.generation && journaled == Some(self.fence);
        ours.then_some(Some(next)).ok_or(StoreErrorKind::Conflict)
    }
}

/// What a store knows of one grant.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The grant.
    pub record: Record,
    /// The exchange that was begun and neither committed nor abandoned.
    pub in_flight: Option<InFlight>,
}
