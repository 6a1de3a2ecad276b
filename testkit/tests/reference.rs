//! The reference client: what it sends, what it makes of answers, and what becomes of the credential.

mod contracts;

use http::{HeaderName, HeaderValue, Request, Response};
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{
    Contract, Credential, ErrorClass, Example, ExampleBody, Expect, Fate, SignIn,
};
use rekindle_testkit::{Ask, End, Failure, Held, Lost, Outcome, Reference};

const START: &str = "2026-11-21T08:00:00Z";

fn start() -> Timestamp {
    START.parse().unwrap()
}

fn held(access: &str, refresh: Option<&str>) -> Held {
    Held {
        access_token: access.to_owned(),
        access_expires: End::Undeclared,
        refresh_token: refresh.map(str::to_owned),
        refresh_expires: End::Undeclared,
        base_url: None,
    }
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder().status(status).body(body.into()).unwrap()
}

#[track_caller]
fn failure(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Tokens(_) => panic!("there are tokens"),
    }
}

#[track_caller]
fn tokens(outcome: Outcome) -> Held {
    match outcome {
        Outcome::Tokens(held) => held,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

/// A client as an example has it, and what it holds.
fn of_example(contract: &Contract, example: &Example) -> (Reference, Held) {
    let given = &example.given;
    let mut client = Reference::new(contract.clone());
    if let Some(url) = &given.base_url {
        client = client.at(url);
    } else if let Some(name) = &given.environment {
        client = client.in_environment(name);
    }
    for (name, value) in &given.client {
        client = client.with_client(name, value);
    }
    let access = given.access_token.as_deref().unwrap_or("access");
    (client, held(access, given.refresh_token.as_deref()))
}

fn body(body: &ExampleBody) -> Vec<u8> {
    body.wire().into_bytes()
}

#[test]
fn every_documented_example_ends_as_documented() {
    // Where there are several requests, an example shows one of them alone.
    let alone = |contract: &Contract| contract.steps.is_empty() && contract.request.then.is_empty();
    for contract in contracts::all().into_iter().filter(alone) {
        for example in &contract.examples {
            let (client, held) = of_example(&contract, example);
            let ask = Ask { held: &held, now: example.given.at, trouble: None };
            let mut response = answer(example.response.status, body(&example.response.body));
            for (name, values) in &example.response.headers {
                for value in values.lines() {
                    let name = HeaderName::try_from(name).expect("the name of a header");
                    let value = HeaderValue::try_from(value).expect("the value of a header");
                    response.headers_mut().append(name, value);
                }
            }
            let outcome = client.refresh(ask, |request| {
                // What is made by chance is another in each request.
                if example.given.values.is_empty() {
                    is_as_documented(example, &request);
                }
                Ok(response.clone())
            });
            let name = format!("{}: {}", contract.provider.id, example.id);
            compare(&name, &contract, example, &held, outcome);
        }
    }
}

fn is_as_documented(example: &Example, request: &Request<Vec<u8>>) {
    let Some(expected) = &example.request else {
        return;
    };
    assert_eq!(request.method().as_str(), expected.method);
    assert_eq!(request.uri().to_string(), expected.url);
    for (name, value) in &expected.headers {
        assert_eq!(request.headers()[name].to_str().unwrap(), value);
    }
    for name in &expected.absent_headers {
        assert!(!request.headers().contains_key(name));
    }
}

fn compare(name: &str, contract: &Contract, example: &Example, held: &Held, outcome: Outcome) {
    match &example.expect {
        Expect::Tokens { access_token, access_expires, refresh_token, refresh_expires, .. } => {
            let new = tokens(outcome);
            assert_eq!(&new.access_token, access_token, "{name}");
            let same = |end: &Option<_>, found: End| end.is_none_or(|end| End::from(end) == found);
            assert!(same(access_expires, new.access_expires), "{name}: {new:?}");
            assert!(refresh_token.is_none() || *refresh_token == new.refresh_token, "{name}");
            let echoed = new.refresh_token == held.refresh_token;
            assert!(echoed || same(refresh_expires, new.refresh_expires), "{name}: {new:?}");
        }
        Expect::Error { class, sign_in } => {
            let failure = failure(outcome);
            assert_eq!(failure.class, *class, "{name}");
            assert!(failure.sent && failure.replacement.is_none(), "{name}");
            assert!(sign_in.is_none_or(|how| how == failure.sign_in), "{name}");
            assert_eq!(failure.fate, contract.fate(*class), "{name}");
        }
    }
}

const ROTATING: &str = r#"
rekindle: 1
provider: { id: acme, name: Acme }
environments: { production: https://id.acme.example }
refresh: { request: POST /token, form: { refresh_token: "${refresh_token}" } }
response: { access_token: /access, refresh_token: /refresh }
tokens:
  access: { expires: { seconds: /expires_in } }
  refresh: { use: once, rotation: always, expires: { constant: 7d }, max_length: 8, spent: { good_for: 30s } }
errors: [{ status: 401, class: reauthenticate, sign_in: otp }, { status: 403, class: client_misconfigured }]
"#;

fn rotating() -> Reference {
    Reference::new(contracts::of(ROTATING))
}

fn finish(client: &Reference, held: &Held, status: u16, body: &str) -> Outcome {
    client.finish(held, start(), &answer(status, body))
}

#[test]
fn an_unusable_answer_still_brings_the_next_token() {
    let (client, held) = (rotating(), held("a", Some("old")));
    for body in [
        r#"{"refresh": "new"}"#,
        r#"{"access": "b\r\n", "expires_in": 60, "refresh": "new"}"#,
        r#"{"access": 7, "odd": 1e400, "refresh": "new"}"#,
    ] {
        let failure = failure(finish(&client, &held, 200, body));
        assert_eq!(failure.class, ErrorClass::ContractViolation);
        assert_eq!(failure.fate, Fate::Replaced, "{body}");
        assert_eq!(failure.replacement.as_deref(), Some("new"));
        assert_eq!(failure.replay_until, None);
    }
    for body in ["", "{}", r#"{"refresh": "old"}"#, r#"{"refresh": ""}"#, "\u{0}"] {
        let failure = failure(finish(&client, &held, 200, body));
        assert_eq!((failure.fate, failure.replacement), (Fate::InDoubt, None));
        let until = start() + SignedDuration::from_secs(30);
        assert_eq!(failure.replay_until, Some(until.into()), "{body}");
    }
}

#[test]
fn no_end_that_cannot_be_read_costs_the_tokens() {
    for end in ["\"soon\"", "1e15", "1e400", "0", "[]"] {
        let body = format!(r#"{{"access": "b", "expires_in": {end}, "refresh": "new"}}"#);
        match finish(&rotating(), &held("a", Some("old")), 200, &body) {
            Outcome::Tokens(new) => {
                assert_eq!((&*new.access_token, new.access_expires), ("b", End::Undeclared));
                assert_eq!(new.refresh_token.as_deref(), Some("new"));
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

/// What could not be decoded is lost, and what stands beside it is not.
#[test]
fn what_is_no_text_is_no_token() {
    let client = rotating();
    for (body, fate) in [
        (&b"{\"access\": \"\xff\", \"refresh\": \"new\"}"[..], Fate::Replaced),
        (b"{\"access\": \"b\", \"refresh\": \"\xff\"}", Fate::InDoubt),
    ] {
        let outcome = client.finish(&held("a", Some("old")), start(), &answer(200, body.to_vec()));
        assert_eq!(failure(outcome).fate, fate);
    }
    let body = b"{\"access\": \"b\", \"refresh\": \"new\", \"odd\": \"\xff\"}".to_vec();
    let outcome = client.finish(&held("a", Some("old")), start(), &answer(200, body));
    assert!(matches!(outcome, Outcome::Tokens(_)), "{outcome:?}");
}

#[test]
fn refusals_say_what_became_of_the_credential() {
    let (client, held) = (rotating(), held("a", Some("old")));
    for (status, class, fate) in [
        (401, ErrorClass::Reauthenticate, Fate::Spent),
        (403, ErrorClass::ClientMisconfigured, Fate::Unspent),
        (429, ErrorClass::RateLimited, Fate::Unspent),
        (503, ErrorClass::Transient, Fate::InDoubt),
        (307, ErrorClass::ContractViolation, Fate::InDoubt),
    ] {
        let failure = failure(finish(&client, &held, status, ""));
        assert_eq!((failure.class, failure.fate), (class, fate), "{status}");
        assert_eq!(failure.replay_until.is_some(), fate == Fate::InDoubt);
        let signs_in = status == 401;
        assert_eq!(failure.sign_in == SignIn::Otp, signs_in, "{status}");
    }
}

#[test]
fn an_end_belongs_to_its_token() {
    let client = rotating();
    let mut held = held("a", Some("old"));
    held.refresh_expires = End::At(start() + SignedDuration::from_hours(1));
    let kept = tokens(finish(&client, &held, 200, r#"{"access": "b"}"#));
    assert_eq!(kept.refresh_token.as_deref(), Some("old"));
    assert_eq!(kept.refresh_expires, held.refresh_expires);
    assert_eq!(kept.access_expires, End::Undeclared);
    let body = r#"{"access": "b", "refresh": "old", "expires_in": 60}"#;
    let echoed = tokens(finish(&client, &held, 200, body));
    assert_eq!(echoed.refresh_expires, held.refresh_expires);
    let minute = start() + SignedDuration::from_secs(60);
    assert_eq!(echoed.access_expires, End::At(minute));
    let new = tokens(finish(&client, &held, 200, r#"{"access": "b", "refresh": "new"}"#));
    let week = start() + SignedDuration::from_hours(7 * 24);
    assert_eq!(new.refresh_expires, End::At(week));
}

#[test]
fn a_lost_answer_is_in_doubt_unless_nothing_left() {
    let once = rotating();
    for (lost, class) in [
        (Lost::NotSent, ErrorClass::Transient),
        (Lost::NotSecure, ErrorClass::Transient),
        (Lost::Certificate, ErrorClass::ClientMisconfigured),
    ] {
        let unsent = failure(once.fail(start(), &lost));
        assert_eq!((unsent.class, unsent.fate), (class, Fate::Unspent));
    }
    let spec = ROTATING.replace("use: once", "use: many").replace(", spent: { good_for: 30s }", "");
    let many = Reference::new(contracts::of(&spec));
    for lost in [Lost::Broken, Lost::TimedOut, Lost::NotHttp, Lost::TooLarge { part: Vec::new() }] {
        let failed = failure(once.fail(start(), &lost));
        assert_eq!((failed.class, failed.fate), (ErrorClass::InDoubt, Fate::InDoubt));
        assert!(failed.sent && failed.replay_until.is_some());
        let failed = failure(many.fail(start(), &lost));
        assert_eq!((failed.class, failed.fate), (ErrorClass::Transient, Fate::Unspent));
        assert_eq!(failed.replay_until, None);
    }
}

#[track_caller]
fn not_sent(client: &Reference, held: &Held, now: Timestamp) -> Failure {
    let outcome = client.refresh(Ask { held, now, trouble: None }, |_| panic!("it is sent"));
    let failure = failure(outcome);
    assert!(!failure.sent);
    failure
}

#[test]
fn what_cannot_be_sent_is_not() {
    let client = rotating();
    for token in [None, Some(""), Some("a\nb"), Some("a\0b"), Some("123456789")] {
        let failure = not_sent(&client, &held("a", token), start());
        assert_eq!(failure.class, ErrorClass::ClientMisconfigured, "{token:?}");
        assert_eq!(failure.fate, Fate::Unspent);
    }
    assert!(client.request(&held("", Some("12345678")), start()).is_ok());
}

#[test]
fn a_header_carries_plain_text_only() {
    let spec = ROTATING
        .replace("form: { refresh", "headers: { x-token: \"${refresh_token}\" }, form: { more");
    let client =
        Reference::new(contracts::of(&spec.replace("more_token: \"${refresh_token}\"", "more: x")));
    for token in [" a", "a ", "é", "a\tb"] {
        not_sent(&client, &held("a", Some(token)), start());
    }
    assert!(client.request(&held("a", Some("a b")), start()).is_ok());
}

fn window(when: &str) -> Reference {
    let spec = ROTATING
        .replace("form: {", "headers: { authorization: \"Bearer ${access_token}\" }, form: {")
        .replace("request: POST", &format!("when: {when}, request: POST"));
    let client = Reference::new(contracts::of(&spec));
    assert_eq!(client.contract().credential(), Credential::Both);
    client
}

#[test]
fn a_refresh_outside_its_window_is_not_sent() {
    let end = start() + SignedDuration::from_mins(10);
    let millisecond = SignedDuration::from_millis(1);
    let held = Held { access_expires: End::At(end), ..held("a", Some("old")) };
    let before = window("before_expiry");
    assert!(before.request(&held, end - millisecond).is_ok());
    let failure = not_sent(&before, &held, end);
    assert_eq!(failure.class, ErrorClass::Reauthenticate);
    assert_eq!((failure.sign_in, failure.fate), (SignIn::Otp, Fate::Spent));
    let after = window("after_expiry");
    assert!(after.request(&held, end).is_ok());
    let failure = not_sent(&after, &held, end - millisecond);
    assert_eq!(failure.class, ErrorClass::ClientMisconfigured);
    assert_eq!(failure.fate, Fate::Unspent);
    let near = window("{ near_expiry: 10m }");
    assert!(near.request(&held, start()).is_ok());
    assert!(near.request(&held, end).is_ok());
    not_sent(&near, &held, start() - millisecond);
    let unknown = Held { access_expires: End::Undeclared, ..held };
    for client in [before, after, near] {
        assert!(client.request(&unknown, start()).is_ok());
    }
}

#[test]
fn nothing_shows_a_secret() {
    let client = rotating().with_client("client_secret", "canary");
    assert!(!format!("{client:?}").contains("canary"));
}
