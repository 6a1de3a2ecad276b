//! The command as people and scripts meet it: exit codes, what goes where, and what each subcommand says.

mod support;

use support::{Place, acme};

#[test]
fn help_is_worth_reading() {
    let run = Place::new("help").run(&["--help"]);
    assert_eq!(run.code, 0);
    for word in [
        "init",
        "generate",
        "check",
        "schema",
        "explain",
        "list",
        "Examples:",
        "Exit codes:",
        "--color",
    ] {
        assert!(run.stdout.contains(word), "no {word:?} in\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
    assert!(run.stderr.is_empty());
}

#[test]
fn calls_that_make_no_sense_exit_2() {
    let place = Place::new("usage");
    place.run(&[]).expect(2, &[]);
    place.run(&["genrate"]).expect(2, &["generate"]);
    place.run(&["generate", "--check", "--dry-run"]).expect(2, &["cannot be used with"]);
    place.run(&["check", "a.yaml", "b.yaml"]).expect(2, &["cannot read a.yaml"]);
    assert!(!place.exists("generated"));
}

/// One text, whichever command it is: where was looked, and what to do.
#[test]
fn no_specs_is_one_text() {
    let place = Place::new("no-specs");
    let commands = [
        &["generate"][..],
        &["check"],
        &["list"],
        &["diff", "old"],
        #[cfg(feature = "serve")]
        &["serve"],
        #[cfg(feature = "test")]
        &["test", "--base-url", "http://127.0.0.1:1"],
    ];
    for what in ["folder", "file `<provider>.yaml` in"] {
        let looked =
            format!("error: no specs: there is no {what} {}\n", place.path("specs").display());
        let first = place.run(commands[0]);
        first.expect(2, &[&looked, "hint: `rekindle init` makes a project", "`--specs DIR`"]);
        for command in commands {
            let run = place.run(command);
            assert_eq!((run.code, &run.stderr), (2, &first.stderr), "{command:?}");
        }
        place.write("old/acme.yaml", &acme());
        std::fs::create_dir_all(place.path("specs")).unwrap();
    }
    assert!(!place.exists("generated"));
}

#[test]
fn check_finds_problems_and_says_where() {
    let place = Place::new("check");
    place.write("specs/acme.yaml", &acme());
    place.run(&["check"]).expect(0, &["1 spec, no problems"]);
    place.write("specs/bad.yaml", &acme().replace("request:", "reqest:"));
    place.run(&["check"]).expect(1, &["specs/bad.yaml:4:", "reqest"]);
    place.run(&["check", "specs/acme.yaml"]).expect(0, &[]);
    let run = place.run(&["check", "--format", "json"]);
    assert_eq!(run.code, 1);
    let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(
        found
            .as_array()
            .unwrap()
            .iter()
            .any(|found| found["file"] == "specs/bad.yaml" && found["line"] == 4),
        "{found}"
    );
    assert!(run.stderr.is_empty(), "{run:?}");
    let run = place.run(&["check", "--format", "json", "specs/acme.yaml"]);
    assert_eq!((run.code, run.stdout.trim()), (0, "[]"));
}

#[test]
fn schema_is_json_on_stdout() {
    let run = Place::new("schema").run(&["schema"]);
    assert_eq!(run.code, 0);
    assert!(serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap().is_object());
    assert!(run.stderr.is_empty());
}

#[test]
fn explain_knows_codes_and_names_and_suggests() {
    let place = Place::new("explain");
    let run = place.run(&["explain", "RK0101"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("RK0101"), "{run:?}");
    assert_eq!(place.run(&["explain", "unknown_key"]).stdout, run.stdout);
    assert_eq!(place.run(&["explain", "rk0101"]).stdout, run.stdout);
    place.run(&["explain", "unknwon_key"]).expect(2, &["did you mean `unknown_key`?"]);
    place.run(&["explain", "banana"]).expect(2, &["there is no page about `banana`"]);
    assert!(place.run(&["explain"]).stdout.contains("RK0101  unknown_key"));
}

#[test]
fn explain_knows_what_serve_and_test_print() {
    let place = Place::new("explain-rules");
    for (code, words) in [
        ("r16", "refresh_token_kept"),
        ("R33", "Wiping is done by `zeroize`"),
        ("header-value", "--without header-value"),
        ("derived-fault-reset-after", "# fault"),
        ("derived-two-refreshes", "# sequence"),
    ] {
        let run = place.run(&["explain", code]);
        assert!(run.code == 0 && run.stdout.contains(words), "{run:#?}");
    }
    place.run(&["explain", "rule"]).expect(2, &["there is no page about `rule`"]);
}

#[test]
fn every_conformance_test_has_a_page() {
    let place = Place::new("explain-tests");
    for (id, page) in rekindle::emit::conformance_ids() {
        let run = place.run(&["explain", id]);
        assert_eq!((run.code, run.stdout.trim()), (0, page.trim()), "{id}");
    }
}

#[test]
fn list_has_a_line_for_each_provider() {
    let place = Place::generated("list");
    let run = place.run(&["list"]);
    assert_eq!(run.code, 0, "{run:?}");
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("acme    POST /oauth/token  takes refresh token  access token:"),
        "{run:?}"
    );
    let run = place.run(&["list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&list[1]["id"], &list[1]["spec"], &list[1]["method"]),
        (&"globex".into(), &"specs/globex.yaml".into(), &"POST".into())
    );
}

#[test]
fn colour_only_where_wanted() {
    let place = Place::new("colour");
    place.write("specs/bad.yaml", "rekindle: 1\nx: 1\n");
    let escape = "\x1b[";
    assert!(!place.run(&["check"]).stderr.contains(escape));
    assert!(!place.run(&["explain", "x"]).stderr.contains(escape));
    assert!(place.run(&["check", "--color", "always"]).stderr.contains(escape));
    assert!(place.run(&["--color=always", "explain", "x"]).stderr.contains(escape));
    let never = place
        .command()
        .args(["check", "--color", "never"])
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(!String::from_utf8(never.stderr).unwrap().contains(escape));
    place.run(&["check", "--color", "pink"]).expect(2, &["pink"]);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_panic() {
    use std::io::Read;
    use std::process::Stdio;
    let mut child = Place::new("pipe")
        .command()
        .arg("schema")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}
