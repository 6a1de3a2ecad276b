//! What a million grants in one process cost: their memory, and finding those that are due.
//!
//! `cargo run --release --bin many` prints one table. Nothing goes over a socket and time is virtual: what is counted is Rekindle's
//! own work, on one thread.

mod measured;
mod transport;

use std::process::ExitCode;

use rekindle_bench_measure::goal::{self, Judged};
use rekindle_bench_measure::table::Table;
use rekindle_bench_sessions::Error;

use crate::measured::{Measured, TOKEN_BYTES};

/// The few that a million is held against.
const FEW: usize = 10_000;
/// A million.
const MANY: usize = 1_000_000;

fn main() -> ExitCode {
    rekindle_bench_sessions::run("many", print)
}

fn print() -> Result<(), Error> {
    let few = Measured::of(FEW)?;
    let many = Measured::of(MANY)?;
    print!("{}", table(&few, &many));
    Ok(())
}

fn table(few: &Measured, many: &Measured) -> Table {
    let mut table = Table::new(&[
        "grants in one process",
        &FEW.to_string(),
        &MANY.to_string(),
        "goal",
        "verdict",
    ]);
    let mut row = |what: &str, figure: fn(&Measured) -> String, judged: Judged| {
        table.row([what.to_owned(), figure(few), figure(many), judged.goal, judged.verdict]);
    };
    row(
        "bytes of a session, its place among what is due and its token with it",
        |measured| format!("{:.0}", measured.session_bytes),
        goal::none(),
    );
    row(
        "– beyond the token",
        |measured| format!("{:.0}", measured.session_bytes - TOKEN_BYTES as f64),
        goal::at_most(many.session_bytes - TOKEN_BYTES as f64, 1024.0, ""),
    );
    row(
        "bytes of a grant in the store in memory",
        |measured| format!("{:.0}", measured.store_bytes),
        goal::none(),
    );
    row(
        "tasks that grants have added",
        |measured| measured.tasks.to_string(),
        goal::at_most(many.tasks as f64, 0.0, ""),
    );
    row("grants that wait for their moment", |measured| measured.waiting.to_string(), goal::none());
    row(
        "CPU from due to stored, for each that is due",
        |measured| format!("{:.1} µs", measured.renewal * 1e6),
        goal::at_most(many.renewal / few.renewal, LOGARITHMIC, " × the few"),
    );
    table
}

/// What O(log n) allows: log 1,000,000 / log 10,000.
const LOGARITHMIC: f64 = 1.5;
