//! What stands in the head of an answer: tokens and their ends in headers and cookies.

use super::bench::{Bench, seconds, started_at};
use super::made::ACCESS_LIFE;
use crate::{Document, answer, assert_error_silent, head};
use http::header::SET_COOKIE;
use http::{HeaderValue, Response};
use rekindle_contract::contract::{CookieAttribute, Head, Pointer};
use rekindle_runtime::{Class, ErrorKind, Expiry};
use serde_json::Value;

/// A token in a header or a cookie is read there and nowhere else. A header that is there several times with values that differ, a cookie
/// that is deleted, and a value without its prefix are none (R12, R18, R32).
pub fn answer_head(bench: &Bench<'_>) {
    let field = bench.contract.response.access_token.field().expect("the answer has fields");
    for place in field.all() {
        match &place.head {
            Some(Head::Header { name, prefix }) => in_header(bench, place, name, prefix),
            Some(Head::Cookie { name, .. }) => in_cookie(bench, place, name),
            None => {}
        }
    }
    if bench.contract.is_in_head() {
        body_is_read_over(bench);
    }
    end_of_cookie(bench);
}

/// The answer to a success that holds the access token here alone.
fn only(bench: &Bench<'_>, place: &Pointer) -> Response<Vec<u8>> {
    let token = Value::from(bench.new_access.as_str()).to_string();
    let field = bench.contract.response.access_token.field().into_iter().flat_map(Pointer::all);
    let bare = field.fold(bench.lossy(), |answer, place| answer.without(&place.to_string()));
    response(bench, bare.with(&place.to_string(), &token))
}

fn response(bench: &Bench<'_>, document: Document) -> Response<Vec<u8>> {
    head::moved(&bench.contract, answer(bench.status).body(document))
}

#[track_caller]
fn assert_brings(bench: &Bench<'_>, answer: Response<Vec<u8>>) {
    let tokens = bench.finish(answer).expect("the answer brings tokens");
    assert_eq!(tokens.access.expose(), bench.new_access);
}

/// It brings nothing, and its error shows nothing of the token.
#[track_caller]
fn assert_brings_nothing(bench: &Bench<'_>, answer: Response<Vec<u8>>, several: bool) {
    let error = bench.finish(answer).expect_err("the answer brings no token");
    assert_eq!(error.class(), Class::ContractViolation);
    match error.error.kind() {
        ErrorKind::Missing { .. } => assert!(!several, "values differ"),
        ErrorKind::WrongType { .. } => assert!(several, "there are no values that differ"),
        other => panic!("{other:?}"),
    }
    assert_error_silent(&[bench.new_access.as_str()], &error.error);
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header can hold it")
}

fn in_header(bench: &Bench<'_>, place: &Pointer, name: &str, prefix: &str) {
    let lower = name.to_ascii_lowercase();
    let name = http::HeaderName::try_from(lower).expect("a header has such a name");
    let with = |values: &[&str]| {
        let mut answer = only(bench, place);
        answer.headers_mut().remove(&name);
        for text in values {
            answer.headers_mut().append(&name, value(text));
        }
        answer
    };
    let token = bench.new_access.as_str();
    let whole = format!("{prefix}{token}");
    assert_brings(bench, with(&[&whole]));
    assert_brings(bench, with(&[&whole, &whole]));
    assert_brings(bench, with(&[&format!("{}{token}", prefix.to_ascii_uppercase())]));
    assert_brings_nothing(bench, with(&[&whole, &format!("{prefix}another")]), true);
    assert_brings_nothing(bench, with(&[]), false);
    assert_brings_nothing(bench, with(&[prefix.trim()]), false);
    if !prefix.is_empty() {
        assert_brings_nothing(bench, with(&[token]), false);
        assert_brings(bench, with(&[&whole, "Another x"]));
    }
    let mut elsewhere = with(&[]);
    elsewhere.headers_mut().insert("x-not-declared", value(&whole));
    assert_brings_nothing(bench, elsewhere, false);
    // A member of the body with the header's name is no header.
    for member in [name.as_str(), &place.to_string()] {
        let mut answer = with(&[]);
        *answer.body_mut() = serde_json::json!({ member: token }).to_string().into_bytes();
        assert_brings_nothing(bench, answer, false);
    }
}

