//! The command: see `--help`.

use clap::Parser as _;
use rekindle_mutation::crates::{self, Place};
use rekindle_mutation::mutant::{State, Suite};
use rekindle_mutation::options::Options;
use rekindle_mutation::report::Report;
use rekindle_mutation::{compile, explained, run, suites};
use std::process::ExitCode;

fn main() -> ExitCode {
    match measure(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every mutant is killed or explained.
fn measure(options: &Options) -> Result<bool, String> {
    let place = Place::here();
    let paths = if options.specs.is_empty() {
        vec![place.root.join("specs")]
    } else {
        options.specs.clone()
    };
    let contracts = suites::read(&paths)?;
    let mut suites = suites::suites(&contracts, options.only.as_deref())?;
    if options.list {
        list(&suites);
        return Ok(true);
    }
    execute(&place, &mut suites, options)?;
    let reasons = explained::committed()?;
    let report = Report::new(&suites, &reasons);
    print!("{}", report.table());
    if options.tests {
        print!("{}", report.tests());
    }
    eprint!("{}", report.survivors());
    // Only a run over everything shows that a reason has lost its mutant.
    let stale = if options.specs.is_empty() && options.only.is_none() {
        report.stale()
    } else {
        Vec::new()
    };
    for reason in &stale {
        eprintln!(
            "STALE: survivors.md explains nothing by `{}`, `{}`, `{}`",
            reason.provider, reason.fact, reason.change
        );
    }
    Ok(report.unexplained() == 0 && stale.is_empty())
}

fn list(suites: &[Suite]) {
    for mutant in suites.iter().flat_map(|suite| &suite.mutants) {
        let note = match mutant.state {
            State::Identical => " (the client is the same to the letter)",
            State::Twin(_) => " (the client is that of another mutant)",
            State::Waiting | State::Killed(_) | State::Survived => "",
        };
        println!("{}{note}", mutant.mutation.id());
    }
}

/// Compiles and runs the mutants.
fn execute(place: &Place, suites: &mut [Suite], options: &Options) -> Result<(), String> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = options.jobs.map_or_else(processors, usize::from);
    let mut batches = crates::batches(suites);
    let mutants: usize = batches.iter().map(|batch| batch.mutants.len()).sum();
    eprintln!("compiling {mutants} mutants in {} crates", batches.len());
    place
        .write(suites, &batches)
        .map_err(|error| format!("{}: {error}", place.folder.display()))?;
    let programs = compile::compile(place, suites, &mut batches, jobs)?;
    eprintln!("running their tests");
    run::run(suites, &batches, &programs, jobs)?;
    suites.iter_mut().for_each(Suite::settle_twins);
    if options.keep {
        eprintln!("the mutants are in {}", place.folder.display());
        return Ok(());
    }
    place.clear().map_err(|error| format!("{}: {error}", place.folder.display()))
}
