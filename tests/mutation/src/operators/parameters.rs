//! What the integrator brings.

use crate::mutation::Mutants;
use crate::operator::Operator;
use rekindle_contract::contract::{Contract, Parameter, ParameterKind};
use std::collections::BTreeMap;

/// Every fact of every parameter. The names are those of the builder's methods.
pub fn parameters(mutants: &mut Mutants<'_>, parameters: &BTreeMap<String, Parameter>) {
    for (name, parameter) in parameters {
        let Parameter { secret, kind, one_of, default, doc: _ } = parameter;
        let mut add = |operator, part: &str, before: String, after: Parameter, shown: String| {
            mutants.add(
                operator,
                format!("client.{name}.{part}"),
                before,
                shown,
                |contract: &mut Contract| {
                    contract.client.insert(name.clone(), after);
                },
            );
        };
        let other = Parameter { secret: !secret, ..parameter.clone() };
        add(Operator::ParameterSecret, "secret", secret.to_string(), other, (!secret).to_string());
        // A secret is a text, and has neither a default nor a list of values.
        if *secret {
            continue;
        }
        for after in [ParameterKind::Text, ParameterKind::HostLabel, ParameterKind::Host] {
            let other = Parameter { kind: after, ..parameter.clone() };
            add(Operator::ParameterKind, "kind", kind.to_string(), other, after.to_string());
        }
        for after in lists(one_of) {
            let other = Parameter { one_of: after.clone(), ..parameter.clone() };
            add(Operator::ParameterOneOf, "one_of", one_of.join(", "), other, after.join(", "));
        }
        for after in defaults(default.as_deref(), one_of) {
            let other = Parameter { default: after.clone(), ..parameter.clone() };
            let before = default.clone().unwrap_or_default();
            add(Operator::ParameterDefault, "default", before, other, after.unwrap_or_default());
        }
    }
}

/// Each value left out, one more, any, and one alone where all were allowed.
fn lists(one_of: &[String]) -> Vec<Vec<String>> {
    let mut lists: Vec<Vec<String>> = Vec::new();
    if one_of.is_empty() {
        lists.push(vec!["x".to_owned()]);
    } else {
        lists.push(Vec::new());
        lists.push(one_of.iter().cloned().chain(["x".to_owned()]).collect());
    }
    if one_of.len() > 1 {
        let without = |left_out: usize| {
            one_of
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != left_out)
                .map(|(_, value)| value.clone())
                .collect()
        };
        lists.extend((0..one_of.len()).map(without));
    }
    lists
}

/// None, and another one.
fn defaults(default: Option<&str>, one_of: &[String]) -> Vec<Option<String>> {
    let allowed = one_of.iter().find(|value| Some(value.as_str()) != default).cloned();
    let other = allowed.unwrap_or_else(|| format!("{}x", default.unwrap_or_default()));
    if default.is_some() { vec![None, Some(other)] } else { vec![Some(other)] }
}
