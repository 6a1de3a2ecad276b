//! A problem with its place.

use super::{Code, Severity};
use crate::path::Path;

/// A problem with a spec, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which problem.
    pub code: Code,
    /// Whether it stops generation.
    pub severity: Severity,
    /// The name of the [`Source`](crate::Source).
    pub file: String,
    /// The text that is underlined; `None` where the problem is the file as a whole.
    pub span: Option<Span>,
    /// The fact that it is about.
    pub path: Path,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// A few words under the underlined text.
    pub label: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where else it has to do with: the `like` by which another spec took this fact.
    pub also: Option<Also>,
}

/// A further place that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Also {
    /// The name of the [`Source`](crate::Source).
    pub file: String,
    /// The text that is underlined.
    pub span: Span,
    /// A few words under it.
    pub label: String,
}

/// A piece of a spec's text. It never spans more than one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The line, counted from 1.
    pub line: usize,
    /// The column of its first character, counted in characters from 1.
    pub column: usize,
    /// The byte at which it begins.
    pub start: usize,
    /// The byte before which it ends.
    pub end: usize,
    /// How many characters it holds.
    pub width: usize,
}

impl Diagnostic {
    /// Where it is listed: by file, then from top to bottom.
    pub(crate) fn order(&self) -> (&str, usize, usize, &'static str) {
        let (line, column) = self.span.map_or((0, 0), |span| (span.line, span.column));
        (&self.file, line, column, self.code.id)
    }
}
