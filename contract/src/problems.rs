//! What is wrong with a file so far.

use crate::diagnostics::{Code, Diagnostic, Finding, Span, shape};
use crate::path::Path;
use crate::place::Places;

/// How many problems of one file are reported: a file with more is not read to its end by anyone either.
pub(crate) const MOST: usize = 100;

/// The problems of one file.
#[derive(Debug)]
pub(crate) struct Problems<'a> {
    file: &'a str,
    list: Vec<Diagnostic>,
    /// How many there are beyond the list.
    more: usize,
}

impl<'a> Problems<'a> {
    /// None yet, of this file.
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, list: Vec::new(), more: 0 }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The paths of the facts that they are about.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.list.iter().map(|diagnostic| &diagnostic.path)
    }

    /// Whether one is about the fact at `path`.
    pub(crate) fn mention(&self, path: &Path) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.path == *path)
    }

    /// Adds a problem at a place that is known.
    pub(crate) fn place(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        label: Option<&str>,
        hint: Option<&str>,
    ) {
        self.push(Diagnostic {
            code,
            severity: code.severity,
            file: self.file.to_owned(),
            span: Some(span),
            path: Path::root(),
            message: message.into(),
            label: label.map(str::to_owned),
            hint: hint.map(str::to_owned),
        });
    }

    /// Adds a problem with a fact, placed where that stands.
    pub(crate) fn add(&mut self, finding: Finding, places: &Places<'_>) {
        if self.list.len() < MOST {
            let span = places.find(&finding.path, finding.at);
            self.add_at(finding, span);
        } else {
            self.more += 1;
        }
    }

    /// Adds a problem with a fact that is placed elsewhere than where its path leads.
    pub(crate) fn add_at(&mut self, finding: Finding, span: Span) {
        let Finding { code, path, message, label, hint, .. } = finding;
        let (file, span) = (self.file.to_owned(), Some(span));
        self.push(Diagnostic {
            code,
            severity: code.severity,
            file,
            span,
            path,
            message,
            label,
            hint,
        });
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MOST {
            self.list.push(diagnostic);
        } else {
            self.more += 1;
        }
    }

    /// All of them. Where there are too many, the last says how many are missing.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        if let (more @ 1.., Some(last)) =
            (self.more, self.list.iter().max_by_key(|diagnostic| diagnostic.span))
        {
            let message = format!("{more} more problems in this file are not shown");
            let hint = Some("mend those above first".to_owned());
            let last = Diagnostic {
                code: shape::MORE_PROBLEMS,
                message,
                label: None,
                hint,
                path: Path::root(),
                ..last.clone()
            };
            self.list.push(last);
        }
        self.list
    }
}
