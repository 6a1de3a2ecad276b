//! How a blocking session is described before it is opened.

use std::fmt;

use super::super::builder::SessionBuilder;
use super::super::error::SessionError;
use super::super::provider::{OnThreads, Renewable};
use super::super::settings::{InDoubt, Settings, Upkeep};
use super::engine::Engine;
use super::session::Session;
use crate::clock::Clock;
use crate::store::Store;
use crate::transport::BlockingTransport;

/// Describes a blocking session: where its grant is kept, when it is refreshed.
#[must_use]
pub struct Builder<P>(SessionBuilder<P>);

impl<P: Renewable> Session<P> {
    /// Begins to describe a session.
    pub fn builder(
        client: P,
        transport: impl BlockingTransport + Send + Sync + 'static,
    ) -> Builder<P> {
        Builder::new(client, transport)
    }
}

impl<P: Renewable> Builder<P> {
    pub(super) fn new(
        client: P,
        transport: impl BlockingTransport + Send + Sync + 'static,
    ) -> Self {
        Self(SessionBuilder::new(client, OnThreads::new(transport)))
    }

    /// Where the grant is kept. In memory unless said: then it is gone with the process.
    pub fn store(self, store: impl Store) -> Self {
        Self(self.0.store(store))
    }

    /// Whose grant it is. `default` unless said.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        Self(self.0.subject(subject))
    }

    /// All that can be decided, at once.
    pub fn settings(self, settings: Settings) -> Self {
        Self(self.0.settings(settings))
    }

    /// What to do with an exchange in doubt.
    pub fn in_doubt(self, policy: InDoubt) -> Self {
        Self(self.0.in_doubt(policy))
    }

    /// When to refresh.
    pub fn upkeep(self, upkeep: Upkeep) -> Self {
        Self(self.0.upkeep(upkeep))
    }

    /// What the session goes by in place of the machine's clocks.
    pub fn clock(self, clock: impl Clock) -> Self {
        Self(self.0.clock(clock))
    }

    /// Who this process is, in leases and journals: for people. The process id unless said.
    pub fn owner(self, owner: impl Into<String>) -> Self {
        Self(self.0.owner(owner))
    }

    /// How many exchanges may be begun in a time: the provider's rate limit.
    #[cfg(feature = "rate-limit")]
    pub fn rate(self, quota: governor::Quota) -> Self {
        Self(self.0.rate(quota))
    }

    /// Opens the session, and reads what the store holds: see [`SessionBuilder::open`].
    ///
    /// # Errors
    /// The store cannot be read, or the system starts no thread. That there is no grant yet is no error.
    pub fn open(self) -> Result<Session<P>, SessionError> {
        let engine = Engine::of_process()?;
        let session = engine.wait(self.0.open())??;
        Ok(Session { session, engine })
    }
}

impl<P> fmt::Debug for Builder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
