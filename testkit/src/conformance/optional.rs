//! What a client does not need to go on.

use super::bench::Bench;
use super::made::START;
use super::subject::Role;
use super::words::end;
use crate::held::{End, Held, Outcome};
use crate::{Reference, answer, head, nested};
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Head, Outcome as Classified, Pointer};

/// What no fact of an answer looks like.
const NOTHING: [&str; 10] =
    ["{}", r#"{"a":[]}"#, "true", "false", "[[]]", "[{}]", "[1]", "[null]", "1e400", "-1e400"];

/// What may be one, and is odd.
const ODD: [&str; 16] = [
    "0",
    "-0",
    "-1",
    "1.5",
    "1e30",
    "99999999999999999999999",
    "null",
    "[]",
    r#""""#,
    r#"" ""#,
    r#""NaN""#,
    r#""Infinity""#,
    r#""-1h""#,
    r#""\ud83d""#,
    r#""9999-12-31T23:59:59Z""#,
    r#""0000-00-00""#,
];

/// Whatever stands where a fact is that nobody needs to go on (the end of a token, a type that the contract does not demand, the scope),
/// the tokens are there, and what cannot be read is reported. The reference client, which interprets the contract, reads the same (R14,
/// R17).
pub fn optional_facts(bench: &Bench<'_>) {
    let deep = nested(1_000);
    let long = format!("\"{}\"", "9".repeat(10_000));
    let more = [deep.as_str(), long.as_str()];
    for place in places(&bench.contract) {
        for value in NOTHING.iter().chain(&ODD).chain(&more) {
            let body = bench.whole().with(&place, value).text();
            let what = format!("{} at {place}", &value[..value.len().min(40)]);
            if bench.outcome(bench.status, body.as_bytes()) != Classified::Success {
                continue;
            }
            let tokens = match bench.succeed(body.as_str()) {
                Ok(tokens) => tokens,
                Err(error) => panic!("{what}: {}", error.error),
            };
            assert_eq!(tokens.access.expose(), bench.new_access, "{what}");
            // In a form and in XML everything is text.
            if NOTHING.contains(value) && !bench.holds_texts() {
                assert!(!tokens.deviations.is_empty(), "{what}");
            }
            let read = reference(bench, body);
            assert_eq!(read.access_token, tokens.access.expose(), "{what}");
            assert_eq!(read.access_expires, end(tokens.access.expiry()), "{what}");
            if bench.contract.refresh.is_some() {
                assert_eq!(read.refresh_token.as_deref(), Some(tokens.refresh_text()), "{what}");
                assert_eq!(read.refresh_expires, end(tokens.refresh_expiry()), "{what}");
            }
        }
    }
}

/// Where the facts are that nobody needs to go on.
fn places(contract: &Contract) -> Vec<String> {
    let response = &contract.response;
    let refresh = contract.refresh.as_ref().filter(|_| response.refresh_token.is_some());
    let mut places: Vec<&Pointer> = contract.access.expires.field().into_iter().collect();
    places.extend(refresh.and_then(|refresh| refresh.expires.field()));
    places.extend(&response.scope);
    let expected = response.token_type.as_ref().filter(|expected| !expected.demanded);
    places.extend(expected.map(|expected| &expected.field));
    // What a cookie says of its end may end the token itself.
    let is_cookie = |place: &&&Pointer| matches!(place.head, Some(Head::Cookie { .. }));
    places.iter().filter(|place| !is_cookie(place)).map(ToString::to_string).collect()
}

/// What the reference client makes of a success with this body.
fn reference(bench: &Bench<'_>, body: String) -> Held {
    let held = bench.held();
    let refreshes = bench.contract.refresh.is_some();
    let held = Held {
        refresh_expires: end(bench.subject.expiry(Role::Refresh, &held.refresh)),
        refresh_token: refreshes.then_some(held.refresh.text),
        access_token: held.access.text,
        access_expires: End::Undeclared,
        base_url: None,
    };
    let now = Timestamp::from_second(START.cast_signed()).expect("an instant");
    let client = Reference::new(bench.contract.clone());
    let answer = head::moved(&bench.contract, answer(bench.status).body(body));
    match client.finish(&held, now, &answer) {
        Outcome::Tokens(tokens) => tokens,
        Outcome::Failed(_) => panic!("the reference client reads no tokens"),
    }
}
