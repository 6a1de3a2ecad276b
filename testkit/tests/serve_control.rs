//! The control endpoint: what it does, and what it says to those who call it wrongly.

mod support;

use http::{Request, Response};
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_testkit::provider::{Provider, TokenState};
use rekindle_testkit::serve::{Options, Serving};
use rekindle_testkit::{Fake, Held};
use serde_json::{Value, json};
use support::wire::{exchange, json as read};
use support::{acme, plain, refresh, sign_in};

struct Scene {
    acme: Fake,
    globex: Fake,
    serving: Serving,
}

impl Scene {
    fn new() -> Self {
        let acme = acme();
        let clock = acme.clock();
        let globex = Fake::new(Provider::new(plain("globex")).with_clock(clock));
        let options = Options { seed: 7, ..Options::default() };
        let serving = Serving::start(vec![acme.clone(), globex.clone()], options).expect("a port");
        Self { acme, globex, serving }
    }

    fn control(&self) -> String {
        self.serving.control_url().expect("a control endpoint")
    }

    fn call(&self, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
        let uri = format!("{}{path}", self.control());
        let request = Request::builder().method(method).uri(uri);
        exchange(&request.body(body.into()).expect("a request")).expect("an answer")
    }

    /// What a right call says.
    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.call("POST", path, body.to_string());
        assert_eq!(answer.status(), 200, "{path} {body} {answer:?}");
        read(&answer)
    }

    /// What a wrong call says: it has words, and most have a hint.
    #[track_caller]
    fn refused(&self, path: &str, body: &str, status: u16) -> String {
        let answer = self.call("POST", path, body);
        assert_eq!(answer.status(), status, "{path} {body} {answer:?}");
        assert_eq!(answer.headers()["content-type"], "application/json");
        let said = read(&answer);
        format!(
            "{}; {}",
            said["error"].as_str().expect("words"),
            said["hint"].as_str().unwrap_or_default()
        )
    }
}

#[test]
fn it_says_what_is_played() {
    let scene = Scene::new();
    scene.acme.plan([None, Some(Trouble::Fault(Fault::NoAnswer))]);
    let answer = scene.call("GET", "", "");
    assert_eq!(answer.status(), 200);
    let said = read(&answer);
    assert_eq!(said["now"], "2026-11-21T08:00:00Z");
    assert_eq!(said["seed"], 7);
    assert_eq!(said["providers"]["acme"]["base_url"], scene.acme.url());
    assert_eq!(said["providers"]["acme"]["planned"], json!([null, { "Fault": "no_answer" }]));
    assert!(said["providers"]["globex"]["client"].is_object());
}

