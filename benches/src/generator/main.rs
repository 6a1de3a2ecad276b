//! What generating costs: one spec, many specs, the same specs again, and building the generator itself.
//!
//! `cargo run --release --bin generator [-- --build]` prints the table; `--build` adds the cold build.

mod again;
mod build;
mod growth;
mod one;
mod peers;
mod specs;

use std::process::ExitCode;

use rekindle_benches::Error;
use rekindle_benches::goal::Judged;
use rekindle_benches::table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        [] => print(false),
        ["--build"] => print(true),
        [again::COMMAND, specs, out] => again::generate(specs.as_ref(), out.as_ref()),
        _ => Err("usage: generator [--build]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures one thing and tells its rows.
type Measure = fn(&mut Rows) -> Result<(), Error>;

/// The rows of the table as they become known.
struct Rows(Table);

impl Rows {
    /// Adds a figure, how it compares with another of the same run, and its goal.
    fn add(&mut self, what: impl Into<String>, figure: String, compared: String, judged: Judged) {
        self.0.row([what.into(), figure, compared, judged.goal, judged.verdict]);
    }
}

fn print(build: bool) -> Result<(), Error> {
    let mut rows = Rows(Table::new(&["what", "figure", "compared", "goal", "verdict"]));
    let build = build.then_some(("a cold build", build::measure as Measure));
    let parts: [(&str, Measure); 3] = [
        ("one spec and its peers", one::measure),
        ("many specs", growth::measure),
        ("the same specs again", again::measure),
    ];
    for (what, measure) in parts.into_iter().chain(build) {
        eprintln!("measuring {what} ...");
        measure(&mut rows)?;
    }
    print!("{}", rows.0);
    Ok(())
}
