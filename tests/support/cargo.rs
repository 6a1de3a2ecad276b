//! Cargo, run on a package outside of the workspace as a stranger runs it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Cargo in the folder of a package. Such packages share a target folder, so that a second one builds next to nothing.
#[derive(Clone)]
pub struct Cargo {
    folder: PathBuf,
    offline: bool,
    variables: Vec<(String, String)>,
}

/// What a cargo command did.
pub struct Outcome {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Cargo {
    /// Offline where what was downloaded for the workspace is enough: with the workspace's lock file it is.
    pub fn new(folder: &Path) -> Self {
        let mut cargo = Self::offline(folder);
        cargo.offline = cargo.run(&["tree", "--quiet"]).success;
        cargo
    }

    /// Offline, come what may.
    pub fn offline(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), offline: true, variables: Vec::new() }
    }

    /// With a variable of the environment.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut cargo = self.clone();
        cargo.variables.push((name.to_owned(), value.to_owned()));
        cargo
    }

    /// Where it puts what it makes.
    pub fn target(&self) -> PathBuf {
        self.folder.with_file_name("target")
    }

    /// Runs a command.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(&self.folder);
        command.env("CARGO_TARGET_DIR", self.target());
        command.env("CARGO_TERM_COLOR", "never").env("CARGO_INCREMENTAL", "0");
        if self.offline {
            command.env("CARGO_NET_OFFLINE", "true");
        }
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        let output = command.envs(variables).output().expect("cargo runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome {
            success: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Outcome {
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert!(self.success, "cargo failed\n{}\n{}", self.stdout, self.stderr);
        self
    }
}
