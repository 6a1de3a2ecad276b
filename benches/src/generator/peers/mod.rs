//! Generators of other people, in process, on documents of like content: one operation trades a refresh token for tokens.

mod open_api;
mod proto;

pub use open_api::{open_api, progenitor};
pub use proto::{Proto, prost};
