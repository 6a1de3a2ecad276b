//! The disk: compares a plan with a folder, and makes the folder equal to it.
//!
//! Architecture invariant: this is the only module that writes what is not a secret. It writes a file only where its text differs, and a run that
//! fails has written nothing: whatever can fail is tried in temporary files before the first real one is replaced. Nothing is
//! read, written or removed through a link.

mod compare;
mod disk;
mod stage;

use crate::error::{Error, shown};
use crate::hash::Hash;
use crate::lock::{self, Lock};
use crate::plan::{Inputs, Layout, Options, Plan};
use crate::report::{Mode, Report};
use compare::{Comparison, Content, Wanted, compare};
use disk::Entry;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a folder is to hold.
#[derive(Debug)]
pub struct Folder<'a> {
    /// Where it is.
    pub root: PathBuf,
    /// What it is to hold.
    pub plan: &'a Plan,
    /// Files elsewhere that are kept fresh with it: path → text. They are replaced, whatever they hold.
    pub beside: BTreeMap<PathBuf, String>,
    /// When files that are written say to have changed; `None`: when they did.
    pub dated: Option<SystemTime>,
}

impl<'a> Folder<'a> {
    /// This folder with this plan, and nothing beside it.
    pub fn new(root: impl Into<PathBuf>, plan: &'a Plan) -> Self {
        Self { root: root.into(), plan, beside: BTreeMap::new(), dated: None }
    }

