//! The command-line tool as a person meets it: a process each time, a folder between them, a fake WeTix.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use support::{Ended, PATIENCE, Running, Wetix};
use tempfile::TempDir;

/// A person: a home folder and a WeTix.
struct Person {
    home: TempDir,
    wetix: Wetix,
}

impl Person {
    fn new() -> Self {
        Self { home: TempDir::new().expect("a folder"), wetix: Wetix::start(PATIENCE) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.wetix.program(env!("CARGO_BIN_EXE_cli"));
        command.env("HOME", self.home.path()).args(arguments);
        command
    }

    fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments), "")
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end()
    }

    fn login(&self) -> Ended {
        let first = self.wetix.sign_in();
        Running::start(&mut self.command(&["login"]), &format!("{first}\n")).end()
    }
}

#[test]
fn one_sign_in_and_a_fresh_token_ever_after() {
    let person = Person::new();
    let all = [
        person.run(&["get"]).expect(3, "error: no grant is stored: sign in first"),
        person.run(&["status"]).expect(0, "not signed in"),
        person.run(&["login"]).expect(1, "error: no refresh token on standard input"),
        person.login().expect(0, "signed in; fresh until 20"),
        person.run(&["get"]).expect(0, "WeTix answers 200 OK (generation 2)"),
        person.run(&["refresh"]).expect(0, "fresh until 20"),
        person.run(&["get"]).expect(0, "(generation 3)"),
        person.run(&["status"]).expect(0, "signed in, generation 3"),
        person.run(&["fetch"]).expect(2, "unrecognized subcommand"),
    ];
    let folder = person.home.path().join(".local/share/wetix-cli");
    assert_private(&folder);

    // The provider no longer takes the token, long before its time: the tool finds out by itself.
    person.wetix.expire();
    let after = person.run(&["get"]).expect(0, "(generation 4)");
    let out = person.run(&["logout"]).expect(0, "signed out");
    person.run(&["get"]).expect(3, "sign in first");
    assert_eq!(person.wetix.refreshes(), 3);
    let texts = all.iter().chain([&after, &out]);
    person.wetix.assert_silent(texts.map(|ended| &*ended.said));
}

/// The folder and the one grant in it are for their owner alone.
#[cfg(unix)]
fn assert_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    let files = fs::read_dir(folder).expect("a folder").flatten();
    let mut grants = files
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let grant = grants.next().expect("a grant");
    assert!(grant.to_string_lossy().ends_with("@default.json"), "{grant:?}");
    assert_eq!(mode(&grant), 0o600);
    assert_eq!(grants.next(), None);
}

#[cfg(not(unix))]
fn assert_private(_folder: &Path) {}

#[test]
fn many_at_once_refresh_once() {
    let person = Person::new();
    person.login().expect(0, "signed in");
    person.wetix.expire();
    let together: Vec<Running> = (0..4).map(|_| person.start(&["get"])).collect();
    let ends: Vec<Ended> =
        together.into_iter().map(|running| running.end().expect(0, "(generation 3)")).collect();
    assert_eq!(person.wetix.refreshes(), 2, "the login's and one more");
    person.wetix.assert_silent(ends.iter().map(|ended| &*ended.said));
}

#[test]
fn killed_in_the_middle_nothing_is_sent_twice_unasked() {
    let person = Person::new();
    person.login().expect(0, "signed in");
    person.wetix.hold_next_answer();
    let killed = person.start(&["refresh"]);
    person.wetix.wait_for_held();
    killed.signal(Signal::KILL);
    let killed = killed.end();
    assert_eq!(killed.code, None, "{}", killed.said);

    // The old token is served, since it lives; the provider has taken the credential, and nobody knows.
    let all = [
        person.run(&["status"]).expect(0, "an exchange was begun by "),
        person.run(&["get"]).expect(0, "(generation 2)"),
        person
            .run(&["refresh"])
            .expect(5, "error: an exchange was begun and its outcome is not on record"),
    ];
    assert_eq!(person.wetix.refreshes(), 2, "nothing was sent again");
    // The person decides.
    person.run(&["refresh", "--again"]).expect(0, "fresh until 20");
    person.run(&["get"]).expect(0, "(generation 3)");
    person.wetix.assert_silent(all.iter().map(|ended| &*ended.said));
}

#[test]
fn interrupted_in_the_middle_it_waits_for_the_answer() {
    let person = Person {
        home: TempDir::new().expect("a folder"),
        wetix: Wetix::start(Duration::from_secs(2)),
    };
    person.login().expect(0, "signed in");
    person.wetix.hold_next_answer();
    let interrupted = person.start(&["refresh"]);
    person.wetix.wait_for_held();
    interrupted.signal(Signal::INT);
    interrupted.end().expect(130, "");
    person.run(&["status"]).expect(0, "signed in, generation 3");
}

#[test]
fn a_revoked_grant_asks_to_sign_in() {
    let person = Person::new();
    person.login().expect(0, "signed in");
    person.wetix.revoke();
    let refused = person.run(&["get"]).expect(3, "error: the grant is over");
    person.run(&["status"]).expect(0, "the grant is over");
    person.login().expect(0, "signed in");
    person.run(&["get"]).expect(0, "WeTix answers 200");
    person.wetix.assert_silent([&*refused.said]);
}
