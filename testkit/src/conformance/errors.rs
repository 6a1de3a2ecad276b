//! What errors mean.

use super::bench::{Bench, seconds, started_at};
use super::made::put;
use crate::answer;
use rekindle_contract::contract::{
    BodyCondition, Contract, ErrorClass, ErrorRule, FieldMatch, Outcome,
};
use rekindle_contract::derive::Derive;
use rekindle_runtime::{Class, Fate, TransportError, TransportErrorKind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// What gateways answer.
const PAGE: &str = "<html>Bad Gateway</html>";
/// Statuses that contracts rarely name.
const OTHERS: [u16; 22] = [
    103, 199, 300, 304, 307, 400, 401, 402, 403, 404, 408, 409, 418, 422, 425, 429, 499, 500, 502,
    503, 504, 599,
];

/// Each refusal that the contract names is what the contract says, whatever a member beside it holds, and what looks nearly like it
/// is not (R20, R21, R22).
pub fn error_map(bench: &Bench<'_>) {
    let answers = named(&bench.contract);
    assert!(!answers.is_empty(), "the contract names no refusal");
    bench.assert_refusals(answers.iter().cloned());
    for (status, body) in &answers {
        let Some(members) = body.strip_prefix("{\"") else { continue };
        let odd = [b"{\"odd\":\"caf\xe9\n\\ud83d\",\"", members.as_bytes()].concat();
        if let Outcome::Refused(rule) = bench.contract.classify(*status, &odd) {
            let refused = bench.finish(answer(*status).body(odd)).expect_err("it is refused");
            assert_eq!(refused.error.rule(), Some(&*rule.name), "status {status}, odd {body:?}");
        }
    }
    // Where the body is the token, each of them holds one; where a success brings none, none is missing.
    if bench.contract.response.access_token.field().is_none() {
        return;
    }
    for (status, body) in answers.into_iter().collect::<BTreeSet<_>>() {
        if bench.contract.classify(status, body.as_bytes()) != Outcome::Success {
            continue;
        }
        let error = bench.finish(answer(status).body(body.as_str()));
        let error = error.expect_err("there is no access token");
        assert_eq!(error.error.rule(), None, "status {status}, body {body:?}");
        assert_eq!(error.class(), Class::ContractViolation, "status {status}, body {body:?}");
    }
}

/// What the contract does not name has the language's meaning: nothing is lost, and no grant is dropped (R20, R21).
pub fn error_defaults(bench: &Bench<'_>) {
    bench.assert_refusals(OTHERS.into_iter().map(|status| (status, PAGE.to_owned())));
}

/// Every status has one meaning, and the contract says which: the rule that decides on an empty body, or success, which an empty
/// body does not bring, but where none is needed (R20).
pub fn error_map_total(bench: &Bench<'_>) {
    for status in 100..=599 {
        let rule = match bench.contract.classify(status, b"") {
            Outcome::Success if bench.contract.response.access_token.is_unchanged() => {
                bench.finish(answer(status).empty()).expect("no token is needed");
                continue;
            }
            Outcome::Success => None,
            Outcome::Refused(rule) => Some(rule.name.as_str()),
        };
        let found =
            bench.finish(answer(status).empty()).expect_err("an empty body brings no token");
        assert_eq!(found.error.rule(), rule, "status {status}");
    }
}

/// An error code inside a 5xx answer is no verdict on the grant (R21).
pub fn error_code_in_5xx(bench: &Bench<'_>) {
    let fields = bench.contract.errors.iter().filter_map(|rule| match (&rule.body, rule.class) {
        (
            BodyCondition::Field(field),
            ErrorClass::Reauthenticate | ErrorClass::ClientMisconfigured,
        ) => Some(field),
        _ => None,
    });
    let answers: Vec<_> = fields
        .flat_map(|field| product(&[500, 503], &field_bodies(&bench.contract, field).0))
        .collect();
    assert!(!answers.is_empty(), "the contract knows no error code");
    bench.assert_refusals(answers);
}

/// `Retry-After` is read as seconds and as a date; what is neither is not there.
pub fn retry_after(bench: &Bench<'_>) {
    let status = bench.contract.limiting_status().expect("a status says so");
    let rows = [
        ("120", Some(120)),
        ("0", Some(0)),
        ("Sat, 21 Nov 2026 08:01:30 GMT", Some(90)),
        ("Sat, 21 Nov 2026 07:00:00 GMT", Some(0)),
        ("soon", None),
        ("-1", None),
    ];
    for (value, wait) in rows {
        let error = bench.finish(answer(status).header("retry-after", value).empty());
        let error = error.expect_err("the answer is an error");
        assert_eq!(error.class(), Class::RateLimited { after: wait.map(seconds) }, "{value}");
    }
}

/// Where the contract says that a body says how long to wait, it is read in its unit; what is no wait is not there, and of a header and
/// a body the longer wait counts.
pub fn retry_after_in_body(bench: &Bench<'_>) {
    // In thousandths of the unit.
    let rows: [(Value, Option<u64>); 7] = [
        (2.into(), Some(2000)),
        (0.into(), Some(0)),
        ("90".into(), Some(90_000)),
        (0.5.into(), Some(500)),
        ((-1).into(), None),
        ("soon".into(), None),
        (Value::Null, None),
    ];
    let contract = &bench.contract;
    let mut read = 0;
    for rule in &contract.errors {
        let Some(wait) = &rule.retry_after else { continue };
        for (value, thousandths) in &rows {
            let mut fields: Value = serde_json::from_str(&rule.body.sample()).unwrap_or_default();
            wait.field().put(&mut fields, value.clone());
            let body = contract.written(&fields).1;
            let answered = rule.status.iter().map(|range| range.first);
            let answered = answered.filter(|status| {
                let taken = contract.classify(*status, body.as_bytes());
                matches!(taken, Outcome::Refused(taken) if std::ptr::eq(taken, rule))
            });
            for (status, header) in answered.flat_map(|status| [(status, None), (status, Some(1))])
            {
                let mut response = answer(status);
                if let Some(header) = header {
                    response = response.header("retry-after", &u64::to_string(&header));
                }
                let error = bench.finish(response.body(body.as_str())).expect_err("it is refused");
                let said = thousandths.map(|it| Duration::from_millis(it * wait.unit() / 1000));
                let longer = said.max(header.map(seconds));
                assert_eq!(error.error.retry_after(), longer, "{}: {body}", rule.name);
                read += 1;
            }
        }
    }
    assert!(read > 0, "no answer can say how long to wait");
}

/// An answer of the provider's API refuses the access token by a field of its body where the contract says so, and what looks nearly
/// like it does not (R22, R23).
pub fn access_token_refused(bench: &Bench<'_>) {
    let access = &bench.contract.access;
    for refusal in access.refusing_fields() {
        let ends = refusal.status.iter().flat_map(|range| [range.first, range.last]);
        let beside = refusal.status.iter().flat_map(|range| [range.first - 1, range.last + 1]);
        let statuses: Vec<u16> = ends.chain(beside).chain(OTHERS).chain([200]).collect();
        // An API answers in JSON whatever the answers to a refresh are.
        let (matching, near) = field_values(&refusal.field, |fields| fields.to_string());
        let odd = [String::new(), "{".to_owned(), "invalid_token".to_owned()];
        let mut refused = false;
        for body in matching.iter().chain(&near).chain(&odd) {
            for status in &statuses {
                let mut fields = access.refusing_fields();
                let expected = fields
                    .any(|one| one.matches(*status, Some("application/json"), body.as_bytes()));
                let found = bench.subject.refuses_in_body(*status, body.as_bytes());
                assert_eq!(found, expected, "status {status}, body {body:?}");
                refused |= found;
            }
        }
        assert!(refused, "{}: nothing refuses the token", refusal.field);
    }
}

/// A redirect is not followed: it would carry the credential elsewhere (R11).
pub fn redirect(bench: &Bench<'_>) {
    let statuses = bench.contract.undescribed_redirects();
    assert!(!statuses.is_empty(), "the contract names every redirect");
    for status in statuses {
        let answer = answer(status).header("location", "https://elsewhere.example/").empty();
        let error = bench.finish(answer).expect_err("a redirect is no success");
        assert_eq!(error.class(), Class::ContractViolation, "status {status}");
        assert_eq!(bench.fate(error), bench.fate_after_sending());
    }
}

/// A failure before the request left is safe to repeat. After it left the credential may be spent (R24, R25).
pub fn transport_failure(bench: &Bench<'_>) {
    let error = bench.lost(TransportError::not_sent(TransportErrorKind::Connect, "refused"));
    assert_eq!(error.class(), Class::Transient);
    assert_eq!(bench.fate(error), "unspent");
    let kinds =
        [TransportErrorKind::Timeout, TransportErrorKind::Io, TransportErrorKind::BodyTooLarge];
    for kind in kinds {
        let error = bench.lost(TransportError::maybe_sent(kind, "reset"));
        assert_eq!(error.class(), bench.class_after_sending());
        assert_eq!(bench.fate(error), bench.fate_after_sending());
    }
}

/// In doubt, the same credential may be sent again only while the provider documents that to be safe (R25).
pub fn replay_window(bench: &Bench<'_>) {
    let lost = TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer");
    let Fate::InDoubt(doubtful) = bench.lost(lost).fate else { panic!("it may be spent") };
    let Some(window) = bench.contract.replay_window() else {
        assert_eq!(doubtful.replay_until(), None);
        doubtful.replay(started_at()).expect_err("there is no window");
        return;
    };
    let end = started_at() + window;
    assert_eq!(doubtful.replay_until(), Some(end));
    let doubtful = doubtful.replay(end).expect_err("the window is over");
    let again = doubtful.replay(end - Duration::from_millis(1)).expect("the window is open");
    bench.assert_holds(&again, &bench.held());
}

/// For each rule that the contract names: what it matches, at both ends of each of its ranges and where another rule or success
/// begins or ends within them, and what nearly matches; and what it matches at every other status that is a refusal.
pub(super) fn named(contract: &Contract) -> Vec<(u16, String)> {
    let rules: Vec<&ErrorRule> = contract.errors.iter().filter(|rule| !rule.is_default()).collect();
    let elsewhere: Vec<u16> = rules
        .iter()
        .flat_map(|rule| &rule.status)
        .chain(&contract.response.success.status)
        .flat_map(|range| [range.first, range.last])
        .collect();
    let answers = rules.iter().flat_map(|rule| {
        let (matching, near) = bodies(contract, rule);
        let ends: Vec<u16> =
            rule.status.iter().flat_map(|range| [range.first, range.last]).collect();
        let beside = rule.status.iter().flat_map(|range| [range.first - 1, range.last + 1]);
        let beside: Vec<u16> = beside.filter(|status| (100..=599).contains(status)).collect();
        let within = |status: &&u16| rule.status.iter().any(|range| range.contains(**status));
        let shared: Vec<u16> = elsewhere.iter().filter(within).copied().collect();
        let first = matching.first().cloned().unwrap_or_default();
        let mut answers = product(&ends, &matching);
        answers.extend(product(&ends, &near));
        answers.extend(product(&shared, &matching));
        let refused = |status: &u16| {
            matches!(contract.classify(*status, first.as_bytes()), Outcome::Refused(_))
        };
        let others: Vec<u16> =
            (100..=599).filter(|status| !within(&status) && refused(status)).collect();
        answers.extend(product(&others, std::slice::from_ref(&first)));
        answers.extend(product(&beside, &[first]));
        answers
    });
    answers.collect()
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
        BodyCondition::Text(texts) => text_bodies(texts),
    }
}

