//! `rekindle.toml` and `rekindle init`, mostly as far as nothing is built: `tests/tutorial.rs` and `tests/consumers.rs` build what it makes
//! of a clone, and the last test here what it makes of a registry and of a Git repository.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::cargo::Cargo;
use support::{Place, acme};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A clone of Rekindle, as far as manifests name it.
fn clone(place: &Place, folder: &str) {
    for (package, below) in
        [("rekindle", ""), ("rekindle-runtime", "runtime/"), ("rekindle-testkit", "testkit/")]
    {
        place.write(
            &format!("{folder}/{below}Cargo.toml"),
            &format!("[package]\nname = \"{package}\"\n"),
        );
        place.write(&format!("{folder}/{below}src/lib.rs"), "");
    }
}

/// The lines of a manifest that name packages of Rekindle.
fn dependencies(place: &Place, manifest: &str) -> String {
    let text = place.read(manifest);
    let lines = text.lines().filter(|line| line.starts_with("rekindle"));
    lines.map(|line| format!("{line}\n")).collect()
}

fn generated(place: &Place) -> String {
    dependencies(place, "clients/Cargo.toml")
}

#[test]
fn the_project_file_is_found_upwards_and_flags_win() {
    let place = Place::new("project");
    clone(&place, "vendor/clone");
    place.write("contracts/acme.yaml", &acme());
    place.write("mine/lib.rs.j2", "{# rekindle-context: 2 #}\npub mod acme;\n");
    place.write(
        "rekindle.toml",
        r#"specs = "contracts"
out = "clients"
templates = "mine"

[package]
name = "our-clients"
version = "2.1.0"
description = "Clients of \"ours\""
license = "MIT"
repository = "https://git.example/ours"
authors = ["One <one@ours.example>", "Two"]

[rekindle]
path = "vendor/clone"
"#,
    );
    fs::create_dir_all(place.path("a/b")).unwrap();
    let below = |arguments: &[&str]| {
        let run = place.command().args(arguments).current_dir(place.path("a/b")).output().unwrap();
        let said = String::from_utf8(run.stderr).unwrap() + &String::from_utf8(run.stdout).unwrap();
        assert!(run.status.success(), "{said}");
        said
    };
    assert!(below(&["generate"]).contains("added    ../../clients/src/acme.rs"));
    let manifest = place.read("clients/Cargo.toml");
    for line in [
        "name = \"our-clients\"",
        "version = \"2.1.0\"",
        "description = \"Clients of \\\"ours\\\"\"",
        "license = \"MIT\"",
        "repository = \"https://git.example/ours\"",
        "authors = [\"One <one@ours.example>\", \"Two\"]",
    ] {
        assert!(manifest.lines().any(|one| one == line), "{line} in\n{manifest}");
    }
    assert_eq!(
        generated(&place),
        format!(
            "rekindle-runtime = {{ version = \"{VERSION}\", path = \"../vendor/clone/runtime\" }}\n\
             rekindle-testkit = {{ version = \"{VERSION}\", path = \"../vendor/clone/testkit\", features = [\"sockets\"] }}\n"
        )
    );
    assert_eq!(place.read("clients/src/lib.rs").lines().last(), Some("pub mod acme;"));
    assert!(place.read("clients/examples/acme.rs").contains("use our_clients::acme;"));
    assert!(place.read("clients/tests/conformance/acme.rs").contains("use our_clients::acme as"));
    assert!(place.read("clients/README.md").contains("# our-clients"));

    // Nothing is said twice, and nothing is forgotten at the next run, wherever that is.
    assert!(below(&["generate", "--check"]).contains("unchanged"));
    place.run(&["generate", "--check"]).expect(0, &["unchanged"]);
    assert!(below(&["check"]).contains("1 spec, no problems"));
    assert!(below(&["list"]).starts_with("acme  POST"));
    below(&["diff", "../../contracts/acme.yaml", "--fail-on", "additive"]);

    let git = ["generate", "--git", "https://git.example/rekindle", "--tag", "v1"];
    place.run(&git).expect(0, &["updated  clients/Cargo.toml"]);
    let from =
        format!("version = \"{VERSION}\", git = \"https://git.example/rekindle\", tag = \"v1\"");
    assert_eq!(
        generated(&place),
        format!(
            "rekindle-runtime = {{ {from} }}\nrekindle-testkit = {{ {from}, features = [\"sockets\"] }}\n"
        )
    );
    place.run(&["generate", "--registry", "=0.1.0"]).expect(0, &[]);
    assert!(generated(&place).starts_with("rekindle-runtime = { version = \"=0.1.0\" }\n"));
    place.write("other/acme.yaml", &acme());
    place
        .run(&["generate", "--specs", "other", "--out", "elsewhere"])
        .expect(0, &["elsewhere/src"]);
    assert!(place.exists("elsewhere/src/acme.rs"));
}

