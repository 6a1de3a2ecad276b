//! What an answer means, read from the contract alone; and answers made for the purpose.

use super::tokens::{class, number, text};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, ErrorClass, ErrorRule, Outcome, Pointer};
use serde_json::Value;
use std::collections::BTreeSet;

/// What becomes of the credential when an answer is an error of this class, in the words of the tests.
pub fn fate(contract: &Contract, class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Reauthenticate => "spent",
        ErrorClass::ClientMisconfigured | ErrorClass::RateLimited => "unspent",
        ErrorClass::ContractViolation | ErrorClass::Transient | ErrorClass::InDoubt => {
            fate_after_sending(contract)
        }
    }
}

/// What becomes of the credential when it was sent and no answer says what became of it.
pub fn fate_after_sending(contract: &Contract) -> &'static str {
    if contract.is_replayable() { "unspent" } else { "in doubt" }
}

/// The check that answers are errors by `rule`. Each answer: its statuses, and the expression of its body, a `&str`.
pub fn refused(
    contract: &Contract,
    rule: &ErrorRule,
    answers: &[(Vec<u16>, TokenStream)],
) -> TokenStream {
    let (class, name, fate) =
        (class(rule.class, rule.sign_in), text(&rule.name), fate(contract, rule.class));
    let answers = answers.iter().map(|(statuses, body)| {
        let statuses = statuses.iter().map(|status| number(*status));
        quote!((&[#(#statuses),*], #body))
    });
    quote!(assert_refused(#name, #class, #fate, &[#(#answers),*]);)
}

/// Bodies, each with its statuses.
type Bodies = Vec<(String, BTreeSet<u16>)>;

/// Checks of answers that may be errors: those that are, grouped by the rule that says so and then by body. Answers that the
/// contract takes for a success are left out, and none is checked twice.
pub fn refusals(
    contract: &Contract,
    answers: impl IntoIterator<Item = (u16, String)>,
) -> Vec<TokenStream> {
    let mut groups: Vec<(&ErrorRule, Bodies)> = Vec::new();
    for (status, body) in answers {
        let Outcome::Refused(rule) = contract.classify(status, body.as_bytes()) else {
            continue;
        };
        let group = match groups.iter().position(|(by, _)| std::ptr::eq(*by, rule)) {
            Some(found) => found,
            None => {
                groups.push((rule, Vec::new()));
                groups.len() - 1
            }
        };
        let bodies = &mut groups[group].1;
        match bodies.iter_mut().find(|(known, _)| *known == body) {
            Some((_, statuses)) => drop(statuses.insert(status)),
            None => bodies.push((body, BTreeSet::from([status]))),
        }
    }
    let check = |(rule, bodies): (&ErrorRule, Bodies)| {
        let answers = bodies.into_iter().map(|(body, statuses)| {
            let body = text(&body);
            (statuses.into_iter().collect(), quote!(#body))
        });
        refused(contract, rule, &answers.collect::<Vec<_>>())
    };
    groups.into_iter().map(check).collect()
}

/// Puts a value where a pointer leads, and makes what is missing on the way.
pub fn put(root: &mut Value, pointer: &Pointer, value: Value) {
    let mut place = root;
    for token in &pointer.tokens {
        let index = token.parse::<usize>().ok().filter(|_| place.is_array());
        place = match index {
            Some(index) => {
                if let Value::Array(items) = place {
                    items.resize(items.len().max(index + 1), Value::Null);
                }
                &mut place[index]
            }
            None => {
                if !place.is_object() {
                    *place = Value::Object(serde_json::Map::new());
                }
                &mut place[token.as_str()]
            }
        };
    }
    *place = value;
}

/// Removes the member where a pointer leads.
pub fn remove(root: &mut Value, pointer: &Pointer) {
    let Some((last, parents)) = pointer.tokens.split_last() else {
        return;
    };
    let parent = Pointer { tokens: parents.to_vec() };
    if let Some(Value::Object(members)) = root.pointer_mut(&parent.to_string()) {
        members.remove(last);
    }
}
