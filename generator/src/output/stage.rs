//! Writing all or nothing: every text first goes to a temporary file beside its place; only when all are there are they moved.

use crate::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes files and removes others. What fails before the first move leaves no trace.
pub(super) fn write(writes: &[(PathBuf, &str)], removals: &[PathBuf]) -> Result<(), Error> {
    let mut staged = Staged::default();
    for (path, text) in writes {
        staged.add(path, text)?;
    }
    for path in removals {
        staged.check_removal(path)?;
    }
    staged.commit(removals)
}

/// Files that wait to be moved into place. Dropped before that, it removes them and the folders made for them.
#[derive(Default)]
struct Staged {
    files: Vec<(PathBuf, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl Staged {
    fn add(&mut self, path: &Path, text: &str) -> Result<(), Error> {
        let folder = path.parent().unwrap_or(Path::new(""));
        self.create_folder(folder)?;
        refuse_read_only(path)?;
        let temporary =
            folder.join(format!(".rekindle-{}-{}.tmp", std::process::id(), self.files.len()));
        let mut file = create_new(&temporary).map_err(Error::io("write", path))?;
        self.files.push((temporary, path.to_owned()));
        file.write_all(text.as_bytes()).map_err(Error::io("write", path))
    }

    /// Makes a folder and those above it, remembering which.
    fn create_folder(&mut self, folder: &Path) -> Result<(), Error> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.create_folder(parent)?;
        }
        fs::create_dir(folder).map_err(Error::io("create", folder))?;
        self.folders.push(folder.to_owned());
        Ok(())
    }

    /// Whether the folder of a file lets it be removed: whether a file can be made there.
    fn check_removal(&mut self, path: &Path) -> Result<(), Error> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let probe = folder.join(format!(".rekindle-{}-probe.tmp", std::process::id()));
        create_new(&probe).map_err(Error::io("remove", path))?;
        fs::remove_file(&probe).map_err(Error::io("remove", path))
    }

    fn commit(mut self, removals: &[PathBuf]) -> Result<(), Error> {
        for (temporary, path) in &self.files {
            fs::rename(temporary, path).map_err(Error::io("write", path))?;
        }
        self.files.clear();
        self.folders.clear();
        removals
            .iter()
            .try_for_each(|path| fs::remove_file(path).map_err(Error::io("remove", path)))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for (temporary, _) in &self.files {
            // One that is gone was moved, and there is nobody to tell about one that cannot be removed.
            let _ = fs::remove_file(temporary);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// A file that somebody made read-only is not replaced behind their back.
fn refuse_read_only(path: &Path) -> Result<(), Error> {
    match fs::metadata(path) {
        Ok(file) if file.permissions().readonly() => {
            let denied = io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only");
            Err(Error::io("write", path)(denied))
        }
        _ => Ok(()),
    }
}