/// Sentences and pages with one of the texts; and with none of them, too far behind the beginning, or within JSON.
fn text_bodies(texts: &[String]) -> (Vec<String>, Vec<String>) {
    // No more room than for the text itself.
    let behind = |text: &str, more: usize| {
        let room = BodyCondition::LOOKED_AT - text.len() + more;
        format!("{}{text}", "-".repeat(room))
    };
    let mut matching = Vec::new();
    let mut near = vec!["{}".to_owned(), String::new()];
    for text in texts {
        matching.extend([text.clone(), format!("<p>{text}.</p>"), behind(text, 0)]);
        let others = near_misses(&Value::from(text.as_str()));
        let others = others.iter().filter_map(Value::as_str).filter(|other| !other.contains(text));
        near.extend(others.map(str::to_owned));
        near.extend([behind(text, 1), serde_json::json!({ "odd": text }).to_string()]);
    }
    (matching, near)
}

fn field_bodies(contract: &Contract, field: &FieldMatch) -> (Vec<String>, Vec<String>) {
    field_values(field, |fields| contract.written(fields).1)
}

/// Bodies with a value that a field may have, and bodies with a value that it nearly has.
fn field_values(
    field: &FieldMatch,
    written: impl Fn(&Value) -> String,
) -> (Vec<String>, Vec<String>) {
    let with = |value: Value| {
        let mut body = Value::Object(serde_json::Map::new());
        put(&mut body, &field.field, value);
        written(&body)
    };
    if field.equals.is_empty() {
        return (
            vec![with(Value::from("any")), with(Value::from(0))],
            vec![with(Value::Null), "{}".to_owned()],
        );
    }
    let values: Vec<Value> = field.equals.iter().map(Value::from).collect();
    if field.negated {
        let others =
            values.iter().flat_map(near_misses).chain([Value::from("any"), Value::from(7)]);
        let others = others.filter(|other| !values.contains(other));
        let near = values.iter().cloned().chain([Value::Null]).map(with);
        return (others.map(with).collect(), near.chain(["{}".to_owned()]).collect());
    }
    // Every way to be careless with the first value, and two with each of the others.
    let others = values.iter().skip(1).flat_map(|value| near_misses(value).into_iter().take(2));
    let near: Vec<Value> = values.iter().take(1).flat_map(near_misses).chain(others).collect();
    let near = near
        .into_iter()
        .filter(|value| !values.contains(value))
        .chain([Value::Null])
        .map(with)
        .chain(["{}".to_owned()])
        .collect();
    (values.iter().cloned().map(with).collect(), near)
}