#[test]
fn where_rekindle_is_in_the_project_file() {
    let place = Place::new("project-places");
    place.write("specs/acme.yaml", &acme());
    let note = "note: the package takes rekindle-runtime";
    place.run(&["generate", "--out", "clients"]).expect(0, &[note, "[rekindle]"]);
    let manifest = place.read("clients/Cargo.toml");
    for key in ["license", "repository", "authors"] {
        assert!(!manifest.contains(&format!("\n{key} =")), "somebody's {key} in\n{manifest}");
    }
    let url = "git = \"https://git.example/r\"";
    for (says, names) in [
        ("version = \"0.1\"", "version = \"0.1\"".to_owned()),
        (url, format!("version = \"{VERSION}\", {url}")),
        (
            "git = \"https://git.example/r\"\nrev = \"abc\"",
            format!("version = \"{VERSION}\", {url}, rev = \"abc\""),
        ),
        (
            "git = \"https://git.example/r\"\nbranch = \"next\"",
            format!("version = \"{VERSION}\", {url}, branch = \"next\""),
        ),
    ] {
        place.write("rekindle.toml", &format!("out = \"clients\"\n[rekindle]\n{says}\n"));
        let run = place.run(&["generate"]);
        run.expect(0, &["updated  clients/Cargo.toml"]);
        assert!(!run.stderr.contains(note), "{run:?}");
        let runtime = format!("rekindle-runtime = {{ {names} }}\n");
        assert!(generated(&place).starts_with(&runtime), "{runtime} in\n{}", generated(&place));
    }
    place.write("rekindle.toml", "[rekindle]\npath = \"nowhere\"\n");
    place.run(&["generate"]).expect(
        2,
        &[
            "there is no rekindle-runtime in nowhere/runtime",
            "hint: `path` is the folder of a clone",
        ],
    );
}

/// Each at its place, with what to do.
#[test]
fn a_project_file_that_makes_no_sense() {
    let place = Place::new("project-errors");
    place.write("specs/acme.yaml", &acme());
    let one = "hint: say one of `version`, `path` and `git`";
    for (text, at, words, hint) in [
        ("spec = \"x\"\n", "1:1", "there is no key `spec` here", "hint: did you mean `specs`?"),
        ("[package]\nnme = \"x\"\n", "2:1", "no key `nme`", "hint: did you mean `name`?"),
        ("zzzzzzzz = 1\n", "1:1", "no key `zzzzzzzz`", "hint: there are: `specs`, `out`"),
        ("[rekindle]\nruntime = \"x\"\n", "2:1", "no key `runtime`", "`version`, `path`, `git`"),
        ("specs = 1\n", "1:9", "invalid type: integer `1`", ""),
        ("specs = \n", "1:9", "", ""),
        ("[package]\nname = \"a b\"\n", "2:8", "`a b` is no name of a package", ""),
        ("[package]\nname = \"fn\"\n", "2:8", "`fn` is taken", ""),
        ("[rekindle]\npath = \"x\"\ngit = \"y\"\n", "3:7", "`path` says already", one),
        ("[rekindle]\nversion = \"1\"\ngit = \"y\"\n", "2:11", "the version is that of", one),
        ("[rekindle]\nrev = \"x\"\n", "2:7", "`rev` says what of a Git repository", "say which"),
        (
            "[rekindle]\ngit = \"x\"\nrev = \"x\"\ntag = \"\u{e9}\"\n",
            "4:7",
            "`tag` is not the only one",
            "say one of `rev`, `branch` and `tag`",
        ),
    ] {
        place.write("rekindle.toml", text);
        for command in [&["generate"][..], &["check"], &["list"]] {
            let place_of = format!("rekindle.toml:{at}\n");
            place.run(command).expect(2, &["error[RK0606]", &place_of, words, hint]);
        }
    }
    fs::write(place.path("rekindle.toml"), b"specs = \"\xff\"\n").unwrap();
    place.run(&["check"]).expect(2, &["cannot read rekindle.toml"]);
}

