//! Emission: a [`Contract`] becomes the source of a client, of its conformance tests and of an example.
//!
//! Architecture invariant: emission reads a `Contract` and nothing else, and touches no disk. Rust is shaped by the templates
//! and filled with tokens; no text of a spec reaches the output except inside a literal, a doc comment or a checked
//! identifier.

use crate::template::Templates;
use rekindle_contract::contract::{Base, Contract};

mod client;
mod conformance;
#[cfg(test)]
mod context_tests;
pub(crate) mod curl;
pub(crate) mod docs;
mod error;
mod example;
mod names;
mod sample;
pub(crate) mod usage;

pub use conformance::Style as ConformanceStyle;
pub use error::EmitError;

/// The source of `src/<id>.rs`, not yet formatted. `module` is the path by which examples in its documentation find the client, where that
/// is known.
pub fn client(
    contract: &Contract,
    templates: &Templates,
    module: Option<&str>,
) -> Result<String, EmitError> {
    Ok(templates.render("client.rs.j2", client::context(contract, module, None))?)
}

/// The same, of a client whose module stands beside that of `like`, which does all that it does: see [`like_of`].
pub fn client_like(
    contract: &Contract,
    like: &Contract,
    templates: &Templates,
    module: Option<&str>,
) -> Result<String, EmitError> {
    Ok(templates.render("client.rs.j2", client::context(contract, module, Some(like)))?)
}

/// The contract among `all` that `contract` takes, if names and hosts alone differ.
pub fn like_of<'a>(contract: &Contract, all: &[&'a Contract]) -> Option<&'a Contract> {
    // What a local client does is in its own contract.
    let id = contract.origin.like.as_ref().filter(|_| !contract.request.operation.is_local())?;
    let like = all.iter().find(|other| other.provider.id == *id)?;
    let twin = Contract {
        provider: like.provider.clone(),
        // Whether answers tell where the next refresh goes is no host, but part of what the operation does.
        base: Base { output: contract.base.output.clone(), ..like.base.clone() },
        examples: like.examples.clone(),
        sequences: like.sequences.clone(),
        provenance: like.provenance.clone(),
        origin: like.origin.clone(),
        ..contract.clone()
    };
    (twin == **like).then_some(*like)
}

/// The source of the conformance tests of a client, not yet formatted.
pub fn conformance_styled(
    contract: &Contract,
    templates: &Templates,
    style: &ConformanceStyle,
) -> Result<String, EmitError> {
    conformance::source(contract, templates, style)
}

/// The source of `examples/<id>.rs` of a package, not yet formatted; `None` where the contract documents no exchange.
pub fn example(
    contract: &Contract,
    templates: &Templates,
    package: &str,
) -> Result<Option<String>, EmitError> {
    let Some(context) = example::context(contract, package) else {
        return Ok(None);
    };
    Ok(Some(templates.render("example.rs.j2", context)?))
}

/// The features of the runtime that a client needs.
pub fn features(contract: &Contract) -> Vec<&'static str> {
    client::generated::features(contract)
}

/// The conformance checks: id and the page that `rekindle explain` prints.
pub fn conformance_ids() -> &'static [(&'static str, &'static str)] {
    conformance::PAGES
}
