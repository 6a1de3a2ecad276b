//! The tutorial of the book, done as it says: its files are written, its commands run, its program is run against `rekindle serve`, and
//! what it shows is what they print.
#![cfg(feature = "serve")]

mod serve_support;
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serve_support::{Played, curl_or_parse};
use support::Place;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn tutorial() -> String {
    fs::read_to_string(Path::new(ROOT).join("docs/src/tutorial.md")).expect("the tutorial")
}

/// The blocks in a language, each with the text before it.
fn blocks(language: &str) -> Vec<(String, String)> {
    let tutorial = tutorial();
    let fence = format!("```{language}\n");
    let parts: Vec<&str> = tutorial.split(&fence).collect();
    let block = |(before, rest): (&&str, &&str)| {
        ((*before).to_owned(), rest.split("```").next().unwrap_or_default().to_owned())
    };
    parts.iter().zip(&parts[1..]).map(block).collect()
}

/// The files that it says to write: each block follows the name of its file.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (language, ends) in [("yaml", ".yaml"), ("toml", ".toml"), ("rust", ".rs")] {
        for (before, block) in blocks(language) {
            let mut names = before.split('`').rev().filter(|name| name.ends_with(ends));
            files.push((names.next().expect("the name of a file").to_owned(), block));
        }
    }
    files
}

fn file(name: &str) -> String {
    let found = files().into_iter().find(|(file, _)| file == name);
    found.unwrap_or_else(|| panic!("no {name}")).1
}

/// What it shows of what commands print.
fn shown() -> Vec<String> {
    blocks("text").into_iter().map(|(_, block)| block).collect()
}

/// The project as somebody has it who did what it says.
struct Package {
    place: Place,
}

impl Package {
    fn init(form: &str) -> Self {
        let place = Place::new(&format!("tutorial-{form}"));
        place.run(&["init", "hello", "--path", ROOT, "--form", form]).expect(0, &["added"]);
        let lock = fs::read_to_string(Path::new(ROOT).join("Cargo.lock")).expect("a lock file");
        place.write("hello/Cargo.lock", &lock);
        // Its target folder is its own when somebody does this. Here that is the workspace's, with its profiles, so that what was
        // built for those packages is enough.
        let manifest = fs::read_to_string(Path::new(ROOT).join("Cargo.toml")).expect("a manifest");
        let profiles = manifest
            .split("\n[profile.")
            .skip(1)
            .map(|rest| format!("\n[profile.{}", rest.split("\n[").next().unwrap_or_default()));
        let text = place.read("hello/Cargo.toml");
        // In a terminal it is in no workspace, either.
        let workspace = if text.contains("[workspace]") { "" } else { "\n[workspace]\n" };
        let text = format!("{text}{workspace}{}", profiles.collect::<String>());
        place.write("hello/Cargo.toml", &text);
        Self { place }
    }

    fn target() -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("")
    }

    /// What cargo prints, on both streams.
    fn cargo(&self, arguments: &[&str]) -> String {
        let run = |arguments: &[&str]| {
            let mut command =
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            command.args(arguments).current_dir(self.place.path("hello"));
            command.env("CARGO_TARGET_DIR", Self::target()).env("CARGO_INCREMENTAL", "0");
            command.output().expect("cargo runs")
        };
        // What was downloaded for the workspace may be enough.
        let offline = run(&["tree", "--quiet", "--offline"]).status.success();
        let output = run(&[arguments, if offline { &["--offline"] } else { &[] }].concat());
        let said =
            String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert!(!said.contains("warning"), "{said}");
        said.into_owned()
    }
}

impl Package {
    /// How many tests there are. They pass.
    fn passes(&self) -> u32 {
        let said = self.cargo(&["test"]);
        assert!(said.contains("refreshed ... ok"), "{said}");
        let counts = said.split("test result: ok. ").skip(1).map(|rest| rest.split(' ').next());
        counts.filter_map(|count| count?.parse::<u32>().ok()).sum()
    }
}

/// What a run gave and said.
fn run(command: &mut Command, input: &str) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("its input");
    // It reads nothing once it is signed in, and may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("its end")
}

/// When the token ends by what a run has printed.
fn seconds(run: &Output) -> String {
    let said = String::from_utf8_lossy(&run.stdout);
    let (_, end) = said.split_once("At(").expect("an instant");
    end.to_owned()
}

/// A line without the instant that it begins with.
fn untimed(line: &str) -> &str {
    line.split_once("Z  ").expect("a line about an exchange").1
}

#[test]
fn the_program_is_short() {
    let program = file("src/main.rs");
    assert!(program.lines().count() <= 20, "{program}");
    assert!(program.lines().all(|line| line.len() < 120), "{program}");
}

