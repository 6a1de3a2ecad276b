//! One wrong contract, and the collector that operators fill.

use crate::operator::Operator;
use rekindle_contract::contract::{Contract, Credential};
use std::fmt::{self, Display};

/// A contract that differs from the provider's in one fact.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// The provider's id.
    pub provider: String,
    /// The kind of change.
    pub operator: Operator,
    /// The fact, as a path: `request.headers[accept]`.
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
}

impl Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.fact, self.before, self.after)
    }
}

/// Collects the mutations of one contract.
#[derive(Debug)]
pub struct Mutants<'a> {
    /// The contract as it should be.
    pub contract: &'a Contract,
    found: Vec<Mutation>,
}

impl<'a> Mutants<'a> {
    /// None yet.
    pub fn new(contract: &'a Contract) -> Self {
        Self { contract, found: Vec::new() }
    }

    /// Adds the contract that `change` makes. Changes that change nothing, and those that change the names and types which
    /// the tests call, are no mutants: a compiler that refuses the tests says nothing about them.
    pub fn add(
        &mut self,
        operator: Operator,
        fact: impl Into<String>,
        before: impl Display,
        after: impl Display,
        change: impl FnOnce(&mut Contract),
    ) {
        let mut contract = self.contract.clone();
        change(&mut contract);
        if contract == *self.contract || Api::of(&contract) != Api::of(self.contract) {
            return;
        }
        let (fact, before, after) = (fact.into(), shown(&before), shown(&after));
        let same = |known: &Mutation| known.fact == fact && known.after == after;
        if self.found.iter().any(same) {
            return;
        }
        let provider = self.contract.provider.id.clone();
        self.found.push(Mutation { provider, operator, fact, before, after, contract });
    }

    /// What was collected.
    pub fn into_mutations(self) -> Vec<Mutation> {
        self.found
    }
}

/// A value on one line, cut where it is long; nothing is shown as such.
fn shown(value: &impl Display) -> String {
    const LONGEST: usize = 80;
    let text = value.to_string();
    if text.is_empty() {
        return "(nothing)".to_owned();
    }
    let mut line = text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST).chain(['…']).collect();
    }
    line
}

/// What of a contract shows in the names and types of its client.
#[derive(PartialEq)]
struct Api<'a> {
    credential: Credential,
    environments: Vec<&'a str>,
    parameters: Vec<&'a String>,
    tokens: [Option<&'a str>; 2],
    sent_as: bool,
    scope: bool,
}

impl<'a> Api<'a> {
    fn of(contract: &'a Contract) -> Self {
        Self {
            credential: contract.credential(),
            environments: contract
                .base
                .environments
                .iter()
                .map(|environment| environment.name.as_str())
                .collect(),
            parameters: contract.client.keys().collect(),
            tokens: [
                Some(&contract.access.name),
                contract.refresh.as_ref().map(|refresh| refresh.name.as_str()),
            ],
            sent_as: contract.access.sent_as.is_some(),
            scope: contract.response.scope.is_some(),
        }
    }
}
