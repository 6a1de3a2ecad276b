//! Many grants of one provider.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::activity::Unfinished;
use super::event::Events;
use super::opened::Opened;
use super::provider::Renewable;
use super::session::Session;
use super::shared::Shared;
use crate::store::Key;

/// The grants of one provider. Its copies are the same pool.
pub struct Pool<P: Renewable> {
    pub(super) shared: Arc<Shared<P>>,
    pub(super) opened: Arc<Opened<P>>,
}

impl<P: Renewable> Pool<P> {
    pub(super) fn new(shared: Arc<Shared<P>>) -> Self {
        Self { shared, opened: Opened::new() }
    }

    /// The session of `subject`. The store is not read before a caller asks it for a token.
    ///
    /// Asked for again, it is the same one, for as long as the pool has it in memory: see [`Pool::forget_unused`].
    pub fn session(&self, subject: &str) -> Session<P> {
        let key = Key::new(P::ID, subject);
        Session { grant: self.opened.get_or_open(&self.shared, key) }
    }

    /// Drops the pool's session of `subject`; the store keeps the grant, and copies of the session go on.
    pub fn forget(&self, subject: &str) {
        let key = Key::new(P::ID, subject);
        self.opened.forget(&key);
    }

    /// Drops the sessions that nobody holds and nobody has asked the pool for since this was called last, unless an exchange is out or new
    /// tokens are not stored yet. Returns how many.
    ///
    /// Call it now and then, once an hour say, where many people come and go. The store keeps their grants, and what is due there is
    /// refreshed all the same. Sessions of subjects that have no grant are dropped without it, once there are many.
    pub fn forget_unused(&self) -> usize {
        self.opened.forget_unused()
    }

    /// Whether the provider says of so many grants that they have ended that it is not believed: see
    /// [`EventKind::EndingsHeld`](super::EventKind::EndingsHeld).
    pub fn holds_endings(&self) -> bool {
        self.shared.holds_endings()
    }

    /// Believes the provider again when it says that a grant has ended: you know that it is so. Grants that were kept meanwhile end with
    /// their next attempt.
    ///
    /// It goes for this process.
    pub fn believe_endings(&self) {
        self.shared.believe_endings();
    }

    /// How many sessions are in memory.
    pub fn len(&self) -> usize {
        self.opened.len()
    }

    /// Whether no session is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What happens to any grant of this provider, from now on.
    pub fn events(&self) -> Events {
        Events::new(self.shared.events.subscribe(), None)
    }

    /// Closes the pool, as a process does before it ends: nothing more begins, exchanges that are out end, and new tokens that the store
    /// has not taken are stored, until `limit` has passed. That goes for all grants, also for those that the pool has found in the store
    /// or was told to forget. Returns what remains by then.
    ///
    /// Valid tokens are served all the same; who needs another one is told
    /// [`SessionErrorKind::Closed`](super::SessionErrorKind::Closed). Closing twice is closing once: both wait.
    pub async fn close(&self, limit: Duration) -> Unfinished {
        self.shared.close(limit).await
    }
}

impl<P: Renewable> Clone for Pool<P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), opened: Arc::clone(&self.opened) }
    }
}

impl<P: Renewable> fmt::Debug for Pool<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("provider", &P::ID)
            .field("sessions", &self.len())
            .finish_non_exhaustive()
    }
}
