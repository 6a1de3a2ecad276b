//! Output: data on stdout, lines for people on stderr; colour only where it is wanted.

use super::args::ProblemFormat;
use crate::markdown::is_hidden;
use anstream::ColorChoice;
use rekindle_contract::{Diagnostic, Source, render};
use serde_json::Value;
use std::io::{self, Write};

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
#[cfg(feature = "test")]
const YELLOW: &str = "\x1b[1;33m";
const CYAN: &str = "\x1b[1;36m";
const RESET: &str = "\x1b[0m";

/// Decides on colour for the whole process. `NO_COLOR` and whether there is a terminal count where nothing was chosen.
pub(super) fn choose_colour(choice: clap::ColorChoice) {
    let choice = match choice {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Writes data, to stdout.
pub(super) fn data(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// JSON in lines. What a terminal would obey instead of showing it is escaped.
pub(super) fn json(value: &Value) -> String {
    let mut text = String::new();
    for c in format!("{value:#}\n").chars() {
        match c {
            '\n' => text.push(c),
            c if is_hidden(c) => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

/// Writes a line for people. A failure is ignored: there is nowhere else to report it.
pub(super) fn line(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Writes what went wrong.
pub(super) fn error(message: &str) {
    line(&format!("{RED}error{RESET}{BOLD}:{RESET} {message}"));
}

/// Writes what may go wrong.
#[cfg(feature = "test")]
pub(super) fn warning(message: &str) {
    line(&format!("{YELLOW}warning{RESET}{BOLD}:{RESET} {message}"));
}

/// Writes what to do about it.
pub(super) fn hint(hint: &str) {
    line(&format!("\n{CYAN}hint{RESET}{BOLD}:{RESET} {hint}"));
}

/// Writes what is wrong with specs.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], sources: &[Source]) {
    if !diagnostics.is_empty() {
        line(render::human(diagnostics, sources, true).trim_end());
    }
}

/// Tells what is wrong with specs to those whom a format is for.
pub(super) fn problems(
    format: ProblemFormat,
    found: &[Diagnostic],
    sources: &[Source],
) -> io::Result<()> {
    match format {
        ProblemFormat::Human => diagnostics(found, sources),
        ProblemFormat::Json => data(&render::json(found))?,
        ProblemFormat::Github => data(&render::workflow_commands(found))?,
        ProblemFormat::Sarif => data(&render::sarif(found))?,
    }
    Ok(())
}

/// `1 spec`, `2 specs`
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
