//! What one refresh costs a client: CPU time, allocations, and what a crate that has the client must build.
//!
//! `cargo run --release --bin client [-- --build]` prints the table; `--build` adds the cold builds.

mod build;
mod contenders;
mod exchange;
mod server;

use std::alloc::System;
use std::process::ExitCode;

use rekindle_benches::Error;
use rekindle_benches::goal::{self, Judged};
use rekindle_benches::rounds::{self, Contender, Samples};
use rekindle_benches::table::Table;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 121;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        [] => print(false),
        ["--build"] => print(true),
        _ => Err("usage: client [--build]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(build: bool) -> Result<(), Error> {
    // First, while this process may still use every core.
    let build = if build { Some(build::table()?) } else { None };
    #[cfg(target_os = "linux")]
    rekindle_benches::pin::to_one_core()?;
    print!("{}", exchanges()?);
    if let Some(build) = build {
        print!("\n{build}");
    }
    Ok(())
}

/// What an exchange allocates.
struct Memory {
    allocations: f64,
    bytes: f64,
}

fn exchanges() -> Result<Table, Error> {
    let url = server::start()?;
    let mut contenders = contenders::all(&url)?;
    let memory: Vec<Memory> = contenders.iter_mut().map(memory).collect();
    let all = rounds::run(&mut contenders, ROUNDS);
    let mut table =
        Table::new(&["client", "CPU", "× by hand", "allocations", "bytes", "goal", "verdict"]);
    let by_hand = named(&all, contenders::BY_HAND);
    for (samples, memory) in all.iter().zip(memory) {
        let ratio = samples.ratio(by_hand);
        let judged = judge(samples, &all, ratio, memory.allocations);
        table.row([
            samples.name.clone(),
            format!("{:.2} µs", samples.seconds() * 1e6),
            format!("{ratio:.3}"),
            format!("{:.0}", memory.allocations),
            format!("{:.0}", memory.bytes),
            judged.goal,
            judged.verdict,
        ]);
    }
    Ok(table)
}

/// What the contender of this name took.
fn named<'a>(samples: &'a [Samples], name: &str) -> &'a Samples {
    samples.iter().find(|samples| samples.name == name).unwrap_or(&samples[0])
}

/// What is wanted of one among all; `ratio` is how it compares with `reqwest` by hand.
fn judge(one: &Samples, all: &[Samples], ratio: f64, allocations: f64) -> Judged {
    match one.name.as_str() {
        contenders::SANS_IO => goal::both(
            goal::at_most(ratio, 0.1, ""),
            goal::at_most(allocations, 12.0, " allocations"),
        ),
        contenders::OURS_REQWEST => {
            let oauth2 = named(all, contenders::OAUTH2).ratio(named(all, contenders::BY_HAND));
            goal::both(goal::at_most(ratio, 1.02, ""), goal::below(ratio, oauth2, "oauth2"))
        }
        contenders::OURS_HYPER => goal::at_most(ratio, 0.65, ""),
        contenders::OURS_UREQ => {
            goal::at_most(one.ratio(named(all, contenders::UREQ)), 1.1, " × ureq by hand")
        }
        _ => goal::none(),
    }
}

/// Counts what one exchange allocates. The server allocates nothing while it answers.
fn memory(contender: &mut Contender<'_>) -> Memory {
    contender.work();
    let region = Region::new(ALLOCATOR);
    contender.work();
    let change = region.change();
    let exchanges = f64::from(contender.units());
    Memory {
        allocations: (change.allocations + change.reallocations) as f64 / exchanges,
        bytes: change.bytes_allocated as f64 / exchanges,
    }
}