#[test]
fn it_moves_time_once_for_all() {
    let scene = Scene::new();
    let said = scene.post("/advance", &json!({ "by": "25h" }));
    assert_eq!(said["now"], "2026-11-22T09:00:00Z");
    assert_eq!(scene.globex.clock().now().to_string(), "2026-11-22T09:00:00Z");
    assert_eq!(scene.post("/advance", &json!({ "by": "1d 30m" }))["now"], "2026-11-23T09:30:00Z");
    for wrong in [r#"{"by":"soon"}"#, r#"{"by":"-1h"}"#, r#"{"by":""}"#] {
        let said = scene.refused("/advance", wrong, 400);
        assert!(said.contains("`by` is no duration") && said.contains("25h"), "{said}");
    }
    assert!(scene.refused("/advance", r#"{"by":3600}"#, 400).contains("`by` is no text"));
    assert!(scene.refused("/advance", "{}", 400).contains("`by` is missing"));
    let long = scene.refused("/advance", r#"{"by":"999999999d"}"#, 400);
    assert!(long.contains("`by` is too long"), "{long}");
    scene.post("/advance", &json!({ "by": "999999w" }));
    assert_eq!(scene.acme.clock().now(), jiff::Timestamp::MAX);
    assert_eq!(scene.call("GET", "", "").status(), 200);
}

#[test]
fn it_signs_in() {
    let scene = Scene::new();
    let said = scene.post("/globex/sign-in", &json!({}));
    let held: Held = serde_json::from_value(said).expect("what is held");
    assert_eq!(scene.globex.provider().access_token(&held.access_token), TokenState::Live);
    assert_eq!(exchange(&refresh(&scene.globex, &held)).expect("an answer").status(), 200);
    // No body at all is nothing to say.
    assert_eq!(scene.call("POST", "/acme/sign-in", "").status(), 200);
    assert!(scene.refused("/initech/sign-in", "{}", 404).contains("there are: acme, globex"));
}

#[test]
fn it_plans_and_forgets() {
    let scene = Scene::new();
    let said = scene.post("/acme/plan", &json!({ "fault": "reset_after", "times": 2 }));
    assert_eq!(said["planned"], json!([{ "Fault": "reset_after" }, { "Fault": "reset_after" }]));
    let said = scene.post("/acme/plan", &json!({ "troubles": [null, { "Refusal": 0 }] }));
    assert_eq!(said["planned"][3], json!({ "Refusal": 0 }));
    let held = sign_in(&scene.acme);
    exchange(&refresh(&scene.acme, &held)).unwrap_err();
    assert_eq!(scene.acme.planned().len(), 3);
    assert!(scene.globex.planned().is_empty());
    assert_eq!(scene.post("/acme/calm", &json!({}))["planned"], json!([]));
    assert!(scene.acme.planned().is_empty());
}

#[test]
fn it_refuses_plans_that_make_no_sense() {
    let scene = Scene::new();
    let cases = [
        (r#"{"fault":"reset_afte"}"#, "there is no such fault; there are: unreachable, "),
        (r#"{"fault":"unexpected_rotation"}"#, "cannot occur here"),
        (r#"{"fault":"reset_after","times":0}"#, "no number from 1 to 1000"),
        (r#"{"fault":"reset_after","times":1001}"#, "no number from 1 to 1000"),
        (r#"{"fault":"reset_after","times":-1}"#, "no number from 1 to 1000"),
        (r#"{"times":1}"#, "this is no plan"),
        ("{}", "this is no plan"),
        (r#"{"fault":"reset_after","troubles":[]}"#, "`troubles` stands by itself"),
        (
            r#"{"troubles":[{"Fault":"unexpected_rotation"}]}"#,
            "the fault unexpected_rotation cannot occur here",
        ),
        (r#"{"troubles":[[1]]}"#, "a trouble that is none"),
        (r#"{"troubles":{}}"#, "`troubles` is no list"),
        (r#"{"troubles":[{"Refusal":99}]}"#, "there is no such rule"),
        (r#"{"troubles":[{"Fault":"nothing"}]}"#, "there is no such fault"),
        (r#"{"troubles":null,"fault":null}"#, "this is no plan"),
        (r#"{"falt":"reset_after"}"#, "`falt` is none of: "),
    ];
    for (body, words) in cases {
        let said = scene.refused("/acme/plan", body, 400);
        assert!(said.contains(words), "{body}: {said}");
    }
    assert!(scene.acme.planned().is_empty());
}

#[test]
fn it_revokes() {
    let scene = Scene::new();
    let (one, other) = (sign_in(&scene.acme), sign_in(&scene.acme));
    let token = one.refresh_token.clone();
    scene.post("/acme/revoke", &json!({ "token": token }));
    let state = |held: &Held| scene.acme.provider().access_token(&held.access_token);
    assert_eq!((state(&one), state(&other)), (TokenState::Revoked, TokenState::Live));
    scene.refused("/acme/revoke", r#"{"token":"nobody's"}"#, 404);
    scene.post("/acme/revoke", &json!({}));
    assert_eq!(state(&other), TokenState::Revoked);
}

#[test]
fn wrong_calls_are_told_what_is_right() {
    let scene = Scene::new();
    assert!(scene.refused("", "", 405).contains("use GET"));
    assert_eq!(scene.call("GET", "/acme/plan", "").status(), 405);
    for path in ["/nothing", "/acme/nothing", "/acme/plan/more", "/acme//plan/x"] {
        assert!(scene.refused(path, "{}", 404).contains("/-/control/advance"), "{path}");
    }
    let long = format!(r#"{{"by":"{}"}}"#, "1".repeat(64 * 1024));
    assert!(scene.refused("/advance", &long, 413).contains("64 KiB"));
}

#[test]
fn no_body_makes_it_panic() {
    let scene = Scene::new();
    let deep = "[".repeat(60_000);
    let bodies: [&[u8]; 9] = [
        b"\xff\xfe",
        b"null",
        b"[]",
        b"7",
        b"\"by\"",
        b"{",
        b"{\"by\":\"\\ud800\"}",
        b"{\"troubles\":[[[[]]]]}",
        deep.as_bytes(),
    ];
    for path in ["/advance", "/acme/sign-in", "/acme/plan", "/acme/calm", "/acme/revoke"] {
        for body in bodies {
            let status = scene.call("POST", path, body).status().as_u16();
            assert!(status == 400, "{path} {status} {:?}", String::from_utf8_lossy(body));
        }
    }
    assert_eq!(scene.call("GET", "", "").status(), 200);
}

#[test]
fn it_answers_nobody_who_calls_it_by_another_name() {
    let scene = Scene::new();
    let request = Request::post(format!("{}/advance", scene.control()));
    let request = request.header("host", "rebound.example").body(br#"{"by":"1h"}"#.to_vec());
    let answer = exchange(&request.expect("a request")).expect("an answer");
    assert_eq!(answer.status(), 421);
    assert_eq!(scene.acme.clock().now().to_string(), "2026-11-21T08:00:00Z");
}

#[test]
fn it_answers_no_page_of_another_origin() {
    let scene = Scene::new();
    let port = scene.serving.address().port();
    let origins = [
        ("https://elsewhere.example", 403),
        ("null", 403),
        ("http://127.0.0.1:1", 403),
        (&format!("http://127.0.0.1:{port}"), 200),
        (&format!("http://localhost:{port}"), 200),
    ];
    for (origin, status) in origins {
        let request = Request::post(format!("{}/advance", scene.control()));
        let request = request.header("origin", origin);
        let request = request.body(br#"{"by":"1h"}"#.to_vec()).expect("a request");
        let answer = exchange(&request).expect("an answer");
        assert_eq!(answer.status(), status, "{origin}");
    }
    assert_eq!(scene.acme.clock().now().to_string(), "2026-11-21T10:00:00Z");
}

#[test]
fn no_more_is_planned_than_a_person_means() {
    let scene = Scene::new();
    let half = json!({ "fault": "reset_after", "times": 600 });
    scene.post("/acme/plan", &half);
    let said = scene.refused("/acme/plan", &half.to_string(), 400);
    assert!(said.contains("no more than 1000"), "{said}");
    assert_eq!(scene.acme.planned().len(), 600);
    let list = json!({ "troubles": vec![json!(null); 401] });
    scene.refused("/acme/plan", &list.to_string(), 400);
    scene.post("/globex/plan", &list);
}

#[test]
fn a_query_is_refused_before_anything_is_done() {
    let scene = Scene::new();
    let held = sign_in(&scene.acme);
    let path = format!("/acme/revoke?token={}", held.access_token);
    assert!(scene.refused(&path, "", 400).contains("into the body"));
    let state = scene.acme.provider().access_token(&held.access_token);
    assert_eq!(state, TokenState::Live);
}

#[test]
fn it_need_not_be_there() {
    let fake = acme();
    let options = Options { control: false, ..Options::default() };
    let serving = Serving::start(vec![fake], options).expect("a port");
    assert_eq!(serving.control_url(), None);
    let request = Request::get(format!("http://{}/-/control", serving.address())).body(Vec::new());
    let answer = exchange(&request.expect("a request")).expect("an answer");
    assert_eq!(answer.status(), 404);
}
