//! Providers for the tests of `rekindle test`.
#![allow(dead_code, reason = "each test file uses its own part")]

use crate::support::{Place, Run};
use rekindle_contract::Source;
use rekindle_contract::contract::Contract;
use rekindle_testkit::provider::Provider;
use rekindle_testkit::serve::{Options, Serving};
use rekindle_testkit::{Fake, Held};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;

pub const CANARY: &str = "canary-of-the-client-secret";

/// A provider with a bit of everything.
pub const SPEC: &str = r#"
rekindle: 1
provider: { id: acme, name: Acme }
base_url: integrator
client: { client_id: {}, client_secret: { secret: true } }
refresh:
  request: POST /token?v=2
  auth: basic
  headers: { x-version: "2.0" }
  form: { grant_type: refresh_token, refresh_token: "${refresh_token}" }
response: { success: 200, access_token: /access, refresh_token: /refresh, token_type: /type }
tokens:
  access: { expires: { seconds: /expires_in }, usual_lifetime: 1h, sent_as: bearer }
  refresh: { use: once, rotation: always, expires: { constant: 7d } }
errors:
  - { status: 401, class: client_misconfigured }
  - { status: 400, field: /error, equals: invalid_grant, class: reauthenticate }
"#;

pub fn contract(text: &str) -> Contract {
    let mut checked = rekindle_contract::check(&[Source::new("acme.yaml", text)]);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    checked.contracts.remove(0)
}

pub fn fake(text: &str) -> Fake {
    Fake::new(Provider::new(contract(text))).with_client("client_secret", CANARY)
}

/// A provider that has no control endpoint.
pub fn real(fake: &Fake) -> Serving {
    let options = Options { control: false, ..Options::default() };
    Serving::start(vec![fake.clone()], options).unwrap()
}

/// A server that answers with these bytes, whatever it is asked, and closes. It ends with the process.
pub fn raw(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
        }
    });
    url
}

pub fn place(name: &str) -> Place {
    let place = Place::new(name);
    place.write("acme.yaml", SPEC);
    place
}

/// The arguments that test the provider at this URL, and more.
pub fn asked<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["test", "acme.yaml", "--base-url", url], more].concat()
}

pub fn credentials(fake: &Fake, held: &Held) -> String {
    let client = fake.provider().client().clone();
    json!({
        "acme": {
            "client": client,
            "refresh_token": held.refresh_token,
            "note": "kept",
        },
        "globex": { "refresh_token": "of another" },
    })
    .to_string()
}

#[track_caller]
pub fn silent(run: &Run, secrets: &[&str]) {
    for secret in secrets {
        let shown = run.stdout.contains(secret) || run.stderr.contains(secret);
        assert!(!shown, "a secret is shown");
    }
}

/// Signs in, and writes down what is held.
pub fn signed_in(fake: &Fake) -> String {
    let held = fake.provider().sign_in();
    credentials(fake, &held)
}

pub fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

pub fn result_of<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["providers"][0]["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("no {id} in {report}"))
}
