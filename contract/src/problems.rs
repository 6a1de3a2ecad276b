//! What is wrong with a file so far.

use crate::diagnostics::{Also, Code, Diagnostic, Finding, Span, shape};
use crate::path::Path;
use crate::place::Places;
use serde_yaml::Value;

/// How many problems of one file are reported: a file with more is not read to its end by anyone either.
pub(crate) const MOST: usize = 100;

/// The problems of one file.
#[derive(Debug, Clone)]
pub(crate) struct Problems<'a> {
    file: &'a str,
    list: Vec<Diagnostic>,
    /// Facts that one of them is about besides its own.
    others: Vec<Path>,
    /// How many there are beyond the list.
    more: usize,
    /// What was meant by the facts that some of them are about.
    meant: Vec<(Path, Meant)>,
    /// The facts that stand at other paths than they were meant at: where they were written, and where they are looked for.
    renamed: Vec<(Path, Path)>,
}

/// What was meant by a fact that cannot be read as it stands.
#[derive(Debug, Clone)]
pub(crate) enum Meant {
    /// This value.
    Value(Value),
    /// The fact at this path, with the value that was written.
    At(Path),
    /// A part of the fact at this path, in other words.
    PartOf(Path),
}

impl<'a> Problems<'a> {
    /// None yet, of this file.
    pub(crate) fn new(file: &'a str) -> Self {
        Self {
            file,
            list: Vec::new(),
            others: Vec::new(),
            more: 0,
            meant: Vec::new(),
            renamed: Vec::new(),
        }
    }

    /// The name of the file.
    pub(crate) fn file(&self) -> &'a str {
        self.file
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there are as many as are shown. Another one is then counted: nobody has to find out where it stands.
    pub(crate) fn only_counts(&mut self) -> bool {
        let full = self.is_full();
        self.more += usize::from(full);
        full
    }

