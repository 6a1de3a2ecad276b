//! What is read: specs, templates, and what an earlier run left.
//!
//! Architecture invariant: this is the only module that reads the disk, but for the comparison in [`output`](crate::output).

use crate::error::{Error, shown};
use crate::hash::Hash;
use crate::lock::{self, Lock};
use crate::template::{TemplateFile, Templates};
use rekindle_contract::contract::Contract;
use rekindle_contract::{Diagnostic, Source, render};
use std::collections::BTreeMap;
use std::path::{Component, Path};
use std::{fs, io};

/// Specs that were read and understood.
#[derive(Debug, Clone)]
pub struct Specs {
    /// The files as they were read.
    pub sources: Vec<Source>,
    /// What they mean, sorted by provider.
    pub contracts: Vec<Contract>,
    /// Warnings; errors are in the [`Error`].
    pub lints: Vec<Diagnostic>,
    /// The files with their fingerprints, for the lock.
    pub inputs: Vec<(String, Hash)>,
}

impl Specs {
    /// Reads every spec of a folder. An error in any of them is an error.
    ///
    /// Output names a spec by the folder's own name and that of the file, `specs/acme.yaml`, whatever path leads to it: it is the
    /// same on every machine.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        if !folder.is_dir() {
            let missing = io::Error::new(io::ErrorKind::NotFound, "there is no such folder");
            return Err(Error::io("read", folder)(missing));
        }
        let sources =
            rekindle_contract::load(&[folder.to_owned()]).map_err(Error::io("read", folder))?;
        if sources.is_empty() {
            return Err(Error::NoSpecs { folder: folder.to_owned() });
        }
        let mut specs = Self::check(sources)?;
        for contract in &mut specs.contracts {
            contract.origin.file = stable_name(folder, &contract.origin.file);
        }
        for (name, _) in &mut specs.inputs {
            *name = stable_name(folder, name);
        }
        Ok(specs)
    }

    /// Understands specs that were read elsewhere.
    pub fn check(sources: Vec<Source>) -> Result<Self, Error> {
        let checked = rekindle_contract::check(&sources);
        if checked.has_errors() {
            let rendered = render::human(&checked.diagnostics, &sources, false);
            return Err(Error::Specs { diagnostics: checked.diagnostics, sources, rendered });
        }
        let inputs =
            sources.iter().map(|source| (source.name.clone(), Hash::of(&source.text))).collect();
        Ok(Self { sources, contracts: checked.contracts, lints: checked.diagnostics, inputs })
    }
}

/// A file's name below the last plain name of its folder's path.
fn stable_name(folder: &Path, file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    match last_name(folder) {
        Some(folder) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

/// The last plain name of a path: `specs` of `../specs/.`.
fn last_name(path: &Path) -> Option<String> {
    path.components().rev().find_map(|component| match component {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    })
}

/// The embedded templates, those replaced that a folder holds.
pub fn templates(folder: &Path) -> Result<Templates, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let path = entry.map_err(Error::io("read", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') || path.is_dir() || name == "README.md" {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        files.push(TemplateFile { name, file: shown(&path), text });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Templates::with_overrides(files)?)
}

/// What an earlier run left in an output folder.
#[derive(Debug, Default)]
pub struct Memory {
    /// Its lock.
    pub lock: Lock,
    /// Rust files that it wrote, where they are still as it wrote them.
    pub files: BTreeMap<String, String>,
}

impl Memory {
    /// Reads it. Nothing where the lock is missing, is not readable or was written by another generator.
    pub fn read(folder: &Path) -> Option<Self> {
        let lock = Lock::parse(&fs::read_to_string(folder.join(lock::FILE)).ok()?).ok()?;
        let this = Lock::default();
        if (&lock.version, lock.format) != (&this.version, this.format) {
            return None;
        }
        let read =
            |name: &String| Some((name.clone(), fs::read_to_string(folder.join(name)).ok()?));
        let files = lock.rendered.keys().filter_map(read).collect();
        Some(Self { lock, files })
    }
}

/// Where a package of this workspace stands beside the output folder, as the generated manifest names it; or nothing.
#[cfg(feature = "cli")]
pub(crate) fn sibling(out: &Path, folder: &str, package: &str) -> Option<String> {
    let manifest = out.join("..").join(folder).join("Cargo.toml");
    let text = fs::read_to_string(manifest).ok()?;
    let named = text.lines().any(|line| line.replace(' ', "") == format!("name=\"{package}\""));
    named.then(|| format!("../{folder}"))
}
