//! The line about each exchange: what it says, and what it never shows.

mod support;

use http::Request;
use rekindle_testkit::Fake;
use rekindle_testkit::serve::{Options, Serving};
use std::sync::{Arc, Mutex};
use support::acme;
use support::wire::{Wire, exchange};

/// Looks like nothing that was issued here: only its place can tell that it is a token.
const TOKEN: &str = "Kf3x.foreign-token";

struct Scene {
    fake: Fake,
    serving: Serving,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    fn new() -> Self {
        let fake = acme();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let observer = Arc::clone(&lines);
        let options = Options {
            observer: Some(Box::new(move |exchange| {
                observer.lock().expect("no panic").push(exchange.to_string());
            })),
            ..Options::default()
        };
        let serving = Serving::start(vec![fake.clone()], options).expect("a port");
        Self { fake, serving, lines }
    }

    /// The line about a request, without its time.
    fn line(&self, method: &str, path: &str, body: &str) -> String {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.serving.address()));
        let request = request.body(body.as_bytes().to_vec()).expect("a request");
        exchange(&request).expect("an answer");
        self.last()
    }

    fn last(&self) -> String {
        let lines = self.lines.lock().expect("no panic");
        let line = lines.last().expect("a line").clone();
        line.trim_start_matches("2026-11-21T08:00:00Z  ").to_owned()
    }
}

#[test]
fn whatever_may_be_a_token_is_masked() {
    let scene = Scene::new();
    let paths = [
        format!("/{TOKEN}"),
        format!("/oauth/{TOKEN}?{TOKEN}"),
        format!("/acme/{TOKEN}/token?{TOKEN}={TOKEN}&{TOKEN}"),
        format!("/acme/-/{TOKEN}"),
        format!("/-/control/{TOKEN}"),
        format!("/-/control/{TOKEN}/revoke?token={TOKEN}"),
        format!("/-/control/acme/{TOKEN}"),
    ];
    for path in &paths {
        for method in ["GET", "POST", TOKEN] {
            let body = format!(r#"{{"{TOKEN}":"{TOKEN}"}}"#);
            let line = scene.line(method, path, &body);
            assert!(!line.contains("Kf3x"), "{line}");
        }
    }
    for body in [format!(r#"{{"by":"{TOKEN}"}}"#), format!(r#"{{"{TOKEN}":1}}"#), TOKEN.to_owned()]
    {
        let line = scene.line("POST", "/-/control/advance", &body);
        assert!(!line.contains("Kf3x") && line.contains("  400: "), "{line}");
    }
}

#[test]
fn what_is_known_is_shown() {
    let scene = Scene::new();
    let line = scene.line(TOKEN, "/oauth/token?a=b", "");
    let expected = "-  *** /oauth/token?***  404  404: there is no provider at this path";
    assert_eq!(line, expected);
    let line = scene.line("PUT", "/acme/oauth/else", "");
    assert!(line.starts_with("acme  PUT /acme/oauth/***  4"), "{line}");
}

#[test]
fn the_control_endpoint_says_what_it_did() {
    let scene = Scene::new();
    let held = scene.fake.provider().sign_in();
    let token = format!(r#"{{"token":"{}"}}"#, held.access_token);
    let cases = [
        ("acme/plan", r#"{"fault":"reset_after"}"#, "plan reset_after x1"),
        ("acme/plan", r#"{"troubles":[null,null,{"Refusal":0}]}"#, "plan none x2, errors[0] x1"),
        ("acme/calm", "", "calm"),
        ("acme/sign-in", "", "signed in"),
        ("acme/revoke", &token, "revoke the grant of a token"),
        ("acme/revoke", "", "revoke every grant"),
        ("nothing", "", "404: there is nothing at this path"),
        ("advance", r#"{"by":"soon"}"#, "400: `by` is no duration"),
        ("advance", r#"{"by":"25h"}"#, "advance by 25h"),
    ];
    for (path, body, said) in cases {
        let line = scene.line("POST", &format!("/-/control/{path}"), body);
        assert!(line.ends_with(&format!("  {said}")), "{line}");
    }
}

#[test]
fn a_body_beyond_reason_leaves_a_line() {
    let scene = Scene::new();
    let mut wire = Wire::to(scene.serving.address());
    wire.write(b"POST /acme/oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n")
        .expect("a connection");
    // It may close as soon as it has seen enough.
    let _ = (0..32).try_for_each(|_| wire.write(&[b'a'; 64 * 1024]));
    let _ = wire.answer();
    let expected = "-  POST /acme/oauth/token  413  413: the body is longer than a mebibyte";
    assert_eq!(scene.last(), expected);
}
