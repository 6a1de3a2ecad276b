//! The program of README.md that keeps a token fresh is short, and does so: it is built as a stranger would build it, with the
//! dependencies that README.md names, and run against `rekindle serve`.
#![cfg(feature = "serve")]

#[allow(dead_code, unused_imports, reason = "each test file uses its own part")]
mod serve_support;
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serve_support::Played;
use support::Place;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The first block in `language` below the heading.
fn block(language: &str) -> String {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let section = readme.split("\n## Keep a token fresh\n").nth(1);
    let rest = section.and_then(|section| section.split_once(&format!("```{language}\n")));
    let (_, rest) = rest.unwrap_or_else(|| panic!("no block in {language}"));
    rest.split("```").next().unwrap_or_default().to_owned()
}

/// Builds the program as a crate of its own, and says where it is. The target folder is the workspace's: what that has built
/// already is enough.
fn build(place: &Place) -> PathBuf {
    let dependencies =
        block("toml").replace("\"../rekindle/", &format!("\"{}/", ROOT.replace('\\', "/")));
    let package = "[package]\nname = \"keep-fresh\"\nedition = \"2024\"\n\n[workspace]\n\n";
    place.write("keep-fresh/Cargo.toml", &format!("{package}{dependencies}"));
    place.write("keep-fresh/src/main.rs", &block("rust,no_run"));
    let lock = fs::read_to_string(Path::new(ROOT).join("Cargo.lock")).expect("a lock file");
    place.write("keep-fresh/Cargo.lock", &lock);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("");
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(place.path("keep-fresh"));
        command.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0");
        command.output().expect("cargo runs")
    };
    // What was downloaded for the workspace may be enough.
    let offline = cargo(&["tree", "--quiet", "--offline"]).status.success();
    let arguments: &[&str] = if offline { &["build", "--offline"] } else { &["build"] };
    let built = cargo(arguments);
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");
    target.join("debug/keep-fresh").with_extension(std::env::consts::EXE_EXTENSION)
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

/// What a run has printed up to the second: stores keep milliseconds, and memory keeps more.
fn seconds(run: &Output) -> String {
    let said = String::from_utf8_lossy(&run.stdout);
    let (seconds, _) = said.split_once(", tv_nsec").expect("an instant");
    seconds.to_owned()
}

#[test]
fn the_program_is_short() {
    let program = block("rust,no_run");
    assert!(program.lines().count() < 20, "{program}");
    assert!(program.lines().all(|line| line.len() < 120), "{program}");
}

#[test]
fn a_strangers_program_keeps_wetix_fresh() {
    let place = Place::new("readme-session");
    let program = build(&place);
    let home = place.path("home");
    fs::create_dir_all(&home).expect("a folder");

    let spec = Path::new(ROOT).join("specs/wetix.yaml");
    let arguments = ["serve", &*spec.to_string_lossy(), "--port", "0", "--format", "json"];
    let mut played = Played::start(place, &arguments);
    let table = played.json();
    let wetix = &table["providers"][0];
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let first = text(&wetix["refresh_token"]);
    let stranger = || {
        let mut command = Command::new(&program);
        // Nothing else: no proxy stands before this machine itself.
        command.env_clear().env("HOME", &home);
        command.env("WETIX_URL", text(&wetix["base_url"]));
        command.env("WETIX_ID", text(&wetix["client"]["client_id"]));
        command.env("WETIX_SECRET", text(&wetix["client"]["client_secret"]));
        command
    };

    let nobody = run(&mut stranger(), "");
    let said = String::from_utf8_lossy(&nobody.stderr);
    assert!(!nobody.status.success() && said.contains("paste the first refresh token"), "{said}");

    let signed_in = run(&mut stranger(), &format!("{first}\n"));
    let said = String::from_utf8_lossy(&signed_in.stdout);
    assert!(signed_in.status.success() && said.contains("the access token ends: At("), "{said}");
    played.says("  200  new tokens issued");

    // Later runs need no sign-in, and no exchange while the token lives.
    for _ in 0..2 {
        let later = run(&mut stranger(), "");
        assert!(later.status.success(), "{}", String::from_utf8_lossy(&later.stderr));
        assert_eq!(seconds(&later), seconds(&signed_in), "another token");
        for said in [&later.stdout, &later.stderr] {
            assert!(!String::from_utf8_lossy(said).contains(&first));
        }
    }
    let end = played.interrupt("INT");
    assert!(end.contains("ended after 1 exchange"), "{end}");
}