/// The path is said once, relative to where somebody stands; each file names it from its own folder.
#[test]
fn the_place_of_rekindle_is_said_once() {
    let place = Place::new("init-places");
    clone(&place, "clone");
    place.run(&["init", "hello", "--path", "clone"]).expect(0, &["added    hello/Cargo.toml"]);
    assert_eq!(
        dependencies(&place, "hello/Cargo.toml"),
        "rekindle-runtime = { path = \"../clone/runtime\", features = [\"file\", \"reqwest-rustls\"] }\n\
         rekindle = { path = \"../clone\", default-features = false }\n\
         rekindle-testkit = { path = \"../clone/testkit\", features = [\"conformance\"] }\n"
    );
    let run = place.run(&["init", "a/two", "--path", "clone", "--form", "package"]);
    run.expect(0, &["added    a/two/clients/src/acme.rs", "hint: cd a/two && cargo test"]);
    assert!(place.read("a/two/rekindle.toml").contains("\npath = \"../../clone\"\n"));
    assert!(place.read("a/two/Cargo.toml").contains("\ntwo-clients = { path = \"clients\" }\n"));
    assert!(place.read("a/two/src/main.rs").starts_with("use two_clients::acme::"));
    assert!(
        dependencies(&place, "a/two/clients/Cargo.toml").contains("\"../../../clone/testkit\"")
    );

    let git = ["init", "three", "--git", "https://git.example/r", "--rev", "abc"];
    place.run(&[&git[..], &["--form", "package"]].concat()).expect(0, &[]);
    let from = "git = \"https://git.example/r\", rev = \"abc\"";
    assert!(dependencies(&place, "three/Cargo.toml").contains(&format!("{{ {from}, features")));
    assert!(dependencies(&place, "three/clients/Cargo.toml").contains(from));

    let run = place.run(&["init", "four"]);
    run.expect(0, &["note: the packages of Rekindle are taken from the registry"]);
    let version = format!("rekindle = {{ version = \"{VERSION}\", default-features = false }}\n");
    assert!(dependencies(&place, "four/Cargo.toml").contains(&version));
    place.run(&["init", "five", "--registry", "0.1", "--form", "package"]).expect(0, &[]);
    assert!(
        dependencies(&place, "five/clients/Cargo.toml")
            .starts_with("rekindle-runtime = { version = \"0.1\" }")
    );
    for made in ["hello", "a/two", "three", "four", "five"] {
        let run = place.command().arg("check").current_dir(place.path(made)).output().unwrap();
        assert!(run.status.success(), "{made}: {run:?}");
    }
}

