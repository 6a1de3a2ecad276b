//! Writing all or nothing: every text first goes to a temporary file beside its place; only when all are there are they moved.

use super::disk::{self, Entry};
use crate::error::Error;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes files and removes others, and folders below `root` that are empty then. What fails before the first move leaves no
/// trace. `dated`: when the files say to have changed.
pub(super) fn write(
    writes: &[(PathBuf, &str)],
    removals: &[PathBuf],
    root: &Path,
    dated: Option<SystemTime>,
) -> Result<(), Error> {
    let mut staged = Staged::default();
    for (path, text) in writes {
        staged.add(path, text, dated)?;
    }
    for path in removals {
        check_removal(path)?;
    }
    staged.commit(dated)?;
    for path in removals {
        remove(path, root)?;
    }
    Ok(())
}

/// Writes files that are not there, all of them or none: one that appears meanwhile is somebody's, and stays.
#[cfg(feature = "cli")]
pub(super) fn add(writes: &[(PathBuf, &str)]) -> Result<(), Error> {
    let mut staged = Staged::default();
    for (path, text) in writes {
        staged.add(path, text, None)?;
    }
    staged.take_places()?;
    staged.commit(None)
}

/// Files that wait to be moved into place. Dropped before that, it removes them and what was made for them.
#[derive(Default)]
struct Staged<'a> {
    files: Vec<Waiting<'a>>,
    folders: Vec<PathBuf>,
    /// Places that are taken by empty files until the real ones are moved there.
    taken: Vec<&'a Path>,
}

struct Waiting<'a> {
    temporary: PathBuf,
    path: &'a Path,
    text: &'a str,
}

impl<'a> Staged<'a> {
    fn add(
        &mut self,
        path: &'a Path,
        text: &'a str,
        dated: Option<SystemTime>,
    ) -> Result<(), Error> {
        refuse_no_file(path)?;
        self.create_folder(folder_of(path))?;
        refuse_read_only(path)?;
        let (temporary, file) = temporary(path).map_err(Error::io("write", path))?;
        self.files.push(Waiting { temporary, path, text });
        fill(file, text, dated).map_err(Error::io("write", path))
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

    /// Takes the places of all files, which nobody may have taken before.
    #[cfg(feature = "cli")]
    fn take_places(&mut self) -> Result<(), Error> {
        for Waiting { path, .. } in &self.files {
            let taken = OpenOptions::new().write(true).create_new(true).open(path);
            taken.map_err(Error::io("write", *path))?;
            self.taken.push(path);
        }
        Ok(())
    }

    fn commit(mut self, dated: Option<SystemTime>) -> Result<(), Error> {
        for waiting in &mut self.files {
            waiting.settle(dated).map_err(Error::io("write", waiting.path))?;
        }
        self.files.clear();
        self.folders.clear();
        self.taken.clear();
        Ok(())
    }
}

impl Waiting<'_> {
    /// Moves the file into place. Another run in the same folder may have taken it for one that a killed run left: then it is
    /// written again.
    fn settle(&mut self, dated: Option<SystemTime>) -> io::Result<()> {
        match fs::rename(&self.temporary, self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (temporary, file) = temporary(self.path)?;
                self.temporary = temporary;
                fill(file, self.text, dated)?;
                fs::rename(&self.temporary, self.path)
            }
            moved => moved,
        }
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        for waiting in &self.files {
            // One that is gone was moved, and there is nobody to tell about one that cannot be removed.
            let _ = fs::remove_file(&waiting.temporary);
        }
        for path in &self.taken {
            let _ = fs::remove_file(path);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new file beside the place of another. A name by chance: that of a process is taken where one of the same number was killed.
fn temporary(path: &Path) -> io::Result<(PathBuf, File)> {
    let folder = folder_of(path);
    loop {
        let temporary =
            folder.join(disk::temporary_name(RandomState::new().build_hasher().finish()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (temporary, file)),
        }
    }
}

fn fill(mut file: File, text: &str, dated: Option<SystemTime>) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    if let Some(dated) = dated {
        // Where the system cannot, cargo runs the build script once more, and no harm is done.
        let _ = file.set_modified(dated);
    }
    Ok(())
}

/// Whether the folder of a file lets it be removed: whether a file can be made there.
fn check_removal(path: &Path) -> Result<(), Error> {
    let removed = temporary(path).and_then(|(probe, _)| fs::remove_file(probe));
    removed.map_err(Error::io("remove", path))
}

/// Removes a file, and the folders between it and `root` that it leaves empty.
fn remove(path: &Path, root: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        // Another run was faster.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => removed.map_err(Error::io("remove", path))?,
    }
    let above = path.ancestors().skip(1);
    for folder in above.take_while(|folder| *folder != root && folder.starts_with(root)) {
        // A folder that is not empty stays.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// What is no file is not replaced by one.
fn refuse_no_file(path: &Path) -> Result<(), Error> {
    let what = match disk::entry(path)? {
        Entry::Nothing | Entry::File | Entry::Link => return Ok(()),
        Entry::Folder => "it is a folder",
        Entry::Other => "it is a pipe, a socket or a device, and no regular file",
    };
    Err(Error::io("write", path)(io::Error::other(what)))
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

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::Staged;
    use std::fs;

    /// One that appears between the look at a place and the writing is left as it is, and the others are not written.
    #[test]
    fn a_file_that_appeared_stays() {
        let folder = std::env::temp_dir().join(format!("rekindle-stage-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (first, second) = (folder.join("made/first"), folder.join("second"));
        let mut staged = Staged::default();
        staged.add(&first, "ours", None).unwrap();
        staged.add(&second, "ours", None).unwrap();
        fs::write(&second, "theirs").unwrap();
        let error = staged.take_places().unwrap_err().to_string();
        drop(staged);
        assert!(error.contains("second"), "{error}");
        assert_eq!(fs::read_to_string(&second).unwrap(), "theirs");
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
        assert_eq!(left, [second]);
        fs::remove_dir_all(folder).unwrap();
    }
}
