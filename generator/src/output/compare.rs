//! What differs between a plan and a folder.

use super::report::{Blocked, Change, Kind, OldLock, Report, Why};
use super::{Folder, Mode};
use crate::error::{Error, shown};
use crate::hash::Hash;
use crate::lock;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Subfolders of a generated crate that hold generated files only.
const OWN_FOLDERS: [&str; 6] =
    ["contracts", "docs", "examples", "src", "tests", "tests/conformance"];

/// What differs, and what to do about it.
pub(super) struct Comparison<'a> {
    pub(super) report: Report,
    pub(super) writes: Vec<(PathBuf, &'a str)>,
    pub(super) removals: Vec<PathBuf>,
}

pub(super) fn compare<'a>(folder: &'a Folder<'a>) -> Result<Comparison<'a>, Error> {
    if folder.root.exists() && !folder.root.is_dir() {
        let no_folder = io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder");
        return Err(Error::io("write", &folder.root)(no_folder));
    }
    let old = folder.lock();
    let outputs = match &old {
        OldLock::Read(lock) => lock.outputs.clone(),
        OldLock::Missing | OldLock::Unreadable(_) => BTreeMap::new(),
    };
    let report = Report {
        mode: Mode::Check,
        changes: Vec::new(),
        blocked: Vec::new(),
        inputs: inputs(folder, &old),
        note: note(folder, &old),
        files: folder.plan.len() + folder.beside.len(),
    };
    let mut comparison = Comparison { report, writes: Vec::new(), removals: Vec::new() };
    for (name, text) in folder.plan.files() {
        let ours = outputs.contains_key(name) || (name == lock::FILE && old != OldLock::Missing);
        comparison.file(folder.root.join(name), text, ours)?;
    }
    for (path, text) in &folder.beside {
        comparison.file(path.clone(), text, true)?;
    }
    comparison.left_over(folder, &outputs)?;
    if folder.plan.lock().is_some() {
        comparison.strays(folder, &outputs)?;
    }
    comparison.report.changes.sort();
    comparison.report.blocked.sort();
    Ok(comparison)
}

impl<'a> Comparison<'a> {
    /// Compares one file. `ours`: it may be replaced without another look.
    fn file(&mut self, path: PathBuf, text: &'a str, ours: bool) -> Result<(), Error> {
        let kind = match read(&path)? {
            Found::Nothing => Ok(Kind::Missing),
            Found::NoFile => Err(Why::NoFile),
            Found::File(bytes) if bytes == text.as_bytes() => return Ok(()),
            Found::File(bytes) if ours || is_marked(&bytes) => Ok(Kind::Differs),
            Found::File(_) => Err(Why::Foreign),
        };
        match kind {
            Ok(kind) => {
                self.report.changes.push(Change { path: shown(&path), kind });
                self.writes.push((path, text));
            }
            Err(why) => self.block(&path, why),
        }
        Ok(())
    }

    /// Finds what an earlier run wrote and nothing asks for any more.
    fn left_over(
        &mut self,
        folder: &Folder<'_>,
        outputs: &BTreeMap<String, Hash>,
    ) -> Result<(), Error> {
        for (name, hash) in outputs {
            if folder.plan.get(name).is_some() {
                continue;
            }
            let path = folder.root.join(name);
            match read(&path)? {
                Found::Nothing => {}
                Found::File(bytes) if Hash::of(&bytes) == *hash => {
                    self.report.changes.push(Change { path: shown(&path), kind: Kind::LeftOver });
                    self.removals.push(path);
                }
                Found::File(_) | Found::NoFile => self.block(&path, Why::Edited),
            }
        }
        Ok(())
    }

    /// Finds what nobody says to have written.
    fn strays(
        &mut self,
        folder: &Folder<'_>,
        outputs: &BTreeMap<String, Hash>,
    ) -> Result<(), Error> {
        for own in OWN_FOLDERS {
            let path = folder.root.join(own);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                    self.block(&path, Why::Stray);
                    continue;
                }
                Err(error) => return Err(Error::io("read", path)(error)),
            };
            for entry in entries {
                let entry = entry.map_err(Error::io("read", &path))?;
                let name = format!("{own}/{}", entry.file_name().to_string_lossy());
                if OWN_FOLDERS.contains(&name.as_str()) {
                    continue;
                }
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if !hidden && folder.plan.get(&name).is_none() && !outputs.contains_key(&name) {
                    self.block(&entry.path(), Why::Stray);
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, path: &Path, why: Why) {
        self.report.blocked.push(Blocked { path: shown(path), why });
    }
}

/// What stands at a path.
enum Found {
    Nothing,
    File(Vec<u8>),
    NoFile,
}

fn read(path: &Path) -> Result<Found, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Found::File(bytes)),
        // A file where a folder belongs is reported where the folder is made.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Found::Nothing)
        }
        Err(_) if path.is_dir() => Ok(Found::NoFile),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// Whether a file says of itself that Rekindle wrote it.
fn is_marked(bytes: &[u8]) -> bool {
    let mark = b"@generated by rekindle";
    let beginning = &bytes[..bytes.len().min(512)];
    beginning.windows(mark.len()).any(|window| window == mark)
}

/// The names of specs and templates that changed since the lock was written.
fn inputs(folder: &Folder<'_>, old: &OldLock) -> Vec<String> {
    match (folder.plan.lock(), old) {
        (Some(new), OldLock::Read(old)) => {
            new.changed_inputs(old).into_iter().map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// A word on a lock that cannot be used.
fn note(folder: &Folder<'_>, old: &OldLock) -> Option<String> {
    folder.plan.lock()?;
    let path = shown(&folder.root.join(lock::FILE));
    match old {
        OldLock::Read(_) => None,
        OldLock::Missing if folder.root.join("src").exists() => Some(format!(
            "{path} is missing: what an earlier run left over cannot be told from your own files"
        )),
        OldLock::Missing => None,
        OldLock::Unreadable(line) => Some(format!(
            "{path} makes no sense at line {line}: what an earlier run left over cannot be told from your own files"
        )),
    }
}