#[test]
fn init_refuses_what_cannot_be_built() {
    let place = Place::new("init-refusals");
    let before = place.snapshot();
    place
        .run(&["init", "hello", "--path", "nowhere"])
        .expect(2, &["there is no rekindle-runtime in nowhere/runtime"]);
    place.run(&["init", "2fa"]).expect(2, &["`2fa` is no name", "`--name NAME`"]);
    place.run(&["init", "tokio"]).expect(2, &["`tokio` is taken"]);
    place.run(&["init", "x", "--name", "a b"]).expect(2, &["`a b` is no name"]);
    place.run(&["init", "x", "--rev", "abc"]).expect(2, &["--git"]);
    place.run(&["init", "x", "--path", "a", "--git", "b"]).expect(2, &["cannot be used with"]);
    assert!(before == place.snapshot());
    place.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\", \"tools\"]\n");
    place.run(&["init"]).expect(2, &["Cargo.toml is of no package", "`rekindle init DIR`"]);
    let above = "is a workspace: add \"hello\" to its `members`";
    place.run(&["init", "hello"]).expect(0, &[above]);
    for member in ["crates/one", "tools"] {
        let run = place.run(&["init", member]);
        assert!(run.code == 0 && !run.stderr.contains("is a workspace"), "{run:?}");
    }
}

/// What the specs of a folder need of the runtime is in a manifest that is made, and is asked of one that is there.
#[test]
fn init_says_which_features_the_specs_need() {
    let place = Place::new("init-features");
    clone(&place, "clone");
    let signed = include_str!("../specs/google_service.yaml");
    let init = |app: &str| place.run(&["init", app, "--path", "clone"]);
    place.write("new/specs/google_service.yaml", signed);
    init("new").expect(0, &["added    new/Cargo.toml"]);
    let manifest = place.read("new/Cargo.toml");
    assert!(manifest.contains("\"reqwest-rustls\", \"signing\"]"), "{manifest}");
    let lacks = "kept     old/Cargo.toml; add to it the feature `signing` of `rekindle-runtime`";
    place.write("old/specs/google_service.yaml", signed);
    for (runtime, is_said) in [
        ("\"0.1\"", true),
        ("{ version = \"0.1\", features = [\"file\"] }", true),
        ("{ version = \"0.1\", features = [\"signing\"] }", false),
    ] {
        place.write(
            "old/Cargo.toml",
            &format!("[package]\nname = \"old\"\n\n[dependencies]\nrekindle-runtime = {runtime}\n"),
        );
        let run = init("old");
        assert_eq!(run.stderr.contains(lacks) || run.stdout.contains(lacks), is_said, "{run:?}");
    }
}

/// Whoever has specs beside the example is told where their clients are, and that the example may go.
#[test]
fn init_says_that_the_example_may_go() {
    let place = Place::new("init-beside");
    clone(&place, "clone");
    let init = || place.run(&["init", "my-app", "--path", "clone"]);
    let note = "note: the client of `globex` is `my_app::globex::Client`; `acme` is the example: delete my-app/specs/acme.yaml when you need it no more, once my-app/src/main.rs uses another";
    let run = init();
    assert!(!run.stderr.contains("is the example") && run.code == 0, "{run:?}");
    place.write("my-app/specs/globex.yaml", &support::globex());
    init().expect(0, &[note]);
    std::fs::remove_file(place.path("my-app/specs/acme.yaml")).unwrap();
    let run = init();
    assert!(!run.stderr.contains("is the example") && run.code == 0, "{run:?}");
}

