//! The package that providers are generated into, and what is done with it.

use std::fs;
use std::path::{Path, PathBuf};

use rekindle::template::Templates;
use rekindle::{Dependency, Mode, Options, Source, Specs};
use rekindle_benches::{Error, clock, cold};
use tempfile::TempDir;

/// The tests that are compiled and run.
const CONFORMANCE: [&str; 5] = ["test", "--offline", "--quiet", "--test", "conformance"];

/// A folder with specs, the package that is generated from them, and what cargo builds of it; removed at the end.
pub struct Package {
    folder: TempDir,
}

/// What some providers cost.
pub struct Figures {
    /// CPU time of `rekindle generate`, from reading the specs to writing the files.
    pub generate: f64,
    /// CPU time of compiling the clients and their conformance tests.
    pub compile: f64,
    /// Time of running the tests.
    pub run: f64,
    /// CPU time of that.
    pub run_cpu: f64,
    /// Gigabytes of everything: dependencies, clients, tests.
    pub disk: f64,
    /// How many tests there are.
    pub checks: usize,
}

impl Figures {
    /// Makes it the package of these providers, builds it and runs its tests.
    pub fn measure(package: &Package, providers: &[Source]) -> Result<Self, Error> {
        package.bring(providers)?;
        let start = clock::process();
        package.generate()?;
        let generate = (clock::process() - start).as_secs_f64();
        let start = clock::children()?;
        package.compile()?;
        let compile = (clock::children()? - start).as_secs_f64();
        let (start, start_cpu) = (clock::wall(), clock::children()?);
        let checks = package.run()?;
        let run = (clock::wall() - start).as_secs_f64();
        let run_cpu = (clock::children()? - start_cpu).as_secs_f64();
        Ok(Self {
            generate,
            compile,
            run,
            run_cpu,
            disk: size(package.folder.path())? as f64 / 1e9,
            checks,
        })
    }
}

impl Package {
    /// A workspace without a package yet. It has the lock file of this repository's, so that what was downloaded for that is
    /// enough.
    pub fn new() -> Result<Self, Error> {
        let package = Self { folder: tempfile::tempdir()? };
        fs::write(
            package.path("Cargo.toml"),
            "[workspace]\nmembers = [\"generated\"]\nresolver = \"3\"\n",
        )?;
        fs::copy(Path::new(&cold::package("")).join("Cargo.lock"), package.path("Cargo.lock"))?;
        Ok(package)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts these specs in place of those that there are.
    pub fn bring(&self, providers: &[Source]) -> Result<(), Error> {
        let specs = self.path("specs");
        if specs.exists() {
            fs::remove_dir_all(&specs)?;
        }
        fs::create_dir(&specs)?;
        for source in providers {
            fs::write(self.path(&source.name), &source.text)?;
        }
        Ok(())
    }

    /// Does what `rekindle generate` does.
    pub fn generate(&self) -> Result<(), Error> {
        let options = Options {
            runtime: Dependency::Path(cold::package("runtime")),
            testkit: Dependency::Path(cold::package("testkit")),
            ..Options::default()
        };
        let specs = Specs::read(&self.path("specs"))?;
        let inputs = specs.inputs(Templates::embedded());
        rekindle::generate(
            &specs.contracts,
            &inputs,
            &options,
            &self.path("generated"),
            Mode::Write,
        )?;
        Ok(())
    }

    /// Compiles the clients and their conformance tests.
    pub fn compile(&self) -> Result<(), Error> {
        self.cargo(&["--no-run"]).map(drop)
    }

    /// Makes cargo compile again what did not change.
    pub fn touch(&self) -> Result<(), Error> {
        let root = fs::File::options().append(true).open(self.path("generated/src/lib.rs"))?;
        Ok(root.set_modified(std::time::SystemTime::now())?)
    }

    /// Runs the conformance tests and counts them. One that fails is an error.
    fn run(&self) -> Result<usize, Error> {
        let printed = self.cargo(&[])?;
        let passed = printed
            .split_once("test result: ok. ")
            .and_then(|(_, counts)| counts.split_once(" passed")?.0.parse().ok());
        passed.ok_or_else(|| "no test was run".into())
    }

    fn cargo(&self, more: &[&str]) -> Result<String, Error> {
        cold::cargo(self.folder.path(), &self.path("target"), &[&CONFORMANCE[..], more].concat())
    }
}

/// Bytes of all files below a folder.
fn size(folder: &Path) -> Result<u64, Error> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
