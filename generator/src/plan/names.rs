//! Names of providers that would not do as names of modules, files or features.

use super::model::{Layout, Options};
use crate::error::Error;
use rekindle_contract::contract::Contract;

/// Names with a meaning of their own in a generated package: files and features that cargo knows, and crates that a module of
/// this name would hide.
const IN_A_PACKAGE: [&str; 9] =
    ["alloc", "core", "default", "full", "lib", "main", "mod", "std", "test"];

/// Names of files that Windows keeps for devices.
const ON_WINDOWS: [&str; 8] = ["aux", "com1", "com2", "con", "lpt1", "lpt2", "nul", "prn"];

/// Refuses names that cannot be modules, and two providers of one name. `contracts` are sorted by name.
pub(super) fn check(contracts: &[&Contract], options: &Options) -> Result<(), Error> {
    let package = options.package.crate_name();
    for contract in contracts {
        let id = contract.provider.id.as_str();
        if !is_module_name(id) {
            return Err(refuse(
                contract,
                format!("the provider's id `{id}` cannot be the name of a Rust module"),
            ));
        }
        let taken = IN_A_PACKAGE.contains(&id) || ON_WINDOWS.contains(&id) || id == package;
        if options.layout == Layout::Crate && taken {
            return Err(refuse(
                contract,
                format!(
                    "the provider's id `{id}` is taken: it has a meaning of its own in a package"
                ),
            ));
        }
    }
    for pair in contracts.windows(2) {
        if let [first, second] = pair
            && first.provider.id == second.provider.id
        {
            let message = format!(
                "the provider's id `{}` is also that of {}",
                second.provider.id, first.origin.file
            );
            return Err(refuse(second, message));
        }
    }
    Ok(())
}

/// Whether `id` is an identifier in snake case, and no keyword.
fn is_module_name(id: &str) -> bool {
    let snake =
        id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    snake && syn::parse_str::<syn::Ident>(id).is_ok()
}

fn refuse(contract: &Contract, message: String) -> Error {
    Error::Name {
        file: contract.origin.file.clone(),
        message: format!("{message}\n\nhint: choose another `provider.id`"),
    }
}
