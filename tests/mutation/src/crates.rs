//! The crates of the mutants: a workspace of its own below the workspace's target folder, so that what the mutants stand on
//! is compiled once.
//!
//! Each batch is one library: a module for each mutant, with its client and a copy of the tests. The copy is for the
//! compiler's messages, which name a file and so the mutant.

use crate::mutant::Suite;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// How many mutants are compiled as one crate: few enough for two compilers at once, enough to be worth linking.
const BATCH: usize = 48;

/// What compiles fastest, of the mutants; what they stand on is compiled once and runs for each. No mutant is compiled twice, so that what
/// incremental compilation keeps would be kept for nothing.
const PROFILE: &str = "\
[profile.dev]
opt-level = 0
debug = false
debug-assertions = false
overflow-checks = false
incremental = false

[profile.dev.package.\"*\"]
opt-level = 2
";

/// What of the runtime any client may need. All mutants stand on the same, which is compiled once.
const FEATURES: &str = r#"["hashes", "random", "signing", "xml"]"#;

/// The folder of the right client.
pub const ORIGINAL: &str = "original";

/// A crate of mutants of one provider.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The package's name.
    pub package: String,
    /// Which suite it belongs to.
    pub suite: usize,
    /// Which mutants of the suite it holds.
    pub mutants: Vec<usize>,
    /// Whether it holds the right client too.
    pub original: bool,
}

/// The mutants that must be compiled, in crates; the first crate of each provider holds its right client as well.
pub fn batches(suites: &[Suite]) -> Vec<Batch> {
    let mut batches = Vec::new();
    for (index, suite) in suites.iter().enumerate() {
        let waiting = suite.waiting();
        let chunks =
            waiting.chunks(BATCH).map(<[usize]>::to_vec).chain(waiting.is_empty().then(Vec::new));
        batches.extend(chunks.enumerate().map(|(number, mutants)| Batch {
            package: format!("mutants-{}-{number}", suite.provider.replace('_', "-")),
            suite: index,
            mutants,
            original: number == 0,
        }));
    }
    batches
}

/// The module of a mutant.
pub fn module(index: usize) -> String {
    format!("m{index:04}")
}

/// The mutant of a module.
pub fn index(module: &str) -> Option<usize> {
    module.strip_prefix('m')?.parse().ok()
}

/// Where the workspace of the mutants is, and what it stands on.
#[derive(Debug)]
pub struct Place {
    /// The root of this repository.
    pub root: PathBuf,
    /// The folder of the mutants' workspace.
    pub folder: PathBuf,
}

impl Place {
    /// Below the target folder of this workspace.
    pub fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .unwrap_or(Path::new("."))
            .to_owned();
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let folder = std::path::absolute(target.join("mutation")).unwrap_or(target);
        Self { root, folder }
    }

    /// The target folder of the mutants.
    pub fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Writes the workspace. What an earlier run left goes, but not what it compiled.
    pub fn write(&self, suites: &[Suite], batches: &[Batch]) -> io::Result<()> {
        self.clear()?;
        let members: Vec<_> = batches.iter().map(|batch| format!("{:?}", batch.package)).collect();
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n{PROFILE}",
            members.join(", ")
        );
        write(&self.folder.join("Cargo.toml"), &manifest)?;
        // The same versions as everywhere else, without asking a registry.
        fs::copy(self.root.join("Cargo.lock"), self.folder.join("Cargo.lock"))?;
        batches.iter().try_for_each(|batch| self.write_batch(&suites[batch.suite], batch))
    }

    fn write_batch(&self, suite: &Suite, batch: &Batch) -> io::Result<()> {
        let folder = self.folder.join(&batch.package);
        let manifest = format!(
            "[package]\nname = {:?}\nedition = \"2024\"\npublish = false\n\n[lib]\ndoctest = false\n\n\
             [dependencies]\nrekindle-runtime = {{ path = {:?}, features = {FEATURES} }}\nrekindle-testkit = {{ path = {:?}, features = [\"conformance\"] }}\n",
            batch.package,
            self.root.join("runtime"),
            self.root.join("testkit"),
        );
        write(&folder.join("Cargo.toml"), &manifest)?;
        let source = folder.join("src");
        let client = |name: &str, client: &str| -> io::Result<()> {
            let module = source.join(name);
            write(&module.join(format!("{}.rs", suite.provider)), client)?;
            write(&module.join("conformance.rs"), &suite.conformance)?;
            write(
                &module.join("mod.rs"),
                &format!("pub mod {};\nmod conformance;\n", suite.provider),
            )
        };
        if batch.original {
            client(ORIGINAL, &suite.client)?;
        }
        for index in &batch.mutants {
            client(&module(*index), &suite.mutants[*index].client)?;
        }
        self.write_modules(batch)
    }

    /// Writes which mutants a crate holds.
    pub fn write_modules(&self, batch: &Batch) -> io::Result<()> {
        let mut text = "#![allow(warnings)]\n\n".to_owned();
        let mutants = batch.mutants.iter().map(|index| module(*index));
        for name in batch.original.then(|| ORIGINAL.to_owned()).into_iter().chain(mutants) {
            let _ = writeln!(text, "#[cfg(test)]\nmod {name};");
        }
        write(&self.folder.join(&batch.package).join("src").join("lib.rs"), &text)
    }

    /// Removes the sources of the mutants, and leaves what was compiled.
    pub fn clear(&self) -> io::Result<()> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return fs::create_dir_all(&self.folder);
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("mutants-") {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
