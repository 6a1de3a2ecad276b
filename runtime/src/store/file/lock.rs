//! Locks of the operating system on files: they end with the process that holds them.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;

use fs4::{FileExt, TryLockError};
use serde::{Deserialize, Serialize};

use super::disk::{failed, options, sync_folder_of, wrong};
use crate::store::{StoreError, StoreErrorKind};

/// A file that is locked for as long as this lives. A lock on a file that was removed since excludes nobody: see [`Locked::is_at`].
#[derive(Debug)]
pub(super) struct Locked(File);

impl Locked {
    /// Locks a file, made where there is none; `None` when another handle holds it, be it in this process.
    pub(super) fn take(path: &Path) -> Result<Option<Self>, StoreError> {
        let mut open = options();
        open.read(true).write(true).create(true).truncate(false);
        for _ in 0..TRIES {
            let file = open.open(path).map_err(|error| failed(path, error))?;
            match FileExt::try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(failed(path, error)),
            }
            let locked = Self(file);
            // Whoever held it may have removed it in between.
            if locked.is_at(path) {
                return Ok(Some(locked));
            }
        }
        Ok(None)
    }

    /// Whether the file is still the one at this path. Where it was removed, another may hold a lock of the same name.
    #[cfg(unix)]
    pub(super) fn is_at(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;

        let name = |about: std::fs::Metadata| (about.dev(), about.ino());
        match (self.0.metadata(), std::fs::metadata(path)) {
            (Ok(ours), Ok(found)) => name(ours) == name(found),
            _ => false,
        }
    }

    /// Locked files are not removed here.
    #[cfg(not(unix))]
    pub(super) fn is_at(&self, _: &Path) -> bool {
        true
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // By name, and not by closing alone: a child process that is just being started may have the file open as well.
        let _ = FileExt::unlock(&self.0);
    }
}

/// How often a lock is tried that was removed as it was taken.
const TRIES: usize = 8;

/// What stands in the lock file of a grant.
#[derive(Serialize, Deserialize)]
struct Counter {
    fence: u64,
}

/// Counts an acquisition in the lock file, durably. A lock file that is new goes on from `known`.
pub(super) fn count(path: &Path, lock: &mut Locked, known: u64) -> Result<u64, StoreError> {
    let at = |error| failed(path, error);
    let file = &mut lock.0;
    let mut text = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut text)).map_err(at)?;
    let damaged = || wrong(StoreErrorKind::Unreadable, path, "it counts no fences");
    let last = if text.is_empty() {
        known
    } else {
        serde_json::from_slice::<Counter>(&text).map_err(|_| damaged())?.fence
    };
    let fence = last.checked_add(1).ok_or_else(damaged)?;
    let mut next = serde_json::to_vec(&Counter { fence }).map_err(|_| damaged())?;
    next.push(b'\n');
    // In place, by one write of a few bytes that is never shorter than what was there.
    file.rewind().and_then(|()| file.write_all(&next)).map_err(at)?;
    file.sync_data().map_err(at)?;
    if text.is_empty() {
        sync_folder_of(path)?;
    }
    Ok(fence)
}
