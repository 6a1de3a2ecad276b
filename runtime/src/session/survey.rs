//! How the grants of a provider stand in the store: listed and counted.

use std::time::SystemTime;

use super::error::SessionError;
use super::pool::Pool;
use super::provider::Renewable;
use super::shared::Shared;
use crate::store::{Cursor, Key, Snapshot, Store, StoreErrorKind};

/// How many grants are listed at a time to count them.
const PAGE: usize = 500;

/// How a grant stands in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// It needs nothing now.
    Live,
    /// It needs a refresh even if no caller asks for a token.
    Due,
    /// An exchange was begun longer ago than one may take, or later writes of the store may be lost: whether the credential is spent is
    /// not known.
    InDoubt,
    /// The provider has said that it has ended. Where the client's settings alone bring new tokens: that it refuses them.
    Ended,
    /// What is stored cannot be read: it is damaged, sealed with another key, or of a later version.
    Unreadable,
}

/// A page of a provider's grants.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GrantPage {
    /// The grants of this page, and how each stands. There may be none, and more on the next.
    pub grants: Vec<(Key, Standing)>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Cursor>,
}

/// How many grants of a provider stand how. Each counts once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// [`Standing::Live`].
    pub live: u64,
    /// [`Standing::Due`].
    pub due: u64,
    /// [`Standing::InDoubt`].
    pub in_doubt: u64,
    /// [`Standing::Ended`].
    pub ended: u64,
    /// [`Standing::Unreadable`].
    pub unreadable: u64,
}

impl<P: Renewable> Pool<P> {
    /// The grants of this provider in the store, `at_most` on a page or a few more, from a page's [`GrantPage::next`] on; the first page
    /// where there is none. Reads each of them.
    ///
    /// A grant that is there all the while is on a page, and may be on two.
    ///
    /// # Errors
    /// The store cannot be read, or keeps no list.
    pub async fn list(
        &self,
        from: Option<Cursor>,
        at_most: usize,
    ) -> Result<GrantPage, SessionError> {
        let shared = &self.shared;
        let page = shared.store.list(P::ID, from, at_most).await.map_err(SessionError::store)?;
        let mut grants = Vec::with_capacity(page.keys.len());
        for key in page.keys {
            if let Some((standing, _)) = look(shared, &key).await? {
                grants.push((key, standing));
            }
        }
        Ok(GrantPage { grants, next: page.next })
    }

    /// How many grants of this provider stand how. Reads all of them: for a report, and not for every request.
    ///
    /// Where a page holds a grant that an earlier one held, as those of Redis may, it is counted twice.
    ///
    /// # Errors
    /// As [`Pool::list`].
    pub async fn count(&self) -> Result<Counts, SessionError> {
        let mut counts = Counts::default();
        let mut from = None;
        loop {
            let page = self.list(from, PAGE).await?;
            for (_, standing) in page.grants {
                *match standing {
                    Standing::Live => &mut counts.live,
                    Standing::Due => &mut counts.due,
                    Standing::InDoubt => &mut counts.in_doubt,
                    Standing::Ended => &mut counts.ended,
                    Standing::Unreadable => &mut counts.unreadable,
                } += 1;
            }
            from = page.next;
            if from.is_none() {
                return Ok(counts);
            }
        }
    }
}

/// How a grant stands, and what is stored of it; `None` where it was removed.
pub(super) async fn look<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
) -> Result<Option<(Standing, Option<Snapshot>)>, SessionError> {
    match shared.store.read(key).await {
        Ok(None) => Ok(None),
        Ok(Some(snapshot)) => Ok(Some((standing(shared, &snapshot), Some(snapshot)))),
        Err(error)
            if matches!(error.kind(), StoreErrorKind::Unreadable | StoreErrorKind::Newer) =>
        {
            Ok(Some((Standing::Unreadable, None)))
        }
        Err(error) => Err(SessionError::store(error)),
    }
}

fn standing<P: Renewable>(shared: &Shared<P>, snapshot: &Snapshot) -> Standing {
    let record = &snapshot.record;
    let over = snapshot.in_flight_for > shared.settings.exchange_limit;
    let sent = snapshot.doubted().is_some();
    let is_due = |now: SystemTime| record.due.is_some_and(|due| due <= now);
    if record.ended.is_some() {
        Standing::Ended
    } else if !P::FACTS.needs_no_sign_in() && (snapshot.may_be_outdated || (sent && over)) {
        Standing::InDoubt
    } else if is_due(shared.now()) {
        Standing::Due
    } else {
        Standing::Live
    }
}