    /// Compares, and in [`Mode::Write`] makes the folder equal to the plan.
    ///
    /// Files of the folder that Rekindle did not write, or that were changed since, are never deleted or replaced: in
    /// [`Mode::Write`] they are the error [`Error::Blocked`], otherwise they are part of the report.
    pub fn apply(&self, mode: Mode) -> Result<Report, Error> {
        if matches!(disk::entry(&self.root)?, Entry::File | Entry::Other) {
            let no_folder = io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder");
            return Err(Error::io("write", &self.root)(no_folder));
        }
        let old = OldLock::read(&self.root);
        let wanted = Wanted {
            files: self.plan.files().map(|(name, text)| (name, Content::Text(text))).collect(),
            beside: texts(&self.beside),
            whole: self.plan.lock().is_some(),
        };
        let comparison = compare(&self.root, &wanted, &old.outputs(), old != OldLock::Missing)?;
        let note = self.note(&comparison, &old);
        let Comparison { changes, blocked, writes, beside, removals, .. } = comparison;
        if mode == Mode::Write {
            if !blocked.is_empty() {
                return Err(Error::Blocked(blocked));
            }
            let planned = writes
                .into_iter()
                .filter_map(|name| Some((self.root.join(name), self.plan.get(name)?)));
            let beside = beside
                .into_iter()
                .filter_map(|path| Some((path.to_owned(), self.beside.get(path)?.as_str())));
            let writes: Vec<(PathBuf, &str)> = planned.chain(beside).collect();
            stage::write(&writes, &removals, &self.root, self.dated)?;
        }
        let inputs = match (self.plan.lock(), &old) {
            (Some(new), OldLock::Read(old)) => {
                new.changed_inputs(old).into_iter().map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        let files = self.plan.len() + self.beside.len();
        Ok(Report { mode, changes, blocked, inputs, note, files })
    }

    /// A word on a lock that cannot be used, or that is not true.
    fn note(&self, comparison: &Comparison<'_>, old: &OldLock) -> Option<String> {
        let new = self.plan.lock()?;
        let path = shown(&self.root.join(lock::FILE));
        let unknown = "what an earlier run left over cannot be told from your own files";
        match old {
            OldLock::Missing if self.root.join("src").exists() => {
                Some(format!("{path} is missing: {unknown}"))
            }
            OldLock::Missing => None,
            OldLock::Unreadable(line) => {
                Some(format!("{path} makes no sense at line {line}: {unknown}"))
            }
            OldLock::Read(old) => (comparison.vouched && old.is_of_one_run(new)).then(|| {
                format!(
                    "{path} says that these specs gave the files as they are, and they did not: delete it before you run \
                     `rekindle generate`"
                )
            }),
        }
    }
}

/// Whether nothing stands at a path, be it a link that leads nowhere.
#[cfg(feature = "cli")]
pub(crate) fn is_free(path: &Path) -> Result<bool, Error> {
    Ok(disk::entry(path)? == Entry::Nothing)
}

/// Writes files that are not there yet, all of them or none, and the folders that they stand in.
#[cfg(feature = "cli")]
pub(crate) fn add(files: &[(PathBuf, String)]) -> Result<(), Error> {
    stage::add(&without_links(files)?)
}

/// Writes files, all of them or none, in the place of those that are there.
#[cfg(feature = "cli")]
pub(crate) fn put(files: &[(PathBuf, String)]) -> Result<(), Error> {
    stage::write(&without_links(files)?, &[], Path::new(""), None)
}

/// Files to which no link leads.
#[cfg(feature = "cli")]
fn without_links(files: &[(PathBuf, String)]) -> Result<Vec<(PathBuf, &str)>, Error> {
    let mut plain = Vec::new();
    for (path, text) in files {
        if let Some(link) = disk::link_on_the_way(path)? {
            let why = io::Error::other(format!("{} is a link", shown(&link)));
            return Err(Error::io("write", path)(why));
        }
        plain.push((path.clone(), text.as_str()));
    }
    Ok(plain)
}

/// What a run would report that finds a folder as the last one left it, and reads what that one read; `None` where anything
/// differs, or where the last run had warnings to give.
///
/// Nothing is understood or generated for it, so it takes the word of `rekindle.lock`: a hash that was edited together with
/// its file is not noticed. [`Mode::Check`] goes without it and compares with what the specs give.
pub fn unchanged(
    inputs: &Inputs<'_>,
    options: &Options,
    root: &Path,
    beside: &BTreeMap<PathBuf, String>,
) -> Option<Report> {
    let OldLock::Read(old) = OldLock::read(root) else { return None };
    let new = Inputs { warnings: 0, ..*inputs }.lock(options);
    if options.layout != Layout::Crate || !old.is_of_one_run(&new) {
        return None;
    }
    let text = old.to_string();
    let outputs = old.outputs.iter().map(|(name, hash)| (name.as_str(), Content::Of(*hash)));
    let files = outputs.chain([(lock::FILE, Content::Text(&text))]).collect();
    let wanted = Wanted { files, beside: texts(beside), whole: true };
    let comparison = compare(root, &wanted, &old.outputs, true).ok()?;
    let files = wanted.files.len() + wanted.beside.len();
    let clean = comparison.changes.is_empty() && comparison.blocked.is_empty();
    clean.then(|| Report {
        mode: Mode::Write,
        changes: Vec::new(),
        blocked: Vec::new(),
        inputs: Vec::new(),
        note: None,
        files,
    })
}

/// Files elsewhere with what they are to hold.
fn texts(beside: &BTreeMap<PathBuf, String>) -> BTreeMap<&Path, Content<'_>> {
    beside.iter().map(|(path, text)| (path.as_path(), Content::Text(text))).collect()
}

/// The lock of an earlier run.
#[derive(Debug, PartialEq, Eq)]
enum OldLock {
    /// There is none.
    Missing,
    /// It makes no sense from this line on.
    Unreadable(usize),
    /// It is this.
    Read(Lock),
}

impl OldLock {
    fn read(root: &Path) -> Self {
        let path = root.join(lock::FILE);
        if !matches!(disk::entry(&path), Ok(Entry::File)) {
            return Self::Missing;
        }
        match std::fs::read(path) {
            Ok(text) => match Lock::parse(&String::from_utf8_lossy(&text)) {
                Ok(lock) => Self::Read(lock),
                Err(line) => Self::Unreadable(line),
            },
            Err(_) => Self::Missing,
        }
    }

    /// What the earlier run wrote.
    fn outputs(&self) -> BTreeMap<String, Hash> {
        match self {
            Self::Read(lock) => lock.outputs.clone(),
            Self::Missing | Self::Unreadable(_) => BTreeMap::new(),
        }
    }
}
