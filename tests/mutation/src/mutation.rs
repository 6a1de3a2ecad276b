//! One wrong contract, and how a contract comes to have many of them.

use crate::alike;
use crate::meaning;
use crate::neighbours::neighbours;
use crate::pattern::matches;
use crate::semantic;
use crate::shape::{self, Form, Shape, hole};
use rekindle_contract::contract::Contract;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::{self, Display};

/// A contract that differs from the provider's in one fact.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// The provider's id.
    pub provider: String,
    /// The fact, as a path: `errors[0].status[0].first`.
    pub fact: String,
    /// What the provider's contract says.
    pub before: String,
    /// What this one says.
    pub after: String,
    /// The contract that says so.
    pub contract: Contract,
}

impl Mutation {
    /// What tells it from all others.
    pub fn id(&self) -> String {
        format!("{}/{self}", self.provider)
    }

    /// The part of the contract that it changes, for the tables.
    pub fn part(&self) -> Part {
        match self.fact.split(['.', '[', ' ']).next() {
            Some("provider" | "base" | "client") => Part::Client,
            Some("request") => Part::Request,
            Some("access" | "refresh" | "mint") => Part::Tokens,
            Some("errors") => Part::Errors,
            _ => Part::Response,
        }
    }
}

impl Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.fact, self.before, self.after)
    }
}

/// A part of a contract, for the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Where the provider lives and what the integrator brings.
    Client,
    /// What goes on the wire.
    Request,
    /// What a success answer holds.
    Response,
    /// What the tokens are.
    Tokens,
    /// What refusals mean.
    Errors,
}

impl Part {
    /// All of them, in the order of the tables, with their names.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Client, "client"),
        (Self::Request, "request"),
        (Self::Response, "response"),
        (Self::Tokens, "tokens"),
        (Self::Errors, "errors"),
    ];
}

/// Every mutation of a contract, in the order of its facts.
pub fn mutations(contract: &Contract) -> Result<Mutants<'_>, String> {
    let unread = |error: &dyn Display| format!("{}: {error}", contract.provider.id);
    if !meaning::stands(contract) {
        return Err(unread(
            &"what a spec means is taken for nonsense, so that nothing would be changed",
        ));
    }
    // The tests are made of the examples, and of nothing else.
    let mut bare = contract.clone();
    bare.examples.clear();
    bare.sequences.clear();
    let value = serde_json::to_value(&bare).map_err(|error| unread(&error))?;
    let (_, form) = shape::form::<Contract>(&value, None).map_err(|error| unread(&error))?;
    let (found, unchanged, seen) = <(Vec<_>, BTreeSet<_>, BTreeSet<_>)>::default();
    let mut mutants = Mutants { contract, found, unchanged, form, bare, seen };
    let nodes: Vec<String> = mutants.form.nodes.keys().cloned().collect();
    nodes.iter().for_each(|path| mutants.vary(path));
    semantic::mutations(&mut mutants);
    Ok(mutants)
}

/// Collects the mutations of one contract.
#[derive(Debug)]
pub struct Mutants<'a> {
    /// The contract as it should be.
    pub contract: &'a Contract,
    /// Its mutations.
    pub found: Vec<Mutation>,
    /// The patterns of [`meaning::UNCHANGED`] that spare some of its facts.
    pub unchanged: BTreeSet<&'static str>,
    /// The contract without its examples, and what its form holds.
    bare: Contract,
    form: Form,
    /// The forms of what was found.
    seen: BTreeSet<String>,
}

/// Types whose values are also exchanged for each other, with how many steps their paths must have in common.
const EXCHANGED: &[(&str, usize)] = &[("Slot", 0), ("Pointer", 1), ("Template", 2)];

