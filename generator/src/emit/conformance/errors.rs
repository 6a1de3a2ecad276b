//! The context of `conformance_errors.rs.j2`.

use super::scenario::{Scenario, lifetime};
use super::tokens::{number, text, value};
use super::verdict::refusals;
use minijinja::{Value, context};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, FieldMatch, Outcome,
};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What gateways answer.
const PAGE: &str = "<html>Bad Gateway</html>";
/// Statuses that contracts rarely name.
const OTHERS: [u16; 22] = [
    103, 199, 300, 304, 307, 400, 401, 402, 403, 404, 408, 409, 418, 422, 425, 429, 499, 500, 502,
    503, 504, 599,
];

/// The context of the tests about errors.
pub fn context(scenario: &Scenario<'_>) -> Value {
    let contract = scenario.contract;
    let others = OTHERS.into_iter().map(|status| (status, PAGE.to_owned()));
    context! {
        rules => checks(contract, named(contract)),
        nearly => nearly(contract).map(value),
        defaults => checks(contract, others),
        total => total(contract),
        codes => checks(contract, codes(contract)),
        retry_after => limited(contract).map(|status| value(number(status))),
        redirects => redirects(contract),
        after_sending => value(after_sending(contract)),
        window => window(contract),
        fate => value(contract.fate_after_sending().label()),
    }
}

/// The class of a failure after the request left.
pub fn after_sending(contract: &Contract) -> TokenStream {
    if contract.is_replayable() { quote!(Class::Transient) } else { quote!(Class::InDoubt) }
}

fn checks(contract: &Contract, answers: impl IntoIterator<Item = (u16, String)>) -> Vec<Value> {
    refusals(contract, answers).into_iter().map(value).collect()
}

/// For each rule that the contract names: what it matches, at both ends of each of its ranges and where another rule or success
/// begins or ends within them, and what nearly matches.
fn named(contract: &Contract) -> Vec<(u16, String)> {
    let rules: Vec<&ErrorRule> = contract.errors.iter().filter(|rule| !rule.is_default()).collect();
    let elsewhere: Vec<u16> = rules
        .iter()
        .flat_map(|rule| &rule.status)
        .chain(&contract.response.success.status)
        .flat_map(|range| [range.first, range.last])
        .collect();
    let answers = rules.iter().flat_map(|rule| {
        let (matching, near) = bodies(contract, rule);
        let ends = ends(rule);
        let beside = rule.status.iter().flat_map(|range| [range.first - 1, range.last + 1]);
        let beside: Vec<u16> = beside.filter(|status| (100..=599).contains(status)).collect();
        let within = |status: &&u16| rule.status.iter().any(|range| range.contains(**status));
        let shared: Vec<u16> = elsewhere.iter().filter(within).copied().collect();
        let first = matching.first().cloned().unwrap_or_default();
        let mut answers = product(&ends, &matching);
        answers.extend(product(&ends, &near));
        answers.extend(product(&shared, &matching));
        answers.extend(product(&beside, &[first]));
        answers
    });
    answers.collect()
}

