//! Two readings of one contract, side by side: generated clients and the reference client of the kit make the same requests of
//! random credentials, and the same of random answers.

use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rekindle_contract::contract::Contract;
use rekindle_contract::derive::Derive;
use rekindle_sequences::subject::{SUBJECTS, Subject};
use rekindle_testkit::provider::Provider;
use rekindle_testkit::{Ask, End, Fake, Held, Lost, Outcome, Reference};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many exchanges each client is put through.
const CASES: u32 = 4_000;
const NOW: Timestamp = Timestamp::constant(1_795_248_000, 0);

/// One exchange.
#[derive(Debug, Clone)]
struct Case {
    held: Held,
    settings: BTreeMap<String, String>,
    answer: Answer,
}

/// What comes back.
#[derive(Debug, Clone)]
enum Answer {
    Lost(Lost),
    Bytes(u16, Vec<u8>),
    /// A success of the fake provider with this status, changed at these places.
    Changed(u16, Vec<(usize, Option<Value>)>),
}

/// Texts as credentials are, and as nobody means them well.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[A-Za-z0-9._~+/=-]{1,40}",
        2 => "[ -~]{1,24}",
        2 => "\\PC{1,12}",
        1 => any::<String>(),
        1 => Just(String::new()),
        1 => Just("a".repeat(300)),
    ]
}

