//! The contracts of this repository.
#![allow(dead_code, reason = "each test file uses its own part")]

use rekindle_contract::Source;
use rekindle_contract::contract::Contract;
use std::path::PathBuf;

/// Folders of specs: the providers, the corners of the language, those that the mutants are made of.
const FOLDERS: [&str; 3] = ["specs", "tests/language/specs", "tests/mutation/specs"];

/// Every contract of this repository.
pub fn all() -> Vec<Contract> {
    let folders = FOLDERS.map(path);
    let sources = folders
        .iter()
        .map(|folder| rekindle_contract::load(std::slice::from_ref(folder)).expect("specs"));
    // One that is like another is read with it.
    let contracts: Vec<Contract> = sources.flat_map(|folder| read_all(&folder)).collect();
    assert!(contracts.len() >= 18, "{} contracts", contracts.len());
    contracts
}

/// Whether an exchange is one request. Those without a request, and those with several, have tests of their own.
pub fn takes_one_request(contract: &Contract) -> bool {
    !contract.request.operation.is_local()
        && contract.steps.is_empty()
        && contract.request.then.is_empty()
}

/// The contract of the spec at this path of the repository.
pub fn contract(file: &str) -> Contract {
    let sources = rekindle_contract::load(&[path(file)]).expect("a spec");
    read(&sources[0])
}

/// The contract in this text.
pub fn of(text: &str) -> Contract {
    read(&Source::new("acme.yaml", text))
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

fn read(source: &Source) -> Contract {
    read_all(std::slice::from_ref(source)).remove(0)
}

fn read_all(sources: &[Source]) -> Vec<Contract> {
    let checked = rekindle_contract::check(sources);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics);
    checked.contracts
}
