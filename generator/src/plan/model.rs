//! What is asked for, and what comes of it.

use crate::hash::Hash;
use crate::lock::Lock;
use crate::template::Templates;
use std::collections::BTreeMap;

/// The files of one output folder: relative path with forward slashes → text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub(super) files: BTreeMap<String, String>,
    pub(super) lock: Option<Lock>,
}

impl Plan {
    /// Each file with its text, sorted by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of one file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files alone.
    pub fn into_files(self) -> BTreeMap<String, String> {
        self.files
    }

    /// What `rekindle.lock` says, where the layout has one.
    pub(crate) fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }
}

/// How generated clients are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// A package to commit: manifest, a module, conformance tests, an example and a page for each provider, and a lock.
    #[default]
    Crate,
    /// One file `rekindle.rs` with a module for each provider, for a build script to write and a crate to `include!`.
    Module,
}

/// Where generated code finds a package of Rekindle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Dependency {
    /// In the registry, at the version of this generator.
    #[default]
    Version,
    /// In this folder, relative to the generated manifest; the version is named as well.
    Path(String),
}

/// What is generated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// How clients are laid out.
    pub layout: Layout,
    /// Where `rekindle-runtime` is; for [`Layout::Crate`].
    pub runtime: Dependency,
    /// Where `rekindle-testkit` is; for [`Layout::Crate`].
    pub testkit: Dependency,
    /// Whether [`Layout::Module`] has conformance tests beside it, as `rekindle_conformance.rs`.
    pub conformance: bool,
}

/// What is read besides contracts.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The specs with their fingerprints, for the lock.
    pub specs: &'a [(String, Hash)],
    /// The templates.
    pub templates: &'a Templates,
    /// How many warnings there are about the specs, for the lock: a run that has something to say says it again.
    pub warnings: usize,
}

impl Default for Inputs<'static> {
    /// The embedded templates and nothing else.
    fn default() -> Self {
        Self { specs: &[], templates: Templates::embedded(), warnings: 0 }
    }
}

impl Inputs<'_> {
    /// The lock of a run that reads this and is told that; without what it writes.
    pub(crate) fn lock(&self, options: &Options) -> Lock {
        let specs = self.specs.iter().cloned();
        let options = [("options".to_owned(), Hash::of(format!("{options:?}")))];
        let templates = self
            .templates
            .files()
            .iter()
            .map(|file| (format!("templates/{}", file.name), Hash::of(&file.text)));
        Lock {
            warnings: self.warnings,
            inputs: specs.chain(options).chain(templates).collect(),
            ..Lock::default()
        }
    }
}