/// Nothing that is there is touched; what it lacks is said, to the line.
#[test]
fn init_in_a_package_says_what_to_add() {
    let place = Place::new("init-existing");
    clone(&place, "clone");
    let manifest = "[package]\nname = \"my-app\"\nedition = \"2024\"\n\n[dependencies]\nrekindle-runtime = \"0.1\"\n";
    let own = [
        ("app/Cargo.toml", manifest),
        ("app/src/lib.rs", "pub fn mine() {}\n"),
        ("app/src/main.rs", "fn main() {}\n"),
        ("app/build.rs", "fn main() {}\n"),
        ("app/specs/globex.yaml", &support::globex()),
    ];
    own.iter().for_each(|(path, text)| place.write(path, text));
    let run = place.run(&["init", "app", "--path", "clone"]);
    run.expect(
        0,
        &[
            "added    app/rekindle.toml\nadded    app/tests/conformance.rs\n",
            "kept     app/Cargo.toml; add to it:\n\n    [build-dependencies]\n    rekindle = { path = \"../clone\", default-features = false }\n\n    \
             [dev-dependencies]\n    rekindle-testkit = { path = \"../clone/testkit\", features = [\"conformance\"] }\n",
            "kept     app/src/lib.rs; add to it:\n\n    rekindle_runtime::include_clients!();\n",
            "kept     app/build.rs; add to it:\n\n    rekindle::Config::new().specs(\"specs\").conformance(true).generate()?;\n",
        ],
    );
    assert!(!run.stderr.contains("tokio") && !run.stderr.contains("rekindle-runtime"), "{run:?}");
    own.iter().for_each(|(path, text)| assert_eq!(place.read(path), *text));
    assert!(!place.exists("app/specs/acme.yaml") && !place.exists("app/.gitignore"));
    assert!(place.read("app/tests/conformance.rs").contains("include_conformance!(my_app)"));

    // What was added is not asked for again.
    place.edit("app/src/lib.rs", "pub fn", "rekindle_runtime::include_clients!();\npub fn");
    let before = place.snapshot();
    let run = place.run(&["init", "app", "--path", "clone"]);
    run.expect(0, &["kept     app/src/lib.rs\n", "kept     app/rekindle.toml\n"]);
    assert!(before == place.snapshot());
    #[cfg(unix)]
    {
        // A link that leads nowhere is somebody's file, too.
        fs::remove_file(place.path("app/tests/conformance.rs")).unwrap();
        std::os::unix::fs::symlink("nowhere", place.path("app/tests/conformance.rs")).unwrap();
        place
            .run(&["init", "app", "--path", "clone"])
            .expect(0, &["kept     app/tests/conformance.rs"]);
        assert!(!place.exists("app/tests/nowhere"));
    }
}

/// A project file and specs that are there before the package: what is made fits them, and names no client that is not made.
#[test]
fn init_fits_what_is_there() {
    let place = Place::new("init-fits");
    clone(&place, "clone");
    let project = "specs = \"contracts\"\nout = \"made\"\n\n[package]\nname = \"our-clients\"\n\n[rekindle]\npath = \"../clone\"\n";
    for (folder, form, file, spec) in [
        ("script", "build-script", "", "specs/globex.yaml"),
        ("script-named", "build-script", project, "contracts/globex.yaml"),
        ("script-new", "build-script", project, ""),
        ("package", "package", "", "specs/globex.yaml"),
        ("package-named", "package", project, "contracts/globex.yaml"),
        ("package-new", "package", project, ""),
    ] {
        let own = |path: &str| format!("{folder}/{path}");
        if !file.is_empty() {
            place.write(&own("rekindle.toml"), file);
        }
        if !spec.is_empty() {
            place.write(&own(spec), &support::globex());
        }
        let mut arguments = vec!["init", folder, "--form", form];
        if file.is_empty() {
            arguments.extend(["--path", "clone"]);
        }
        place.run(&arguments).expect(0, &["added    "]);
        // The folder may lie below that of another workspace, which is none of theirs.
        let member = if form == "package" { String::new() } else { format!("\"{folder}\"") };
        let above = format!("[workspace]\nmembers = [{member}]\nresolver = \"3\"\n");
        place.write("Cargo.toml", &above);
        let run = Cargo::new(&place.path(folder)).run(&["metadata", "--no-deps", "--offline"]);
        run.succeeded();
        assert_eq!(place.exists(&own("src/main.rs")), spec.is_empty(), "{folder}");
        let manifest = place.read(&own("Cargo.toml"));
        assert!(manifest.contains("path = \"../clone/runtime\""), "{manifest}");
        assert_eq!(manifest.contains("tokio"), spec.is_empty(), "{manifest}");
        if !file.is_empty() && spec.is_empty() {
            assert!(place.exists(&own("contracts/acme.yaml")), "{folder}");
        }
        match (form, file.is_empty()) {
            ("build-script", is_usual) => {
                let from = if is_usual { "specs(\"specs\")" } else { "specs(\"contracts\")" };
                assert!(place.read(&own("build.rs")).contains(from), "{folder}");
            }
            (_, true) => assert!(manifest.contains("members = [\"clients\"]"), "{manifest}"),
            (_, false) => {
                assert!(manifest.contains("our-clients = { path = \"made\" }"), "{manifest}");
                assert!(manifest.contains("members = [\"made\"]"), "{manifest}");
                let program = if spec.is_empty() { "src/main.rs" } else { "src/lib.rs" };
                assert!(place.read(&own(program)).contains("use our_clients"), "{folder}");
            }
        }
    }
    place.write("broken/specs/globex.yaml", "rekindle: 1\n");
    place
        .run(&["init", "broken", "--form", "package", "--path", "clone"])
        .expect(1, &["broken/specs/globex.yaml"]);
}

