//! What both tables are made with: what every table is made with, cold builds, and the client that `build.rs` generates from
//! `specs/`.

#![forbid(unsafe_code)]

pub mod cold;

#[cfg(target_os = "linux")]
pub use rekindle_bench_measure::pin;
pub use rekindle_bench_measure::{Error, clock, goal, rounds, table};

/// Clients generated from `specs/`: a module for each spec.
pub mod clients {
    rekindle_runtime::include_clients!();
}
