//! `cargo run --release -p rekindle-explore`: explores, replays, and looks for planted bugs.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use rekindle_explore::bugs::{self, Scratch};
use rekindle_explore::configuration::{Configuration, configurations};
use rekindle_explore::search::{Counterexample, Explored, deepen, replay, walk};
use rekindle_runtime::clock::now;

/// Explores the session engine as it ships.
#[derive(Parser)]
struct Options {
    /// Only this configuration.
    #[arg(long)]
    configuration: Option<usize>,
    /// For how many seconds each configuration is explored at most.
    #[arg(long, default_value_t = 60, global = true)]
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
    /// Plants each bug of `bugs/` in a copy of the engine, and says whether it is found.
    Bugs {
        /// Only this one, with the steps that show it.
        name: Option<String>,
    },
    /// Stops at the first property that does not hold: what `bugs` runs.
    #[command(hide = true)]
    Hunt,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match &options.command {
        Some(Command::Replay { code }) => again(code),
        Some(Command::Bugs { name }) => {
            plant(name.as_deref(), options.seconds).unwrap_or_else(|why| {
                eprintln!("{why}");
                ExitCode::FAILURE
            })
        }
        Some(Command::Hunt) => hunt(&options),
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
        let mut began = now();
        let end = began + Duration::from_secs(options.seconds);
        let on = || now() < end;
        deepen(configuration, options.threads.max(1), on, |bounded, explored| {
            row(bounded, explored, now().duration_since(began).unwrap_or_default());
            failed |= tell(bounded, explored) && !bounded.open;
            began = now();
        });
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Executions by chance first, which find most, and then in order.
fn hunt(options: &Options) -> ExitCode {
    const WALKS: u64 = 5000;
    let chosen: Vec<Configuration> =
        configurations().into_iter().filter(|known| !known.open).collect();
    let tell = |configuration: &Configuration, found: &Counterexample| {
        println!("{} {}", found.code(configuration), found.property);
        ExitCode::FAILURE
    };
    let share = Duration::from_secs(options.seconds) / u32::try_from(chosen.len()).unwrap_or(1);
    for configuration in &chosen {
        if let Some(found) = (0..WALKS).find_map(|number| walk(configuration, number)) {
            return tell(configuration, &found);
        }
    }
    for configuration in &chosen {
        let end = now() + share;
        let on = || now() < end;
        for (bounded, explored) in deepen(configuration, options.threads.max(1), on, |_, _| {}) {
            if let Some(found) = explored.counterexample {
                return tell(&bounded, &found);
            }
        }
    }
    ExitCode::SUCCESS
}

fn plant(name: Option<&str>, seconds: u64) -> Result<ExitCode, String> {
    let scratch = Scratch::new()?;
    let mut missed = false;
    println!("| bug | found | by |");
    println!("|---|---|---|");
    for bug in bugs::all()?.iter().filter(|bug| name.is_none_or(|name| name == bug.name)) {
        let hunted = scratch.hunt(bug, seconds)?;
        match hunted.found {
            Some((property, code)) => {
                println!("| `{}`: {} | {property} | `{code}` |", bug.name, bug.what)
            }
            None => {
                missed = true;
                println!("| `{}`: {} | **no** | |", bug.name, bug.what);
            }
        }
        if name.is_some() {
            eprint!("{}", hunted.steps);
        }
    }
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn row(configuration: &Configuration, explored: &Explored, took: Duration) {
    let Explored { states, executions, depth, complete, counterexample } = explored;
    let how = match (complete, counterexample) {
        (_, Some(_)) if configuration.open => "violated, as is known",
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
