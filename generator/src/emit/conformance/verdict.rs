//! What an answer means, read from the contract alone; and answers made for the purpose.

use super::tokens::{class, number, text};
use proc_macro2::TokenStream;
use quote::quote;
use rekindle_contract::contract::{Contract, ErrorRule, Outcome};
use std::collections::BTreeSet;

/// The check that answers are errors by `rule`. Each answer: its statuses, and the expression of its body, a `&str`.
pub fn refused(
    contract: &Contract,
    rule: &ErrorRule,
    answers: &[(Vec<u16>, TokenStream)],
) -> TokenStream {
    let (class, name) = (class(rule.class, rule.sign_in), text(&rule.name));
    let fate = contract.fate(rule.class).label();
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