impl Mutants<'_> {
    /// Adds the neighbours of a value, and the other values of its type.
    fn vary(&mut self, path: &str) {
        let Some((node, value)) = self.form.nodes.get(path).zip(self.form.value.pointer(path))
        else {
            return;
        };
        let (node, value, fact) = (node.clone(), value.clone(), fact(path));
        let mut others = neighbours(&node, &value);
        let exchanged = EXCHANGED.iter().find(|(name, _)| *name == node.shape.name());
        if let Some((name, depth)) = exchanged {
            let donors = self.form.nodes.iter().filter(|(other, node)| {
                node.shape.name() == *name && self.common(path, other) >= *depth
            });
            others.extend(
                donors.filter_map(|(other, _)| Some(vec![self.form.value.pointer(other)?.clone()])),
            );
        }
        for group in others {
            let of_list = node.shape == Shape::List && !group.contains(&Value::Null);
            let kind = group.first().filter(|_| of_list).map_or("", |new| listed(&value, new));
            let kind = format!("{fact}{kind}");
            let spared = meaning::UNCHANGED.iter().find(|(pattern, _)| matches(pattern, &kind));
            if let Some((pattern, _)) = spared {
                self.unchanged.insert(pattern);
                continue;
            }
            group.iter().any(|other| self.put(path, node.shape.name(), other));
        }
    }

    /// How many steps two paths have in common.
    fn common(&self, one: &str, other: &str) -> usize {
        let steps = one.split('/').zip(other.split('/')).skip(1);
        steps.take_while(|(one, other)| one == other).count()
    }

    /// Puts a value in place of another; whether that makes a contract.
    fn put(&mut self, path: &str, name: &str, after: &Value) -> bool {
        let mut value = self.form.value.clone();
        let Some(place) = value.pointer_mut(path) else {
            return false;
        };
        let before = std::mem::replace(place, after.clone());
        let donor = (!name.is_empty()).then_some((name, &before));
        // What holds no hole and no variant is written as it is read.
        if after.is_array() || after.is_object() || *after == hole() {
            let Ok((_, form)) = shape::form::<Contract>(&value, donor) else {
                return false;
            };
            value = form.value;
        }
        let words = words(fact(path), &before, value.pointer(path).unwrap_or_default());
        tidy(&mut value);
        let contract = serde_json::from_value::<Contract>(value);
        contract.is_ok_and(|contract| self.keep(words, contract))
    }

    /// Adds the contract that `change` makes.
    pub fn add(
        &mut self,
        fact: &str,
        before: impl Display,
        after: impl Display,
        change: impl FnOnce(&mut Contract),
    ) {
        let mut contract = self.bare.clone();
        change(&mut contract);
        self.keep([fact.to_owned(), before.to_string(), after.to_string()], contract);
    }

    /// Keeps a contract if it is a mutant: another one, one that can be, and one for which the tests compile. A compiler that
    /// refuses the tests says nothing about them.
    fn keep(&mut self, [fact, before, after]: [String; 3], mut contract: Contract) -> bool {
        // What a spec leaves unsaid is not in a contract's form.
        contract.origin.clone_from(&self.bare.origin);
        let is_mutant = meaning::stands(&contract)
            && meaning::api(&contract) == meaning::api(&self.bare)
            && !alike::same(&self.bare, &contract);
        let form = serde_json::to_string(&contract).unwrap_or_default();
        if is_mutant && self.seen.insert(form) {
            contract.examples.clone_from(&self.contract.examples);
            contract.sequences.clone_from(&self.contract.sequences);
            let provider = self.contract.provider.id.clone();
            let (before, after) = shown(&before, &after);
            self.found.push(Mutation { provider, fact, before, after, contract });
        }
        is_mutant
    }
}

/// A pointer as people write paths: `errors[0].status`.
fn fact(path: &str) -> String {
    let mut fact = String::new();
    for step in path.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(index) => fact.push_str(&format!("[{index}]")),
            Err(_) if fact.is_empty() => fact.push_str(step),
            Err(_) => fact.push_str(&format!(".{step}")),
        }
    }
    fact
}

/// What of a list is changed, see [`meaning::UNCHANGED`].
fn listed(old: &Value, new: &Value) -> &'static str {
    let (Value::Array(old), Value::Array(new)) = (old, new) else {
        return "";
    };
    let is_longer = new.len() > old.len() && new.starts_with(old) && !old.is_empty();
    match new.last() {
        Some(last) if is_longer && old.contains(last) => "[twice]",
        // One more at the end is one more at the front, in another order.
        _ if is_longer || new.len() == old.len() => "[order]",
        _ => "[]",
    }
}

/// The fact that is changed, what it is and what it becomes; of a list, the entry.
fn words(fact: String, old: &Value, new: &Value) -> [String; 3] {
    let (Value::Array(before), Value::Array(after)) = (old, new) else {
        return [fact, old.to_string(), new.to_string()];
    };
    let absent = "(absent)".to_owned();
    let first = before.iter().zip(after).take_while(|(old, new)| old == new).count();
    let entry = format!("{fact}[{first}]");
    match (before.get(first), after.get(first)) {
        (Some(gone), _) if after.len() < before.len() => [entry, gone.to_string(), absent],
        (_, Some(more)) if after.len() > before.len() => [entry, absent, more.to_string()],
        _ => {
            let other =
                before.iter().zip(after).rposition(|(old, new)| old != new).unwrap_or(first);
            [entry, format!("before [{other}]"), format!("in the place of [{other}]")]
        }
    }
}

/// In a template, no literal is empty, and no two stand side by side.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(members) => {
            if let Some(Value::Array(parts)) = members.get_mut("parts") {
                let mut tidied: Vec<Value> = Vec::new();
                for part in std::mem::take(parts) {
                    match (
                        tidied.last_mut().and_then(|last| last.get_mut("Literal")),
                        &part["Literal"],
                    ) {
                        (_, Value::String(text)) if text.is_empty() => {}
                        (Some(Value::String(before)), Value::String(text)) => before.push_str(text),
                        _ => tidied.push(part),
                    }
                }
                *parts = tidied;
            }
            members.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// Two values on one line, each cut around what differs where it is long; nothing is shown as such.
fn shown(before: &str, after: &str) -> (String, String) {
    const LONGEST: usize = 96;
    let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let show = |text: &str| {
        let length = text.chars().count();
        let start = if length > LONGEST { same.saturating_sub(24).min(length) } else { 0 };
        let line: String = text.chars().skip(start).take(LONGEST).collect();
        let (front, back) =
            (if start > 0 { "…" } else { "" }, if length > start + LONGEST { "…" } else { "" });
        format!("{front}{line}{back}").replace('\n', " ")
    };
    (show(before), show(after))
}
