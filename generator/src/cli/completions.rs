//! `rekindle completions`

use super::args::Completions;
use super::{Outcome, Stop, command, console};

pub(super) fn run(arguments: &Completions) -> Result<Outcome, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "rekindle", &mut script);
    console::data(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
