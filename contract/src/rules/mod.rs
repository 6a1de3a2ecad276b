//! What must hold, and what should hold, between the parts of a contract.
//!
//! Everything here reads a resolved [`Contract`]; the [`Spec`] serves to say where a fact was written.

mod authentication;
mod body;
mod credential;
mod errors;
mod examples;
mod parameters;
mod places;
mod provenance;
mod tokens;
mod url;

use crate::contract::Contract;
use crate::diagnostics::Finding;
use crate::spec::Spec;

/// Everything that is wrong or doubtful about a contract that could be resolved.
pub(crate) fn rules(contract: &Contract, spec: &Spec) -> Vec<Finding> {
    let facts = Facts { contract, spec };
    let mut found = Vec::new();
    credential::check(facts, &mut found);
    parameters::check(facts, &mut found);
    authentication::check(facts, &mut found);
    url::check(facts, &mut found);
    body::check(facts, &mut found);
    tokens::check(facts, &mut found);
    errors::check(facts, &mut found);
    examples::check(facts, &mut found);
    provenance::check(spec, &mut found);
    found
}

/// A contract and the spec that it was resolved from.
#[derive(Clone, Copy)]
struct Facts<'a> {
    contract: &'a Contract,
    spec: &'a Spec,
}
