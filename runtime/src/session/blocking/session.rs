//! The handle of one grant, for code without async.

use std::fmt;
use std::time::Duration;

use super::super::activity::Unfinished;
use super::super::cached_token::Access;
use super::super::error::SessionError;
use super::super::provider::Renewable;
use super::super::session::Session as AsyncSession;
use super::super::settings::InDoubt;
use super::super::status::Status;
use super::engine::Engine;
use super::events::Events;
use crate::grant::Grant;
use crate::store::Key;

/// One grant: a token that is always fresh. Its copies are the same session.
///
/// See [`crate::session::Session`], whose methods these are, blocking.
pub struct Session<P: Renewable> {
    pub(super) session: AsyncSession<P>,
    pub(super) engine: Engine,
}

impl<P: Renewable> Session<P> {
    /// An access token that is valid now: see [`crate::session::Session::access_token`]. While the held token is fresh, no other thread
    /// is asked.
    ///
    /// # Errors
    /// There is no valid token and none can be had now.
    pub fn access_token(&self) -> Result<Access<P>, SessionError> {
        match self.session.try_access_token() {
            Some(access) => Ok(access),
            None => {
                let session = self.session.clone();
                self.engine.wait(async move { session.access_token().await })?
            }
        }
    }

    /// The access token, if it is fresh: what [`Session::access_token`] gives without waiting.
    pub fn try_access_token(&self) -> Option<Access<P>> {
        self.session.try_access_token()
    }

    /// Reports that an API of the provider has refused this token as expired or revoked: the session stops serving it.
    pub fn invalidate(&self, token: &Access<P>) {
        self.session.invalidate(token);
    }

    /// [`Session::invalidate`], for callers that keep only the token's [generation](Access::generation).
    pub fn invalidate_generation(&self, generation: u64) {
        self.session.invalidate_generation(generation);
    }

    /// Refreshes now, whatever the token's life, and even if an attempt has failed a moment ago.
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub fn refresh_now(&self) -> Result<(), SessionError> {
        let session = self.session.clone();
        self.engine.wait(async move { session.refresh_now().await })?
    }

    /// Decides about an exchange in doubt: see [`crate::session::Session::resolve`].
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub fn resolve(&self, decision: InDoubt) -> Result<(), SessionError> {
        let session = self.session.clone();
        self.engine.wait(async move { session.resolve(decision).await })?
    }

    /// Stores the tokens of a sign-in, in place of whatever was stored, and serves them.
    ///
    /// # Errors
    /// The store does not take them: they are not served.
    pub fn sign_in(&self, grant: Grant) -> Result<(), SessionError> {
        let session = self.session.clone();
        self.engine.wait(async move { session.sign_in(grant).await })?
    }

    /// Forgets the grant, here and in the store: see [`Session::sign_out`](crate::session::Session::sign_out).
    ///
    /// # Errors
    /// The store cannot be reached: nothing is forgotten.
    pub fn sign_out(&self) -> Result<(), SessionError> {
        let session = self.session.clone();
        self.engine.wait(async move { session.sign_out().await })?
    }

    /// How the grant stands. Reads the store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn status(&self) -> Result<Status, SessionError> {
        let session = self.session.clone();
        self.engine.wait(async move { session.status().await })?
    }

    /// What happens to this grant, from now on.
    pub fn events(&self) -> Events {
        Events::new(self.session.events(), self.engine.clone())
    }

    /// Which grant it is.
    pub fn key(&self) -> &Key {
        self.session.key()
    }

    /// Closes the session: see [`crate::session::Session::close`].
    ///
    /// # Errors
    /// The thread of the sessions is gone, or this is that thread.
    pub fn close(&self, limit: Duration) -> Result<Unfinished, SessionError> {
        let session = self.session.clone();
        self.engine.wait(async move { session.close(limit).await })
    }

    /// The same grant, for asynchronous code such as [`crate::fit`].
    pub fn to_async(&self) -> AsyncSession<P> {
        self.session.clone()
    }
}

impl<P: Renewable> Clone for Session<P> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), engine: self.engine.clone() }
    }
}

impl<P: Renewable> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}
