//! The web service as its operator meets it: two instances of it over a real PostgreSQL.

mod support;

use std::process::Command;
use std::thread;
use std::time::Duration;

use rekindle_servers::Postgres;
use rustix::process::Signal;
use support::{Running, Wetix};

/// One instance.
struct Instance {
    running: Running,
    url: String,
}

impl Instance {
    fn start(command: &mut Command) -> Self {
        let mut running = Running::start(command.args(["--port", "0"]), "");
        let line = running.says("listening on ");
        let url = line.trim_start_matches("listening on ").to_owned();
        Self { running, url }
    }

    fn get(&self, path: &str) -> (u16, String) {
        get(&format!("{}{path}", self.url))
    }

    fn sign_in(&self, user: &str, token: &str) {
        let url = format!("{}/users/{user}/grant", self.url);
        let answer = agent().put(url).send(token).expect("an answer");
        assert_eq!(answer.status(), 204);
    }

    /// Asks it to end. It ends well.
    #[track_caller]
    fn terminate(self) -> String {
        self.running.signal(Signal::TERM);
        let ended = self.running.end();
        ended.expect(0, "ended, no exchange is out").said
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder();
    config.http_status_as_error(false).proxy(None).build().into()
}

fn get(url: &str) -> (u16, String) {
    let mut answer = agent().get(url).call().expect("an answer");
    let body = answer.body_mut().read_to_string().expect("a text");
    (answer.status().as_u16(), body)
}

fn service(wetix: &Wetix, postgres: &Postgres) -> Command {
    let mut command = wetix.program(env!("CARGO_BIN_EXE_service"));
    command.env("DATABASE_URL", postgres.url());
    command
}

const WELL: &str = r#""wetix":200"#;

#[test]
fn two_instances_serve_many_people() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    let wetix = Wetix::start(Duration::ZERO);
    let one = Instance::start(&mut service(&wetix, &postgres));
    let two = Instance::start(&mut service(&wetix, &postgres));
    let mut bodies = Vec::new();
    for user in ["ada", "grace", "joan"] {
        let path = format!("/users/{user}/wetix");
        let (status, body) = one.get(&path);
        assert_eq!((status, body.contains("sign in first")), (404, true), "{body}");
        one.sign_in(user, &wetix.sign_in());
        for instance in [&one, &two] {
            let (status, body) = instance.get(&path);
            assert_eq!((status, body.contains(WELL)), (200, true), "{body}");
            bodies.push(body);
        }
    }
    assert_eq!(wetix.refreshes(), 3, "one for each grant");

    // The provider no longer takes the tokens: both find out at once, and one refreshes for both.
    wetix.expire();
    let url = |instance: &Instance| format!("{}/users/ada/wetix", instance.url);
    let asked =
        [url(&one), url(&two), url(&one), url(&two)].map(|url| thread::spawn(move || get(&url)));
    for answer in asked {
        let (status, body) = answer.join().expect("an answer");
        assert_eq!((status, body.contains(WELL)), (200, true), "{body}");
    }
    assert_eq!(wetix.refreshes(), 4);
    let (_, ada) = two.get("/users/ada");
    assert!(ada.contains(r#""generation":3"#) && ada.contains(r#""needs_sign_in":false"#), "{ada}");
    let (_, health) = two.get("/health");
    assert!(health.contains(r#""sessions":3"#) && health.contains(r#""status":"up""#), "{health}");

    wetix.revoke();
    let (status, over) = one.get("/users/joan/wetix");
    assert_eq!((status, over.contains("the grant is over")), (403, true), "{over}");
    bodies.extend([ada, health, over, one.terminate(), two.terminate()]);
    wetix.assert_silent(bodies.iter().map(String::as_str));
}

#[test]
fn it_ends_when_the_last_exchange_has() {
    let Some(postgres) = Postgres::launch(&[]) else {
        return;
    };
    let wetix = Wetix::start(Duration::from_secs(2));
    let first = Instance::start(&mut service(&wetix, &postgres));
    first.sign_in("ada", &wetix.sign_in());
    wetix.hold_next_answer();
    let url = format!("{}/users/ada/wetix", first.url);
    let asked = thread::spawn(move || get(&url));
    wetix.wait_for_held();
    first.terminate();
    let (status, body) = asked.join().expect("an answer");
    assert_eq!((status, body.contains(WELL)), (200, true), "{body}");

    // Nothing was lost: the next instance needs no exchange.
    let second = Instance::start(&mut service(&wetix, &postgres));
    assert_eq!(second.get("/users/ada/wetix").0, 200);
    assert_eq!(wetix.refreshes(), 1);
    second.terminate();
}
