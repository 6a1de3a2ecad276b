//! Where grants lie: one file for each in a folder, or one file for many.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::document::{Entry, read_many, read_one, write_many, write_one};
use super::{disk, name};
use crate::store::{Key, StoreError, StoreErrorKind};

/// The ending of a grant's file, and of its lock.
const RECORD: &str = "json";
const LOCK: &str = "lock";

/// Where the grants of a store lie. Everything here blocks; only a holder of the guard writes.
#[derive(Debug)]
pub(super) struct Place {
    /// The folder of the locks, and of the grants where each has a file.
    folder: PathBuf,
    /// The file of all grants, where they have one.
    single: Option<PathBuf>,
}

impl Place {
    pub(super) fn folder(folder: &Path) -> Result<Self, StoreError> {
        disk::folder(folder)?;
        Ok(Self { folder: folder.to_owned(), single: None })
    }

    pub(super) fn single(file: &Path) -> Result<Self, StoreError> {
        let folder = beside(file, ".locks");
        disk::folder(&folder)?;
        Ok(Self { folder, single: Some(file.to_owned()) })
    }

    /// Where it is, for messages.
    pub(super) fn path(&self) -> &Path {
        self.single.as_deref().unwrap_or(&self.folder)
    }

    /// Held while something is written. The name of a grant's file never begins with a dot.
    pub(super) fn guard(&self) -> PathBuf {
        self.folder.join(".guard")
    }

    /// Held by the holder of the lease.
    pub(super) fn lock(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.{LOCK}", name::of(key)))
    }

    /// The file of a grant.
    pub(super) fn file(&self, key: &Key) -> PathBuf {
        match &self.single {
            Some(file) => file.clone(),
            None => self.folder.join(format!("{}.{RECORD}", name::of(key))),
        }
    }

    /// What is written before it takes its place: one file, since one writes at a time.
    fn temporary(&self) -> PathBuf {
        match &self.single {
            Some(file) => beside(file, ".writing"),
            None => self.folder.join(".writing"),
        }
    }

    /// Removes what a killed writer left behind. Only for holders of the guard.
    pub(super) fn tidy(&self) -> Result<(), StoreError> {
        disk::discard(&self.temporary())
    }

    /// What is kept of a grant.
    pub(super) fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let path = self.file(key);
        let Some(bytes) = disk::read(&path)? else {
            return Ok(None);
        };
        let at = |error: StoreError| error.at(path.display());
        let form = match &self.single {
            None => Some(&**bytes),
            Some(_) => {
                let grants = read_many(&bytes).map_err(at)?;
                let found = grants.into_iter().find(|(found, _)| found == key);
                found.map(|(_, form)| form)
            }
        };
        let Some(form) = form else {
            return Ok(None);
        };
        let (found, entry) = read_one(form).map_err(at)?;
        if found != *key {
            let hint = "it holds another grant";
            return Err(disk::wrong(StoreErrorKind::Unreadable, &path, hint));
        }
        Ok(Some(entry))
    }

    /// Replaces what is kept of a grant. Only for holders of the guard.
    pub(super) fn save(&self, key: &Key, entry: &Entry) -> Result<(), StoreError> {
        let path = self.file(key);
        let form = write_one(key, entry).map_err(|error| error.at(path.display()))?;
        match &self.single {
            None => disk::replace(&path, &self.temporary(), &form),
            Some(_) => self.save_among(key, &path, Some(&form)),
        }
    }

    /// Forgets a grant. Only for holders of the guard.
    pub(super) fn forget(&self, key: &Key) -> Result<(), StoreError> {
        let path = self.file(key);
        match &self.single {
            None => {
                disk::discard(&path)?;
                disk::sync_folder_of(&path)
            }
            Some(_) => self.save_among(key, &path, None),
        }
    }

    /// Forgets the lock of a grant, be it held or not: a lease is lost whose lock is gone. Only for holders of the guard.
    pub(super) fn forget_lock(&self, key: &Key) -> Result<(), StoreError> {
        #[cfg(unix)]
        {
            let path = self.lock(key);
            disk::discard(&path)?;
            disk::sync_folder_of(&path)?;
        }
        #[cfg(not(unix))]
        let _ = key;
        Ok(())
    }

    /// Replaces a grant in the file of many. What is said of the others stays as it is, byte for byte, be it readable or not.
    fn save_among(&self, key: &Key, path: &Path, form: Option<&[u8]>) -> Result<(), StoreError> {
        let before = disk::read(path)?;
        let at = |error: StoreError| error.at(path.display());
        let grants = match &before {
            Some(bytes) => read_many(bytes).map_err(at)?,
            None => Vec::new(),
        };
        let others = grants.into_iter().filter(|(found, _)| found != key);
        let mut forms: Vec<&[u8]> = others.map(|(_, form)| form).collect();
        forms.extend(form);
        let bytes = write_many(&forms).map_err(at)?;
        disk::replace(path, &self.temporary(), &bytes)
    }

    /// The grants that are due at some time.
    pub(super) fn due(&self) -> Result<Vec<(SystemTime, Key)>, StoreError> {
        self.all(|key, entry| Some((entry.due?, key)))
    }

    /// What `of` says of each grant. One that cannot be read is left out: reading it by itself is an error.
    pub(super) fn all<T>(
        &self,
        of: impl Fn(Key, Entry) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let read = |form: &[u8]| {
            let (key, entry) = read_one(form).ok()?;
            of(key, entry)
        };
        if let Some(path) = &self.single {
            let Some(bytes) = disk::read(path)? else {
                return Ok(Vec::new());
            };
            let grants = read_many(&bytes).map_err(|error| error.at(path.display()))?;
            return Ok(grants.into_iter().filter_map(|(_, form)| read(form)).collect());
        }
        let at = |error| disk::failed(&self.folder, error);
        let mut found = Vec::new();
        for file in fs::read_dir(&self.folder).map_err(at)? {
            let path = file.map_err(at)?.path();
            if path.extension().is_some_and(|ending| ending == RECORD)
                && let Ok(Some(bytes)) = disk::read(&path)
            {
                found.extend(read(&bytes));
            }
        }
        Ok(found)
    }
}

/// The path with this at its end.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
