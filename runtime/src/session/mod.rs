//! Sessions: tokens that are always fresh and never lost.
//!
//! A [`Session`] holds one grant of one person at one provider. It decides *when* to refresh, lets *one* exchange happen
//! however many tasks and processes want it, and keeps a record of it in a [store](crate::store), so that a crash in the
//! middle loses nothing that could be kept.
//!
//! ```no_run
//! # async fn example<P: rekindle_runtime::session::Renewable>(
//! #     client: P, transport: impl rekindle_runtime::Transport + Send + Sync + 'static,
//! # ) -> Result<(), rekindle_runtime::session::SessionError> {
//! use rekindle_runtime::session::Session;
//! use rekindle_runtime::store::MemoryStore;
//! use rekindle_runtime::{Grant, Token};
//!
//! let session = Session::builder(client, transport).store(MemoryStore::new()).open().await?;
//! if session.status().await?.needs_sign_in() {
//!     session.sign_in(Grant::new().with_refresh_token(Token::new("from signing in"))).await?;
//! }
//! let token = session.access_token().await?;
//! // The API answered 401: the next call fetches a newer token, however many report it.
//! session.invalidate(&token);
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! * **One exchange at a time** for each grant, across tasks, and across processes that share a store. It is a task of its own,
//!   which goes on when its callers stop waiting.
//! * **Journal first, send second, commit third, show last.** After a crash at any instant the next process that opens the store
//!   knows whether an exchange was in flight.
//! * **What is in doubt is sent again only where the contract says that it is safe**: a credential that can be used many times,
//!   a window in which the provider repeats its answer, a token that stays good until its successor is used. Otherwise the
//!   user's policy applies: [`InDoubt`].
//! * **Where the client's settings alone bring tokens**, nobody signs in, and nothing is in doubt: what is lost is sent again. Where such a
//!   mint ends earlier tokens, the earlier one is not served once it may have ended, and the next request waits until none can come late.
//! * **An error never displaces a token that is still valid.** After a failure the session waits, longer each time; a terminal
//!   one is told once and remembered, for every process.
//! * **Early, and not too early**: ahead of a token's end by a margin with jitter that is never more than a quarter of its life;
//!   within the contract's own window; by a monotonic clock that goes on while the machine sleeps, corrected by the `Date` of
//!   the provider's answers.
//! * **While the token is fresh**, [`Session::access_token`] takes no lock and allocates nothing.
//!
//! What a session cannot know is whether an access token that it hands out is revoked: tell it with [`Session::invalidate`], or
//! let a [layer](crate::fit) do so.
//!
//! # Where to go
//!
//! | for | see |
//! |---|---|
//! | many grants, of several providers | [`Sessions`], [`Pool`] |
//! | no async | [`blocking`] |
//! | another crate's client | [`TokenSource`], [`crate::fit`] |
//! | events, spans and metrics | [`Events`], [`telemetry`] |
//! | settings | [`Settings`] |

mod activity;
mod authorize;
mod background_refresher;
pub mod blocking;
mod breaker;
mod builder;
mod cached_token;
mod credential;
mod deadline_queue;
mod error;
mod event;
mod exchange;
mod exchange_outcome;
mod executor;
mod failure;
mod grant_state;
mod in_doubt_policy;
mod local;
mod mint;
mod opened;
mod pending_write;
mod pool;
mod provider;
mod rate;
mod refresh_attempt;
mod reminder;
mod revive;
mod schedule;
#[expect(clippy::module_inception, reason = "the session is what the module is named after")]
mod session;
mod sessions;
mod settings;
mod shared;
mod single_flight;
mod source;
mod status;
mod survey;
mod sweep;
pub mod telemetry;
mod timeline;

pub use activity::Unfinished;
pub use authorize::{LARGEST_REFUSAL, may_refuse_in_body, refuses_access_token, refuses_in_body};
pub use builder::SessionBuilder;
pub use cached_token::Access;
pub use error::{SessionError, SessionErrorKind};
pub use event::{Event, EventKind, Events};
pub use executor::{Executor, Task};
pub use pool::Pool;
pub use provider::{OnThreads, Renewable};
pub use session::Session;
pub use sessions::Sessions;
pub use settings::{InDoubt, Settings, Upkeep};
pub use source::{SourceError, SourceFuture, TokenSource};
pub use status::Status;
pub use survey::{Counts, GrantPage, Standing};
