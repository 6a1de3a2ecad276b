//! The contracts to mutate.

use rekindle_contract::contract::Contract;
use rekindle_contract::{check, load, render};
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
