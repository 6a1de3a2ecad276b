//! For tests of token refresh clients: fake providers that keep a contract, a hostile network before them, readable assertions, canned
//! answers and a scripted loopback server.
//!
//! A fake provider is made from a spec, and refuses what that does not allow:
//!
//! ```
//! use rekindle_contract::{Source, check};
//! use rekindle_testkit::Fake;
//! use rekindle_testkit::provider::Provider;
//!
//! let spec = "\
//! rekindle: 1
//! profile: rfc6749
//! refresh: { request: POST https://id.acme.example/token, auth: public }
//! tokens: { refresh: { use: once, rotation: always } }
//! ";
//! let checked = check(&[Source::new("acme.yaml", spec)]);
//! let fake = Fake::new(Provider::new(checked.contracts[0].clone()).with_client("client_id", "me"));
//!
//! let held = fake.provider().sign_in();
//! let token = held.refresh_token.unwrap();
//! let refresh = || {
//!     let body = format!("grant_type=refresh_token&refresh_token={token}&client_id=me");
//!     http::Request::post(format!("{}/token", fake.url()))
//!         .header("content-type", "application/x-www-form-urlencoded")
//!         .header("accept", "application/json")
//!         .body(body.into_bytes())
//!         .unwrap()
//! };
//! assert_eq!(fake.carry(&refresh()).unwrap().status(), 200);
//! // The exchange has spent the token.
//! assert_eq!(fake.carry(&refresh()).unwrap().status(), 400);
//! ```
//!
//! `Fake::serve` puts it on a port of this machine, [`Fake::plan`] lets something go wrong, and [`Fake::clock`] lets time pass. A request can
//! be looked at without any of these:
//!
//! ```
//! use rekindle_testkit::expect;
//!
//! let request = http::Request::post("https://auth.example.com/token")
//!     .header("content-type", "application/json")
//!     .body(br#"{"refresh_token": "old"}"#.to_vec())
//!     .unwrap();
//! expect(&request)
//!     .method("POST")
//!     .url("https://auth.example.com/token")
//!     .headers(&[("content-type", "application/json")])
//!     .json(r#"{"refresh_token":"old"}"#);
//! ```
//!
//! Architecture invariant: nothing here names a provider, uses a generated client or the code that emits one. The runtime that clients
//! stand on is known to `conformance` alone, and what is expected there comes from the contract.
//!
//! # Features
//!
//! | feature | what it brings |
//! |---|---|
//! | `conformance` | the checks that generated tests name: whether a client keeps its contract |
//! | `sockets` | the same through the transports of the runtime, over sockets of this machine |
//!
//! Everything here is for tests: a check that fails panics with a message that says what differs.

#![forbid(unsafe_code)]

mod answer;
mod arrived;
mod canary;
pub mod check;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod document;
mod expect;
mod fake;
mod generated;
mod head;
mod held;
mod hostile;
mod jwt;
pub mod keys;
mod loopback;
mod mix;
pub mod network;
mod probe;
pub mod provider;
pub mod reference;
pub mod sequence;
pub mod serve;
mod server;
mod time;

pub use answer::{Answer, answer, basic};
pub use arrived::Arrived;
pub use canary::{assert_error_silent, assert_silent, where_is};
pub use clock::Clock;
pub use document::{Document, document, form, xml};
pub use expect::{Expected, expect, without_transport_headers};
pub use fake::Fake;
pub use head::lines as header_lines;
pub use held::{Ask, End, Failure, Held, Lost, Outcome};
pub use hostile::{SPLITTING, nested};
pub use jwt::jwt;

pub use loopback::closed_port;
pub use reference::Reference;
pub use server::{Script, Server};
pub use time::{Executor, at, block_on};

/// What macros of this crate expand to. Not for direct use.
#[doc(hidden)]
pub mod private {
    pub use crate::probe::{NotClone, Probe};
}
