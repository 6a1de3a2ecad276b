//! What stands at a path, without following a link.

use crate::error::Error;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Nothing,
    File,
    Folder,
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// What stands at `path` itself. A path whose folder is no folder leads to nothing.
pub(super) fn entry(path: &Path) -> Result<Entry, Error> {
    // The system follows a link that has a `/` behind it.
    let path: PathBuf = path.components().collect();
    match fs::symlink_metadata(&path) {
        Ok(metadata) => Ok(kind(metadata.file_type())),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Entry::Nothing)
        }
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// What stands in a folder, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<(String, Entry)>, Error> {
    let entry = |entry: io::Result<fs::DirEntry>| -> io::Result<(String, Entry)> {
        let entry = entry?;
        Ok((entry.file_name().to_string_lossy().into_owned(), kind(entry.file_type()?)))
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.map(entry).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    entries.map_err(Error::io("read", folder))
}

fn kind(file_type: fs::FileType) -> Entry {
    match file_type {
        kind if kind.is_symlink() => Entry::Link,
        kind if kind.is_file() => Entry::File,
        kind if kind.is_dir() => Entry::Folder,
        _ => Entry::Other,
    }
}

/// The first link on the way to `path`: `path` itself, or where it is relative any folder above it. What an absolute path
/// leads through is the system's, and often a link.
pub(super) fn link_on_the_way(path: &Path) -> Result<Option<PathBuf>, Error> {
    let path: PathBuf = path.components().collect();
    let mut above: Vec<&Path> =
        path.ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
    if path.is_absolute() {
        above.truncate(1);
    }
    for folder in above.into_iter().rev() {
        let plain = matches!(folder.components().next_back(), Some(Component::Normal(_)));
        if plain && entry(folder)? == Entry::Link {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// The beginning and the end of a temporary file's name.
const TEMPORARY: (&str, &str) = (".rekindle-", ".tmp");

/// The name of a temporary file; `unique` makes it one that no other run has.
pub(super) fn temporary_name(unique: u64) -> String {
    format!("{}{unique:016x}{}", TEMPORARY.0, TEMPORARY.1)
}

/// Whether a file of this name is one that a run left behind when it was killed.
pub(super) fn is_temporary(name: &str) -> bool {
    name.strip_prefix(TEMPORARY.0).is_some_and(|rest| rest.ends_with(TEMPORARY.1))
}
