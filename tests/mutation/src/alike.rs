//! Which changes make no other contract: two that read every answer alike.

use rekindle_contract::contract::{
    BodyCondition, Contract, FieldMatch, Outcome, ParameterKind, StatusRange,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whether two contracts mean the same: they are one but for the reading of answers, and read every answer alike. A token's
/// type has no case (RFC 6749, section 5.1), and neither has a host.
pub fn same(one: &Contract, other: &Contract) -> bool {
    let rest = |contract: &Contract| {
        let mut contract = contract.clone();
        contract.errors.clear();
        contract.response.success.clone_from(&one.response.success);
        if let Some(kind) = &mut contract.response.token_type {
            kind.accepted.iter_mut().for_each(|word| word.make_ascii_lowercase());
        }
        let parameters = contract.client.values_mut();
        let hosts = parameters.filter(|parameter| parameter.kind != ParameterKind::Text);
        hosts.flat_map(|host| &mut host.default).for_each(|host| host.make_ascii_lowercase());
        contract
    };
    one == other || rest(one) == rest(other) && reads_alike(one, other)
}

/// Over every status, with bodies that hold what the conditions ask for: nothing, one of them, or two that go together.
fn reads_alike(one: &Contract, other: &Contract) -> bool {
    let fields = |contract: &Contract| -> Vec<FieldMatch> {
        let bodies = contract.errors.iter().map(|rule| &rule.body);
        let fields = bodies.filter_map(|body| match body {
            BodyCondition::Field(field) => Some(field.clone()),
            BodyCondition::Any | BodyCondition::Empty | BodyCondition::Text(_) => None,
        });
        fields.chain(contract.response.success.field.clone()).collect()
    };
    let mut samples: Vec<Value> = Vec::new();
    for field in fields(one).into_iter().chain(fields(other)) {
        let any = FieldMatch::equals(field.field.clone(), Vec::new()).sample();
        // One beside the values, where they are those that it must not have.
        let other = field.sample();
        let each = field
            .equals
            .into_iter()
            .map(|value| FieldMatch::equals(field.field.clone(), vec![value]).sample());
        samples.extend(each.chain([any, other]));
    }
    samples.sort_by_key(Value::to_string);
    samples.dedup();
    let pairs = samples
        .iter()
        .enumerate()
        .flat_map(|(at, one)| samples[at..].iter().map(|other| merged(one, other)));
    let bodies: BTreeSet<String> = pairs.map(|body| body.to_string()).collect();
    let mut bodies: Vec<String> = bodies.into_iter().collect();
    bodies.extend([String::new(), "{}".to_owned()]);
    let rules = one.errors.iter().chain(&other.errors);
    bodies.extend(rules.flat_map(|rule| match &rule.body {
        BodyCondition::Text(texts) => texts.clone(),
        BodyCondition::Any | BodyCondition::Empty | BodyCondition::Field(_) => Vec::new(),
    }));
    // Statuses that stand in the same ranges are read alike.
    let ranges = |contract: &Contract| -> Vec<Vec<StatusRange>> {
        let rules = contract.errors.iter().map(|rule| rule.status.clone());
        rules.chain([contract.response.success.status.clone()]).collect()
    };
    let sets = [ranges(one), ranges(other)].concat();
    let StatusRange { first, last } = StatusRange::ALL;
    let within = |status: u16| -> Vec<bool> {
        sets.iter().map(|set| set.iter().any(|range| range.contains(status))).collect()
    };
    let statuses: BTreeMap<Vec<bool>, u16> =
        (first..=last).map(|status| (within(status), status)).collect();
    statuses.values().all(|status| {
        bodies.iter().all(|body| {
            let body = body.as_bytes();
            outcome(one, *status, body) == outcome(other, *status, body)
        })
    })
}

/// One body that holds what two hold; the first where both hold something in one place.
fn merged(one: &Value, other: &Value) -> Value {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let mut members = b.clone();
            for (name, value) in a {
                let value = b.get(name).map_or_else(|| value.clone(), |b| merged(value, b));
                members.insert(name.clone(), value);
            }
            Value::Object(members)
        }
        _ => one.clone(),
    }
}

/// What a caller learns: how to sign in only where that is, or may be, what is left, and where the body says how long to wait.
fn outcome(contract: &Contract, status: u16, body: &[u8]) -> impl PartialEq {
    match contract.classify(status, body) {
        Outcome::Success => None,
        Outcome::Refused(rule) => {
            let sign_in = rule.may_end_grant().then_some(rule.sign_in);
            Some((rule.class, sign_in, contract.fate_by(rule), rule.retry_after.clone()))
        }
    }
}
