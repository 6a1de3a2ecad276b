//! What differs between what is wanted and a folder.

use super::disk::{self, Entry};
use crate::error::{Error, shown};
use crate::hash::Hash;
use crate::lock;
use crate::report::{Blocked, Change, Kind, Why};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What may stand in the root of a generated package besides what is generated: what cargo builds there and notes about it, and
/// what makes the package a repository of its own. None of it has a part in what is built.
const BESIDE: [&str; 5] = [".git", ".gitattributes", ".gitignore", "Cargo.lock", "target"];

/// What a file is to hold.
pub(super) enum Content<'a> {
    /// This.
    Text(&'a str),
    /// What has this fingerprint.
    Of(Hash),
}

impl Content<'_> {
    fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Text(text) => bytes == text.as_bytes(),
            Self::Of(hash) => Hash::of(bytes) == *hash,
        }
    }
}

/// What a folder is to hold.
pub(super) struct Wanted<'a> {
    /// Relative path → content.
    pub(super) files: BTreeMap<&'a str, Content<'a>>,
    /// Files elsewhere.
    pub(super) beside: BTreeMap<&'a Path, Content<'a>>,
    /// Whether it is to hold nothing else.
    pub(super) whole: bool,
}

/// What differs, and what to do about it.
#[derive(Default)]
pub(super) struct Comparison<'a> {
    pub(super) changes: Vec<Change>,
    pub(super) blocked: Vec<Blocked>,
    /// Names of the wanted files that are to be written.
    pub(super) writes: Vec<&'a str>,
    /// The same of files elsewhere.
    pub(super) beside: Vec<&'a Path>,
    pub(super) removals: Vec<PathBuf>,
    /// Whether a file is not as it is wanted, and yet as the earlier run says to have written it.
    pub(super) vouched: bool,
}

/// Compares a folder with what is wanted of it. `outputs` is what an earlier run says to have written there; `locked`, whether
/// it left a lock.
pub(super) fn compare<'a>(
    root: &Path,
    wanted: &'a Wanted<'a>,
    outputs: &BTreeMap<String, Hash>,
    locked: bool,
) -> Result<Comparison<'a>, Error> {
    let mut comparison = Comparison::default();
    if let Some(link) = disk::link_on_the_way(root)? {
        comparison.block(&link, Why::Link);
        return Ok(comparison);
    }
    let names = || wanted.files.keys().copied().chain(outputs.keys().map(String::as_str));
    let shut = comparison.folders(root, names(), wanted, outputs)?;
    let open = |name: &str| !folders_of(name).any(|folder| shut.contains(folder));
    for (name, content) in wanted.files.iter().filter(|(name, _)| open(name)) {
        let ours = outputs.get(*name);
        let known = ours.is_some() || (*name == lock::FILE && locked);
        if comparison.file(&root.join(name), content, ours, known)? {
            comparison.writes.push(name);
        }
    }
    for (path, content) in &wanted.beside {
        let folder = path.parent().unwrap_or(Path::new(""));
        if disk::entry(folder)? == Entry::Link {
            comparison.block(folder, Why::Link);
            continue;
        }
        if comparison.file(path, content, None, true)? {
            comparison.beside.push(path);
        }
        for (name, kind) in disk::entries(folder)? {
            comparison.temporary(&folder.join(&name), &name, kind);
        }
    }
    for (name, hash) in outputs.iter().filter(|(name, _)| open(name)) {
        if !wanted.files.contains_key(name.as_str()) {
            comparison.left_over(&root.join(name), *hash)?;
        }
    }
    comparison.changes.sort();
    comparison.blocked.sort();
    Ok(comparison)
}

