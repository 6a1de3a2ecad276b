//! One call for a build script.

use crate::error::{Error, shown};
use crate::input::{self, Specs};
use crate::output::Folder;
use crate::plan::{self, Layout, Options};
use crate::report::Mode;
use crate::template::Templates;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Generates clients from a build script.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), rekindle::Error> {
///     rekindle::Config::new().specs("specs").generate()
/// }
/// ```
///
/// ```ignore
/// // src/lib.rs: a module for each provider
/// rekindle_runtime::include_clients!();
/// ```
///
/// Cargo runs the script again when a spec or a template changes or when what it wrote is changed or deleted, and only then.
/// The generated code needs `rekindle-runtime` among the dependencies, and its tests need `rekindle-testkit` among those for
/// development. `rekindle init` writes a crate that has all this. The project file `rekindle.toml` is the command's: a build script
/// that reads specs from another folder than `specs` says so itself.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `generate`"]
pub struct Config {
    specs: PathBuf,
    templates: Option<PathBuf>,
    out_dir: Option<PathBuf>,
    conformance: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { specs: PathBuf::from("specs"), templates: None, out_dir: None, conformance: false }
    }
}

impl Config {
    /// Reads specs from the folder `specs` of the package and writes to `OUT_DIR`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads specs from this folder, relative to the package.
    pub fn specs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.specs = folder.into();
        self
    }

    /// Replaces templates by those of this folder, relative to the package.
    pub fn templates(mut self, folder: impl Into<PathBuf>) -> Self {
        self.templates = Some(folder.into());
        self
    }

    /// Writes to this folder, not to `OUT_DIR`.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Writes conformance tests, too, as `rekindle_conformance.rs`: those that need no sockets. They need `rekindle-testkit` with
    /// the feature `conformance` among the dependencies for development, and are told which crate has the clients:
    ///
    /// ```ignore
    /// // tests/conformance.rs, of a library `hello`
    /// rekindle_testkit::include_conformance!(hello);
    /// ```
    ///
    /// In the library itself that is a module for tests with `include_conformance!(crate)`.
    pub fn conformance(mut self, conformance: bool) -> Self {
        self.conformance = conformance;
        self
    }

    /// Reads, generates, and writes `rekindle.rs` where its text changed.
    pub fn generate(self) -> Result<(), Error> {
        // Inputs are named even where they are broken: mending them must run the script again.
        let dated = self.watch();
        let specs = Specs::read(&self.specs)?;
        let own = self.templates.as_deref().map(input::templates).transpose()?;
        let templates = own.as_ref().unwrap_or_else(|| Templates::embedded());
        let options =
            Options { layout: Layout::Module, conformance: self.conformance, ..Options::default() };
        let plan = plan::plan(&specs.contracts, &specs.inputs(templates), &options)?;
        let root = self.out_dir.map_or_else(out_dir, Ok)?;
        // What was written is named, too: where it is gone or changed, it is written again.
        plan.files().for_each(|(name, _)| watch(&root.join(name)));
        Folder { dated, ..Folder::new(root, &plan) }.apply(Mode::Write)?;
        for lint in &specs.lints {
            println!("cargo:warning={}", lint_line(lint));
        }
        Ok(())
    }

    /// Tells cargo what is read: the folders, for files that come and go, and each file. Gives the time of the last change of
    /// any: cargo takes a file that changes while the script runs for one that changed since, so what is written says to be as
    /// old as what it was made of.
    fn watch(&self) -> Option<SystemTime> {
        let mut changed = None;
        for folder in [Some(&self.specs), self.templates.as_ref()].into_iter().flatten() {
            watch(folder);
            for file in files(folder) {
                watch(&file);
                changed = changed.max(fs::metadata(&file).and_then(|file| file.modified()).ok());
            }
        }
        changed
    }
}

/// Tells cargo to run the script again when this changes.
fn watch(path: &Path) {
    println!("cargo:rerun-if-changed={}", shown(path));
}

/// The files of a folder, sorted; none where it cannot be read.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// The folder that cargo gives to build scripts.
fn out_dir() -> Result<PathBuf, Error> {
    let missing = || {
        io::Error::new(
            io::ErrorKind::NotFound,
            "the variable is not set: outside of a build script call `out_dir`",
        )
    };
    env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Error::io("read", "$OUT_DIR")(missing()))
}

/// A warning in one line.
fn lint_line(lint: &rekindle_contract::Diagnostic) -> String {
    let place = lint.span.map_or(String::new(), |span| format!(":{}:{}", span.line, span.column));
    format!("{}{place}: {} ({})", lint.file, lint.message, lint.code.id).replace('\n', " ")
}
