//! `cargo run --release -p rekindle-explore`: explores, replays, and looks for planted bugs.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use rekindle_explore::bugs::{self, Scratch};
use rekindle_explore::configuration::{Configuration, configurations};
use rekindle_explore::search::{Counterexample, Explored, deepen, replay, walk};
use rekindle_explore::simulation::Fleet;
use rekindle_runtime::clock::now;

/// Explores the session engine as it ships.
#[derive(Parser)]
struct Options {
    /// Only this configuration.
    #[arg(long, global = true)]
    configuration: Option<usize>,
    /// For how many seconds each configuration is explored at most.
    #[arg(long, default_value_t = 60, global = true)]
    seconds: u64,
    /// How many threads explore.
    #[arg(long, default_value_t = 2, global = true)]
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
    /// Executions by chance, with all faults that each configuration has.
    Walk {
        /// The first execution's number; each one that follows has the next.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Whole fleets in virtual time, each from a seed of its own, until time is up or one breaks a property.
    Simulate {
        /// The first fleet's seed; each one that follows has the next.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// How many fleets at most.
        #[arg(long, default_value_t = u64::MAX)]
        fleets: u64,
        /// How many machines share the store.
        #[arg(long, default_value_t = 4)]
        machines: usize,
        /// How many grants there are.
        #[arg(long, default_value_t = 20)]
        grants: usize,
        /// How long the fleet lives.
        #[arg(long, default_value_t = 3)]
        days: u32,
    },
    /// Plants each bug of `bugs/` in a copy of the engine, and says whether it is found.
    Bugs {
        /// Only this one, with the steps that show it.
        name: Option<String>,
        /// By the lives of fleets alone.
        #[arg(long)]
        fleets: bool,
    },
    /// Stops at the first property that does not hold: what `bugs` runs.
    #[command(hide = true)]
    Hunt {
        /// By the lives of fleets alone.
        #[arg(long)]
        fleets: bool,
    },
}

fn main() -> ExitCode {
    let options = Options::parse();
    match &options.command {
        Some(Command::Replay { code }) => again(code),
        Some(Command::Bugs { name, fleets }) => plant(name.as_deref(), options.seconds, *fleets)
            .unwrap_or_else(|why| {
                eprintln!("{why}");
                ExitCode::FAILURE
            }),
        Some(Command::Walk { seed }) => walk_all(&options, *seed),
        Some(Command::Simulate { seed, fleets, machines, grants, days }) => {
            let (machines, grants) = ((*machines).max(1), (*grants).max(1));
            let first = Fleet { seed: *seed, machines, grants, days: *days, troubles: None };
            simulate(&options, first, *fleets)
        }
        Some(Command::Hunt { fleets: true }) => hunt_in_fleets(options.seconds),
        Some(Command::Hunt { .. }) => hunt(&options),
        None => explore_all(&options),
    }
}

/// The configurations that are asked for.
fn chosen(options: &Options) -> Vec<Configuration> {
    let mut chosen = configurations();
    chosen.retain(|known| options.configuration.is_none_or(|number| number == known.number));
    chosen
}

fn explore_all(options: &Options) -> ExitCode {
    let mut failed = false;
    println!("| configuration | processes | faults | states | executions | depth | | seconds |");
    println!("|---|---:|---:|---:|---:|---:|---|---:|");
    for configuration in &chosen(options) {
        let mut began = now();
        let end = began + Duration::from_secs(options.seconds);
        let on = || now() < end;
        deepen(configuration, options.threads.max(1), on, |bounded, explored| {
            row(bounded, explored, now().duration_since(began).unwrap_or_default());
            if let Some(found) = &explored.counterexample {
                failed |= !bounded.open;
                tell(bounded, found);
            }
            began = now();
        });
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Walks through each configuration until its time is up.
fn walk_all(options: &Options, seed: u64) -> ExitCode {
    let mut failed = false;
    println!("| configuration | executions | | seed | seconds |");
    println!("|---|---:|---|---:|---:|");
    for configuration in &chosen(options) {
        let began = now();
        let end = began + Duration::from_secs(options.seconds);
        let mut found = None;
        let mut number = seed;
        while found.is_none() && now() < end {
            found = walk(configuration, number).map(|found| (found, number));
            number += 1;
        }
        let (how, last) = match &found {
            Some((_, number)) => ("violated", *number),
            None => ("holds", number.saturating_sub(1)),
        };
        let took = now().duration_since(began).unwrap_or_default().as_secs_f64();
        let Configuration { number: place, name, open, .. } = configuration;
        println!("| {place}. {name} | {} | {how} | {last} | {took:.1} |", number - seed);
        if let Some((found, _)) = found {
            failed |= !open;
            tell(configuration, &found);
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Lives of fleets, one seed after the other.
fn simulate(options: &Options, first: Fleet, fleets: u64) -> ExitCode {
    let began = now();
    let end = began + Duration::from_secs(options.seconds);
    let (mut steps, mut tokens, mut troubles, mut lived) = (0, 0, 0, 0);
    let mut broken = None;
    while broken.is_none() && lived < fleets && now() < end {
        let fleet = Fleet { seed: first.seed.wrapping_add(lived), ..first.clone() };
        let report = fleet.live(false);
        steps += report.steps;
        tokens += report.tokens;
        troubles += report.troubles;
        lived += 1;
        broken = report.violation.map(|property| (fleet, property));
    }
    let took = now().duration_since(began).unwrap_or_default().as_secs_f64();
    let Fleet { machines, grants, days, .. } = &first;
    println!(
        "{lived} fleets of {machines} machines and {grants} grants for {days} days in {took:.1} s"
    );
    println!("{steps} events, {tokens} tokens, {troubles} troubles");
    let Some((fleet, property)) = broken else {
        return ExitCode::SUCCESS;
    };
    eprintln!("\n{}: {property}", fleet.code());
    let shrunk = fleet.shrunk();
    again(&shrunk.code());
    eprintln!("cargo run --release -p rekindle-explore -- replay '{}'", shrunk.code());
    ExitCode::FAILURE
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

/// Fleets, from the first seed on, until time is up.
fn hunt_in_fleets(seconds: u64) -> ExitCode {
    let end = now() + Duration::from_secs(seconds);
    for seed in (0..).take_while(|_| now() < end) {
        let fleet = Fleet { seed, machines: 4, grants: 12, days: 2, troubles: None };
        if fleet.live(false).violation.is_some() {
            let shrunk = fleet.shrunk();
            let property = shrunk.live(false).violation.unwrap_or_default();
            println!("{} {property}", shrunk.code());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn plant(name: Option<&str>, seconds: u64, fleets: bool) -> Result<ExitCode, String> {
    let scratch = Scratch::new()?;
    let mut missed = false;
    println!("| bug | found | by |");
    println!("|---|---|---|");
    for bug in bugs::all()?.iter().filter(|bug| name.is_none_or(|name| name == bug.name)) {
        let hunted = scratch.hunt(bug, seconds, fleets)?;
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

/// Prints a counterexample.
fn tell(configuration: &Configuration, found: &Counterexample) {
    let code = found.code(configuration);
    eprintln!("\n{}. {}: {}", configuration.number, configuration.name, found.property);
    again(&code);
    eprintln!("cargo run --release -p rekindle-explore -- replay '{code}'\n");
}

fn again(code: &str) -> ExitCode {
    let lived = Fleet::of_code(code).map(|fleet| fleet.live(true));
    let lived = lived.map(|report| (report.log, report.violation));
    let Some((steps, violation)) = lived.or_else(|| replay(code, &configurations())) else {
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
