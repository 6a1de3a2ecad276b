//! Where grants lie: one file for each in a folder, or one file for many.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::document::{Entry, read_many, read_one, write_many, write_one};
use super::seen::{Grant, Seen};
use super::{disk, name};
use crate::store::{Key, Rate, Reserved, StoreError, StoreErrorKind};

/// The ending of a grant's file, and of its lock.
const RECORD: &str = "json";
const LOCK: &str = "lock";
/// For how long it is known that no exchange was begun. A rate whose burst takes longer to come back begins anew.
const RATES_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long before 1970 the instants of rates count from: a burst may be longer than a machine's clock shows.
const RATES_BEGAN: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// [`Reserved`], in microseconds.
#[derive(Serialize, Deserialize)]
struct Micros {
    next: u64,
    at: u64,
}

/// Where the grants of a store lie. Everything here blocks; only a holder of the guard writes.
#[derive(Debug)]
pub(super) struct Place {
    /// The folder of the locks, and of the grants where each has a file.
    folder: PathBuf,
    /// The file of all grants, where they have one.
    single: Option<PathBuf>,
    /// What was read of the grants that have a file each.
    seen: Seen,
}

impl Place {
    pub(super) fn folder(folder: &Path) -> Result<Self, StoreError> {
        disk::folder(folder)?;
        Ok(Self { folder: folder.to_owned(), single: None, seen: Seen::default() })
    }

    pub(super) fn single(file: &Path) -> Result<Self, StoreError> {
        let folder = beside(file, ".locks");
        disk::folder(&folder)?;
        Ok(Self { folder, single: Some(file.to_owned()), seen: Seen::default() })
    }

    /// Where it is, for messages.
    pub(super) fn path(&self) -> &Path {
        self.single.as_deref().unwrap_or(&self.folder)
    }

    /// Held while something is written. The name of a grant's file never begins with a dot, as that of the rates does.
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

    /// Reserves the next exchange of this name, by the machine's clock: see [`Store::reserve`](crate::store::Store::reserve). Only for
    /// holders of the guard.
    pub(super) fn reserve(
        &self,
        name: String,
        rate: Rate,
        now: Duration,
    ) -> Result<Duration, StoreError> {
        let path = self.folder.join(".rates");
        let at = |error| StoreError::caused(StoreErrorKind::Unreadable, error).at(path.display());
        let now = now.saturating_add(RATES_BEGAN);
        // What is kept of each rate, in microseconds.
        let mut rates: BTreeMap<String, Micros> = match disk::read(&path)? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(at)?,
            None => BTreeMap::new(),
        };
        let kept = rates.get(&name).map_or(Reserved::default(), |kept| Reserved {
            next: Duration::from_micros(kept.next),
            at: Duration::from_micros(kept.at),
        });
        let (wait, reserved) = rate.reserve(kept, now);
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // What lies so far back says nothing any more.
        rates.retain(|_, kept| kept.next > micros(now.saturating_sub(RATES_KEPT)));
        rates.insert(name, Micros { next: micros(reserved.next), at: micros(reserved.at) });
        disk::replace(&path, &self.temporary(), &serde_json::to_vec(&rates).map_err(at)?)?;
        Ok(wait)
    }

    /// What `of` says of each grant: whose it is, and when it is due. One that cannot be read is left out: reading it by itself is an
    /// error.
    pub(super) fn all<T>(&self, of: impl Fn(&Grant) -> Option<T>) -> Result<Vec<T>, StoreError> {
        let Some(path) = &self.single else {
            return self.seen.all(&self.folder, RECORD, of);
        };
        let Some(bytes) = disk::read(path)? else {
            return Ok(Vec::new());
        };
        let grants = read_many(&bytes).map_err(|error| error.at(path.display()))?;
        Ok(grants.into_iter().filter_map(|(_, form)| of(&Grant::read(form)?)).collect())
    }
}

/// The path with this at its end.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
