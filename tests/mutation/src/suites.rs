//! From contracts to the sources of their mutants.

use crate::mutant::{Mutant, State, Suite};
use crate::mutation::Mutation;
use crate::{code, operators, pattern};
use rekindle_contract::contract::Contract;
use std::collections::BTreeMap;

/// The mutants of each contract that `only` lets pass.
pub fn suites(contracts: &[Contract], only: Option<&str>) -> Result<Vec<Suite>, String> {
    let suites = contracts.iter().map(|contract| suite(contract, only));
    suites.filter(|suite| suite.as_ref().map_or(true, |suite| !suite.mutants.is_empty())).collect()
}

fn suite(contract: &Contract, only: Option<&str>) -> Result<Suite, String> {
    let wanted =
        |mutation: &Mutation| only.is_none_or(|only| pattern::within(only, &name(mutation)));
    let right = code::client(contract)?;
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut mutants = Vec::new();
    for mutation in operators::mutations(contract).into_iter().filter(wanted) {
        let client = code::client(&mutation.contract)
            .map_err(|error| format!("{}: {error}", mutation.id()))?;
        let state = match first.get(&client) {
            _ if client == right => State::Identical,
            Some(twin) => State::Twin(*twin),
            None => {
                first.insert(client.clone(), mutants.len());
                State::Waiting
            }
        };
        mutants.push(Mutant { mutation, client, state });
    }
    let conformance = code::conformance(contract)?;
    Ok(Suite { provider: contract.provider.id.clone(), client: right, conformance, mutants })
}

/// What `--only` looks at and `--list` prints.
pub fn name(mutation: &Mutation) -> String {
    format!("{}/{}/{mutation}", mutation.provider, mutation.operator)
}
