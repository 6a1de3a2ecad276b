//! The `rekindle` command: arguments in, words on stderr, data on stdout, an exit code.

mod args;
mod check;
mod completions;
mod console;
#[cfg(any(feature = "serve", feature = "test"))]
mod curl;
mod diff;
mod explain;
mod generate;
mod import;
mod init;
mod list;
#[cfg(any(feature = "serve", feature = "test"))]
mod made_up;
mod man;
mod manifest;
mod new;
mod packages;
mod project;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "test")]
mod test;

use crate::error::Error;
#[cfg(feature = "test")]
use args::ReportFormat;
use args::{Amount, Arguments, Command, Format, ProblemFormat};
use clap::{CommandFactory, Parser};
use std::io;
use std::process::ExitCode;

/// How a command ended. Errors that stop it are [`Stop`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As wished.
    Done,
    /// With differences or findings.
    Found,
}

/// What stops a command.
enum Stop {
    /// Something of Rekindle.
    Error(Error),
    /// It was called in a way that makes no sense: what, and what to do about it.
    Usage(String, Option<String>),
    /// Its output could not be written.
    Output(io::Error),
    /// All is said: the exit code.
    Ended(u8),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// The command with its arguments, as clap knows it: what its reference, and completions of a shell, can be made from.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the command with the arguments of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where even this cannot be written, nothing can.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    console::choose_colour(arguments.color);
    match run(arguments.command, arguments.amount.amount()) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(stop) => ExitCode::from(explain_stop(stop)),
    }
}

fn run(command: Command, amount: Amount) -> Result<Outcome, Stop> {
    refuse_amount(&command, amount)?;
    match command {
        Command::Generate(arguments) => generate::run(&arguments, amount),
        Command::Init(arguments) => init::run(&arguments),
        Command::Check(arguments) => check::run(&arguments, amount),
        Command::Schema => {
            console::data(&rekindle_contract::editor_schema())?;
            Ok(Outcome::Done)
        }
        Command::Explain(arguments) => explain::run(&arguments),
        Command::List(arguments) => list::run(&arguments, amount),
        Command::Diff(arguments) => diff::run(&arguments, amount),
        Command::New(arguments) => new::run(&arguments, amount),
        Command::Import(arguments) => import::run(&arguments, amount),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(&arguments, amount),
        #[cfg(feature = "test")]
        Command::Test(arguments) => test::run(&arguments, amount),
    }
}

/// Refuses to say less or more where there is nothing to leave out or to add.
fn refuse_amount(command: &Command, amount: Amount) -> Result<(), Stop> {
    let (quiet, verbose) = match command {
        Command::Generate(_) | Command::Check(_) | Command::List(_) | Command::Diff(_) => {
            (true, true)
        }
        #[cfg(feature = "serve")]
        Command::Serve(_) => (true, false),
        Command::New(_) | Command::Import(_) => (true, false),
        #[cfg(feature = "test")]
        Command::Test(_) => (true, true),
        Command::Init(_)
        | Command::Schema
        | Command::Explain(_)
        | Command::Completions(_)
        | Command::Man(_) => (false, false),
    };
    let (refused, hint) = match amount {
        Amount::Quiet if !quiet => ("there is nothing that `--quiet` could leave out", None),
        Amount::Verbose if !verbose => ("there is nothing that `--verbose` could add", None),
        Amount::Verbose if is_for_machines(command) => (
            "formats for machines leave nothing out that `--verbose` could add",
            Some("`--format human` says it in words".to_owned()),
        ),
        _ => return Ok(()),
    };
    Err(Stop::Usage(refused.to_owned(), hint))
}

/// Whether what the command tells is for machines, all of it.
fn is_for_machines(command: &Command) -> bool {
    match command {
        Command::Check(arguments) => arguments.format != ProblemFormat::Human,
        Command::List(arguments) => arguments.format != Format::Human,
        Command::Diff(arguments) => arguments.format != Format::Human,
        #[cfg(feature = "test")]
        Command::Test(arguments) => arguments.format != ReportFormat::Human,
        _ => false,
    }
}

/// Says what stopped a command, and gives the exit code.
fn explain_stop(stop: Stop) -> u8 {
    match stop {
        // Whoever read the output has what they wanted.
        Stop::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Stop::Output(error) => {
            console::error(&format!("cannot write the output: {error}"));
            2
        }
        Stop::Ended(code) => code,
        Stop::Usage(message, hint) => {
            console::error(&message);
            hint.iter().for_each(|hint| console::hint(hint));
            2
        }
        Stop::Error(Error::Specs { diagnostics, sources, .. }) => {
            console::diagnostics(&diagnostics, &sources);
            1
        }
        Stop::Error(error) => {
            console::error(&error.to_string());
            if error.is_usage() { 2 } else { 1 }
        }
    }
}
