//! How far a run is, on stderr: a line that is written over at a terminal; elsewhere a line for each check that did not pass.

use super::super::args::Amount;
use super::super::console;
use super::report::Finding;
use super::secrets::Secrets;
use std::io::{self, IsTerminal, Write};

/// Clears the line of a terminal.
const CLEAR: &str = "\r\x1b[2K";

/// How far the checks of one provider are.
pub(super) struct Progress<'a> {
    id: &'a str,
    all: usize,
    done: usize,
    at_terminal: bool,
    quiet: bool,
}

impl<'a> Progress<'a> {
    /// Of so many checks, none is done yet.
    pub(super) fn new(id: &'a str, all: usize, amount: Amount) -> Self {
        let quiet = amount == Amount::Quiet;
        Self { id, all, done: 0, at_terminal: !quiet && io::stderr().is_terminal(), quiet }
    }

    /// A check begins.
    pub(super) fn begins(&mut self, check: &str) {
        self.done += 1;
        if self.at_terminal {
            self.over(&format!("{} {}/{} {check}", self.id, self.done, self.all));
        }
    }

    /// A check has ended.
    pub(super) fn ended(&self, finding: &Finding, secrets: &Secrets) {
        if !self.at_terminal
            && !self.quiet
            && let Some(line) = finding.line()
        {
            console::line(&secrets.mask(&format!("{}: {line}", self.id)));
        }
    }

    /// All are done.
    pub(super) fn clear(&self) {
        if self.at_terminal {
            self.over("");
        }
    }

    /// Writes over the line.
    fn over(&self, text: &str) {
        let mut out = anstream::stderr();
        let _ = write!(out, "{CLEAR}{text}");
        let _ = out.flush();
    }
}

/// A line in the midst of a check.
pub(super) fn note(text: &str) {
    let clear = if io::stderr().is_terminal() { CLEAR } else { "" };
    console::line(&format!("{clear}{text}"));
}