    /// Whether there are as many as are shown.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MOST
    }

    /// The paths of the facts that they are about.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.list.iter().map(|diagnostic| &diagnostic.path).chain(&self.others)
    }

    /// The same without the problems that what was meant settles: `keys` of the keys there, `values` of the values.
    pub(crate) fn unsettled(&self, keys: &[&Path], values: &[&Path]) -> Vec<Path> {
        let is_settled = |diagnostic: &&Diagnostic| match diagnostic.code == shape::UNKNOWN_KEY {
            true => keys.contains(&&diagnostic.path),
            false => values.contains(&&diagnostic.path),
        };
        let left = self.list.iter().filter(|diagnostic| !is_settled(diagnostic));
        left.map(|diagnostic| &diagnostic.path).chain(&self.others).cloned().collect()
    }

    /// Takes up that the last one is about the fact at `path` as well.
    pub(crate) fn extend(&mut self, path: &Path) {
        if !self.is_full() {
            self.others.push(path.clone());
        }
    }

    /// Takes up what was meant by the fact at a path, that one of them is about.
    pub(crate) fn mean(&mut self, path: &Path, meant: Meant) {
        if !self.is_full() {
            self.meant.push((path.clone(), meant));
        }
    }

    /// What was meant, in the order in which it was found.
    pub(crate) fn meant(&self) -> &[(Path, Meant)] {
        &self.meant
    }

    /// Whether something else was written where the fact at `path` was meant, or a part of it.
    pub(crate) fn means(&self, path: &Path) -> bool {
        let is_of = |meant: &Meant| matches!(meant, Meant::At(other) | Meant::PartOf(other) if other == path);
        self.meant.iter().any(|(_, meant)| is_of(meant))
    }

    /// Says which facts stand at other paths than they are looked for, what is deeper first.
    pub(crate) fn rename(&mut self, renamed: Vec<(Path, Path)>) {
        self.renamed = renamed;
    }

    /// The path at which the fact that was written at `path` is looked for.
    pub(crate) fn meant_path(&self, path: &Path) -> Path {
        let renamed = self.renamed.iter().map(|(written, meant)| (written, meant));
        moved(path, renamed)
    }

    /// The path at which the fact was written that is looked for at `path`.
    pub(crate) fn written_path(&self, path: &Path) -> Path {
        moved(path, self.renamed.iter().rev().map(|(written, meant)| (meant, written)))
    }

    /// Whether one is about the fact at `path`.
    pub(crate) fn mention(&self, path: &Path) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.path == *path)
    }

    /// Whether the fact at `path` is below a key that is none: what it holds is of no interest then.
    pub(crate) fn know_nothing_of(&self, path: &Path) -> bool {
        let around = |unknown: &Diagnostic| path.0.starts_with(&unknown.path.0);
        self.list
            .iter()
            .any(|diagnostic| diagnostic.code == shape::UNKNOWN_KEY && around(diagnostic))
    }

    /// The same for the part of the file at `path`, whose facts are looked for as if it were all of it.
    pub(crate) fn of_part(&self, path: &Path) -> Self {
        let renamed = |(written, meant): &(Path, Path)| {
            Some((written.strip_prefix(path)?, meant.strip_prefix(path)?))
        };
        Self { renamed: self.renamed.iter().filter_map(renamed).collect(), ..self.clone() }
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
            also: None,
        });
    }

    /// Adds a problem with a fact, placed where that stands.
    pub(crate) fn add(&mut self, mut finding: Finding, places: &Places<'_>) {
        if !self.only_counts() {
            finding.path = self.written_path(&finding.path);
            let span = places.find(&finding.path, finding.at);
            self.add_at(finding, span);
        }
    }

    /// Adds a problem with a fact that is placed elsewhere than where its path leads.
    pub(crate) fn add_at(&mut self, finding: Finding, span: Span) {
        let file = self.file.to_owned();
        self.add_in(file, finding, span, None);
    }

    /// Adds a problem with a fact of another file, which `also` took.
    pub(crate) fn add_in(
        &mut self,
        file: String,
        finding: Finding,
        span: Span,
        also: Option<Also>,
    ) {
        let Finding { code, path, message, label, hint, .. } = finding;
        let span = Some(span);
        self.push(Diagnostic {
            code,
            severity: code.severity,
            file,
            span,
            path,
            message,
            label,
            hint,
            also,
        });
    }

    /// Says which fact the last problem is about, which was found before facts could be told apart. The answer is where it stands.
    pub(crate) fn last_is_about(&mut self, path: &Path) {
        if let Some(last) = self.list.last_mut() {
            last.path = path.clone();
        }
    }

    /// Gives the last problem this hint.
    pub(crate) fn advise_last(&mut self, hint: String) {
        if let Some(last) = self.list.last_mut() {
            last.hint = Some(hint);
        }
    }

    /// The byte at which the last problem begins, if it is the text's: nothing below it could be read.
    pub(crate) fn unreadable_from(&self) -> Option<usize> {
        let last = self.list.last().filter(|last| [shape::SYNTAX, shape::TAB].contains(&last.code));
        last.and_then(|last| Some(last.span?.start))
    }

    /// Adds those of `others` that stand in none of these parts, nor around one.
    pub(crate) fn add_apart(&mut self, others: Self, parts: &[Path]) {
        self.more += others.more;
        self.meant.extend(others.meant);
        self.renamed.extend(others.renamed);
        let is_apart = |path: &Path| parts.iter().all(|part| !path.is_related(part));
        others
            .list
            .into_iter()
            .filter(|other| is_apart(&other.path))
            .for_each(|other| self.push(other));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if !self.only_counts() {
            self.list.push(diagnostic);
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
                also: None,
                path: Path::root(),
                ..last.clone()
            };
            self.list.push(last);
        }
        self.list
    }
}

/// A path with other beginnings in place of these, one after the other.
fn moved<'p>(path: &Path, beginnings: impl Iterator<Item = (&'p Path, &'p Path)>) -> Path {
    let put = |path: Path, (from, to): (&Path, &Path)| match path.0.strip_prefix(&*from.0) {
        Some(rest) => Path([&to.0, rest].concat()),
        None => path,
    };
    beginnings.fold(path.clone(), put)
}
