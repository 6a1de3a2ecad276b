//! The command as people and scripts meet it: exit codes, what goes where, and what each subcommand says.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};
use support::{Place, Run, acme, globex};

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

    // From a folder of the project, it is the project's.
    place.write("rekindle.toml", "specs = \"contracts\"\n");
    place.write("a/b/old/acme.yaml", &acme());
    let folder = std::fs::canonicalize(place.path("")).unwrap().join("contracts");
    let looked = format!("error: no specs: there is no folder {}\n", folder.display());
    for command in commands {
        let run = place.command().args(command).current_dir(place.path("a/b")).output().unwrap();
        let said = String::from_utf8(run.stderr).unwrap();
        assert!(said.starts_with(&looked), "{command:?}: {said}");
    }
    let line = "curl -u a:b https://id.globex.example/t -d grant_type=client_credentials";
    let mut import = place.command();
    import.args(["import", "curl", line]).current_dir(place.path("a/b"));
    assert!(import.output().unwrap().status.success() && place.exists("contracts/globex.yaml"));
}

#[test]
fn check_finds_problems_and_says_where() {
    let place = Place::new("check");
    place.write("specs/acme.yaml", &acme());
    place.run(&["check"]).expect(0, &["1 spec, no problems"]);
    place.write("specs/bad.yaml", &acme().replace("request:", "reqest:"));
    place.run(&["check"]).expect(1, &["specs/bad.yaml:4:", "reqest"]);
    place.run(&["check", "specs/acme.yaml"]).expect(0, &[]);
    place.run(&["check", "acme"]).expect(0, &["1 spec, no problems"]);
    place.run(&["check", "amce"]).expect(2, &["no spec `amce`", "did you mean `specs/acme.yaml`?"]);
    place.run(&["check", "acme.yaml"]).expect(2, &["did you mean `specs/acme.yaml`?"]);
    place.run(&["check", "nobody"]).expect(2, &["no spec `nobody`", "`rekindle list`"]);
    place.run(&["diff", "acme", "specs/acme.yaml"]).expect(0, &[]);
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

/// Standard input of a run.
fn fed(place: &Place, arguments: &[&str], text: &str) -> Run {
    let mut child = place
        .command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn check_reads_standard_input() {
    let place = Place::new("stdin");
    let bad = acme().replace("request:", "reqest:");
    fed(&place, &["check", "-"], &acme()).expect(0, &["1 spec, no problems"]);
    fed(&place, &["check", "-"], &bad).expect(1, &["<stdin>:4:", "reqest"]);
    // Without a file's name the provider's is the id.
    let named = "rekindle: 1\nprofile: rfc6749\nprovider: { name: Acme Bank }\nrefresh: { request: POST https://id.acme.example/token }\n";
    fed(&place, &["check", "-"], named).expect(0, &["1 spec, no problems"]);
    fed(&place, &["check", "-"], &named.replace("provider: { name: Acme Bank }\n", ""))
        .expect(1, &["nothing names the provider"]);
    fed(&place, &["check", "--stdin-name", "x/acme.yaml", "-"], &bad)
        .expect(1, &["x/acme.yaml:4:"]);
    // What an editor has not saved yet stands for its file, and takes others of that folder.
    place.write("specs/acme.yaml", &bad);
    place.write("specs/base.yaml", &globex().replace("globex", "base").replace("Globex", "Base"));
    let like = "rekindle: 1\nlike: base\nprovider: { id: acme, name: Acme }\n";
    let name = ["check", "-", "--stdin-name", "specs/acme.yaml"];
    fed(&place, &name, like).expect(0, &["1 spec, no problems"]);
    fed(&place, &[&name[..], &["specs"]].concat(), like).expect(0, &["2 specs, no problems"]);
    place.run(&["check", "--stdin-name", "a.yaml", "specs"]).expect(2, &["which is not read"]);
}

/// What has a path needs no project, and a broken file of one is not in its way.
#[test]
fn a_broken_project_file_stops_what_needs_it_alone() {
    let place = Place::new("broken-project");
    place.write("rekindle.toml", "spec = 1\n");
    place.write("new/acme.yaml", &acme());
    fed(&place, &["check", "-"], &acme()).expect(0, &["1 spec, no problems"]);
    place.run(&["check", "new/acme.yaml"]).expect(0, &["1 spec, no problems"]);
    place.run(&["diff", "new/acme.yaml", "new/acme.yaml"]).expect(0, &[]);
    for arguments in [&["check"][..], &["check", "acme"], &["diff", "new/acme.yaml"]] {
        place.run(arguments).expect(2, &["rekindle.toml"]);
    }
}

#[test]
fn problems_are_told_to_services() {
    let place = Place::new("formats");
    place.write("specs/acme.yaml", &acme().replace("request:", "reqest:"));
    for command in ["check", "generate"] {
        let run = place.run(&[command, "--format", "github"]);
        assert_eq!(run.code, 1);
        let first = "::error file=specs/acme.yaml,line=4,";
        assert!(run.stdout.starts_with(first) && run.stderr.is_empty(), "{run:#?}");
        let run = place.run(&[command, "--format", "sarif"]);
        let log: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "specs/acme.yaml", "{run:#?}");
        assert_eq!((run.code, &place["region"]["startLine"]), (1, &4.into()));
    }
}

/// Each says less with `--quiet` and more with `--verbose`, or refuses to.
#[test]
fn as_much_is_said_as_is_wanted() {
    let place = Place::generated("amount");
    let said = |arguments: &[&str]| {
        let run = place.run(arguments);
        assert_eq!(run.code, 0, "{run:#?}");
        run.stdout + &run.stderr
    };
    for command in [["generate"].as_slice(), &["check"], &["list"], &["diff", "specs", "specs"]] {
        let [less, usual, more] = [Some("-q"), None, Some("-v")]
            .map(|amount| said(&command.iter().copied().chain(amount).collect::<Vec<_>>()));
        assert!(less.len() < usual.len(), "{command:?}: {less}");
        assert!(more.len() > usual.len() || command[0] == "diff", "{command:?}: {more}");
    }
    assert_eq!(said(&["list", "-q"]), "acme\nglobex\n");
    assert!(said(&["check", "-v"]).contains("specs/acme.yaml: acme, 0 problems\n"));
    place.write("specs/acme.yaml", &acme().replace("/oauth/token", "/new"));
    assert_eq!(said(&["generate", "-q"]), "");
    place.write("specs/acme.yaml", &acme().replace("/oauth/token", "/newer"));
    let run = place.run(&["generate", "--check", "-q"]);
    run.expect(1, &["differs  generated/src/acme.rs"]);
    place.edit("specs/acme.yaml", "request:", "reqest:");
    let run = place.run(&["-v", "check"]);
    run.expect(1, &["specs/acme.yaml: ", "reqest", "# RK0101: unknown key"]);
    assert!(!place.run(&["check", "-q"]).stderr.contains("# RK0101"));
    place.run(&["check", "-v", "-q"]).expect(2, &["cannot be used with"]);
    // Of a spec that was begun nothing is said but what went wrong.
    let line =
        "curl https://id.initech.example/t -u i:s -d grant_type=refresh_token -d refresh_token=x";
    let imported = ["import", "curl", line, "--force"];
    let request = "--request=POST https://id.hooli.example/t";
    let new = ["new", "hooli", request, "--title=T", "--page=https://a.example"];
    for (command, file) in [(&imported[..], "specs/initech.yaml"), (&new[..], "specs/hooli.yaml")] {
        assert_eq!(said(&[command, &["-q"]].concat()), "");
        assert!(place.exists(file));
        place.run(&[command, &["-v"]].concat()).expect(2, &["nothing that `--verbose` could add"]);
        let other = [command, &["-o", "other.yaml"]].concat();
        assert!(said(&other).contains("other.yaml is written"));
        std::fs::remove_file(place.path("other.yaml")).unwrap();
        let spec = said(&[command, &["-q", "-o", "-"]].concat());
        assert!(spec.contains("rekindle: 1"), "{spec}");
    }
    place.run(&[&new[..], &["-q"]].concat()).expect(2, &["is there already"]);
    for (command, format) in [("check", "sarif"), ("list", "json")] {
        place.run(&[command, "-v", "--format", format]).expect(2, &["leave nothing out"]);
    }
    let differ = ["diff", "specs", "specs", "-v", "--format", "json"];
    place.run(&differ).expect(2, &["leave nothing out"]);
    for command in ["schema", "explain", "man"] {
        place.run(&[command, "-q"]).expect(2, &["nothing that `--quiet` could leave out"]);
        place.run(&[command, "-v"]).expect(2, &["nothing that `--verbose` could add"]);
    }
}

/// bash reads the script and is asked what could follow. Where it is not there, that there is a script is all that is known.
#[test]
fn shells_complete_the_command() {
    let place = Place::new("completions");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = place.run(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        for word in ["generate", "stdin-name"] {
            assert!(run.stdout.contains(word), "{shell}: no {word}");
        }
        place.write(&format!("rekindle.{shell}"), &run.stdout);
    }
    place.run(&["completions", "csh"]).expect(2, &["csh"]);
    let complete = |words: &str| {
        let script = format!(
            "source ./rekindle.bash && COMP_WORDS=({words}) && COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )) \
             && _rekindle rekindle \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\" \
             && echo \"${{COMPREPLY[@]}}\""
        );
        let run = Command::new("bash")
            .current_dir(place.path(""))
            .args(["--norc", "-c", &script])
            .output();
        let Ok(run) = run else {
            eprintln!("no bash: its completion is not tried");
            return None;
        };
        assert!(run.status.success(), "{words}: {run:?}");
        Some(String::from_utf8(run.stdout).unwrap().trim().to_owned())
    };
    for (words, expected) in [
        ("rekindle gen", "generate"),
        ("rekindle check --form", "--format"),
        ("rekindle check --format sa", "sarif"),
        ("rekindle completions z", "zsh"),
    ] {
        if let Some(said) = complete(words) {
            assert_eq!(said, expected, "{words}");
        }
    }
}

/// `man` formats every page without a complaint, where there is a `man`.
#[test]
fn every_part_has_a_manual_page() {
    let place = Place::new("man");
    let run = place.run(&["man"]);
    assert!(run.code == 0 && run.stdout.contains(".TH rekindle 1"), "{run:#?}");
    place.run(&["man", "share/man1"]).expect(0, &["pages in share/man1"]);
    assert_eq!(place.read("share/man1/rekindle.1"), run.stdout);
    for part in rekindle::cli::command().get_subcommands() {
        let page = format!("share/man1/rekindle-{}.1", part.get_name());
        assert!(place.read(&page).contains(".SH SYNOPSIS"), "{page}");
        let mut man = Command::new("man");
        man.args(["--warnings", "-l"]).arg(place.path(&page)).env("MANWIDTH", "100");
        let Ok(shown) = man.output() else { continue };
        let text = String::from_utf8_lossy(&shown.stdout);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(String::from_utf8_lossy(&shown.stderr), "", "{page}");
        assert!(text.contains(&format!("rekindle {}", part.get_name())), "{page}: {text}");
    }
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
        ("R33", "the memory of a process is looked through"),
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
    for one in ["acme", "specs/acme.yaml"] {
        assert_eq!(place.run(&["list", one, "-q"]).stdout, "acme\n", "{one}");
    }
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

/// `rekindle new` as somebody at a terminal meets it.
#[cfg(unix)]
mod asked {
    use super::support::Place;
    use rexpect::process::WaitStatus;
    use rexpect::session::{PtySession, spawn_command};
    use serde_json::Value;
    use std::process::Stdio;

    const ENTER: &str = "\r";
    const DOWN: &str = "\x1b[B";

    /// A terminal with the command in it.
    struct Terminal(PtySession);

    impl Terminal {
        fn new(place: &Place, arguments: &[&str]) -> Self {
            let mut command = place.command();
            command.args(arguments).stdin(Stdio::inherit());
            command.env("TERM", "xterm").env("NO_COLOR", "1");
            Self(spawn_command(command, Some(20_000)).expect("a terminal"))
        }

        #[track_caller]
        fn shows(&mut self, text: &str) -> &mut Self {
            self.0.exp_string(text).unwrap_or_else(|error| panic!("no {text:?}: {error}"));
            self
        }

        fn types(&mut self, keys: &str) -> &mut Self {
            self.0.send(keys).and_then(|_| self.0.flush()).expect("keys");
            self
        }

        /// Chooses a word of a definition of the schema, once the last of them is shown.
        #[track_caller]
        fn chooses(&mut self, question: &str, definition: &str, word: &str) -> &mut Self {
            let schema: Value = serde_json::from_str(rekindle_contract::schema()).unwrap();
            let words = schema["$defs"][definition]["oneOf"].as_array().expect("words");
            let mut words: Vec<&str> =
                words.iter().filter_map(|one| one["const"].as_str()).collect();
            if definition == "AuthMethod" {
                words.insert(2, "{ basic: { encoding: raw } }");
            }
            words.push("TODO");
            let place = |word: &str| words.iter().position(|one| *one == word);
            // Whoever goes on claims nothing.
            let first = place("unknown").or(place("body")).unwrap_or_default();
            // Behind the last choice stands the first.
            let down = (place(word).expect("the word") + words.len() - first) % words.len();
            self.shows(question).shows("TODO: later").types(&(DOWN.repeat(down) + ENTER))
        }

        fn ends(self) -> i32 {
            match self.0.process().wait().expect("its end") {
                WaitStatus::Exited(_, code) => code,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn who_answers_has_a_spec_that_checks() {
        let place = Place::new("new-asked");
        let mut terminal = Terminal::new(&place, &["new", "acme", "--sent-as", "bearer"]);
        // Each answer is looked at where it is given. What a question shows is no part of the answer.
        let request = "POST https://id.acme.example/oauth/token";
        for (wrong, why) in [
            ("id.acme.example", "the request is no method and URL"),
            ("POST https://", "the URL has no host"),
            ("POST https://https://id.acme.example", "the URL has two schemes"),
        ] {
            terminal.shows("Method and URL").types(&format!("{wrong}{ENTER}")).shows(why);
        }
        terminal.shows("Method and URL").types(&format!("{request}{ENTER}"));
        terminal.shows("What is traded").shows("TODO: later").types(ENTER);
        terminal.chooses("How the client proves", "AuthMethod", "{ basic: { encoding: raw } }");
        terminal.shows("Title of the page").types(ENTER).types(&format!("Tokens{ENTER}"));
        terminal.shows("Its address").types(&format!("https://https://docs.acme.example{ENTER}"));
        terminal.shows("the URL has two schemes").shows("Its address");
        terminal.types(&format!("https://docs.acme.example/refresh{ENTER}"));
        terminal.shows("The day").types(&format!("yesterday{ENTER}"));
        // Today is taken by who goes on.
        terminal.shows("error: ").shows("The day").types(ENTER);
        terminal.shows("When an access token ends").types(ENTER);
        terminal.shows("What becomes of the old").shows("TODO: later").types(ENTER);
        terminal.chooses("Whether a refresh replaces", "Rotation", "keeps_old");
        terminal.chooses("How often", "RefreshUse", "once");
        terminal.shows("error: ").chooses("How often", "RefreshUse", "unknown");
        terminal.shows("When a refresh token ends").types(ENTER);
        terminal.shows("When a refresh token dies").types(&format!("60d{ENTER}"));
        terminal.chooses("What a spent one", "SpentName", "dead");
        // What one does not know yet waits.
        terminal.chooses("What one that comes back", "Reuse", "TODO");
        terminal.shows("specs/acme.yaml is written; 1 TODO");
        assert_eq!(terminal.ends(), 0);

        let spec = place.read("specs/acme.yaml");
        for line in [
            "request: POST /oauth/token",
            "auth: { basic: { encoding: raw } }",
            "url: https://docs.acme.example/refresh",
            "rotation: keeps_old",
            "idle_limit: 60d",
            "reuse: TODO",
        ] {
            assert!(spec.contains(line), "no {line} in\n{spec}");
        }
        assert!(!spec.contains("use: unknown") && !spec.contains("after_refresh"), "{spec}");
        place.edit("specs/acme.yaml", "reuse: TODO", "reuse: refused");
        place.run(&["check"]).expect(0, &["1 spec, no problems"]);

        // Nobody answers for nothing: what cannot be written is said before anything is asked.
        place.run(&["new", "acme"]).expect(2, &["specs/acme.yaml is there already"]);
        place.run(&["new", "Acme"]).expect(2, &["the id is no name"]);
        place.run(&["new", "globex", "--auth", "basik"]).expect(2, &["`--auth` does not take"]);
        place.run(&["new", "fn"]).expect(2, &["the id `fn` cannot name a module", "`fn_bank`"]);
        for (flag, wrong) in [
            ("--operation", "trade"),
            ("--request", "TRACE https://id.acme.example/token"),
            ("--use", "twice"),
            ("--rotation", "perhaps"),
            ("--expires", "foo"),
            ("--refresh-expires", "foo"),
            ("--sent-as", "cookie"),
            ("--reuse", "ignored"),
            ("--retrieved", "yesterday"),
            ("--page", "https://"),
            ("--idle-limit", "long"),
        ] {
            let run = place.run(&["new", "globex", flag, wrong]);
            run.expect(2, &[&format!("`{flag}`")]);
            if flag.ends_with("expires") {
                run.expect(2, &["`/expires_in`", "`1d`"]);
            }
        }
    }

    /// What follows from an answer is not asked for.
    #[test]
    fn who_says_that_none_is_spent_is_asked_no_more_of_it() {
        let place = Place::new("new-follows");
        let flags = [
            "new",
            "acme",
            "--request=POST https://id.acme.example/t",
            "--title=T",
            "--page=https://a.example",
            "--retrieved=2026-11-28",
            "--auth=public",
            "--expires=1h",
            "--after-refresh=valid",
            "--sent-as=bearer",
            "--idle-limit=60d",
        ];
        let mut terminal = Terminal::new(&place, &flags);
        terminal.chooses("Whether a refresh replaces", "Rotation", "echo");
        terminal.shows("When a refresh token ends").types(ENTER);
        terminal.shows("specs/acme.yaml is written, and has no problems");
        assert_eq!(terminal.ends(), 0);
        let spec = place.read("specs/acme.yaml");
        assert!(spec.contains("refresh: { rotation: echo, idle_limit: 60d }"), "{spec}");
    }

    #[test]
    fn who_stops_has_no_file_and_a_terminal_as_it_was() {
        let place = Place::new("new-stopped");
        let before = place.snapshot();
        // Ctrl-C, where a text is asked for, and where there is a choice.
        for choices in [0, 1] {
            let request = "--request=POST https://id.acme.example/t";
            let flags = ["new", "acme", request];
            let mut terminal = Terminal::new(&place, &flags[..2 + choices]);
            terminal.shows(["Method and URL", "TODO: later"][choices]).types("\x03");
            // The cursor is shown again.
            terminal.shows("\x1b[?25h").shows("stopped: nothing was written");
            assert_eq!(terminal.ends(), 130);
        }
        assert!(before == place.snapshot());
    }
}
