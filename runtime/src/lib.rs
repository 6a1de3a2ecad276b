//! What the clients that Rekindle generates stand on: they turn a refresh token into a request and an answer into tokens, and
//! this crate holds what all of them need to do that safely. Secrets that are never printed and are wiped, lifetimes that
//! become instants, errors that say what to do and what became of the credential, and transports behind features.
//!
//! The core does no I/O, reads no clock and knows no executor: whoever calls owns the socket. Most users have one of the transports send
//! the requests, and a session keep the token fresh. With a client that Rekindle generated, and the features `session` and
//! `reqwest-rustls`:
//!
//! ```no_run
//! # #[cfg(all(feature = "session", feature = "reqwest"))]
//! async fn use_the_api<C: rekindle_runtime::session::Renewable>(client: C) -> Result<(), Box<dyn std::error::Error>> {
//!     use rekindle_runtime::{Grant, ReqwestTransport, Token, session::Session, store::MemoryStore};
//!
//!     let session = Session::builder(client, ReqwestTransport::new()?).store(MemoryStore::new()).open().await?;
//!     session.sign_in(Grant::new().with_refresh_token(Token::new("from signing in"))).await?;
//!
//!     let token = session.access_token().await?; // Ask whenever one is needed: it is fresh.
//!     println!("generation {}", token.generation());
//!     Ok(())
//! }
//! ```
//!
//! One exchange without a session is `client.refresh(&transport, refresh_token).await`; one with a socket of your own is
//! `client.refresh_request(refresh_token, now)` and `pending.finish(response)`.
//!
//! # Transports
//!
//! [`refresh()`] and [`refresh_blocking`] carry out the whole exchange over a [`Transport`] or a [`BlockingTransport`]: yours,
//! or one of these.
//!
//! | feature | transport | TLS |
//! |---|---|---|
//! | `reqwest` | `ReqwestTransport`, async | none: loopback only, or the TLS feature of `reqwest` that you turn on yourself |
//! | `reqwest-rustls` | the same | rustls with aws-lc-rs and the platform's verifier |
//! | `hyper` | `HyperTransport`, async, any connector | none: loopback only, or that of your connector |
//! | `hyper-rustls` | the same, `HyperTransport::https` | rustls with ring and the web's root certificates |
//! | `ureq` | `UreqTransport`, blocking | none: loopback only, or the TLS feature of `ureq` that you turn on yourself |
//! | `ureq-rustls` | the same | rustls with ring and the web's root certificates |
//!
//! Each asks for answers without a coding (`Accept-Encoding: identity`) and calls itself `rekindle/` and the version, unless the contract or
//! your settings say otherwise. Plain `http` goes to this machine alone, through no proxy. What cannot have left is
//! [`Sent::No`]: a name that is not found, a connection, a proxy or a TLS handshake that fails or stalls. A certificate that is not valid is a
//! misconfiguration.
//!
//! | what an answer's head may hold | reqwest, hyper | ureq |
//! |---|---|---|
//! | lines | 256 | 128, in 64 KiB |
//! | a folded line, a space before the colon (RFC 9112 sections 5.1, 5.2) | read | refused |
//! | a line that is no header | left out | refused |
//!
//! What ureq refuses has spent the credential: its parser cannot be told otherwise.
//!
//! Connections are kept. What arrived on one that nobody asked for closes it, and is not taken for the next answer: ureq looks at the
//! socket before each request; with reqwest and hyper the `tokio` runtime looks, which on several threads can be microseconds late. What
//! arrives after the request was written cannot be told from its answer by anyone. Where a provider or what stands before it answers twice,
//! keep no connections: `pool_max_idle_per_host(0)` of reqwest's builder, `max_idle_connections(0)` of ureq's.
//!
//! No feature is on by default. For reqwest with ring, turn on `reqwest` here and `rustls-no-provider` there, and hand
//! `ReqwestTransport::from_builder` a builder with the provider of your choice.
//!
//! # Sessions
//!
//! A client refreshes when it is told to. With the feature `session`, a `session::Session` decides when, lets one exchange
//! happen for all who ask, and survives crashes by a `store`.
//!
//! | feature | what it brings |
//! |---|---|
//! | `session` | sessions, many of them, blocking ones; the store in memory; runs on `tokio` |
//! | `file` | a store in files, for one machine |
//! | `postgres`, `redis` | stores for many machines |
//! | `seal` | records that are encrypted with a key of yours, in any store |
//! | `rate-limit` | a limit of exchanges in a time |
//! | `tower`, `reqwest-middleware` | layers that attach the access token |
//! | `tracing`, `metrics` | spans, events and counters |
//! | `store-conformance` | what a store must do, as checks for one of your own |
//!
//! # What requests hold
//!
//! | feature | what clients can make |
//! |---|---|
//! | `random` | random values, such as UUIDs |
//! | `hashes` | SHA-256, HMAC |
//! | `signing` | signed tokens, with ring; brings `random` |
//!
//! A package of generated clients turns on what its providers need. A crate whose build script makes clients does it itself.
//!
//! # A client by hand
//!
//! The generated clients stand on [`kit`]. This one is written by hand, over the traits alone:
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use http::{Method, Request, Response, StatusCode};
//! use rekindle_runtime::*;
//!
//! struct Client { base: BaseUrl }
//! struct InFlight(Pending<Secret>);
//! #[derive(Debug)]
//! struct Tokens { access_token: Secret, expiry: Expiry }
//!
//! impl Provider for Client {
//!     type Credential = Secret;
//!     type Tokens = Tokens;
//!     type Pending = InFlight;
//!     const NAME: &'static str = "Example";
//!
//!     fn start(
//!         &self,
//!         refresh_token: Secret,
//!         started_at: SystemTime,
//!     ) -> Result<(Request<Vec<u8>>, InFlight), RefreshError<Secret>> {
//!         let mut form = Form::new();
//!         form.field("grant_type", "refresh_token").field("refresh_token", refresh_token.expose());
//!         let mut request = Request::new(form.finish());
//!         *request.method_mut() = Method::POST;
//!         match self.base.join("/token") {
//!             Ok(uri) => *request.uri_mut() = uri,
//!             Err(error) => return Err(RefreshError::unspent(error, refresh_token)),
//!         }
//!         Ok((request, InFlight(Pending::new(Self::NAME, refresh_token, started_at, Replay::NEVER))))
//!     }
//! }
//!
//! impl PendingRefresh for InFlight {
//!     type Credential = Secret;
//!     type Tokens = Tokens;
//!
//!     fn finish<B: AsRef<[u8]>>(self, response: Response<B>) -> Result<Tokens, RefreshError<Secret>> {
//!         let (parts, body) = response.into_parts();
//!         if let Verdict::Failure(failure) = classify(parts.status) {
//!             return Err(self.0.refused(failure, &parts));
//!         }
//!         match read(body.as_ref(), self.0.started_at()) {
//!             Ok(tokens) => Ok(tokens),
//!             Err(error) => Err(self.0.unusable(error, parts.status, None)),
//!         }
//!     }
//!
//!     fn fail(self, error: TransportError) -> RefreshError<Secret> {
//!         self.0.transport(error)
//!     }
//! }
//!
//! fn classify(status: StatusCode) -> Verdict {
//!     match status.as_u16() {
//!         200 => Verdict::SUCCESS,
//!         400 | 401 => Verdict::reauthenticate(SignIn::Password, "errors[0]: status 400, 401"),
//!         _ => Verdict::contract_violation("default: unexpected status"),
//!     }
//! }
//!
//! fn read(body: &[u8], started_at: SystemTime) -> Result<Tokens, Error> {
//!     let answer = Document::parse(body)?;
//!     let root = answer.root();
//!     Ok(Tokens {
//!         access_token: root.at(&["access_token"]).required_token("access token")?.into(),
//!         expiry: expiry::seconds(root.at(&["expires_in"]), started_at).expiry(),
//!     })
//! }
//!
//! // Sans-I/O: the request goes wherever the caller sends it.
//! let client = Client { base: BaseUrl::parse("https://auth.example.com")? };
//! let started_at = clock::now();
//! let (request, pending) = client.start(Secret::new("the refresh token"), started_at)?;
//! assert_eq!(request.uri(), "https://auth.example.com/token");
//! let answer = Response::new(br#"{"access_token":"new","expires_in":"3600"}"#);
//! let tokens = pending.finish(answer)?;
//! assert_eq!(tokens.access_token.expose(), "new");
//! assert_eq!(tokens.expiry, Expiry::At(started_at + Duration::from_secs(3600)));
//!
//! // A refusal says what to do, and what became of the credential.
//! let (_, pending) = client.start(Secret::new("the refresh token"), started_at)?;
//! let refusal = Response::builder().status(401).body("")?;
//! let error = pending.finish(refusal).expect_err("a refusal");
//! assert_eq!(error.class(), Class::Reauthenticate(SignIn::Password));
//! assert!(matches!(error.fate, Fate::Spent { replacement: None }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds everywhere
//!
//! * Nothing here names a provider.
//! * The module [`clock`] alone asks what time it is, and waits.
//! * No input makes it panic: not a body, not a header, not a setting.
//! * No `Debug`, `Display` or error shows a byte of a credential, a body, a header or a URL's query.
//! * [`Secret`]s and the copies made here on the way are wiped. The request itself is handed over to the transport, and what
//!   HTTP libraries copy is theirs.

