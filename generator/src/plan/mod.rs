//! The plan: which files an output folder holds, and their text. Pure: contracts in, path → text out.

mod model;
mod module;
mod names;
mod package;
mod page;
mod source;

use crate::error::Error;
use rekindle_contract::contract::Contract;

pub use model::{Dependency, Inputs, Layout, Options, Package, Plan, Reference};

/// Plans the files of an output folder. Contracts may come in any order.
pub fn plan(contracts: &[Contract], inputs: &Inputs<'_>, options: &Options) -> Result<Plan, Error> {
    let mut contracts: Vec<&Contract> = contracts.iter().collect();
    contracts.sort_by(|a, b| a.provider.id.cmp(&b.provider.id));
    names::check(&contracts, options)?;
    match options.layout {
        Layout::Crate => package::plan(&contracts, inputs, options),
        Layout::Module => module::plan(&contracts, inputs, options),
    }
}
