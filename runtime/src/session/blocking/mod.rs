//! Sessions without async: the same methods, which block the thread that calls them.
//!
//! All blocking sessions of a process share one thread, on which their exchanges, timers and stores live. It is started with
//! the first of them and stays, so that no answer is lost when a session is dropped during an exchange. It does the work of
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
mod events;
mod session;

pub use builder::Builder;
pub use events::Events;
pub use session::Session;
