//! Credentials in another place than the one where they belong, or in a second one.

use super::fields::Fields;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Body, Contract, JsonTemplate, Slot, Template};
use std::fmt;

/// A part of the request that can hold a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Query,
    Header,
    Body,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Query => "the query",
            Self::Header => "a header",
            Self::Body => "the body",
        })
    }
}

const PLACES: [Place; 3] = [Place::Query, Place::Header, Place::Body];

/// Each value of the request moved to, and repeated in, each part of it.
pub fn placement(mutants: &mut Mutants<'_>) {
    let mut slots: Vec<Slot> =
        mutants.contract.request.templates().flat_map(Template::slots).cloned().collect();
    slots.sort();
    slots.dedup();
    for slot in slots {
        let held = holders(mutants.contract, &slot);
        let whole: Vec<String> = held.iter().map(ToString::to_string).collect();
        let before = if whole.is_empty() {
            "where it belongs".to_owned()
        } else {
            format!("in {}", whole.join(" and "))
        };
        for place in PLACES {
            let fact = format!("request placement of {slot}");
            mutants.add(
                Operator::Placement,
                &fact,
                &before,
                format!("also in {place}"),
                |contract| put(contract, place, &slot),
            );
            for from in held.iter().filter(|from| **from != place) {
                mutants.add(
                    Operator::Placement,
                    &fact,
                    format!("in {from}"),
                    format!("in {place}"),
                    |contract| {
                        take(contract, *from, &slot);
                        put(contract, place, &slot);
                    },
                );
            }
        }
    }
}

/// The parts that hold a value in a field of its own. What stands in the path or authenticates the client is moved by other
/// operators.
fn holders(contract: &Contract, slot: &Slot) -> Vec<Place> {
    let mut contract = contract.clone();
    let mut holds = |place: &Place| take(&mut contract, *place, slot);
    PLACES.iter().filter(|place| holds(place)).copied().collect()
}

/// Takes a value out of a part of the request; whether it was there.
fn take(contract: &mut Contract, place: Place, slot: &Slot) -> bool {
    let holds = |template: &Template| template.slots().any(|used| used == slot);
    let without = |fields: &mut Fields| {
        let before = fields.len();
        fields.retain(|(_, value)| !holds(value));
        fields.len() < before
    };
    match (place, &mut contract.request.body) {
        (Place::Query, _) => without(&mut contract.request.query),
        (Place::Header, _) => without(&mut contract.request.headers),
        (Place::Body, Body::Form(fields)) => without(fields),
        (Place::Body, Body::Json(JsonTemplate::Object(members))) => {
            let before = members.len();
            members.retain(|(_, value)| !matches!(value, JsonTemplate::Text(text) if holds(text)));
            members.len() < before
        }
        (Place::Body, Body::Empty | Body::Json(_)) => false,
    }
}

/// Puts a value into a part of the request.
fn put(contract: &mut Contract, place: Place, slot: &Slot) {
    let value = Template::slot(slot.clone());
    let name = match slot {
        Slot::AccessToken => "access_token",
        Slot::RefreshToken => "refresh_token",
        Slot::Client(name) => name,
    };
    let name = format!("moved_{name}");
    match (place, &mut contract.request.body) {
        (Place::Query, _) => contract.request.query.push((name, value)),
        (Place::Header, _) => contract.request.headers.push((name.replace('_', "-"), value)),
        (Place::Body, Body::Form(fields)) => fields.push((name, value)),
        (Place::Body, Body::Json(JsonTemplate::Object(members))) => {
            members.push((name, JsonTemplate::Text(value)))
        }
        (Place::Body, body @ Body::Empty) => *body = Body::Form(vec![(name, value)]),
        (Place::Body, Body::Json(_)) => {}
    }
}
