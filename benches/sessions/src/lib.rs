//! What all tables need: a token server on loopback that knows what was done to its grant, and Rekindle's sessions and their peers
//! behind one trait.

#![forbid(unsafe_code)]

pub mod clock;
pub mod ours;
pub mod peer;
pub mod peers;
pub mod server;

/// What can end a table early.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Clients generated from `specs/`: a module for each spec.
pub mod clients {
    include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));
}