/// The files that it shows are those that `init` writes, beside a clone.
#[test]
fn what_it_shows_is_what_init_writes() {
    let place = Place::new("tutorial-files");
    place.run(&["init", "hello", "--path", ROOT]).expect(0, &[]);
    for (name, text) in files() {
        let written = place.read(&format!("hello/{name}"));
        let written = written.replace(&ROOT.replace('\\', "/"), "../rekindle");
        // The spec says in a comment that it is an example.
        let written = written
            .strip_prefix("# An example")
            .and_then(|rest| rest.split_once('\n'))
            .map_or(written.as_str(), |(_, rest)| rest);
        assert_eq!(written, text, "{name}");
    }
}

/// The other form: the same program over a package of clients, in one workspace with it.
#[test]
fn a_project_with_a_package_of_clients_is_green() {
    let package = Package::init("package");
    let passed = package.passes();
    assert!((70..120).contains(&passed), "{passed}");
    package.cargo(&["test", "--package", "hello-clients", "--example", "acme"]);
}

#[test]
fn every_command_is_run_here() {
    let commands = blocks("console").into_iter().map(|(_, block)| block).collect::<String>();
    let program = "ACME_URL=http://127.0.0.1:4747/acme ACME_ID=synthetic-client-id-1 ACME_SECRET=synthetic-client-secret-1 cargo run";
    let all = [
        // What the checkout and the place of a test stand for.
        "git clone https://github.com/rekindle-rs/rekindle",
        "cargo install --locked --path rekindle",
        "rekindle init hello --path rekindle",
        "cd hello",
        "cargo test",
        "rekindle check",
        "rekindle serve specs/acme.yaml",
        program,
    ];
    assert_eq!(commands.lines().collect::<Vec<_>>(), all);
}

#[test]
fn a_stranger_who_follows_it_keeps_acme_fresh() {
    let shown = shown();
    let [checked, refused, printed, exchanges] = shown.as_slice() else {
        panic!("{shown:#?}");
    };
    let package = Package::init("build-script");

    let check = package.place.run(&["check", "hello/specs"]);
    assert_eq!((check.code, check.stderr + &check.stdout), (0, checked.clone()));
    package.place.edit("hello/specs/acme.yaml", "auth: basic", "auth: basik");
    package.place.run(&["check", "hello/specs"]).expect(1, &[refused.trim_end()]);
    package.place.edit("hello/specs/acme.yaml", "auth: basik", "auth: basic");

    let passed = package.passes();
    assert!((70..90).contains(&passed), "\"about eighty tests\" are {passed}");

    package.cargo(&["build"]);
    let program =
        Package::target().join("debug/hello").with_extension(std::env::consts::EXE_EXTENSION);
    let home = package.place.path("home");
    fs::create_dir_all(&home).expect("a folder");
    let mut played =
        Played::start(package.place, &["serve", "hello/specs/acme.yaml", "--port", "0"]);
    let table = played.table();
    let said = |name: &str| {
        let line = table.lines().find_map(|line| line.trim_start().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in\n{table}")).trim().to_owned()
    };
    let first = said("refresh token");
    let stranger = || {
        let mut command = Command::new(&program);
        // Nothing else: no proxy stands before this machine itself.
        command.env_clear().env("HOME", &home).env("ACME_URL", said("base URL"));
        command.env("ACME_ID", "synthetic-client-id-1");
        command.env("ACME_SECRET", "synthetic-client-secret-1");
        command
    };
    assert_eq!(said("client client_id"), "synthetic-client-id-1");
    assert_eq!(said("client client_secret"), "synthetic-client-secret-1");

    let nobody = run(&mut stranger(), "");
    let why = String::from_utf8_lossy(&nobody.stderr);
    assert!(
        !nobody.status.success() && why.contains("paste the first refresh token:\nError: "),
        "{why}"
    );

    let signed_in = run(&mut stranger(), &format!("{first}\n"));
    let ends = String::from_utf8_lossy(&signed_in.stdout);
    let words = printed.split("At(").next().unwrap_or_default();
    assert!(signed_in.status.success() && ends.starts_with(words), "{ends}");
    let told: Vec<&str> = exchanges.lines().map(untimed).collect();
    assert_eq!(untimed(&played.says("  200  ")), told[0]);

    // Later runs need no sign-in, and no exchange while the token lives.
    for _ in 0..2 {
        let later = run(&mut stranger(), "");
        assert!(later.status.success(), "{}", String::from_utf8_lossy(&later.stderr));
        assert_eq!(seconds(&later), seconds(&signed_in), "another token");
        for said in [&later.stdout, &later.stderr] {
            assert!(!String::from_utf8_lossy(said).contains(&first));
        }
    }

    let line = table.lines().skip_while(|line| line.trim() != "# refresh").nth(1).expect("a line");
    let (status, _) = curl_or_parse(line.trim()).expect("an answer");
    assert_eq!((status, untimed(&played.says("  400  "))), (400, told[1]));
    let end = played.interrupt("INT");
    assert!(end.contains("ended after 2 exchanges, 1 refused"), "{end}");
}
