//! Two crates outside the workspace, `tests/consumers/`, use Rekindle as a stranger would. Here they are built and run.
//!
//! Each is copied first, so that a spec may be changed and broken. The copies and what cargo makes of them stay in the target
//! folder: a second run builds next to nothing.

#[path = "support/cargo.rs"]
mod cargo;

use cargo::{Cargo, Outcome};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A copy of one of the two crates.
struct Consumer {
    folder: PathBuf,
    cargo: Cargo,
}

impl Consumer {
    /// A fresh copy, with the workspace's lock file: what was downloaded for the workspace is enough.
    fn copy(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumers").join(name);
        let original = Path::new(ROOT).join("tests/consumers").join(name);
        mirror(&original, &folder);
        let manifest = fs::read_to_string(original.join("Cargo.toml")).expect("a manifest");
        let root = format!("\"{}", ROOT.replace('\\', "/"));
        write(&folder.join("Cargo.toml"), manifest.replace("\"../../..", &root).as_bytes());
        fs::copy(Path::new(ROOT).join("Cargo.lock"), folder.join("Cargo.lock"))
            .expect("a lock file");
        let cargo = Cargo::new(&folder);
        Self { folder, cargo }
    }

    /// Runs a cargo command in the copy.
    fn cargo(&self, arguments: &[&str]) -> Outcome {
        self.cargo.run(arguments)
    }

    /// What its program prints.
    fn run(&self) -> String {
        self.cargo(&["run", "--quiet"]).succeeded().stdout
    }

    /// Changes its spec by replacing `from` by `to`.
    fn edit(&self, spec: &str, from: &str, to: &str) {
        let path = self.folder.join(spec);
        let text = fs::read_to_string(&path).expect("a spec");
        assert!(text.contains(from), "{spec} does not hold {from:?}");
        fs::write(&path, text.replacen(from, to, 1)).expect("a spec that can be changed");
    }

    /// Builds it and says whether its build script ran.
    fn generator_runs(&self) -> bool {
        let log = self.cargo(&["build", "-v"]).succeeded().stderr;
        // Otherwise the script ran because the generator itself was changed while this test was at work.
        assert!(
            !log.contains("Compiling rekindle v"),
            "the generator was changed meanwhile\n{log}"
        );
        log.lines().any(|line| {
            line.trim_start().starts_with("Running")
                && line.contains("build-script-build")
                && !line.contains("rustc")
        })
    }

    /// The file with the clients, where its build script wrote it.
    fn clients(&self) -> PathBuf {
        let messages = self.cargo(&["build", "--message-format=json"]).succeeded().stdout;
        let folder = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["reason"] == "build-script-executed")
            .find(|message| {
                message["package_id"]
                    .as_str()
                    .is_some_and(|id| id.contains("consumers/build-script"))
            })
            .and_then(|message| message["out_dir"].as_str().map(PathBuf::from));
        folder.expect("its build script has a folder").join("rekindle.rs")
    }
}

/// Makes `to` equal to `from`. Only what differs is written, so that cargo does not build without need.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    let kept = ["Cargo.lock", "Cargo.toml", "target", ".gitignore"];
    let names = |folder: &Path| -> Vec<_> {
        let entries = fs::read_dir(folder).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.filter(|name| !kept.iter().any(|kept| *kept == name)).collect()
    };
    for name in names(to) {
        let (from, to) = (from.join(&name), to.join(&name));
        if !from.exists() {
            let removed = if to.is_dir() { fs::remove_dir_all(to) } else { fs::remove_file(to) };
            removed.expect("what an earlier run left");
        }
    }
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            mirror(&from, &to);
        } else {
            write(&to, &fs::read(&from).expect("a file"));
        }
    }
}

/// Writes a file unless it holds these bytes.
fn write(path: &Path, bytes: &[u8]) {
    if fs::read(path).ok().as_deref() != Some(bytes) {
        fs::write(path, bytes).expect("a file that can be written");
    }
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a file with a time")
}

