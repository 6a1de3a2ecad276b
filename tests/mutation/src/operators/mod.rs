//! The operators: every fact of a contract, changed in every way that a mistaken reading of the page could change it.
//!
//! Invariant: each struct of the contract is taken apart without `..`, so that a new fact does not compile until somebody
//! decides how it is mutated, or writes down why it is not.

mod auth;
mod base;
mod body;
mod errors;
mod expiry;
mod fields;
mod parameters;
mod placement;
mod request;
mod response;
mod tokens;
mod vary;

use crate::mutation::{Mutants, Mutation};
use rekindle_contract::contract::Contract;

/// Every mutation of a contract, in the order of its facts.
pub fn mutations(contract: &Contract) -> Vec<Mutation> {
    let mut mutants = Mutants::new(contract);
    let Contract {
        provider,
        base,
        client,
        request,
        response,
        access,
        refresh,
        errors,
        // The tests are made of the examples; the rest is documentation.
        examples: _,
        sequences: _,
        provenance: _,
        origin: _,
    } = contract;
    base::provider(&mut mutants, provider);
    base::base(&mut mutants, base);
    parameters::parameters(&mut mutants, client);
    request::request(&mut mutants, request);
    response::response(&mut mutants, response);
    tokens::access(&mut mutants, access);
    if let Some(refresh) = refresh {
        tokens::refresh(&mut mutants, refresh);
    }
    errors::errors(&mut mutants, errors);
    mutants.into_mutations()
}
