//! The operators over the five specs, and over three invented ones for what the five do not use. Nothing is compiled here.

use rekindle_contract::contract::Contract;
use rekindle_mutation::keys::{self, Covered};
use rekindle_mutation::mutation::Mutation;
use rekindle_mutation::operator::Operator;
use rekindle_mutation::{code, operators, specs};
use std::collections::BTreeSet;
use std::path::Path;

fn contracts() -> Vec<Contract> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [here.join("../../specs"), here.join("specs")];
    let contracts = specs::read(&folders).unwrap_or_else(|error| panic!("{error}"));
    assert!(contracts.len() >= 8, "{} contracts", contracts.len());
    contracts
}

fn mutations() -> Vec<Mutation> {
    contracts().iter().flat_map(operators::mutations).collect()
}

#[test]
fn every_operator_finds_something_to_change() {
    let found: BTreeSet<Operator> = mutations().iter().map(|mutation| mutation.operator).collect();
    let idle: Vec<_> = Operator::ALL.iter().filter(|operator| !found.contains(operator)).collect();
    assert!(idle.is_empty(), "no mutant by {idle:?}");
}

#[test]
fn every_key_of_the_language_has_an_operator() {
    assert_eq!(keys::problems(), Vec::<String>::new());
    let named: BTreeSet<Operator> = keys::KEYS
        .iter()
        .filter_map(|(_, _, covered)| match covered {
            Covered::By(operators) => Some(*operators),
            Covered::Not(_) => None,
        })
        .flatten()
        .copied()
        .collect();
    let idle: Vec<_> = Operator::ALL.iter().filter(|operator| !named.contains(operator)).collect();
    assert!(idle.is_empty(), "no key is changed by {idle:?}");
}

#[test]
fn each_mutant_has_a_name_of_its_own() {
    let mut seen = BTreeSet::new();
    for mutation in mutations() {
        assert_ne!(mutation.before, mutation.after, "{mutation}");
        assert!(seen.insert(mutation.id()), "twice: {}", mutation.id());
    }
}

#[test]
fn each_mutant_differs_from_the_contract() {
    for contract in contracts() {
        for mutation in operators::mutations(&contract) {
            assert_ne!(mutation.contract, contract, "{mutation}");
        }
    }
}

/// One mutant of each operator and provider: the command itself emits them all, and stops at one that cannot be.
#[test]
fn mutants_make_clients() {
    for contract in contracts() {
        let mut seen = BTreeSet::new();
        let mutations = operators::mutations(&contract);
        for mutation in mutations.iter().filter(|mutation| seen.insert(mutation.operator)) {
            let client = code::client(&mutation.contract);
            let client = client.unwrap_or_else(|error| panic!("{}: {error}", mutation.id()));
            assert!(client.contains("pub struct Client"), "{mutation}");
        }
    }
}
