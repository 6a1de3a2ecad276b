//! The mutants of five real specs, of those of the language's corners, and of invented ones for what no other uses. Nothing is
//! compiled here.

use rekindle_contract::contract::Contract;
use rekindle_mutation::meaning::{UNCHANGED, stands};
use rekindle_mutation::mutation::{Mutants, mutations};
use rekindle_mutation::{keys, suites};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

fn contracts(folders: &[&str]) -> Vec<Contract> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders: Vec<_> = folders.iter().map(|folder| here.join(folder)).collect();
    suites::read(&folders).unwrap_or_else(|error| panic!("{error}"))
}

fn mutants(contract: &Contract) -> Mutants<'_> {
    mutations(contract).unwrap_or_else(|error| panic!("{error}"))
}

/// The mutants of five real contracts, and of all that were made for tests. Other real ones have no fact that these do not have.
fn all() -> &'static [Mutants<'static>] {
    static CONTRACTS: LazyLock<Vec<Contract>> = LazyLock::new(|| {
        let real = ["blazex", "seven_g", "transak", "wetix", "xellar"];
        let real = real.map(|name| format!("../../specs/{name}.yaml"));
        let paths = real.iter().map(String::as_str).chain(["../language/specs", "specs"]);
        contracts(&paths.collect::<Vec<_>>())
    });
    static ALL: LazyLock<Vec<Mutants<'static>>> =
        LazyLock::new(|| CONTRACTS.iter().map(mutants).collect());
    &ALL
}

#[test]
fn every_key_of_the_language_is_changed_or_has_a_reason() {
    let found = all().iter().flat_map(|mutants| &mutants.found);
    let problems = keys::problems(found.map(|mutation| mutation.fact.as_str()));
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn a_key_that_no_mutant_changes_is_a_problem() {
    let problems = keys::problems(["refresh.reuse"]);
    assert!(problems.iter().any(|problem| problem.contains("`rotation` of RefreshTokenSpec")));
    assert!(!problems.iter().any(|problem| problem.contains("`reuse` of RefreshTokenSpec")));
}

#[test]
fn what_is_not_changed_is_there() {
    let spared: BTreeSet<_> = all().iter().flat_map(|mutants| &mutants.unchanged).collect();
    let idle: Vec<_> = UNCHANGED.iter().filter(|(pattern, _)| !spared.contains(pattern)).collect();
    assert!(idle.is_empty(), "no fact is spared by {idle:#?}");
}

#[test]
fn each_mutant_has_a_name_of_its_own_and_differs() {
    let mut seen = BTreeSet::new();
    for mutants in all() {
        for mutation in &mutants.found {
            assert_ne!(mutation.contract, *mutants.contract, "{mutation}");
            assert_ne!(mutation.before, mutation.after, "{mutation}");
            assert!(seen.insert(mutation.id()), "twice: {}", mutation.id());
        }
    }
}

/// A contract that is taken for nonsense has no mutants, and no survivor says so.
#[test]
fn what_specs_mean_stands() {
    for contract in contracts(&["../../specs", "../language/specs", "specs"]) {
        assert!(stands(&contract), "{}", contract.provider.id);
    }
}

/// As many as the operators had that were written by hand for each fact.
#[test]
fn no_fact_has_lost_its_mutants() {
    for (provider, before) in
        [("blazex", 183), ("seven_g", 174), ("transak", 134), ("wetix", 284), ("xellar", 174)]
    {
        let mutants = all().iter().find(|mutants| mutants.contract.provider.id == provider);
        let found = mutants.map_or(0, |mutants| mutants.found.len());
        assert!(found >= before, "{provider}: {found} of {before}");
    }
}

/// One mutant of each kind of fact: the command itself emits them all, and stops at one that cannot be.
#[test]
fn mutants_make_clients() {
    let mut seen = BTreeSet::new();
    let kind = |fact: &str| {
        let steps = fact.split(|sign: char| !sign.is_alphabetic());
        steps.take(4).collect::<String>()
    };
    let found = all().iter().flat_map(|mutants| &mutants.found);
    for mutation in found.filter(|mutation| seen.insert(kind(&mutation.fact))) {
        let client = suites::client_of(&mutation.contract);
        let client = client.unwrap_or_else(|error| panic!("{}: {error}", mutation.id()));
        assert!(client.contains("pub struct Client"), "{mutation}");
    }
}
