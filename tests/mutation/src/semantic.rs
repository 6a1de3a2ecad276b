//! What no walk over a contract's form can make, since it changes several values at once, or takes words that no type names.

use crate::mutation::Mutants;
use rekindle_contract::contract::{
    Body, ClientAuth, Contract, ErrorRule, JsonTemplate, Slot, Template,
};
use std::mem::discriminant;

/// Name and value, in order.
type Fields = Vec<(String, Template)>;

/// Every such mutation.
pub fn mutations(mutants: &mut Mutants<'_>) {
    methods(mutants);
    encodings(mutants);
    authentication(mutants);
    placement(mutants);
    behind_success(mutants);
    defaults(mutants);
}

/// What is left out where it is not given has a value of the contract's own instead.
fn defaults(mutants: &mut Mutants<'_>) {
    for (name, parameter) in mutants.contract.client.iter().filter(|(_, it)| it.optional) {
        let value = parameter.one_of.first().map_or("default", String::as_str);
        let fact = format!("client.{name}.optional");
        mutants.add(&fact, "left out", format!("{value} by default"), |contract| {
            if let Some(parameter) = contract.client.get_mut(name) {
                parameter.optional = false;
                parameter.default = Some(value.to_owned());
            }
        });
    }
}

/// A method is a text: the others that there are can be known by name alone.
fn methods(mutants: &mut Mutants<'_>) {
    let method = &mutants.contract.request.method;
    for other in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        mutants.add("request.method", method, other, |contract| {
            other.clone_into(&mut contract.request.method)
        });
    }
    for index in 0..mutants.contract.steps.len() {
        let method = &mutants.contract.steps[index].method;
        for other in ["GET", "POST"] {
            mutants.add(&format!("steps[{index}].method"), method, other, |contract| {
                other.clone_into(&mut contract.steps[index].method)
            });
        }
    }
    for (index, step) in mutants.contract.request.then.iter().enumerate() {
        for other in ["GET", "POST"] {
            let fact = format!("request.then[{index}].method");
            mutants.add(&fact, &step.method, other, |contract| {
                other.clone_into(&mut contract.request.then[index].method)
            });
        }
    }
    if let Some(fallback) = &mutants.contract.fallback {
        for other in ["POST", "PUT"] {
            mutants.add("fallback.request.method", &fallback.request.method, other, |contract| {
                if let Some(fallback) = &mut contract.fallback {
                    other.clone_into(&mut fallback.request.method);
                }
            });
        }
        for (index, step) in fallback.steps.iter().enumerate() {
            for other in ["GET", "POST"] {
                let fact = format!("fallback.steps[{index}].method");
                mutants.add(&fact, &step.method, other, |contract| {
                    if let Some(fallback) = &mut contract.fallback {
                        other.clone_into(&mut fallback.steps[index].method);
                    }
                });
            }
        }
    }
}

/// The same fields in the other encoding: the two hold their values in different types.
fn encodings(mutants: &mut Mutants<'_>) {
    let text =
        |(name, value): &(String, Template)| (name.clone(), JsonTemplate::Text(value.clone()));
    let field = |(name, value): &(String, JsonTemplate)| match value {
        JsonTemplate::Text(text) => Some((name.clone(), text.clone())),
        JsonTemplate::Constant(constant) => {
            Some((name.clone(), Template::literal(constant.to_string())))
        }
        JsonTemplate::List(_) | JsonTemplate::Object(_) => None,
    };
    let (before, after, body) = match &mutants.contract.request.body {
        Body::Form(fields) => {
            ("a form", "JSON", Body::Json(JsonTemplate::Object(fields.iter().map(text).collect())))
        }
        Body::Json(JsonTemplate::Object(members)) => {
            ("JSON", "a form", Body::Form(members.iter().filter_map(field).collect()))
        }
        Body::Empty | Body::Json(_) | Body::Xml(_) => return,
    };
    mutants.add("request.body", before, after, |contract| contract.request.body = body);
}

