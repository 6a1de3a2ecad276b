//! A contract, interpreted: what an exchange would put on the wire, and what its answer would mean.
//!
//! Architecture invariant: this is a reading of the contract of its own. Generated code never uses it; the rules hold
//! documented examples against it, and tests hold generated code and the fake provider against it. It is pure: no I/O, no
//! clock.

mod expiry;
mod generated;
mod json;
pub(crate) mod jwt;
mod read;
mod render;

pub(crate) use expiry::milliseconds;
pub use expiry::{length, lifetime};
pub use json::is_carried;
pub use read::{Read, Unread, of_success, read, read_example, replacement};
pub(crate) use read::{own_reading, unaccepted_type};
pub use render::{RenderError, WireRequest, base_url, fill, render};
