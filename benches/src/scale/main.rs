//! What a hundred providers cost who generates them into one package: generating, compiling and running their conformance, and the
//! disk that it takes.
//!
//! `cargo run --release --bin scale` prints the table. The dependencies are built first, with the five providers of the repository, and
//! are not in the figures: they are the same however many providers there are.

mod package;
mod providers;

use std::process::ExitCode;

use rekindle_benches::Error;
use rekindle_benches::goal::{self, Judged};
use rekindle_benches::table::Table;

use package::{Figures, Package};

/// How many providers there are.
const PROVIDERS: usize = 100;

fn main() -> ExitCode {
    match print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print() -> Result<(), Error> {
    let package = Package::new()?;
    eprintln!("building the dependencies and the five providers ...");
    let five = providers::five()?;
    package.bring(&five)?;
    package.generate()?;
    package.compile()?;
    eprintln!("measuring the five providers ...");
    package.touch()?;
    let five = Figures::measure(&package, &five)?;
    eprintln!("measuring {PROVIDERS} providers ...");
    let hundred = Figures::measure(&package, &providers::all_shapes(PROVIDERS)?)?;
    let head = format!("{PROVIDERS} providers, {} checks", hundred.checks);
    let five_head = format!("5 providers, {} checks", five.checks);
    let mut table = Table::new(&["what", &five_head, &head, "goal", "verdict"]);
    let mut row = |what: &str, shown: fn(&Figures) -> String, judged: Judged| {
        table.row([what.to_owned(), shown(&five), shown(&hundred), judged.goal, judged.verdict]);
    };
    row(
        "generate",
        |of| format!("{:.2} CPU-s", of.generate),
        goal::at_most(hundred.generate, 0.5, " CPU-s"),
    );
    row(
        "compile the conformance tests",
        |of| format!("{:.1} CPU-s", of.compile),
        goal::at_most(hundred.compile, 100.0, " CPU-s"),
    );
    row("run them", |of| format!("{:.1} s", of.run), goal::at_most(hundred.run, 30.0, " s"));
    row("- CPU time of that", |of| format!("{:.1} CPU-s", of.run_cpu), goal::none());
    let more = hundred.disk - five.disk;
    row(
        "the disk, dependencies included",
        |of| format!("{:.2} GB", of.disk),
        goal::at_most(more, 1.5, " GB more"),
    );
    print!("{table}");
    Ok(())
}
