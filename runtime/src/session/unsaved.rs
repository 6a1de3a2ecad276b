//! New tokens on their way into the store, and what becomes of them when it does not take them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::core::{Core, Source};
use super::error::SessionError;
use super::event::EventKind;
use super::flight::Outcome;
use super::provider::Renewable;
use crate::store::{Acquired, InFlight, Record, Store, StoreError, StoreErrorKind};

/// How long a write that the store did not take waits before it is tried again, at first and at most.
const SAVE_WAIT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// What the store did not take.
pub(crate) enum Unsaved {
    /// The outcome of an exchange.
    Commit { entry: InFlight, record: Record, source: Source, spent: SystemTime },
    /// That an exchange spent nothing.
    Abandon { entry: InFlight },
}

/// What came of a commit.
enum Written {
    /// It is stored.
    Stored,
    /// Somebody else has stored something newer.
    Overtaken,
}

impl<P: Renewable> Core<P> {
    /// Commits what came of an exchange that has `spent` a record, or keeps in memory what could not be committed. `false` when
    /// somebody else has written something newer.
    pub(super) async fn commit(
        &self,
        spent: &Record,
        entry: InFlight,
        record: Record,
        source: Source,
    ) -> Result<bool, SessionError> {
        let spent = spent.issued_at;
        match self.write(&entry, &record, spent).await {
            Ok(Written::Stored) => {
                self.adopt(&record, source);
                Ok(true)
            }
            Ok(Written::Overtaken) => Ok(false),
            Err(error) => {
                let error = SessionError::unsaved(error);
                self.shared.tell(&self.key, EventKind::SaveFailed(error.clone()));
                self.keep_unsaved(Unsaved::Commit { entry, record, source, spent });
                Err(error)
            }
        }
    }

    /// Writes the outcome of an exchange. What it has spent had been issued at `spent`.
    async fn write(
        &self,
        entry: &InFlight,
        record: &Record,
        spent: SystemTime,
    ) -> Result<Written, StoreError> {
        let kept = Self::as_kept(record);
        match self.shared.store.commit(&self.key, entry, &kept).await {
            Ok(()) => Ok(Written::Stored),
            Err(error) if is_outdated(error.kind()) => self.write_anew(entry, &kept, spent).await,
            Err(error) => Err(error),
        }
    }

    /// The journal holds another entry. Where the generation has moved on, somebody has signed in, or asked again and
    /// committed: theirs is newer. Where it has not, whoever journaled anew has no answer yet, and this one is as good. Where a
    /// grant was removed and put again, generations begin anew: what was not issued when that which was spent is another grant.
    async fn write_anew(
        &self,
        entry: &InFlight,
        kept: &Record,
        spent: SystemTime,
    ) -> Result<Written, StoreError> {
        let store = &self.shared.store;
        let Some(snapshot) = store.read(&self.key).await? else {
            return Ok(Written::Overtaken);
        };
        let stored = &snapshot.record;
        if stored.generation != entry.generation || stored.issued_at != spent {
            self.adopt(&snapshot.record, Source::Store);
            return Ok(Written::Overtaken);
        }
        let asked =
            store.acquire(&self.key, &self.shared.owner, self.shared.settings.lease).await?;
        let Acquired::Held(lease) = asked else {
            return Err(StoreErrorKind::Unavailable.into());
        };
        let ours = InFlight { fence: lease.fence, ..entry.clone() };
        let begun = store.begin(&self.key, &lease, &ours).await;
        let written = match begun {
            Ok(()) => store.commit(&self.key, &ours, kept).await,
            Err(error) => Err(error),
        };
        // One that is not given back ends by itself.
        let _ = store.release(&self.key, &lease).await;
        match written {
            Ok(()) => Ok(Written::Stored),
            // It has moved in between: the next try sees whereto.
            Err(error) if is_outdated(error.kind()) => Err(StoreErrorKind::Unavailable.into()),
            Err(error) => Err(error),
        }
    }

    /// Tells the store what it did not take before. Nothing else comes first (R27).
    pub(super) async fn settle_unsaved(&self) -> Outcome {
        let Some(unsaved) = self.inner().unsaved.clone() else {
            return Ok(());
        };
        self.settle(&unsaved).await
    }

    /// Tries one write again.
    async fn settle(&self, unsaved: &Arc<Unsaved>) -> Outcome {
        match &**unsaved {
            Unsaved::Commit { entry, record, source, spent } => {
                let written = self.write(entry, record, *spent).await;
                let written = written.map_err(SessionError::unsaved)?;
                // Who has signed in or out meanwhile has no use for it.
                let is_last = self.inner().saved(unsaved);
                if is_last && matches!(written, Written::Stored) {
                    let generation = record.generation;
                    self.adopt(record, *source);
                    self.shared.tell(&self.key, EventKind::Saved { generation });
                }
            }
            Unsaved::Abandon { entry } => {
                let ended = self.shared.store.abandon(&self.key, entry).await;
                ended.map_err(SessionError::unsaved)?;
                self.inner().saved(unsaved);
            }
        }
        Ok(())
    }

    /// Keeps what the store did not take, and goes on trying, whoever drops the session meanwhile.
    pub(super) fn keep_unsaved(&self, unsaved: Unsaved) {
        let unsaved = Arc::new(unsaved);
        self.inner().unsaved = Some(Arc::clone(&unsaved));
        let Some(me) = self.strong() else {
            return;
        };
        self.shared.executor.spawn(async move {
            let (mut wait, longest) = SAVE_WAIT;
            loop {
                me.shared.clock.sleep(wait).await;
                let ours = me.inner().is_unsaved(&unsaved);
                if !ours || me.settle(&unsaved).await.is_ok() {
                    return;
                }
                wait = (wait * 2).min(longest);
            }
        });
    }
}

/// Whether a write was refused because somebody else has written.
fn is_outdated(kind: StoreErrorKind) -> bool {
    matches!(kind, StoreErrorKind::Conflict | StoreErrorKind::Missing)
}