/// Flags win over a project file that is kept, in the package that is made at once; what makes that last is said.
#[test]
fn init_does_as_flags_say_where_the_project_file_is_kept() {
    let place = Place::new("init-flags");
    clone(&place, "clone");
    clone(&place, "other");
    let flags = ["init", "app", "--form", "package", "--path", "clone"];
    for (says, lasts) in [
        ("", false),
        ("[rekindle]\npath = \"../other\"\n", false),
        ("[rekindle]\ngit = \"https://git.example/r\"\n", false),
        ("[rekindle]\npath = \"../clone\"\n", true),
        ("[rekindle]\npath = \"../other/../clone/\"\n", true),
    ] {
        place.write("app/rekindle.toml", &format!("out = \"clients\"\n{says}"));
        let run = place.run(&flags);
        let told = match lasts {
            true => "kept     app/rekindle.toml\n",
            false => {
                "kept     app/rekindle.toml; let it say:\n\n    [rekindle]\n    path = \"../clone\"\n"
            }
        };
        run.expect(0, &[told]);
        let from = "path = \"../../clone/runtime\"";
        assert!(dependencies(&place, "app/clients/Cargo.toml").contains(from), "{says}: {run:?}");
        assert!(!run.stderr.contains("from the registry"), "{run:?}");
    }
    // What it does say stays without flags, in a build script's project as well.
    place.run(&["init", "app", "--form", "package"]).expect(0, &["kept     app/rekindle.toml\n"]);
    place.write("script/rekindle.toml", "[rekindle]\npath = \"../other\"\n");
    place
        .run(&["init", "script", "--path", "clone"])
        .expect(0, &["kept     script/rekindle.toml\n"]);
    assert!(dependencies(&place, "script/Cargo.toml").contains("\"../clone/runtime\""));
    let before = place.snapshot();
    let run = place.run(&["init", "script", "--name", "another"]);
    run.expect(2, &["script/Cargo.toml is there already, and calls its package `script`"]);
    assert!(before == place.snapshot());
    place.run(&["init", "script", "--name", "script"]).expect(0, &[]);
}

/// In somebody's workspace: a package that the workspace takes for its own is no root of another one.
#[test]
fn a_package_of_clients_is_part_of_the_workspace_that_lists_it() {
    let place = Place::new("init-members");
    clone(&place, "clone");
    for (lists, is_member) in [
        ("members = [\"tools\"]", true),
        ("members = [\"./tools/\"]", true),
        ("members = [\"t*\"]", true),
        ("members = [\"tools\"]\nexclude = [\"tools\"]", true),
        ("members = [\"t*\"]\nexclude = [\"tools\"]", false),
        ("members = [\"tools/*\"]", false),
        ("exclude = [\"tools\"]", false),
        ("", false),
    ] {
        place.write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\n{lists}\n"));
        let run = place.run(&["init", "tools", "--form", "package", "--path", "clone"]);
        let command = match is_member {
            true => "cd tools && cargo test --package tools --package tools-clients\n",
            false => "cd tools && cargo test\n",
        };
        run.expect(0, &[command]);
        assert_eq!(place.read("tools/Cargo.toml").contains("[workspace]"), !is_member, "{lists}");
        let cargo = Cargo::new(&place.path("tools"));
        let found = cargo.run(&["metadata", "--no-deps", "--offline", "--format-version=1"]);
        let found: serde_json::Value = serde_json::from_str(&found.succeeded().stdout).unwrap();
        let root = if is_member { place.path("") } else { place.path("tools") };
        let root = fs::canonicalize(root).unwrap();
        assert_eq!(found["workspace_root"].as_str().map(Path::new), Some(&*root), "{lists}");
        let names = found["packages"].as_array().unwrap().iter();
        let names: BTreeSet<_> = names.filter_map(|package| package["name"].as_str()).collect();
        assert!(names.contains("tools") && names.contains("tools-clients"), "{lists}: {names:?}");
        fs::remove_dir_all(place.path("tools")).unwrap();
    }
}

