//! What can be wrong with what a client makes anew for each request.

use super::change::Change;
use super::{Probe, Rule};
use crate::generated::is_judged;
use rekindle_contract::contract::{
    ASSERTION, CLIENT_ASSERTION, Contract, Generated, Slot, TakenKind,
};

pub(super) fn all(contract: &Contract) -> Vec<Probe> {
    let request = &contract.request;
    let mut found = Vec::new();
    for (name, _) in contract.all_taken().filter(|(_, taken)| taken.kind != TakenKind::Url) {
        let slot = Slot::Taken(name.clone());
        if request.sends(&slot) {
            let what = format!("with another text for `{slot}`");
            let other = Change::Value(name, "rekindle-probe".to_owned());
            found.push(Probe::new(Rule::StepValue, what, "steps".to_owned(), other));
        }
    }
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
        if value.may_recur() {
            let what = format!("with a `{slot}` that came before");
            add(Rule::ValueReused, what, Change::Reused(name.clone()));
        }
        if matches!(value, Generated::Jwt(_) | Generated::Now { .. }) {
            add(Rule::ValueStale, format!("with a `{slot}` of two days ago"), Change::Stale);
        }
    }
    found
}
