//! Sessions for people without async: the same methods, which wait on the thread that calls them.
//!
//! All blocking sessions of a process share one thread, on which their exchanges, timers and stores live. It is started with
//! the first of them and stays: whoever drops a session in the middle of an exchange loses no answer. It does the work of
//! thousands of grants; for a million, use the asynchronous [`Sessions`](super::Sessions).
//!
//! The methods may be called from anywhere, also from inside an asynchronous runtime, whose thread they then block.
//!
//! ```no_run
//! # fn example<P: rekindle_runtime::session::Renewable>(
//! #     client: P, transport: impl rekindle_runtime::BlockingTransport + Send + Sync + 'static,
//! # ) -> Result<(), rekindle_runtime::session::SessionError> {
//! use rekindle_runtime::session::blocking::Session;
//! use rekindle_runtime::{Grant, Token};
//!
//! let session = Session::builder(client, transport).subject("user-17").open()?;
//! session.sign_in(Grant::new().with_refresh_token(Token::new("from signing in")))?;
//! let token = session.access_token()?;
//! # Ok(())
//! # }
//! ```

mod builder;
mod engine;

use std::fmt;

pub use builder::Builder;
use engine::Engine;

use super::error::SessionError;
use super::event::Event;
use super::live::Access;
use super::provider::Renewable;
use super::settings::InDoubt;
use super::status::Status;
use crate::grant::Grant;
use crate::store::Key;
use crate::transport::BlockingTransport;

/// One grant: a token that is always fresh. Its copies are the same session.
///
/// See [`super::Session`], of which this is the blocking twin.
pub struct Session<P: Renewable> {
    session: super::Session<P>,
    engine: Engine,
}

impl<P: Renewable> Session<P> {
    /// Begins to describe a session.
    pub fn builder(
        client: P,
        transport: impl BlockingTransport + Send + Sync + 'static,
    ) -> Builder<P> {
        Builder::new(client, transport)
    }

    /// An access token that is valid now: see [`super::Session::access_token`]. While the held token is fresh, no other thread
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

    /// The provider's other endpoints have refused this token as expired or revoked: it is not served any more.
    pub fn invalidate(&self, token: &Access<P>) {
        self.session.invalidate(token);
    }

    /// [`Session::invalidate`], for who has kept only the token's [generation](Access::generation).
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

    /// Decides about an exchange in doubt: see [`super::Session::resolve`].
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

    /// Forgets the grant, here and in the store: see [`Session::sign_out`](super::Session::sign_out).
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
        Events { events: Some(self.session.events()), engine: self.engine.clone() }
    }

    /// Which grant it is.
    pub fn key(&self) -> &Key {
        self.session.key()
    }

    /// Waits until no exchange of this grant is out: call it before the process ends, so that no answer is lost.
    pub fn idle(&self) {
        let session = self.session.clone();
        // Without an engine nothing is out.
        let _ = self.engine.wait(async move { session.idle().await });
    }

    /// The same grant, for asynchronous code such as [`crate::fit`].
    pub fn to_async(&self) -> super::Session<P> {
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

/// The events of a grant, as an iterator that waits for the next one. It ends when no session can tell any more.
pub struct Events {
    /// `None` once they have ended.
    events: Option<super::Events>,
    engine: Engine,
}

impl Events {
    /// The next event that has already happened, if there is one.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.as_mut()?.try_next()
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.try_next() {
            return Some(event);
        }
        let mut events = self.events.take()?;
        let told = self.engine.wait(async move {
            let event = events.next().await;
            (event, events)
        });
        let (event, events) = told.ok()?;
        if event.is_some() {
            self.events = Some(events);
        }
        event
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events(..)")
    }
}
