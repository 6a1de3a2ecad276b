//! Many grants in one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::runtime::Handle;

use super::builder::SessionBuilder;
use super::core::Core;
use super::error::SessionError;
use super::event::Events;
use super::keeper::Keeper;
use super::provider::Renewable;
use super::session::Session;
use super::shared::{Shared, permits};
use crate::clock::{Clock, SystemClock};
use crate::store::Key;
use crate::transport::Transport;

/// The grants of several providers in one process: what is due stands in one ordered structure, behind one timer.
///
/// ```no_run
/// # async fn example<P: rekindle_runtime::session::Renewable, Q: rekindle_runtime::session::Renewable>(
/// #     acme: P, other: Q, transport: std::sync::Arc<rekindle_runtime::ReqwestTransport>,
/// # ) -> Result<(), rekindle_runtime::session::SessionError> {
/// use rekindle_runtime::session::Sessions;
/// use rekindle_runtime::store::MemoryStore;
///
/// let sessions = Sessions::start()?;
/// let store = MemoryStore::new();
/// let acme = sessions.provider(acme, transport.clone()).store(store.clone()).start()?;
/// let other = sessions.provider(other, transport).store(store).start()?;
/// let token = acme.session("user-17").access_token().await?;
/// # Ok(())
/// # }
/// ```
pub struct Sessions {
    keeper: Arc<Keeper>,
    clock: Arc<dyn Clock>,
}

impl Sessions {
    /// Starts with the machine's clocks.
    ///
    /// # Errors
    /// No `tokio` runtime runs here.
    pub fn start() -> Result<Self, SessionError> {
        Self::start_with(SystemClock::new())
    }

    /// Starts with a clock of yours.
    ///
    /// # Errors
    /// As [`Sessions::start`].
    pub fn start_with(clock: impl Clock) -> Result<Self, SessionError> {
        let executor = Handle::try_current().map_err(|_| SessionError::no_executor())?;
        let clock: Arc<dyn Clock> = Arc::new(clock);
        Ok(Self { keeper: Keeper::start(Arc::clone(&clock), &executor), clock })
    }

    /// Begins to describe a provider's grants; [`SessionBuilder::start`] ends it.
    pub fn provider<P: Renewable>(
        &self,
        client: P,
        transport: impl Transport + Send + Sync + 'static,
    ) -> SessionBuilder<P> {
        SessionBuilder::new(client, transport)
            .kept_by(Arc::clone(&self.keeper), Arc::clone(&self.clock))
    }

    /// How many grants, of all providers, wait for a moment at which they are due.
    pub fn waiting(&self) -> usize {
        self.keeper.len()
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

/// The opened grants of a provider.
pub(super) type Grants<P> = RwLock<HashMap<Key, Arc<Core<P>>>>;

/// The same, shared.
pub(super) type Opened<P> = Arc<Grants<P>>;

/// The grants of one provider. Its copies are the same pool.
pub struct Pool<P: Renewable> {
    pub(super) shared: Arc<Shared<P>>,
    opened: Opened<P>,
}

impl<P: Renewable> Pool<P> {
    pub(super) fn new(shared: Arc<Shared<P>>) -> Self {
        Self { shared, opened: Opened::default() }
    }

    pub(super) fn opened(&self) -> Opened<P> {
        Arc::clone(&self.opened)
    }

    /// The session of `subject`. Nothing is read before it is asked for a token.
    pub fn session(&self, subject: &str) -> Session<P> {
        let key = Key::new(P::ID, subject);
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = opened.get(&key) {
            return Session { core: Arc::clone(core) };
        }
        drop(opened);
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let core =
            opened.entry(key.clone()).or_insert_with(|| Core::new(Arc::clone(&self.shared), key));
        Session { core: Arc::clone(core) }
    }

    /// Lets go of the session of `subject` in memory; the store keeps the grant. Sessions in other hands live on.
    pub fn forget(&self, subject: &str) {
        let key = Key::new(P::ID, subject);
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        opened.remove(&key);
    }

    /// How many sessions are in memory.
    pub fn len(&self) -> usize {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        opened.len()
    }

    /// Whether no session is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What happens to any grant of this provider, from now on.
    pub fn events(&self) -> Events {
        Events::new(self.shared.events.subscribe(), None)
    }

    /// Waits until no exchange is out and all new tokens are stored: call it before the process ends, so that no answer is
    /// lost. While the store is away, it waits for the store.
    pub async fn idle(&self) {
        let opened: Vec<_> = {
            let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
            opened.values().cloned().collect()
        };
        for core in opened {
            core.idle().await;
        }
        let all = u32::try_from(permits(&self.shared.settings)).unwrap_or(u32::MAX);
        // Closed is idle, too.
        drop(self.shared.permits.acquire_many(all).await);
    }
}

impl<P: Renewable> Clone for Pool<P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), opened: self.opened() }
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
