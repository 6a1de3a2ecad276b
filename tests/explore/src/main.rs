//! `cargo run --release -p rekindle-explore`: explores, replays, and looks for planted bugs.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::{Parser, Subcommand};
use rekindle_explore::configuration::{Configuration, configurations};
use rekindle_explore::search::{Explored, deepen, replay};

/// Explores the session engine as it ships.
#[derive(Parser)]
struct Options {
    /// Only this configuration.
    #[arg(long)]
    configuration: Option<usize>,
    /// For how many seconds each configuration is explored at most.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many threads explore.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Takes the choices of a code again, and says what happens.
    Replay {
        /// What a counterexample was printed with.
        code: String,
    },
}

fn main() -> ExitCode {
    let options = Options::parse();
    match &options.command {
        Some(Command::Replay { code }) => again(code),
        None => explore_all(&options),
    }
}

fn explore_all(options: &Options) -> ExitCode {
    let chosen = configurations();
    let chosen = chosen
        .iter()
        .filter(|known| options.configuration.is_none_or(|number| number == known.number));
    let mut failed = false;
    println!("| configuration | processes | faults | states | executions | depth | | seconds |");
    println!("|---|---:|---:|---:|---:|---:|---|---:|");
    for configuration in chosen {
        let mut began = SystemTime::now();
        let end = began + Duration::from_secs(options.seconds);
        let on = || SystemTime::now() < end;
        deepen(configuration, options.threads.max(1), on, |bounded, explored| {
            row(bounded, explored, began.elapsed().unwrap_or_default());
            failed |= tell(bounded, explored);
            began = SystemTime::now();
        });
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn row(configuration: &Configuration, explored: &Explored, took: Duration) {
    let Explored { states, executions, depth, complete, counterexample } = explored;
    let how = match (complete, counterexample) {
        (_, Some(_)) => "**violated**",
        (true, None) => "complete",
        (false, None) => "cut off",
    };
    println!(
        "| {}. {} | {} | {} | {states} | {executions} | {depth} | {how} | {:.1} |",
        configuration.number,
        configuration.name,
        configuration.clocks.len(),
        configuration.at_most,
        took.as_secs_f64(),
    );
}

/// Prints a counterexample, if there is one.
fn tell(configuration: &Configuration, explored: &Explored) -> bool {
    let Some(found) = &explored.counterexample else {
        return false;
    };
    let code = found.code(configuration);
    eprintln!("\n{}. {}: {}", configuration.number, configuration.name, found.property);
    again(&code);
    eprintln!("cargo run --release -p rekindle-explore -- replay '{code}'\n");
    true
}

fn again(code: &str) -> ExitCode {
    let Some((steps, violation)) = replay(code, &configurations()) else {
        eprintln!("no execution has this code");
        return ExitCode::from(2);
    };
    for (step, number) in steps.iter().zip(1..) {
        eprintln!("{number:>4}. {step}");
    }
    match violation {
        Some(property) => {
            eprintln!("      {property}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}
