//! What a hundred providers cost who generates them into one package: generating, compiling and running their conformance, and the
//! disk that it takes.
//!
//! `cargo run --release --bin scale` prints the table. The dependencies are built first, with the five providers of the repository, and
//! are not in the figures: they are the same however many providers there are.

mod package;
mod providers;

use std::process::ExitCode;

use rekindle_benches::Error;
use rekindle_benches::goal;
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
    let more = hundred.disk - five.disk;
    let rows = [
        ("generate", five.generate, hundred.generate, 2, " CPU-s", hundred.generate, 0.5, ""),
        (
            "compile the conformance tests",
            five.compile,
            hundred.compile,
            1,
            " CPU-s",
            hundred.compile,
            100.0,
            "",
        ),
        ("run them", five.run, hundred.run, 1, " s", hundred.run, 30.0, ""),
        ("the disk", five.disk, hundred.disk, 2, " GB", more, 1.5, " more"),
    ];
    for (what, five, hundred, digits, unit, value, limit, than) in rows {
        let judged = goal::at_most(value, limit, &format!("{unit}{than}"));
        table.row([
            what.to_owned(),
            format!("{five:.digits$}{unit}"),
            format!("{hundred:.digits$}{unit}"),
            judged.goal,
            judged.verdict,
        ]);
    }
    print!("{table}");
    Ok(())
}