/// What the book shows of a project is what `init` writes.
#[test]
fn the_guide_shows_what_init_writes() {
    let place = Place::new("init-guide");
    clone(&place, "rekindle");
    place.run(&["init", "hello", "--path", "rekindle"]).expect(0, &[]);
    let guide =
        fs::read_to_string(Path::new(ROOT).join("docs/src/guides/build-scripts.md")).unwrap();
    for file in ["build.rs", "src/lib.rs", "tests/conformance.rs"] {
        let text = place.read(&format!("hello/{file}"));
        assert!(guide.contains(&format!("\n{text}```")), "{file} is not in the guide:\n{text}");
    }
    for line in dependencies(&place, "hello/Cargo.toml").lines() {
        assert!(guide.contains(&format!("\n{line}\n")), "{line} is not in the guide");
    }
}

/// The page about the project file has each of its keys, in a file that makes sense and in the table.
#[test]
fn the_page_about_the_project_file_has_every_key() {
    let page =
        fs::read_to_string(Path::new(ROOT).join("docs/src/reference/project-file.md")).unwrap();
    let shown = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let place = Place::new("project-page");
    place.write("specs/acme.yaml", &acme());
    place.write("rekindle.toml", shown);
    place.run(&["check"]).expect(0, &[]);
    let all = [
        ("", &["specs", "out", "templates"][..]),
        ("package.", &["name", "version", "description", "license", "repository", "authors"]),
        ("rekindle.", &["path", "git", "rev", "branch", "tag", "version"]),
    ];
    for (table, keys) in all {
        // The reader itself lists what it knows.
        let section = table.strip_suffix('.').map_or(String::new(), |it| format!("[{it}]\n"));
        place.write("rekindle.toml", &format!("{section}zzzzzzzzzzzz = 1\n"));
        let listed = place.run(&["check"]).stderr;
        let listed = listed.split("there are: ").nth(1).unwrap().split('\n').next().unwrap();
        let listed: BTreeSet<&str> = listed.split('`').skip(1).step_by(2).collect();
        let tables = if table.is_empty() { &["package", "rekindle"][..] } else { &[] };
        assert_eq!(listed, keys.iter().chain(tables).copied().collect());
        for key in keys {
            assert!(page.contains(&format!("`{table}{key}`")), "no row for {table}{key}");
        }
    }
}

/// What is published: all that a project can ask for, and the clients of this repository.
const PUBLISHED: [&str; 6] = [
    "rekindle-syntax",
    "rekindle-contract",
    "rekindle-runtime",
    "rekindle-testkit",
    "rekindle",
    "rekindle-clients",
];

