//! What is read: specs and templates.
//!
//! Architecture invariant: this is the only module that reads the disk, but for the comparison in [`output`](crate::output) and for what
//! the command reads besides: its project file, manifests, credentials.

use crate::error::{Error, shown};
use crate::hash::Hash;
use crate::plan::Inputs;
use crate::template::{TemplateFile, Templates};
use rekindle_contract::contract::Contract;
use rekindle_contract::{Diagnostic, Source, render};
use std::fs;
use std::path::{Component, Path, PathBuf};

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

/// The files of a folder of specs, read and not yet understood.
#[derive(Debug, Clone)]
pub struct SpecFiles {
    /// The files as they were read.
    pub sources: Vec<Source>,
    /// The files with their fingerprints, by the names that output has for them.
    pub inputs: Vec<(String, Hash)>,
    folder: PathBuf,
}

impl SpecFiles {
    /// Reads every spec of a folder.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        if !folder.is_dir() {
            return Err(Error::no_specs(folder));
        }
        let sources =
            rekindle_contract::load(&[folder.to_owned()]).map_err(Error::io("read", folder))?;
        if sources.is_empty() {
            return Err(Error::no_specs(folder));
        }
        let named = |source: &Source| (stable_name(folder, &source.name), Hash::of(&source.text));
        Ok(Self { inputs: sources.iter().map(named).collect(), sources, folder: folder.to_owned() })
    }

    /// Understands them. An error in any of them is an error.
    pub fn check(self) -> Result<Specs, Error> {
        let mut specs = Specs::check(self.sources)?;
        for contract in &mut specs.contracts {
            contract.origin.file = stable_name(&self.folder, &contract.origin.file);
        }
        Ok(Specs { inputs: self.inputs, ..specs })
    }
}

impl Specs {
    /// Reads every spec of a folder. An error in any of them is an error.
    ///
    /// Output names a spec by the folder's own name and that of the file, `specs/acme.yaml`, whatever path leads to it: it is the
    /// same on every machine.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        SpecFiles::read(folder)?.check()
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

    /// What is read besides the contracts, with these templates.
    pub fn inputs<'a>(&'a self, templates: &'a Templates) -> Inputs<'a> {
        Inputs { specs: &self.inputs, templates, warnings: self.lints.len() }
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
