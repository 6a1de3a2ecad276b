//! Faults on the wire, byte by byte.

mod support;

use http::Request;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_testkit::Fake;
use rekindle_testkit::serve::{Options, Serving};
use std::io::ErrorKind;
use std::time::Duration;
use support::wire::{Wire, exchange};
use support::{acme, refresh, sign_in};

/// A provider whose first refresh suffers a fault, with a client that has sent it.
struct Scene {
    fake: Fake,
    serving: Serving,
    request: Request<Vec<u8>>,
    wire: Wire,
}

impl Scene {
    fn under(fault: Fault) -> Self {
        let fake = acme();
        let options = Options {
            late: Duration::from_millis(20),
            pace: Duration::from_millis(2),
            ..Options::default()
        };
        let serving = Serving::start(vec![fake.clone()], options).expect("a port");
        fake.plan([Some(Trouble::Fault(fault))]);
        let held = sign_in(&fake);
        let request = refresh(&fake, &held);
        let mut wire = Wire::for_request(&request);
        wire.send(&request);
        Self { fake, serving, request, wire }
    }

    /// What became of the refresh token: the fault is over, so the provider says it.
    fn again(&self) -> u16 {
        exchange(&self.request).expect("an answer").status().as_u16()
    }
}

#[test]
fn a_reset_before_the_provider_spends_nothing() {
    for fault in [Fault::Unreachable, Fault::ResetBefore] {
        let mut scene = Scene::under(fault);
        let error = scene.wire.read(1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{fault:?}");
        assert_eq!(scene.again(), 200, "{fault:?}");
    }
}

#[test]
fn a_reset_behind_the_provider_spends_the_token() {
    let mut scene = Scene::under(Fault::ResetAfter);
    let error = scene.wire.read(1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(scene.again(), 401);
    assert_eq!(scene.fake.provider().reuses(), 1);
}

#[test]
fn silence_is_silence() {
    let mut scene = Scene::under(Fault::NoAnswer);
    // While the token is refused as spent on another connection, nothing comes on this one.
    assert_eq!(scene.again(), 401);
    scene.wire.patience(Duration::from_millis(30));
    let error = scene.wire.read(1).unwrap_err();
    let kinds = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
    assert!(kinds.contains(&error.kind()), "{error:?}");
}

#[test]
fn a_late_answer_comes_and_the_connection_stays() {
    let mut scene = Scene::under(Fault::LateAnswer);
    assert_eq!(scene.wire.answer().expect("an answer").status(), 200);
    scene.wire.send(&scene.request);
    assert_eq!(scene.wire.answer().expect("an answer").status(), 401);
}

#[test]
fn a_slow_head_comes_byte_by_byte() {
    let mut scene = Scene::under(Fault::SlowHead);
    let mut seen = Vec::new();
    let mut reads = 0;
    while !seen.ends_with(b"}") {
        seen.extend(scene.wire.read(1024).expect("more of it"));
        reads += 1;
    }
    // A slow machine may see some bytes together, but not all of them.
    assert!(reads > 10, "{reads}");
    let seen = String::from_utf8(seen).expect("a text");
    assert!(seen.starts_with("HTTP/1.1 200 OK\r\n"), "{seen}");
}

#[test]
fn a_partial_answer_promises_more_than_comes() {
    let mut scene = Scene::under(Fault::PartialAnswer);
    let all = scene.wire.rest().expect("an end without a reset");
    let (head, body) = all.split_once("\r\n\r\n").expect("a whole head");
    let length = head.split("content-length: ").nth(1).expect("a length");
    let length: usize = length.trim().parse().expect("a number");
    assert!(!body.is_empty() && body.len() < length, "{all}");
    assert_eq!(scene.again(), 401);
}

#[test]
fn an_endless_body_has_no_end() {
    let mut scene = Scene::under(Fault::EndlessBody);
    let mut read = 0;
    while read < 2 * 1024 * 1024 {
        let bytes = scene.wire.read(64 * 1024).expect("more of it");
        assert!(!bytes.is_empty(), "an end after {read} bytes");
        read += bytes.len();
    }
}

#[test]
fn an_answer_comes_twice_on_one_connection() {
    let mut scene = Scene::under(Fault::AnsweredTwice);
    let all = scene.wire.rest().expect("an end without a reset");
    let (first, second) = all.split_at(all.len() / 2);
    assert!(first.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(first, second);
}

#[test]
fn answers_that_are_not_the_providers_arrive() {
    let mut scene = Scene::under(Fault::RateLimited);
    let answer = scene.wire.answer().expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()),
        (429, b"7".as_slice())
    );
    assert_eq!(scene.again(), 200);
}

#[test]
fn stopping_ends_every_connection() {
    let Scene { serving, request, mut wire, .. } = Scene::under(Fault::NoAnswer);
    // The silent one was read before this one is answered.
    assert_eq!(exchange(&request).expect("an answer").status(), 401);
    serving.stop();
    assert!(wire.read(1).is_ok_and(|bytes| bytes.is_empty()));
}
