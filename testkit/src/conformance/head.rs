//! What stands in the head of an answer: tokens and their ends in headers and cookies.

use super::bench::{Bench, seconds, started_at};
use super::made::ACCESS_LIFE;
use super::subject::Tokens;
use crate::{Document, answer, assert_error_silent, head};
use http::header::SET_COOKIE;
use http::{HeaderValue, Response};
use rekindle_contract::contract::{CookieAttribute, Head, Outcome, Pointer, TokenPlace};
use rekindle_runtime::{Class, ErrorKind, Expiry};
use serde_json::{Map, Value};

/// A token in a header or a cookie is read there and nowhere else. A header that is there several times with values that differ, a cookie
/// that is deleted, and a value without its prefix are none. No refresh token in a body is lost for it (R12, R16, R18, R32).
pub fn answer_head(bench: &Bench<'_>) {
    let field = bench.contract.response.access_token.field();
    for place in field.into_iter().flat_map(Pointer::all) {
        match &place.head {
            Some(Head::Header { name, prefix }) => in_header(bench, place, name, prefix),
            Some(Head::Cookie { name, .. }) => in_cookie(bench, place, name),
            None => {}
        }
    }
    if bench.contract.is_in_head() {
        body_beside(bench);
    }
    end_of_cookie(bench);
}

/// The answer of a success with the access token here alone.
fn only(bench: &Bench<'_>, success: Document, place: &Pointer) -> Response<Vec<u8>> {
    let token = Value::from(bench.new_access.as_str()).to_string();
    let field = bench.contract.response.access_token.field().into_iter().flat_map(Pointer::all);
    let bare = field.fold(success, |answer, place| answer.without(&place.to_string()));
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

/// The answer with one more member in its body, which may be what says that it is a success.
fn with_member(mut answer: Response<Vec<u8>>, name: &str, text: &str) -> Response<Vec<u8>> {
    let mut body: Map<String, Value> = serde_json::from_slice(answer.body()).unwrap_or_default();
    body.insert(name.to_owned(), Value::from(text));
    *answer.body_mut() = Value::from(body).to_string().into_bytes();
    answer
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a header can hold it")
}

fn in_header(bench: &Bench<'_>, place: &Pointer, name: &str, prefix: &str) {
    let lower = name.to_ascii_lowercase();
    let name = http::HeaderName::try_from(lower).expect("a header has such a name");
    let with = |values: &[&str]| {
        let mut answer = only(bench, bench.lossy(), place);
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
        assert_brings_nothing(bench, with_member(with(&[]), member, token), false);
    }
}

fn in_cookie(bench: &Bench<'_>, place: &Pointer, name: &str) {
    let with = |cookies: &[String]| {
        let mut answer = only(bench, bench.lossy(), place);
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
    assert_brings_nothing(bench, with_member(with(&[]), name, token), false);
}

/// Where the tokens are in the head, nothing of the body is needed. A refresh token in the body is: what cannot be read may hold one that
/// is lost otherwise, and one before the place where a body was cut is kept.
fn body_beside(bench: &Bench<'_>) {
    let contract = &bench.contract;
    let field = contract.response.access_token.field().expect("the answer has fields");
    let place = field.all().find(|place| place.head.is_some()).expect("one is in the head");
    if contract.response.success.field.is_some() {
        return;
    }
    let usual = bench.tokens(bench.success());
    let refresh = |tokens: &Tokens| tokens.refresh.as_ref().map(|it| it.expose().to_owned());
    for body in ["", "null", "[]", "<html>OK</html>", "{\"a\":"] {
        if contract.classify(bench.status, body.as_bytes()) != Outcome::Success {
            continue;
        }
        let mut answer = only(bench, bench.success(), place);
        *answer.body_mut() = body.into();
        match bench.finish(answer) {
            Ok(tokens) if contract.reads_over_body() => {
                assert_eq!(tokens.access.expose(), bench.new_access, "{body}");
                assert_eq!(refresh(&tokens), refresh(&usual), "{body}");
            }
            Ok(_) => assert!(contract.document(body.as_bytes()).is_some(), "{body}"),
            Err(error) => {
                assert!(!contract.reads_over_body(), "{body}");
                assert_eq!(error.class(), Class::ContractViolation, "{body}");
            }
        }
    }
    if let Some((_, place)) = bench.replaceable().filter(|_| !contract.reads_over_body())
        && let TokenPlace::Json(_) = contract.response.access_token
        && place.head.is_none()
        && contract.mint.is_none()
    {
        let new = Value::from(bench.new_refresh.as_str()).to_string();
        let whole = bench.success().with(&place.to_string(), &new).text();
        let (before, _) = whole.split_once(new.as_str()).expect("it is in it");
        bench.assert_unusable(format!("{before}{new}"), "replaced");
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
