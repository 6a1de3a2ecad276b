//! What both tables are made with: clocks, rounds, cold builds, and the client that `build.rs` generates from `specs/`.

#![forbid(unsafe_code)]

pub mod clock;
pub mod cold;
pub mod goal;
#[cfg(target_os = "linux")]
pub mod pin;
pub mod rounds;
pub mod table;

/// Clients generated from `specs/`: a module for each spec.
pub mod clients {
    include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));
}

/// What can end a table early.
pub type Error = Box<dyn std::error::Error>;