/// A machine with cargo alone and no network: what is published lies in a folder beside the packages of others (`cargo vendor`, which
/// fetches those that are missing), and the files of this repository in a Git repository. From the folder comes the command, and both forms
/// of a project from either: they build, and their tests pass.
#[test]
#[ignore = "builds a hundred packages anew, which takes minutes: `.ci/run` does it"]
fn what_is_published_makes_projects_that_are_green() {
    let place = Place::new("init-published");
    let target = place.path("target").to_string_lossy().into_owned();
    let vendor = place.path("vendor").to_string_lossy().into_owned();
    let workspace = Cargo::new(Path::new(ROOT));
    // With packages that only other platforms need, which nothing on this one has fetched.
    let online = workspace.with("CARGO_NET_OFFLINE", "false");
    online.run(&["vendor", "--versioned-dirs", "--locked", &vendor]).succeeded();
    let arguments = ["package", "--no-verify", "--allow-dirty", "--target-dir", &target];
    let chosen: Vec<&str> = PUBLISHED.iter().flat_map(|package| ["-p", package]).collect();
    workspace.run(&[&arguments[..], &chosen].concat()).succeeded();
    for package in PUBLISHED {
        let folder = format!("{package}-{VERSION}");
        let archive = place.path(&format!("target/package/{folder}.crate"));
        done(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&vendor));
        place.write(&format!("vendor/{folder}/.cargo-checksum.json"), "{\"files\":{}}");
    }
    place.write(
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n",
    );
    let url = format!("file://{}", repository(&place).display());

    // The folder may lie below that of a workspace, which is none of theirs.
    let projects = ["published", "published-package", "cloned", "cloned-package"];
    let clients = format!("vendor/rekindle-clients-{VERSION}");
    place.write(
        "Cargo.toml",
        &format!("[workspace]\nexclude = {:?}\n", [&projects[..], &[&clients]].concat()),
    );
    let home = place.path("home").to_string_lossy().into_owned();
    let cargo = |folder: &str| {
        let cargo = Cargo::offline(&place.path(folder)).with("CARGO_HOME", &home);
        cargo.with("CARGO_TARGET_DIR", &target).with("CARGO_PROFILE_DEV_DEBUG", "0")
    };
    let root = place.path("installed").to_string_lossy().into_owned();
    let version = format!("={VERSION}");
    let install = ["install", "rekindle", "--debug", "--root", &root, "--version", &version];
    cargo("vendor").run(&install).succeeded();
    for project in projects {
        let mut init = Command::new(place.path("installed/bin/rekindle"));
        init.current_dir(place.path("")).args(["init", project]);
        if project.ends_with("-package") {
            init.args(["--form", "package"]);
        }
        if project.starts_with("cloned") {
            init.args(["--git", &url]);
        }
        done(&mut init);
        let cargo = cargo(project);
        if project.starts_with("cloned") {
            // Nothing but the repository is fetched: the packages of others are in the folder.
            cargo.with("CARGO_NET_OFFLINE", "false").run(&["fetch"]).succeeded();
        }
        let said = cargo.run(&["test"]).succeeded().stdout;
        assert!(said.contains("refreshed ... ok"), "{project}: {said}");
    }
    // Who depends on it has a lock file of their own. This one has checksums, and of a folder without them cargo makes none.
    fs::remove_file(place.path(&format!("{clients}/Cargo.lock"))).unwrap();
    cargo(&clients).run(&["check"]).succeeded();
}

/// Runs what must succeed: what it prints.
fn done(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Runs git in a folder, whoever owns it and whatever this machine's settings are.
fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let settings = [
        "safe.directory=*",
        "commit.gpgsign=false",
        "user.name=Rekindle",
        "user.email=rekindle@git.example",
    ];
    let settings = settings.iter().flat_map(|setting| ["-c", setting]);
    done(Command::new("git").current_dir(folder).args(settings).args(arguments))
}

/// A Git repository with the files of this one as they are now.
fn repository(place: &Place) -> PathBuf {
    let folder = place.path("repository");
    let listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = String::from_utf8(git(Path::new(ROOT), &listed)).expect("names");
    for name in listed.split_terminator('\0') {
        let (from, to) = (Path::new(ROOT).join(name), folder.join(name));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        // What was deleted and not committed yet is listed, too.
        if from.is_file() {
            fs::copy(from, to).expect("a file");
        }
    }
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "--all"]);
    git(&folder, &["commit", "--quiet", "--message=All"]);
    folder
}
