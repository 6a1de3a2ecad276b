//! Cold builds: what a crate that depends on something has to compile first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::goal::{self, Judged};
use crate::{Error, clock};

/// The folder of this crate.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// A small package in a folder of its own, removed at the end.
pub struct Consumer {
    folder: TempDir,
}

/// What a build took.
pub struct Cost {
    /// Crates in `cargo tree`, the consumer itself among them.
    pub crates: usize,
    /// CPU time of a cold debug build, in seconds.
    pub cpu: f64,
}

impl Consumer {
    /// A package without dependencies. It has this crate's lock file, so that what was downloaded for that is enough where
    /// it is the same.
    pub fn new() -> Result<Self, Error> {
        let consumer = Self { folder: tempfile::tempdir()? };
        consumer.write("src/main.rs", "fn main() {}\n")?;
        fs::copy(Path::new(HERE).join("Cargo.lock"), consumer.path("Cargo.lock"))?;
        consumer.manifest("")?;
        Ok(consumer)
    }

    /// Where a file of it is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of it.
    pub fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.path(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(path, text)?)
    }

    /// Writes its manifest, which ends in `dependencies`.
    pub fn manifest(&self, dependencies: &str) -> Result<(), Error> {
        let head = "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n";
        self.write("Cargo.toml", &format!("{head}{dependencies}"))
    }

    /// Counts its crates and builds it.
    pub fn cost(&self) -> Result<Cost, Error> {
        let crates = self.crates()?;
        let before = clock::children()?;
        self.cargo(&["build", "--quiet"])?;
        let cpu = (clock::children()? - before).as_secs_f64();
        Ok(Cost { crates, cpu })
    }

    fn crates(&self) -> Result<usize, Error> {
        let tree = self.cargo(&[
            "tree",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--edges",
            "normal,build",
        ])?;
        let packages = tree.lines().map(|line| line.split(" (").next().unwrap_or(line));
        Ok(packages.collect::<BTreeSet<&str>>().len())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<String, Error> {
        cargo(self.folder.path(), &self.path("target"), arguments)
    }
}

/// Runs cargo in a folder and gives what it printed; where it fails, what it complained of is the error.
pub fn cargo(folder: &Path, target: &Path, arguments: &[&str]) -> Result<String, Error> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(folder).stderr(Stdio::piped());
    command.env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0");
    let output = command.output()?;
    if !output.status.success() {
        let (printed, complained) = (&output.stdout, &output.stderr);
        let texts = [printed, complained].map(|text| String::from_utf8_lossy(text));
        return Err(texts.concat().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The crates that nobody who reads JSON into types of their own does without.
const FLOOR: &str = "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"";

/// CPU time of building the floor where the goals were set, in seconds.
const FLOOR_THERE: f64 = 12.0;

/// A consumer of `serde_json` alone: what other builds are compared with, for seconds differ from machine to machine.
pub fn floor() -> Result<Cost, Error> {
    cost(FLOOR)
}

/// A consumer with these dependencies and no code.
pub fn cost(dependencies: &str) -> Result<Cost, Error> {
    let consumer = Consumer::new()?;
    consumer.manifest(&format!("[dependencies]\n{dependencies}\n"))?;
    consumer.cost()
}

impl Cost {
    /// How often it takes the CPU time of the floor.
    pub fn ratio(&self, floor: &Self) -> f64 {
        self.cpu / floor.cpu
    }

    /// Whether it is at most `seconds` where the goals were set.
    pub fn judge(&self, floor: &Self, seconds: f64) -> Judged {
        let limit = seconds / FLOOR_THERE;
        let rounded = (limit * 100.0).round() / 100.0;
        goal::at_most(self.ratio(floor), rounded, " × serde_json")
    }
}

/// The folder of one of Rekindle's packages, as a manifest writes it; the generator's own is `""`.
pub fn package(folder: &str) -> String {
    let path = Path::new(HERE).join("..").join(folder);
    path.display().to_string().replace('\\', "/")
}
