//! A provider's grants under a new key, and in another store.

use std::collections::HashSet;
use std::time::Duration;

use super::{Acquired, Cursor, Key, Lease, Snapshot, Store, StoreError, StoreErrorKind};
use crate::grant::{Grant, Token};

/// How many grants are listed at a time.
const PAGE: usize = 100;
/// For how long a grant is held while it is moved.
const HELD: Duration = Duration::from_secs(60);
/// Who holds it, for log messages.
const OWNER: &str = "moving";

/// What came of [`reseal_all`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealed {
    /// How many records the first key has sealed now.
    pub resealed: usize,
    /// Grants whose record no key opens. They stay as they are.
    pub unreadable: Vec<Key>,
}

/// Seals all records of a provider under the first key of the store's [`Codec`](super::Codec), while processes go on to use them.
///
/// A new key takes over in three steps: every process gets `Codec::sealed(new).and_opens(old)`; this is called; the old key goes. Called
/// again after it failed, it goes on with what is left.
///
/// ```
/// # use rekindle_runtime::store::{MemoryStore, StoreError, reseal_all};
/// # async fn shown(store: MemoryStore) -> Result<(), StoreError> {
/// let done = reseal_all(&store, "spark").await?;
/// assert!(done.unreadable.is_empty(), "the old key must stay: {:?}", done.unreadable);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Those of the store. What was sealed anew stays so.
pub async fn reseal_all(store: &impl Store, provider: &str) -> Result<Resealed, StoreError> {
    let mut done = Resealed::default();
    let mut pages = Pages::of(provider);
    while let Some(keys) = pages.next(store).await? {
        for key in keys {
            match store.reseal(&key).await {
                Ok(resealed) => done.resealed += usize::from(resealed),
                Err(error) if error.kind() == StoreErrorKind::Unreadable => {
                    done.unreadable.push(key);
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(done)
}

/// What came of [`move_all`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// How many grants are in the other store now.
    pub moved: usize,
    /// Grants that stay where they are, each with the reason.
    pub left: Vec<(Key, Left)>,
}

/// Why a grant was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Left {
    /// A process holds it or has changed it meanwhile: one that was not stopped, or a move that was killed less than a minute ago. Or both
    /// stores are the same place.
    InUse,
    /// An exchange is in doubt, or may have been forgotten by a server that failed over. Its sessions settle it first.
    InDoubt,
    /// The other store has a grant of this subject with other tokens.
    Different,
    /// One of the stores has a record that cannot be read.
    Unreadable,
}

/// Moves all grants of a provider from one store to another: to other servers, from files to a database, from plain to sealed records, and
/// back.
///
/// Stop the processes that use either store before, and let them use the other one after. A grant is removed where it was once the other
/// store has it durably: at no time is there none. One that a process holds or changes stays; but a process that still runs can sign in at
/// the very moment at which the grant is removed, and that sign-in is lost. Generations begin anew. Called again after it failed, it goes on
/// with what is left.
///
/// # Errors
/// Those of the stores. Grants that were moved stay moved.
pub async fn move_all(
    from: &impl Store,
    to: &impl Store,
    provider: &str,
) -> Result<Moved, StoreError> {
    let mut done = Moved::default();
    let mut pages = Pages::of(provider);
    while let Some(keys) = pages.next(from).await? {
        for key in keys {
            match move_one(from, to, &key).await? {
                Outcome::Moved => done.moved += 1,
                Outcome::Gone => {}
                Outcome::Left(why) => done.left.push((key, why)),
            }
        }
    }
    Ok(done)
}

enum Outcome {
    Moved,
    /// Somebody has removed it.
    Gone,
    Left(Left),
}

async fn move_one(from: &impl Store, to: &impl Store, key: &Key) -> Result<Outcome, StoreError> {
    let lease = match from.acquire(key, OWNER, HELD).await {
        Ok(Acquired::Held(lease)) => lease,
        Ok(Acquired::Busy { .. }) => return Ok(Outcome::Left(Left::InUse)),
        Err(error) if error.kind() == StoreErrorKind::Missing => return Ok(Outcome::Gone),
        Err(error) => return left_unreadable(error),
    };
    let outcome = hand_over(from, to, key, &lease).await;
    // Of a grant that was removed as well: a file store has its lock open until then. Where it fails, the lease ends by itself.
    let _ = from.release(key, &lease).await;
    outcome.or_else(left_unreadable)
}

/// One record that cannot be read does not keep the others.
fn left_unreadable(error: StoreError) -> Result<Outcome, StoreError> {
    match error.kind() {
        StoreErrorKind::Unreadable | StoreErrorKind::Newer => Ok(Outcome::Left(Left::Unreadable)),
        _ => Err(error),
    }
}

/// Puts a grant into the other store, and removes it from this one unless it has changed meanwhile.
async fn hand_over(
    from: &impl Store,
    to: &impl Store,
    key: &Key,
    lease: &Lease,
) -> Result<Outcome, StoreError> {
    let Some(found) = from.read(key).await? else {
        return Ok(Outcome::Gone);
    };
    if let Some(why) = take_over(to, key, &found).await? {
        return Ok(Outcome::Left(why));
    }
    // This machine may have slept for longer than the lease.
    match from.renew(key, lease, HELD).await {
        Ok(()) => {}
        Err(error) if error.kind() == StoreErrorKind::LeaseLost => {
            return Ok(Outcome::Left(Left::InUse));
        }
        Err(error) => return Err(error),
    }
    match from.read(key).await? {
        Some(now) if now.record.generation == found.record.generation => {}
        _ => return Ok(Outcome::Left(Left::InUse)),
    }
    from.remove(key).await?;
    Ok(Outcome::Moved)
}

/// Puts a grant into a store, unless it is there since an earlier call. Why it cannot, if so.
async fn take_over(
    to: &impl Store,
    key: &Key,
    found: &Snapshot,
) -> Result<Option<Left>, StoreError> {
    if found.in_flight.is_some() || found.may_be_outdated {
        return Ok(Some(Left::InDoubt));
    }
    match to.read(key).await? {
        None => {
            to.put(key, &found.record).await?;
            Ok(None)
        }
        Some(known) if !is_same(&known.record.grant, &found.record.grant) => {
            Ok(Some(Left::Different))
        }
        // Where both stores are one place, the grant that would be removed is this one, and its lease is held already.
        Some(_) => match to.acquire(key, OWNER, HELD).await? {
            Acquired::Busy { .. } => Ok(Some(Left::InUse)),
            Acquired::Held(lease) => {
                to.release(key, &lease).await?;
                Ok(None)
            }
        },
    }
}

fn is_same(one: &Grant, other: &Grant) -> bool {
    let same = |one: Option<&Token>, other: Option<&Token>| {
        one.map(Token::expose) == other.map(Token::expose)
    };
    same(one.access_token(), other.access_token())
        && same(one.refresh_token(), other.refresh_token())
}

/// All grants of a provider, page by page, each once.
struct Pages<'a> {
    provider: &'a str,
    /// Where the next page begins; `None` after the last.
    next: Option<Option<Cursor>>,
    seen: HashSet<Key>,
}

impl<'a> Pages<'a> {
    fn of(provider: &'a str) -> Self {
        Self { provider, next: Some(None), seen: HashSet::new() }
    }

    async fn next(&mut self, store: &impl Store) -> Result<Option<Vec<Key>>, StoreError> {
        let Some(from) = self.next.take() else {
            return Ok(None);
        };
        let page = store.list(self.provider, from, PAGE).await?;
        self.next = page.next.map(Some);
        let new = page.keys.into_iter().filter(|key| self.seen.insert(key.clone()));
        Ok(Some(new.collect()))
    }
}
