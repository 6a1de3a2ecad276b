//! What all tables need: a token server on loopback that knows what was done to its grant, and Rekindle's sessions and their peers
//! behind one trait.

#![forbid(unsafe_code)]

use std::process::ExitCode;

pub mod clock;
pub mod ours;
pub mod peer;
pub mod peers;
pub mod server;

/// What can end a table early.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Runs a program that takes no arguments and prints its tables.
pub fn run(name: &str, print: impl FnOnce() -> Result<(), Error>) -> ExitCode {
    let printed = match std::env::args().len() {
        0 | 1 => print(),
        _ => Err(format!("usage: {name}").into()),
    };
    exit_code(printed)
}

/// Says on standard error why a program ended early.
pub fn exit_code(printed: Result<(), Error>) -> ExitCode {
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Clients generated from `specs/`: a module for each spec.
pub mod clients {
    rekindle_runtime::include_clients!();
}
