//! The plan: which files an output folder holds, and their text. Pure: contracts in, path → text out.

mod module;
mod names;
mod package;
mod page;
mod parallel;
mod source;

use crate::error::Error;
use crate::hash::Hash;
use crate::input::Memory;
use crate::lock::{self, Lock};
use crate::template::Templates;
use rekindle_contract::contract::Contract;
use std::collections::BTreeMap;

/// The files of one output folder: relative path with forward slashes → text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    files: BTreeMap<String, String>,
    lock: Option<Lock>,
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
    /// What an earlier run left, so that what did not change is not formatted again.
    pub memory: Option<&'a Memory>,
}

impl Default for Inputs<'static> {
    /// The embedded templates and nothing else.
    fn default() -> Self {
        Self { specs: &[], templates: Templates::embedded(), memory: None }
    }
}

/// Plans the files of an output folder. Contracts may come in any order.
pub fn plan(contracts: &[Contract], inputs: &Inputs<'_>, options: &Options) -> Result<Plan, Error> {
    let mut contracts: Vec<&Contract> = contracts.iter().collect();
    contracts.sort_by(|a, b| a.provider.id.cmp(&b.provider.id));
    names::check(&contracts, options.layout)?;
    match options.layout {
        Layout::Crate => package::plan(&contracts, inputs, options),
        Layout::Module => module::plan(&contracts, inputs, options),
    }
}

/// The lock of files that are about to be written.
fn lock_of(
    inputs: &Inputs<'_>,
    files: &BTreeMap<String, String>,
    rendered: BTreeMap<String, Hash>,
) -> Lock {
    let specs = inputs.specs.iter().cloned();
    let templates = inputs
        .templates
        .files()
        .iter()
        .map(|file| (format!("templates/{}", file.name), Hash::of(&file.text)));
    Lock {
        inputs: specs.chain(templates).collect(),
        outputs: files.iter().map(|(path, text)| (path.clone(), Hash::of(text))).collect(),
        rendered,
        ..Lock::default()
    }
}

/// Adds the lock to the files that it describes.
fn locked(
    inputs: &Inputs<'_>,
    mut files: BTreeMap<String, String>,
    rendered: BTreeMap<String, Hash>,
) -> Plan {
    let lock = lock_of(inputs, &files, rendered);
    files.insert(lock::FILE.to_owned(), lock.to_string());
    Plan { files, lock: Some(lock) }
}
