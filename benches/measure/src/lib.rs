//! What the tables are made with: clocks, rounds, goals, and the table itself.

#![forbid(unsafe_code)]

pub mod clock;
pub mod goal;
#[cfg(target_os = "linux")]
pub mod pin;
pub mod rounds;
pub mod table;

/// What can end a table early.
pub type Error = Box<dyn std::error::Error>;
