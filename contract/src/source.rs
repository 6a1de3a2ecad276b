//! Specs as bytes, and the only input that this crate reads.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The text of a spec and the name by which people know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file as people write it, with forward slashes: `specs/acme.yaml`.
    pub name: String,
    /// What it holds. Any bytes: what is wrong with them becomes a diagnostic.
    pub text: Vec<u8>,
    /// Whether it was not asked for, and is there for those alone that are `like` it.
    pub is_companion: bool,
}

impl Source {
    /// A spec that is already in memory.
    pub fn new(name: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), text: text.into(), is_companion: false }
    }

    /// The spec in the file at `path`.
    fn read(path: &Path) -> io::Result<Self> {
        let text = fs::read(path).map_err(|error| naming(path, &error))?;
        Ok(Self::new(name_of(path), text))
    }

    /// Whether it may take another spec. A `like` in a comment costs no more than reading a few files.
    fn may_be_like_another(&self) -> bool {
        self.text.windows(5).any(|bytes| bytes == b"like:")
    }
}

/// Reads specs from files and folders. A folder gives the `.yaml` and `.yml` files directly inside it; hidden files are
/// skipped. A file that is reached twice is read once. The result is sorted by name. Where a file that was named itself may be `like` another, the
/// other specs of its folder come along as [companions](Source::is_companion).
///
/// Architecture invariant: this and [`load_with`] are the only functions of the crate that do I/O.
pub fn load(paths: &[PathBuf]) -> io::Result<Vec<Source>> {
    load_with(None, paths)
}

/// Reads specs as [`load`] does, and takes `own` for what its file holds, whatever is on the disk: the text of an editor that was not
/// saved yet.
pub fn load_with(own: Option<Source>, paths: &[PathBuf]) -> io::Result<Vec<Source>> {
    let own = own.map(|own| Source { name: name_of(Path::new(&own.name)), ..own });
    let mut files: Vec<PathBuf> = own.iter().map(|own| PathBuf::from(&own.name)).collect();
    for path in paths {
        if path.is_dir() {
            files.extend(specs_in(path)?);
        } else {
            files.push(path.clone());
        }
    }
    files.sort_by_key(|path| name_of(path));
    files.dedup_by_key(|path| name_of(path));
    let read = |path: &PathBuf| match &own {
        Some(own) if own.name == name_of(path) => Ok(own.clone()),
        _ => Source::read(path),
    };
    let mut sources = files.iter().map(read).collect::<io::Result<Vec<_>>>()?;
    let mut folders: Vec<&Path> = sources
        .iter()
        .zip(&files)
        .filter(|(source, _)| source.may_be_like_another())
        .filter_map(|(_, path)| path.parent())
        .collect();
    folders.dedup();
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if !folder.is_dir() {
            continue;
        }
        for path in specs_in(folder)? {
            if sources.iter().all(|source| source.name != name_of(&path)) {
                sources.push(Source { is_companion: true, ..Source::read(&path)? });
            }
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(sources)
}

/// The specs directly inside `folder`.
fn specs_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut specs = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| naming(folder, &error))? {
        let path = entry.map_err(|error| naming(folder, &error))?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        let yaml =
            path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if yaml && !hidden && path.is_file() {
            specs.push(path);
        }
    }
    Ok(specs)
}

/// The name of a path with forward slashes, without a leading `./`.
fn name_of(path: &Path) -> String {
    let name = path.to_string_lossy().replace('\\', "/");
    name.strip_prefix("./").map(str::to_owned).unwrap_or(name)
}

/// The same error, saying which file it is about.
fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", name_of(path)))
}