impl Comparison<'_> {
    /// Looks into each folder that has a part in this; gives those that must not be entered.
    fn folders<'b>(
        &mut self,
        root: &Path,
        names: impl Iterator<Item = &'b str>,
        wanted: &Wanted<'_>,
        outputs: &BTreeMap<String, Hash>,
    ) -> Result<BTreeSet<&'b str>, Error> {
        // In the order of their names: a folder comes before what is in it.
        let folders: BTreeSet<&str> = names.flat_map(folders_of).collect();
        let mut shut = BTreeSet::new();
        for folder in &folders {
            if folders_of(folder).any(|above| shut.contains(above)) {
                shut.insert(*folder);
                continue;
            }
            let path = root.join(folder);
            let why = match disk::entry(&path)? {
                Entry::Nothing => continue,
                Entry::Folder => None,
                Entry::Link => Some(Why::Link),
                Entry::File | Entry::Other => Some(Why::NoFolder),
            };
            if let Some(why) = why {
                self.block(&path, why);
                shut.insert(*folder);
                continue;
            }
            for (name, kind) in disk::entries(&path)? {
                let inside = match folder.is_empty() {
                    true => name.clone(),
                    false => format!("{folder}/{name}"),
                };
                let known = folders.contains(inside.as_str())
                    || wanted.files.contains_key(inside.as_str())
                    || outputs.contains_key(&inside);
                let may_stand = !wanted.whole || (folder.is_empty() && BESIDE.contains(&&*name));
                let path = path.join(&name);
                if !known && !self.temporary(&path, &name, kind) && !may_stand {
                    self.block(&path, Why::Stray);
                }
            }
        }
        Ok(shut)
    }

    /// Removes what a run left behind that was killed, and says whether this is it.
    fn temporary(&mut self, path: &Path, name: &str, kind: Entry) -> bool {
        let is = kind == Entry::File && disk::is_temporary(name);
        if is {
            self.remove(path);
        }
        is
    }

    /// Compares one file, and says whether it is to be written. `ours`: what an earlier run says to have written there;
    /// `known`: it may be replaced without another look.
    fn file(
        &mut self,
        path: &Path,
        content: &Content<'_>,
        ours: Option<&Hash>,
        known: bool,
    ) -> Result<bool, Error> {
        let kind = match disk::entry(path)? {
            Entry::Nothing => Ok(Kind::Missing),
            Entry::Folder | Entry::Other => Err(Why::NoFile),
            Entry::Link => Err(Why::Link),
            Entry::File => {
                let bytes = fs::read(path).map_err(Error::io("read", path))?;
                if content.is(&bytes) {
                    return Ok(false);
                }
                self.vouched |= ours.is_some_and(|ours| Hash::of(&bytes) == *ours);
                if known || is_marked(&bytes) { Ok(Kind::Differs) } else { Err(Why::Foreign) }
            }
        };
        match kind {
            Ok(kind) => self.changes.push(Change { path: shown(path), kind }),
            Err(why) => self.block(path, why),
        }
        Ok(kind.is_ok())
    }

    /// Looks at what an earlier run says to have written and nothing asks for any more.
    fn left_over(&mut self, path: &Path, hash: Hash) -> Result<(), Error> {
        match disk::entry(path)? {
            Entry::Nothing => {}
            Entry::Link => self.block(path, Why::Link),
            Entry::File if Hash::of(fs::read(path).map_err(Error::io("read", path))?) == hash => {
                self.vouched = true;
                self.remove(path);
            }
            Entry::File | Entry::Folder | Entry::Other => self.block(path, Why::Edited),
        }
        Ok(())
    }

    fn remove(&mut self, path: &Path) {
        self.changes.push(Change { path: shown(path), kind: Kind::LeftOver });
        self.removals.push(path.to_owned());
    }

    fn block(&mut self, path: &Path, why: Why) {
        self.blocked.push(Blocked { path: shown(path), why });
    }
}

/// The folders above a relative path with forward slashes, the root `""` among them.
fn folders_of(name: &str) -> impl Iterator<Item = &str> {
    let above = |name: &'_ str| name.rfind('/').unwrap_or(0);
    std::iter::successors((!name.is_empty()).then(|| &name[..above(name)]), move |folder| {
        (!folder.is_empty()).then(|| &folder[..above(folder)])
    })
}

/// Whether a file says of itself that Rekindle wrote it.
fn is_marked(bytes: &[u8]) -> bool {
    let mark = b"@generated by rekindle";
    let beginning = &bytes[..bytes.len().min(512)];
    beginning.windows(mark.len()).any(|window| window == mark)
}
