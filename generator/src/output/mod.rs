//! The disk: compares a plan with a folder, and makes the folder equal to it.
//!
//! Architecture invariant: this is the only module that writes. It writes a file only where its text differs, and a run that
//! fails has written nothing: whatever can fail is tried in temporary files before the first real one is replaced.

mod compare;
mod report;
mod stage;

use crate::error::Error;
use crate::lock::Lock;
use crate::plan::Plan;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub use report::{Blocked, Change, Kind, Report, Why};

/// What becomes of the differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They are written.
    Write,
    /// They are named; nothing is written. Meant for tests of a repository.
    Check,
    /// They are named as what would be written; nothing is written.
    DryRun,
}

/// What a folder is to hold.
#[derive(Debug)]
pub struct Folder<'a> {
    /// Where it is.
    pub root: PathBuf,
    /// What it is to hold.
    pub plan: &'a Plan,
    /// Files elsewhere that are kept fresh with it: path → text. They are replaced, whatever they hold.
    pub beside: BTreeMap<PathBuf, String>,
}

impl Folder<'_> {
    /// Compares, and in [`Mode::Write`] makes the folder equal to the plan.
    ///
    /// Files of the folder that Rekindle did not write, or that were changed since, are never deleted or replaced: in
    /// [`Mode::Write`] they are the error [`Error::Blocked`], otherwise they are part of the report.
    pub fn apply(&self, mode: Mode) -> Result<Report, Error> {
        let comparison = compare::compare(self)?;
        let mut report = comparison.report;
        if mode == Mode::Write {
            if !report.blocked.is_empty() {
                return Err(Error::Blocked(report.blocked));
            }
            stage::write(&comparison.writes, &comparison.removals)?;
        }
        report.mode = mode;
        Ok(report)
    }

    /// What an earlier run wrote about itself.
    fn lock(&self) -> report::OldLock {
        use crate::lock::FILE;
        match std::fs::read_to_string(self.root.join(FILE)) {
            Ok(text) => match Lock::parse(&text) {
                Ok(lock) => report::OldLock::Read(lock),
                Err(line) => report::OldLock::Unreadable(line),
            },
            Err(_) => report::OldLock::Missing,
        }
    }
}