/// Every other way to prove who the client is, with the same values: each holds them in a shape of its own. Where there is
/// none yet, the declared parameters do it.
fn authentication(mutants: &mut Mutants<'_>) {
    let contract = mutants.contract;
    let auth = &contract.request.auth;
    let values: Fields = match auth {
        ClientAuth::None => {
            let slot = |name: &String| (name.clone(), Template::slot(Slot::Client(name.clone())));
            contract.client.keys().map(slot).collect()
        }
        ClientAuth::Basic { username, password, .. } => {
            let named = |name: &str, value: &Template| (name.to_owned(), value.clone());
            vec![named("client_id", username), named("client_secret", password)]
        }
        ClientAuth::Header { name, value } => vec![(name.clone(), value.clone())],
        ClientAuth::Body(fields) | ClientAuth::Query(fields) => fields.clone(),
    };
    let (Some((name, first)), Some((_, last))) = (values.first(), values.last()) else {
        return;
    };
    let basic = |form_encoded| ClientAuth::Basic {
        username: first.clone(),
        password: last.clone(),
        form_encoded,
        scheme: None,
    };
    let header =
        ClientAuth::Header { name: name.to_lowercase().replace('_', "-"), value: last.clone() };
    let all = [
        (ClientAuth::Body(values.clone()), "body"),
        (ClientAuth::Query(values.clone()), "query"),
        (header, "header"),
        (basic(true), "basic, encoded"),
        (basic(false), "basic"),
    ];
    for (other, after) in all.iter().filter(|(other, _)| discriminant(other) != discriminant(auth))
    {
        let change = |contract: &mut Contract| contract.request.auth.clone_from(other);
        mutants.add("request.auth", "as it is", format!("the same by {after}"), change);
    }
}

/// A part of a request that holds named values.
type Place = (&'static str, fn(&mut Contract, &Slot) -> bool, fn(&mut Contract, Template, String));

/// Each with what takes a value out of it, and what puts one in.
const PLACES: [Place; 3] = [
    (
        "the query",
        |contract, slot| without(&mut contract.request.query, |value| holds(value, slot)),
        |contract, value, name| contract.request.query.push((name, value)),
    ),
    (
        "a header",
        |contract, slot| without(&mut contract.request.headers, |value| holds(value, slot)),
        |contract, value, name| contract.request.headers.push((name.replace('_', "-"), value)),
    ),
    (
        "the body",
        |contract, slot| match &mut contract.request.body {
            Body::Form(fields) => without(fields, |value| holds(value, slot)),
            Body::Json(JsonTemplate::Object(members)) => without(
                members,
                |value| matches!(value, JsonTemplate::Text(text) if holds(text, slot)),
            ),
            Body::Empty | Body::Json(_) | Body::Xml(_) => false,
        },
        |contract, value, name| match &mut contract.request.body {
            Body::Form(fields) => fields.push((name, value)),
            Body::Json(JsonTemplate::Object(members)) => {
                members.push((name, JsonTemplate::Text(value)))
            }
            body @ Body::Empty => *body = Body::Form(vec![(name, value)]),
            Body::Json(_) | Body::Xml(_) => {}
        },
    ),
];

fn holds(template: &Template, slot: &Slot) -> bool {
    template.slots().any(|used| used == slot)
}

/// Takes the fields out whose value is one of these; whether there were some.
fn without<T>(fields: &mut Vec<(String, T)>, is: impl Fn(&T) -> bool) -> bool {
    let before = fields.len();
    fields.retain(|(_, value)| !is(value));
    fields.len() < before
}

/// Each value of the request in one more of its parts, and in another one.
fn placement(mutants: &mut Mutants<'_>) {
    let contract = mutants.contract;
    let mut slots: Vec<&Slot> = contract.request.templates().flat_map(Template::slots).collect();
    slots.sort();
    slots.dedup();
    for slot in slots {
        let name = match slot {
            Slot::AccessToken => "access_token",
            Slot::RefreshToken => "refresh_token",
            Slot::Client(name) | Slot::Value(name) | Slot::Taken(name) => name,
            Slot::TokenUrl => continue,
        };
        let fact = format!("request place of {slot}");
        for (to, _, put) in PLACES {
            let put = |contract: &mut Contract| {
                put(contract, Template::slot(slot.clone()), format!("moved_{name}"))
            };
            mutants.add(&fact, "where it is", format!("also in {to}"), put);
            for (from, take, _) in PLACES.iter().filter(|(from, ..)| *from != to) {
                if take(&mut contract.clone(), slot) {
                    mutants.add(&fact, format!("in {from}"), format!("in {to}"), |contract| {
                        take(contract, slot);
                        put(contract);
                    });
                }
            }
        }
    }
}

/// A rule that is asked after success instead of before: a contract says so by what the rule is called.
fn behind_success(mutants: &mut Mutants<'_>) {
    for (index, rule) in mutants.contract.errors.iter().enumerate() {
        if rule.is_default() {
            break;
        }
        let fact = format!("errors[{index}]");
        mutants.add(&fact, "before success", "after success", |contract| {
            let mut rule = contract.errors.remove(index);
            rule.name.insert_str(0, ErrorRule::DEFAULT);
            let first = contract.errors.iter().position(ErrorRule::is_default).unwrap_or(0);
            contract.errors.insert(first, rule);
        });
    }
}