/// What a client that compares carelessly takes for the value: one letter more, one less, another case, another type,
/// the numbers beside it, the other truth.
pub(super) fn near_misses(value: &Value) -> Vec<Value> {
    let Value::String(text) = value else {
        let retyped = Value::from(value.to_string());
        let beside = value.as_i64().into_iter().flat_map(|number| {
            [number.checked_add(1), number.checked_sub(1)].into_iter().flatten().map(Value::from)
        });
        let other = value.as_bool().map(|truth| Value::from(!truth));
        return [retyped].into_iter().chain(beside).chain(other).collect();
    };
    let mut shorter = text.clone();
    shorter.pop();
    let misses = [format!("{text}x"), shorter, text.to_uppercase(), text.to_lowercase()];
    misses.into_iter().filter(|miss| miss != text).map(Value::from).collect()
}

/// The status of an answer that is an error, and its rule: one that the contract names, if it names one.
pub(super) fn refusal(contract: &Contract) -> Option<(u16, &ErrorRule)> {
    let named = contract.errors.iter().filter(|rule| !rule.is_default());
    let statuses =
        named.flat_map(|rule| rule.status.iter().map(|range| range.first)).chain([503, 400]);
    let mut refusals = statuses.filter_map(|status| match contract.classify(status, b"{}") {
        Outcome::Refused(rule) if status >= 300 => Some((status, rule)),
        _ => None,
    });
    refusals.next()
}