/// Answers that nearly match a rule and so are a success by their status, but hold no access token; `None` where there are none.
fn nearly(contract: &Contract) -> Option<TokenStream> {
    // Where the body is the token, each of them holds one.
    contract.response.access_token.field()?;
    let is_success = |(status, body): &(u16, String)| {
        contract.classify(*status, body.as_bytes()) == Outcome::Success
    };
    let answers: BTreeSet<_> = named(contract).into_iter().filter(is_success).collect();
    let rows: Vec<_> = answers
        .into_iter()
        .map(|(status, body)| {
            let (status, body) = (number(status), text(&body));
            quote!((#status, #body))
        })
        .collect();
    (!rows.is_empty()).then(|| quote!([#(#rows),*]))
}

fn ends(rule: &ErrorRule) -> Vec<u16> {
    rule.status.iter().flat_map(|range| [range.first, range.last]).collect()
}

/// The rule that decides on an empty body, for each range of statuses; none for success, which an empty body does not bring.
fn total(contract: &Contract) -> Vec<Value> {
    let rule = |status: u16| match contract.classify(status, b"") {
        Outcome::Success => None,
        Outcome::Refused(rule) => Some(rule.name.as_str()),
    };
    let mut ranges: Vec<(u16, u16, Option<&str>)> = Vec::new();
    for status in 100..=599 {
        match ranges.last_mut() {
            Some((_, last, known)) if *known == rule(status) => *last = status,
            _ => ranges.push((status, status, rule(status))),
        }
    }
    let meaning = |(first, last, rule): (u16, u16, Option<&str>)| {
        let rule = match rule {
            Some(rule) => quote!(Some(#rule)),
            None => quote!(None),
        };
        context! { first => value(number(first)), last => value(number(last)), rule => value(rule) }
    };
    ranges.into_iter().map(meaning).collect()
}

fn product(statuses: &[u16], bodies: &[String]) -> Vec<(u16, String)> {
    bodies.iter().flat_map(|body| statuses.iter().map(|status| (*status, body.clone()))).collect()
}

/// Bodies that a rule matches, and bodies that it nearly matches.
fn bodies(contract: &Contract, rule: &ErrorRule) -> (Vec<String>, Vec<String>) {
    let owned = |bodies: &[&str]| bodies.iter().map(|body| (*body).to_owned()).collect();
    match &rule.body {
        BodyCondition::Any => (owned(&["", "{}"]), Vec::new()),
        BodyCondition::Empty => (owned(&["", " \r\n"]), owned(&["{}", "-"])),
        BodyCondition::Field(field) => field_bodies(contract, field),
    }
}

fn field_bodies(contract: &Contract, field: &FieldMatch) -> (Vec<String>, Vec<String>) {
    let with = |value: Json| {
        let mut body = Json::Object(serde_json::Map::new());
        field.field.put(&mut body, value);
        contract.written(&body).1
    };
    if field.equals.is_empty() {
        return (
            vec![with(Json::from("any")), with(Json::from(0))],
            vec![with(Json::Null), "{}".to_owned()],
        );
    }
    let values: Vec<Json> = field.equals.iter().map(Json::from).collect();
    // Every way to be careless with the first value, and one with each of the others.
    let others = values.iter().skip(1).flat_map(|value| near_misses(value).into_iter().take(1));
    let near: Vec<Json> = values.iter().take(1).flat_map(near_misses).chain(others).collect();
    let near = near
        .into_iter()
        .filter(|value| !values.contains(value))
        .chain([Json::Null])
        .map(with)
        .chain(["{}".to_owned()])
        .collect();
    (values.iter().cloned().map(with).collect(), near)
}

/// What a client that compares carelessly takes for the value: one letter more, one less, another case, another type.
fn near_misses(value: &Json) -> Vec<Json> {
    let Json::String(text) = value else {
        return vec![Json::from(value.to_string())];
    };
    let mut shorter = text.clone();
    shorter.pop();
    let misses = [format!("{text}x"), shorter, text.to_uppercase(), text.to_lowercase()];
    misses.into_iter().filter(|miss| miss != text).map(Json::from).collect()
}

/// The error codes of the contract, inside answers of a server that failed.
fn codes(contract: &Contract) -> Vec<(u16, String)> {
    let fields = contract.errors.iter().filter_map(|rule| match (&rule.body, rule.class) {
        (
            BodyCondition::Field(field),
            ErrorClass::Reauthenticate | ErrorClass::ClientMisconfigured,
        ) => Some(field),
        _ => None,
    });
    fields.flat_map(|field| product(&[500, 503], &field_bodies(contract, field).0)).collect()
}

/// A status that says "too many requests" whatever its body.
fn limited(contract: &Contract) -> Option<u16> {
    let class = |status: u16| match contract.classify(status, b"") {
        Outcome::Success => None,
        Outcome::Refused(rule) => Some(rule.class),
    };
    let named = contract.errors.iter().flat_map(|rule| rule.status.iter().map(|range| range.first));
    std::iter::once(429).chain(named).find(|status| class(*status) == Some(ErrorClass::RateLimited))
}

/// The redirects that the contract does not name.
fn redirects(contract: &Contract) -> Option<Value> {
    let is_violation = |status: &u16| match contract.classify(*status, b"") {
        Outcome::Success => false,
        Outcome::Refused(rule) => rule.class == ErrorClass::ContractViolation,
    };
    let statuses: Vec<_> =
        [301, 302, 303, 307, 308].into_iter().filter(is_violation).map(number).collect();
    (!statuses.is_empty()).then(|| value(quote!([#(#statuses),*])))
}

/// How long a credential in doubt may be sent again; none where it may be sent again at any time.
fn window(contract: &Contract) -> Option<Value> {
    if contract.is_replayable() {
        return None;
    }
    let window = contract.replay_window();
    let until =
        window.map(|window| value(lifetime(u64::try_from(window.as_millis()).unwrap_or(u64::MAX))));
    Some(context! { until => until })
}
