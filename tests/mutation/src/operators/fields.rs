//! Lists of named values: the query, the headers, a form, the fields that authenticate the client.

use super::vary;
use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Contract, Template};

/// Name and value, in order.
pub type Fields = Vec<(String, Template)>;

/// A list of named values in a contract.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// Its path.
    pub fact: &'static str,
    /// What changes which fields there are.
    pub set: Operator,
    /// What changes a name.
    pub name: Operator,
    /// What changes a value.
    pub value: Operator,
    /// Whether names are lower case and there once: those of headers.
    pub headers: bool,
    /// The list.
    pub get: fn(&mut Contract) -> Option<&mut Fields>,
}

/// Every mutation of a list: a field too few, too many or twice, another name, another value.
pub fn fields(mutants: &mut Mutants<'_>, list: &List, fields: &[(String, Template)]) {
    let change = |mutants: &mut Mutants<'_>,
                  operator,
                  fact: String,
                  before: String,
                  after: String,
                  to: Fields| {
        mutants.add(operator, fact, before, after, |contract| {
            if let Some(fields) = (list.get)(contract) {
                *fields = to;
            }
        });
    };
    for (index, (name, value)) in fields.iter().enumerate() {
        let fact = format!("{}[{name}]", list.fact);
        let with = |replacement: Option<(String, Template)>| -> Fields {
            let kept = |(at, field): (usize, &(String, Template))| {
                if at == index { replacement.clone() } else { Some(field.clone()) }
            };
            fields.iter().enumerate().filter_map(kept).collect()
        };
        change(
            mutants,
            list.set,
            fact.clone(),
            value.to_string(),
            "(absent)".to_owned(),
            with(None),
        );
        for other in names(name, list.headers) {
            let to = with(Some((other.clone(), value.clone())));
            change(mutants, list.name, format!("{fact}.name"), name.clone(), other, to);
        }
        for other in vary::templates(mutants.contract, value) {
            let to = with(Some((name.clone(), other.clone())));
            change(mutants, list.value, fact.clone(), value.to_string(), other.to_string(), to);
        }
        if !list.headers {
            let twice = fields.iter().cloned().chain([(name.clone(), value.clone())]).collect();
            change(mutants, list.set, fact, value.to_string(), "(twice)".to_owned(), twice);
        }
    }
    let extra = ("x-extra".to_owned(), Template::literal("1"));
    let more = fields.iter().cloned().chain([extra]).collect();
    change(
        mutants,
        list.set,
        format!("{}[x-extra]", list.fact),
        "(absent)".to_owned(),
        "1".to_owned(),
        more,
    );
}

/// Names beside this one.
fn names(name: &str, header: bool) -> Vec<String> {
    let longer = format!("{name}{}", if header { "-x" } else { "_" });
    let cased = if header { None } else { vary::other_case(name) };
    cased.into_iter().chain([longer]).collect()
}
