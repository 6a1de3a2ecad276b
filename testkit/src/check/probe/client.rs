//! What can be wrong with how a client proves who it is.

use super::change::Change;
use super::{Probe, Rule};
use rekindle_contract::contract::{Contract, Slot};
use std::collections::BTreeSet;

pub(super) fn all(contract: &Contract) -> Vec<Probe> {
    let mut found = Vec::new();
    for slot in values(contract) {
        found.push(Probe::new(
            Rule::CredentialElsewhere,
            format!("with `{slot}` in another header, too"),
            "refresh",
            Change::Elsewhere(slot),
        ));
    }
    found.push(Probe::new(
        Rule::AuthenticationTwice,
        "with another way of authentication beside the declared one",
        "refresh.auth",
        Change::Authentication,
    ));
    let chooses =
        |name: &String| contract.chosen_lifetimes().any(|chosen| chosen.parameter == *name);
    let (choosing, registered): (Vec<_>, Vec<_>) = used(contract).into_iter().partition(chooses);
    for name in registered {
        found.push(Probe::new(
            Rule::ClientUnknown,
            format!("with another `{name}` than the registered one"),
            format!("client.{name}"),
            Change::Client(name),
        ));
    }
    // One of a list is always a lifetime.
    let free = |name: &String| contract.client.get(name).is_some_and(|it| it.one_of.is_empty());
    for name in choosing.into_iter().filter(free) {
        found.push(Probe::new(
            Rule::LifetimeChosen,
            format!("with a `{name}` that is no lifetime"),
            format!("client.{name}"),
            Change::Client(name),
        ));
    }
    found
}

/// What must be nowhere but in its place.
fn values(contract: &Contract) -> Vec<Slot> {
    let mut found = Vec::new();
    let spends = contract.credential();
    if spends.holds_refresh_token() {
        found.push(Slot::RefreshToken);
    }
    if spends.holds_access_token() {
        found.push(Slot::AccessToken);
    }
    let secret = |name: &String| contract.client.get(name).is_some_and(|value| value.secret);
    found.extend(used(contract).into_iter().filter(secret).map(Slot::Client));
    found
}

/// The client's values that a request holds.
fn used(contract: &Contract) -> BTreeSet<String> {
    let slots = contract.request.sent_templates().flat_map(|template| template.slots());
    slots
        .filter_map(|slot| match slot {
            Slot::Client(name) => Some(name.clone()),
            Slot::AccessToken
            | Slot::RefreshToken
            | Slot::Value(_)
            | Slot::Taken(_)
            | Slot::TokenUrl => None,
        })
        .collect()
}
