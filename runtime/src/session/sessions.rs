//! Many grants of several providers in one process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::activity::{Activities, Unfinished};
use super::builder::SessionBuilder;
use super::deadline_queue::DeadlineQueue;
use super::error::SessionError;
use super::executor::{self, Executor};
use super::provider::Renewable;
use crate::clock::{Clock, SystemClock};
use crate::transport::Transport;

/// The grants of several providers in one process. All that are due stand in one queue, behind one timer.
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
    deadlines: Arc<DeadlineQueue>,
    clock: Arc<dyn Clock>,
    executor: Arc<dyn Executor>,
    providers: Arc<Activities>,
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
        Ok(Self::start_all(Arc::new(clock), executor::current()?))
    }

    /// Starts with a clock and an executor of yours.
    pub fn start_on(clock: impl Clock, executor: impl Executor) -> Self {
        Self::start_all(Arc::new(clock), Arc::new(executor))
    }

    fn start_all(clock: Arc<dyn Clock>, executor: Arc<dyn Executor>) -> Self {
        let deadlines = DeadlineQueue::start(Arc::clone(&clock), &*executor);
        Self { deadlines, clock, executor, providers: Arc::default() }
    }

    /// Begins to describe a provider's grants; [`SessionBuilder::start`] ends it.
    pub fn provider<P: Renewable>(
        &self,
        client: P,
        transport: impl Transport + Send + Sync + 'static,
    ) -> SessionBuilder<P> {
        SessionBuilder::new(client, transport).with_deadlines(
            Arc::clone(&self.deadlines),
            Arc::clone(&self.clock),
            Arc::clone(&self.executor),
            Arc::clone(&self.providers),
        )
    }

    /// Closes the sessions of all providers at once, also of those that are started later: see [`Pool::close`](super::Pool::close).
    pub async fn close(&self, limit: Duration) -> Unfinished {
        let until = self.clock.monotonic().saturating_add(limit);
        let mut unfinished = Unfinished::default();
        for provider in self.providers.shut() {
            let left = until.saturating_sub(self.clock.monotonic());
            let of_it = provider.close(left, &*self.clock).await;
            unfinished.attempts += of_it.attempts;
            unfinished.unsaved.extend(of_it.unsaved);
        }
        unfinished
    }

    /// How many grants, of all providers, wait for a moment at which they are due.
    pub fn waiting(&self) -> usize {
        self.deadlines.len()
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
