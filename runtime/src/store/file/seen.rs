//! Whose the grants of a folder are and when they are due, without reading again what has not changed.
//!
//! Nothing of it is kept on the disk, so there is nothing that a crash could leave behind or another process could forget to write:
//! what is known of a file counts for as long as the file is the same.
//!
//! Each look asks the system for the stamps of every file, some microseconds each: of 10,000 grants that is some hundredths of a second, for
//! as many of them as are then refreshed at a time, each with several writes that wait for the disk. An order on the disk of what is due would
//! save less than one more write to keep it costs.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::disk;
use super::document::read_one;
use crate::clock::now;
use crate::store::{Key, StoreError};

/// How long ago a file must have been changed for its stamps to tell every later change: coarser than those of any file system.
const SETTLED: Duration = Duration::from_secs(3);

/// What was last read in the files of a folder.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashMap<OsString, File>>);

/// What is known of one file.
#[derive(Debug)]
struct File {
    stamps: Stamps,
    /// None where it cannot be read.
    grant: Option<Grant>,
}

/// Whose a grant is, and when it is due, if ever.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) key: Key,
    pub(super) due: Option<SystemTime>,
}

impl Grant {
    /// The grant of these bytes.
    pub(super) fn read(form: &[u8]) -> Option<Self> {
        let (key, entry) = read_one(form).ok()?;
        Some(Self { key, due: entry.due })
    }
}

/// What changes when a file is replaced, or written to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamps {
    length: u64,
    modified: SystemTime,
    /// Device, number, owner and mode; when any of them, or the content, last changed.
    #[cfg(unix)]
    inode: (u64, u64, u32, u32, i64, i64),
}

impl Stamps {
    fn of(about: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;

        Some(Self {
            length: about.len(),
            modified: about.modified().ok()?,
            #[cfg(unix)]
            inode: (
                about.dev(),
                about.ino(),
                about.uid(),
                about.mode(),
                about.ctime(),
                about.ctime_nsec(),
            ),
        })
    }

    /// Whether a change after this could not have left the stamps as they are. One within the same tick of the clock could.
    fn are_settled(&self, now: SystemTime) -> bool {
        now.duration_since(self.modified).is_ok_and(|age| age > SETTLED)
    }
}

impl Seen {
    /// What `of` says of each grant in the files of a folder with this ending.
    pub(super) fn all<T>(
        &self,
        folder: &Path,
        ending: &str,
        of: impl Fn(&Grant) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let at = |error| disk::failed(folder, error);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *seen);
        let now = now();
        let mut found = Vec::new();
        for file in fs::read_dir(folder).map_err(at)? {
            let file = file.map_err(at)?;
            let name = file.file_name();
            if Path::new(&name).extension().is_none_or(|found| found != ending) {
                continue;
            }
            // Of the name itself: what a link leads to is not read.
            let Some(stamps) = file.metadata().ok().as_ref().and_then(Stamps::of) else {
                continue;
            };
            let known = before.remove(&name).filter(|known| known.stamps == stamps);
            let known = known.unwrap_or_else(|| File {
                grant: disk::read(&file.path())
                    .ok()
                    .flatten()
                    .and_then(|bytes| Grant::read(&bytes)),
                stamps,
            });
            found.extend(known.grant.as_ref().and_then(&of));
            // The stamps are older than what was read, never younger.
            if known.stamps.are_settled(now) {
                seen.insert(name, known);
            }
        }
        Ok(found)
    }
}