#![forbid(unsafe_code)]

pub mod body;
pub mod clock;
mod deviation;
pub mod error;
pub mod exchange;
pub mod expiry;
pub mod facts;
pub mod fate;
#[cfg(any(feature = "tower", feature = "reqwest-middleware"))]
pub mod fit;
pub mod grant;
mod include;
pub mod json;
pub mod kit;
mod output;
#[cfg(feature = "session")]
mod panics;
pub mod parameter;
pub mod provider;
mod readable;
pub mod renew;
pub mod request;
mod retry_after;
pub mod secret;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "session")]
pub mod store;
pub mod text;
pub mod transport;
pub mod url;
pub mod verdict;

pub use body::Body;
pub use deviation::Deviation;
pub use error::{Class, Error, ErrorKind, SignIn};
pub use exchange::{Pending, Replay};
pub use expiry::{Expiry, MAX_LIFETIME};
pub use facts::Facts;
pub use fate::{Doubtful, Fate, RefreshError};
pub use grant::{Authorize, Grant, SingleUse, Token};
pub use http;
pub use json::{Document, Json, Literal};
pub use kit::Place;
pub use output::Output;
pub use provider::{
    MintNext, MintStarted, PendingMint, PendingRefresh, Progress, Provider, refresh,
    refresh_blocking,
};
pub use renew::{MakesTokens, Renew};
pub use request::Form;
pub use secret::Secret;
#[cfg(any(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls"))]
pub use transport::ClientCertificate;
#[cfg(feature = "hyper")]
pub use transport::HyperTransport;
#[cfg(feature = "reqwest")]
pub use transport::ReqwestTransport;
#[cfg(feature = "ureq")]
pub use transport::UreqTransport;
pub use transport::{
    BlockingTransport, Limits, MAX_BODY, NoTransport, Sent, Transport, TransportError,
    TransportErrorKind,
};
pub use url::BaseUrl;
pub use verdict::{ClassRule, CredentialAfter, Failure, Verdict};