#[test]
fn a_build_script_follows_its_specs() {
    let consumer = Consumer::copy("build-script");
    let spec = "specs/spotify.yaml";

    // It builds, runs, and keeps its contract.
    let printed = consumer.run();
    assert!(
        printed.starts_with("Spotify: POST https://accounts.spotify.com/api/token\n"),
        "{printed}"
    );
    assert!(!printed.contains("the refresh token"), "{printed}");
    let tests = consumer.cargo(&["test", "--quiet"]).succeeded().stdout;
    assert!(tests.contains("test result: ok."), "{tests}");

    // Nothing changed: the generator does not run. Nor does it for a change that is no spec's.
    let clients = consumer.clients();
    assert!(!consumer.generator_runs(), "an unchanged build ran the generator");
    consumer.edit("src/main.rs", "//! ", "//!  ");
    assert!(!consumer.generator_runs(), "a change of the program ran the generator");

    // What the script wrote is gone: it is written again, once.
    let text = fs::read(&clients).expect("clients");
    fs::remove_file(&clients).expect("clients to remove");
    assert!(consumer.generator_runs(), "deleted clients were not written again");
    assert_eq!(fs::read(&clients).expect("clients"), text);
    assert!(!consumer.generator_runs(), "what was written again ran the generator");
    let written = modified(&clients);

    // A spec was saved as it was: the generator runs, and leaves the file alone.
    consumer.edit(spec, "Spotify", "Spotify");
    assert!(consumer.generator_runs(), "a saved spec did not run the generator");
    assert_eq!(modified(&clients), written, "equal clients were written again");

    // A spec changed: so does the client, once.
    consumer.edit(spec, "name: Spotify", "name: Spotify Accounts");
    assert!(consumer.generator_runs(), "a changed spec did not run the generator");
    assert!(!consumer.generator_runs(), "what was written ran the generator");
    assert!(consumer.run().starts_with("Spotify Accounts: "));

    // A spec is new: it has a module. The spec goes: so does the module.
    let new = consumer.folder.join("specs/plain.yaml");
    fs::copy(Path::new(ROOT).join("tests/language/specs/plain.yaml"), &new).expect("a new spec");
    assert!(consumer.generator_runs(), "a new spec did not run the generator");
    assert!(fs::read_to_string(&clients).expect("clients").contains("pub mod plain {"));
    fs::remove_file(&new).expect("a spec to remove");
    assert!(consumer.generator_runs(), "a removed spec did not run the generator");
    assert!(!fs::read_to_string(&clients).expect("clients").contains("pub mod plain {"));

    a_broken_spec_fails_the_build(&consumer, spec);
}

/// A broken spec fails the build, and says where it is broken.
fn a_broken_spec_fails_the_build(consumer: &Consumer, spec: &str) {
    consumer.edit(spec, "rotation: sometimes", "rotation: somtimes");
    let text = fs::read_to_string(consumer.folder.join(spec)).expect("a spec");
    let place =
        text.lines().zip(1..).find_map(|(line, number)| Some((number, line.find("somtimes")? + 1)));
    let (line, column) = place.expect("the misspelt word");

    let failure = consumer.cargo(&["build"]);
    assert!(!failure.success, "a broken spec was accepted");
    for expected in
        [format!("{spec}:{line}:{column}"), "error[RK0105]".to_owned(), "`sometimes`".to_owned()]
    {
        assert!(failure.stderr.contains(&expected), "no {expected}\n{}", failure.stderr);
    }

    consumer.edit(spec, "somtimes", "sometimes");
    consumer.cargo(&["build"]).succeeded();
}

#[test]
fn a_committed_client_is_a_small_dependency() {
    let consumer = Consumer::copy("committed-clients");
    let printed = consumer.run();
    assert!(
        printed.starts_with("WeTix: POST https://sb-oauth.wetix.my/auth/refresh\n"),
        "{printed}"
    );
    assert!(!printed.contains("the refresh token"), "{printed}");

    let tree = consumer
        .cargo(&[
            "tree",
            "-p",
            "rekindle-clients",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--edges",
            "no-dev",
        ])
        .succeeded()
        .stdout;
    let mut crates: Vec<&str> =
        tree.lines().map(|line| line.split(" (").next().unwrap_or(line)).collect();
    crates.sort_unstable();
    crates.dedup();
    assert!(crates.len() <= 20, "{} crates: {crates:#?}", crates.len());
}
