//! What can be wrong with what a client makes anew for each request.

use super::change::Change;
use super::{Probe, Rule};
use crate::generated::is_judged;
use crate::held::Held;
use crate::reference::Reference;
use jiff::Timestamp;
use rekindle_contract::contract::{ASSERTION, CLIENT_ASSERTION, Claim, Contract, Generated, Slot};

pub(super) fn all(contract: &Contract) -> Vec<Probe> {
    let request = &contract.request;
    let mut found = Vec::new();
    for (name, value) in &request.values {
        let slot = Slot::Value(name.clone());
        if !request.sends(&slot) {
            continue;
        }
        let fact = match name.as_str() {
            ASSERTION => ASSERTION.to_owned(),
            CLIENT_ASSERTION => "refresh.auth".to_owned(),
            name => format!("refresh.values.{name}"),
        };
        let mut add = |rule, what: String, change| {
            found.push(Probe::new(rule, what, fact.clone(), change));
        };
        if matches!(value, Generated::Jwt(_)) {
            let what = format!("with another signature of `{slot}`");
            add(Rule::SignatureWrong, what, Change::Tampered(name.clone()));
            let what = format!("with another claim in `{slot}`");
            add(Rule::ClaimsWrong, what, Change::Claimed(name.clone()));
        } else if is_judged(contract, value) {
            let other = Change::Value(name.clone(), "rekindle-probe".to_owned());
            add(Rule::ValueWrong, format!("with another text for `{slot}`"), other);
        }
        if value.is_random() {
            let what = format!("with a `{slot}` that came before");
            add(Rule::ValueReused, what, Change::Reused(name.clone()));
        }
        if matches!(value, Generated::Jwt(_) | Generated::Now(_)) {
            add(Rule::ValueStale, format!("with a `{slot}` of two days ago"), Change::Stale);
        }
    }
    found
}

/// The client that makes the wrong value.
pub(super) fn changed(
    change: &Change,
    client: &Reference,
    held: &Held,
    now: Timestamp,
) -> Option<Reference> {
    let client = client.clone();
    let made = |name: &str| client.values(held, now).remove(name);
    match change {
        Change::Value(name, text) => Some(client.with_value(name, text)),
        Change::Tampered(name) => {
            let token = made(name)?;
            let (message, signature) = token.rsplit_once('.')?;
            let tampered = format!("{message}.{}", super::edit::unknown(signature));
            Some(client.with_value(name, tampered))
        }
        Change::Claimed(name) => {
            let mut contract = client.contract().clone();
            let mut values = contract.request.values.iter_mut();
            match values.find(|(found, _)| found == name) {
                Some((_, Generated::Jwt(jwt))) => {
                    let claim = Claim::Json(serde_json::Value::from("1"));
                    jwt.claims.push(("rekindle-probe".to_owned(), claim));
                }
                _ => return None,
            }
            Some(client.by(contract))
        }
        Change::Reused(name) => {
            let text = made(name)?;
            Some(client.with_value(name, text))
        }
        _ => Some(client),
    }
}