fn in_cookie(bench: &Bench<'_>, place: &Pointer, name: &str) {
    let with = |cookies: &[String]| {
        let mut answer = only(bench, place);
        let cookie = format!("{name}=");
        let headers = answer.headers_mut();
        let others: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
        headers.remove(SET_COOKIE);
        for other in others.into_iter().filter(|it| !it.as_bytes().starts_with(cookie.as_bytes())) {
            headers.append(SET_COOKIE, other);
        }
        for text in cookies {
            headers.append(SET_COOKIE, value(text));
        }
        answer
    };
    let token = bench.new_access.as_str();
    let good = format!("{name}={token}; Path=/");
    let another = format!("{name}=another; Path=/");
    let deleted = |path: &str| format!("{name}=x; Path={path}; Max-Age=0");
    for cookies in [
        vec![format!("{name}={token}")],
        vec![format!("{name} = {token} ;secure; SameSite=Lax")],
        vec![format!("{name}=\"{token}\"; HttpOnly; Max-Age=60")],
        vec![another.clone(), good.clone()],
        vec![format!("x-{name}=another"), good.clone(), "not-declared=another".to_owned()],
        vec![good.clone(), deleted("/old")],
        vec![format!("{name}={token}; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT")],
    ] {
        assert_brings(bench, with(&cookies));
    }
    for cookies in [
        vec![],
        vec![name.to_owned()],
        vec![format!("{name}=; Path=/")],
        vec![good.clone(), deleted("/")],
        vec![deleted("/")],
        vec![format!("{name}={token}; Max-Age=-1")],
        vec![format!("{name}={token}; Expires=Thu, 01 Jan 1970 00:00:00 GMT")],
        vec![format!("not-declared={token}")],
        vec![format!("{}={token}", name.to_ascii_uppercase() + "_")],
    ] {
        assert_brings_nothing(bench, with(&cookies), false);
    }
    let mut answer = with(&[]);
    *answer.body_mut() = serde_json::json!({ name: token }).to_string().into_bytes();
    assert_brings_nothing(bench, answer, false);
}

/// Where the token is in the head, nothing of the body is needed.
fn body_is_read_over(bench: &Bench<'_>) {
    let field = bench.contract.response.access_token.field().expect("the answer has fields");
    let place = field.all().find(|place| place.head.is_some()).expect("one is in the head");
    let bodies = ["", "null", "[]", "<html>OK</html>", "{\"a\":"];
    for body in bodies.into_iter().filter(|_| bench.contract.response.success.field.is_none()) {
        let success = bench.contract.classify(bench.status, body.as_bytes());
        if success == rekindle_contract::contract::Outcome::Success {
            let mut answer = only(bench, place);
            *answer.body_mut() = body.into();
            assert_brings(bench, answer);
        }
    }
}

/// What a cookie says of its own end is that of the token.
fn end_of_cookie(bench: &Bench<'_>) {
    let told = bench.contract.access.expires.told();
    let Some(Head::Cookie { name, attribute: Some(attribute) }) =
        told.and_then(|told| told.field.head.as_ref())
    else {
        return;
    };
    let end = |document: Document| {
        let answer = response(bench, document);
        bench.finish(answer).expect("the answer brings tokens").access.expiry()
    };
    let usual = Expiry::At(started_at() + seconds(ACCESS_LIFE));
    assert_eq!(end(bench.success()), usual, "the end of {name}");
    let place = told.expect("it is told").field.to_string();
    let without = end(bench.success().without(&place));
    assert_ne!(without, usual, "the end of {name} where nothing says it");
    let (odd, half) = match attribute {
        CookieAttribute::MaxAge => ("\"soon\"", "\"1800\""),
        CookieAttribute::Expires => ("\"soon\"", "\"Sat, 21 Nov 2026 08:30:00 GMT\""),
    };
    assert_eq!(end(bench.success().with(&place, odd)), without, "an end that is none");
    let half_hour = Expiry::At(started_at() + seconds(1800));
    assert_eq!(end(bench.success().with(&place, half)), half_hour);
}
