//! From specs to the sources of their mutants.

use crate::mutant::{Mutant, State, Suite};
use crate::mutation::{Mutation, mutations};
use crate::pattern;
use rekindle::emit::{self, ConformanceStyle};
use rekindle::format::format;
use rekindle::template::Templates;
use rekindle_contract::contract::Contract;
use rekindle_contract::{check, load, render};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The contracts of spec files and of folders of them; all findings in words where one is an error.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Contract>, String> {
    let sources = load(paths).map_err(|error| error.to_string())?;
    let checked = check(&sources);
    if checked.has_errors() {
        return Err(render::human(&checked.diagnostics, &sources, false));
    }
    Ok(checked.contracts)
}

/// The mutants of each contract that `only` lets pass.
pub fn suites(contracts: &[Contract], only: Option<&str>) -> Result<Vec<Suite>, String> {
    let suites = contracts.iter().map(|contract| suite(contract, only));
    suites.filter(|suite| suite.as_ref().map_or(true, |suite| !suite.mutants.is_empty())).collect()
}

fn suite(contract: &Contract, only: Option<&str>) -> Result<Suite, String> {
    let wanted =
        |mutation: &Mutation| only.is_none_or(|only| pattern::within(only, &mutation.id()));
    let right = client_of(contract)?;
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut mutants = Vec::new();
    for mutation in mutations(contract)?.found.into_iter().filter(wanted) {
        let client =
            client_of(&mutation.contract).map_err(|error| format!("{}: {error}", mutation.id()))?;
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
    let conformance = conformance_of(contract)?;
    Ok(Suite { provider: contract.provider.id.clone(), client: right, conformance, mutants })
}

/// The client of a contract.
pub fn client_of(contract: &Contract) -> Result<String, String> {
    let source =
        emit::client(contract, Templates::embedded(), None).map_err(|error| error.to_string())?;
    Ok(without_docs(&format(&source).map_err(|error| error.to_string())?))
}

/// The conformance tests of a contract, without those over sockets: they find the client in the module around them.
fn conformance_of(contract: &Contract) -> Result<String, String> {
    let style = ConformanceStyle::new(&["super"], false);
    let source = emit::conformance_styled(contract, Templates::embedded(), &style)
        .map_err(|error| error.to_string())?;
    Ok(without_docs(&format(&source).map_err(|error| error.to_string())?))
}

/// The formatter lets no literal and no comment span lines, so that each line is documentation or is not.
fn without_docs(source: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    source.lines().filter(is_code).flat_map(|line| [line, "\n"]).collect()
}
