//! Files that are read whole, replaced whole, and readable by their owner alone.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use zeroize::Zeroizing;

use crate::store::{StoreError, StoreErrorKind};

/// The failure of an operation on a path. The system's words about a file quote no content.
pub(super) fn failed(path: &Path, error: io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory => StoreErrorKind::Refused,
        _ => StoreErrorKind::Unavailable,
    };
    StoreError::caused(kind, error).with_detail(path.display().to_string())
}

/// What is wrong at a path, and what to do about it.
pub(super) fn wrong(kind: StoreErrorKind, path: &Path, hint: &str) -> StoreError {
    StoreError::new(kind).with_detail(format!("{}: {hint}", path.display()))
}

/// Refuses what belongs to somebody else, and what others than its owner may do something with, as ssh does with keys.
#[cfg(unix)]
fn private(path: &Path, about: &Metadata, others: u32, hint: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let owner = about.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        let hint = format!("it belongs to user {owner}, who may replace it: chown it");
        return Err(wrong(StoreErrorKind::Refused, path, &hint));
    }
    let mode = about.permissions().mode() & 0o777;
    if mode & others == 0 {
        return Ok(());
    }
    let hint = format!("its mode is {mode:04o}, {hint}");
    Err(wrong(StoreErrorKind::Refused, path, &hint))
}

#[cfg(not(unix))]
fn private(_: &Path, _: &Metadata, _: u32, _: &str) -> Result<(), StoreError> {
    Ok(())
}

/// Makes a folder of mode `0700`, or sees to it that others cannot write into the one that is there.
pub(super) fn folder(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| failed(path, error))?;
    let about = fs::metadata(path).map_err(|error| failed(path, error))?;
    private(path, &about, 0o022, "others may replace its files: chmod 700")
}

/// Options for files of mode `0600`. A link is not followed, and nobody waits for the other end of a pipe.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;

        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    options
}

/// Opens a file to read it.
fn open(path: &Path) -> io::Result<File> {
    options().read(true).open(path)
}

/// Opens a file to lock it and to write in it, and makes it where there is none.
pub(super) fn open_lock(path: &Path) -> Result<File, StoreError> {
    let mut options = options();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path).map_err(|error| not_opened(path, error))?;
    let about = file.metadata().map_err(|error| failed(path, error))?;
    // Whoever may only read it can lock it as well, and hinder but not forge.
    regular(path, &about)?;
    private(path, &about, 0o022, "others may write to it: chmod 600")?;
    Ok(file)
}

/// Refuses what is no file, such as a pipe or a device: what comes out of those is no record.
fn regular(path: &Path, about: &Metadata) -> Result<(), StoreError> {
    if about.is_file() {
        return Ok(());
    }
    Err(wrong(StoreErrorKind::Refused, path, "it is no file: move it away"))
}

/// Why a file was not opened. The system's words on a link speak of too many of them.
fn not_opened(path: &Path, error: io::Error) -> StoreError {
    let is_link = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
    if is_link {
        return wrong(StoreErrorKind::Refused, path, "it is a link, which is not followed");
    }
    failed(path, error)
}

/// The whole of a file, wiped when dropped; `None` where its folder has none. Where the folder itself is gone, as when a disk is
/// unmounted, its content is unknown.
pub(super) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    let mut file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder_of(path);
            fs::metadata(folder).map_err(|error| failed(folder, error))?;
            // The folder may have come back meanwhile, and the file with it.
            match fs::exists(path) {
                Ok(false) => return Ok(None),
                _ => return Err(failed(path, error)),
            }
        }
        Err(error) => return Err(not_opened(path, error)),
    };
    let about = file.metadata().map_err(|error| failed(path, error))?;
    regular(path, &about)?;
    private(path, &about, 0o077, "others may read it: chmod 600")?;
    // A byte more than there is: the end is seen without growing, which would leave a copy behind.
    let size = usize::try_from(about.len()).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.saturating_add(64)));
    file.read_to_end(&mut bytes).map_err(|error| failed(path, error))?;
    Ok(Some(bytes))
}

/// Replaces a file by way of another one in its folder. Whenever the machine stops, the path has the old content or the new.
///
/// The caller is the only one to write to `temporary`.
pub(super) fn replace(path: &Path, temporary: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let at = |error| failed(temporary, error);
    // Of a writer that was killed. It is removed and made anew, so that a link that was put there is not followed.
    discard(temporary)?;
    let mut file = options().write(true).create_new(true).open(temporary).map_err(at)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    if let Err(error) = written.and_then(|()| fs::rename(temporary, path)) {
        let _ = discard(temporary);
        return Err(failed(path, error));
    }
    sync_folder_of(path)
}

/// Removes a file if it is there.
pub(super) fn discard(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path, error)),
        _ => Ok(()),
    }
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes it last that a file was made, renamed or removed.
pub(super) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        let folder = folder_of(path);
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed(folder, error))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