fn setting() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9._~+/=:%& -]{1,24}", "[a-zéü☃]{1,8}"]
        .prop_filter("no space at the ends", |text| text.trim() == text)
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::Undeclared),
        Just(End::Never),
        (-100_000_i64..100_000).prop_map(|seconds| End::At(
            NOW.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(NOW)
        )),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0_i64..100_000_000).prop_map(Value::from),
        (0_i64..10_000).prop_map(|number| Value::from(number.to_string())),
        text().prop_map(Value::from),
        Just(Value::from("Bearer")),
        Just(Value::from("bearer")),
        Just(Value::from("2026-11-21T09:00:00Z")),
        Just(Value::from(1_795_251_600)),
        Just(Value::from("invalid_grant")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn status(contract: &Contract) -> impl Strategy<Value = u16> + use<> {
    let success = contract.success_status();
    prop_oneof![
        6 => Just(success),
        3 => prop::sample::select(vec![200, 201, 204, 307, 400, 401, 403, 408, 422, 425, 429, 500, 502, 503]),
        1 => 200_u16..600,
    ]
}

fn answer(contract: &Contract) -> impl Strategy<Value = Answer> + use<> {
    let lost = prop::sample::select(vec![
        Lost::NotSent,
        Lost::NotSecure,
        Lost::Certificate,
        Lost::Broken,
        Lost::NotHttp,
        Lost::TimedOut,
        Lost::TooLarge { part: Vec::new() },
    ]);
    let change = (any::<usize>(), prop::option::of(json()));
    prop_oneof![
        1 => lost.prop_map(Answer::Lost),
        2 => (status(contract), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(status, bytes)| Answer::Bytes(status, bytes)),
        3 => (status(contract), json())
            .prop_map(|(status, json)| Answer::Bytes(status, json.to_string().into_bytes())),
        8 => (status(contract), prop::collection::vec(change, 0..4))
            .prop_map(|(status, changes)| Answer::Changed(status, changes)),
    ]
}

fn case(contract: &Contract) -> impl Strategy<Value = Case> + use<> {
    let names: Vec<String> = contract.client.keys().cloned().collect();
    let refreshes = contract.refresh.is_some();
    let settings = prop::collection::vec(setting(), names.len());
    (text(), end(), text(), end(), settings, answer(contract)).prop_map(
        move |(access_token, access_expires, refresh, refresh_expires, values, answer)| Case {
            held: Held {
                access_token,
                access_expires,
                refresh_token: refreshes.then_some(refresh),
                refresh_expires: if refreshes { refresh_expires } else { End::Undeclared },
                base_url: None,
            },
            settings: names.iter().cloned().zip(values).collect(),
            answer,
        },
    )
}

/// A success of a provider that keeps the contract.
fn success(contract: &Contract) -> Value {
    let fake = Fake::new(Provider::new(contract.clone()));
    let held = fake.provider().sign_in();
    let ask = Ask { held: &held, now: fake.clock().now(), trouble: None };
    let body = RefCell::default();
    let outcome = Reference::of(&fake).refresh(ask, |request| {
        let response = fake.carry(&request)?;
        body.replace(response.body().clone());
        Ok(response)
    });
    assert!(matches!(outcome, Outcome::Tokens(_)), "{outcome:?}");
    serde_json::from_slice(&body.into_inner()).expect("an answer in JSON")
}

/// The places of a JSON value, the whole of it first.
fn places(json: &Value, at: String, into: &mut Vec<String>) {
    into.push(at.clone());
    if let Value::Object(members) = json {
        for (name, member) in members {
            places(member, format!("{at}/{name}"), into);
        }
    }
}

fn changed(success: &Value, changes: &[(usize, Option<Value>)]) -> Vec<u8> {
    let mut json = success.clone();
    for (number, change) in changes {
        let mut all = Vec::new();
        places(&json, String::new(), &mut all);
        let place = &all[number % all.len()];
        match (change, place.rsplit_once('/')) {
            (Some(value), _) => {
                if let Some(old) = json.pointer_mut(place) {
                    *old = value.clone();
                }
            }
            (None, Some((above, name))) => {
                if let Some(Value::Object(members)) = json.pointer_mut(above) {
                    members.remove(name);
                }
            }
            (None, None) => json = Value::Null,
        }
    }
    json.to_string().into_bytes()
}

/// A request in a form in which two that mean the same are equal.
fn meaning(request: &Request<Vec<u8>>) -> (String, Vec<(String, Vec<u8>)>, String) {
    let line = format!("{} {}", request.method(), request.uri());
    let mut headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    headers.sort();
    let body = match serde_json::from_slice::<Value>(request.body()) {
        Ok(json) => json.to_string(),
        Err(_) => String::from_utf8_lossy(request.body()).into_owned(),
    };
    (line, headers, body)
}

fn sorted(json: &str) -> String {
    let value: Result<BTreeMap<String, Value>, _> = serde_json::from_str(json);
    value.map_or_else(|_| json.to_owned(), |members| format!("{members:?}"))
}

fn agree(
    subject: Subject,
    reference: &Reference,
    success: &Value,
    case: &Case,
) -> Result<(), TestCaseError> {
    let ask = Ask { held: &case.held, now: NOW, trouble: None };
    let answer = || match &case.answer {
        Answer::Lost(lost) => Err(lost.clone()),
        Answer::Bytes(status, body) => Ok(response(*status, body.clone())),
        Answer::Changed(status, changes) => Ok(response(*status, changed(success, changes))),
    };
    let mut seen = [None, None];
    let [by_client, by_reference] = &mut seen;
    let generated =
        subject.refresh("https://provider.example", &case.settings, ask, &mut |request| {
            *by_client = Some(meaning(&request));
            answer()
        });
    let referred = reference.refresh(ask, |request| {
        *by_reference = Some(meaning(&request));
        answer()
    });
    let [by_client, by_reference] =
        seen.map(|seen| seen.map(|(line, headers, body)| (line, headers, sorted(&body))));
    prop_assert_eq!(by_client, by_reference, "the requests differ");
    prop_assert!(
        generated == referred,
        "the verdicts differ: the client says {generated:?}, the reference {referred:?}"
    );
    Ok(())
}

fn response(status: u16, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    response
}

fn compare(id: &str) {
    let subject = SUBJECTS.into_iter().find(|subject| subject.id == id).expect("a client");
    let contract = subject.contract();
    let success = success(&contract);
    let mut runner = TestRunner::new_with_rng(
        Config { cases: CASES, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::XorShift,
        ),
    );
    let result = runner.run(&case(&contract), |case| {
        let mut reference = Reference::new(contract.clone()).at("https://provider.example");
        for (name, value) in &case.settings {
            reference = reference.with_client(name, value);
        }
        agree(subject, &reference, &success, &case)
    });
    if let Err(error) = result {
        panic!("{id}: {error}");
    }
}

macro_rules! two_readings_agree {
    ($($id:ident),*) => {
        $(
            /// Requests and verdicts of the generated client are those of the reference client.
            #[test]
            fn $id() {
                compare(stringify!($id));
            }
        )*
    };
}

two_readings_agree!(blazex, seven_g, transak, wetix, xellar);
