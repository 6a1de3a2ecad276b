//! What a run found and did, as data.

use std::fmt;

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

/// What a run found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ran.
    pub mode: Mode,
    /// Files that differ from the plan, sorted by path.
    pub changes: Vec<Change>,
    /// Files in the way, sorted by path. Empty after [`Mode::Write`].
    pub blocked: Vec<Blocked>,
    /// Specs and templates that are new, gone or changed since the lock was written, sorted.
    pub inputs: Vec<String>,
    /// A word on the lock, where it could not be used.
    pub note: Option<String>,
    /// How many files the plan holds.
    pub files: usize,
}

impl Report {
    /// Whether the folder was equal to the plan.
    pub fn is_clean(&self) -> bool {
        self.changes.is_empty() && self.blocked.is_empty()
    }
}

/// A file that differs from the plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Its path as people write it, output folder included.
    pub path: String,
    /// How it differs.
    pub kind: Kind,
}

/// How a file differs from the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is not there yet.
    Missing,
    /// Its text differs.
    Differs,
    /// An earlier run wrote it, and nothing asks for it any more.
    LeftOver,
}

/// A file in the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blocked {
    /// Its path as people write it, output folder included.
    pub path: String,
    /// Why it is in the way.
    pub why: Why,
}

/// Why a file is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It stands where a generated file belongs.
    Foreign,
    /// An earlier run wrote it, nothing asks for it any more, and it was changed since.
    Edited,
    /// Nothing says where it comes from, in a package of generated files.
    Stray,
    /// It is a folder, or something else that is no file, where a generated file belongs.
    NoFile,
    /// It is no folder, where one belongs.
    NoFolder,
    /// It leads elsewhere: what is behind it is neither read nor touched.
    Link,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, hint) = match self.why {
            Why::Foreign => (
                "was not written by rekindle",
                "move it away, or choose another folder with `--out`",
            ),
            Why::Edited => (
                "is left over from an earlier run, but was changed since",
                "keep a copy of what matters, then delete it",
            ),
            Why::Stray => (
                "is not generated, and only generated files belong here",
                "move it away or delete it",
            ),
            Why::NoFile => ("is not a file", "move it away"),
            Why::NoFolder => ("is not a folder", "move it away"),
            Why::Link => (
                "is a link, and nothing is written or removed through one",
                "delete the link, or name the folder that it leads to with `--out`",
            ),
        };
        write!(f, "{} {what}\n    hint: {hint}", self.path)
    }
}
