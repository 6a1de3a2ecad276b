//! `rekindle check`

use super::args::{Check, Format};
use super::console::{self, count};
use super::project::Project;
use super::{Outcome, Stop};
use crate::error::Error;
use rekindle_contract::{Source, render};
use std::path::PathBuf;

pub(super) fn run(arguments: &Check) -> Result<Outcome, Stop> {
    let sources = load(&Project::find()?.all_specs(&arguments.paths)?)?;
    let checked = rekindle_contract::check(&sources);
    match arguments.format {
        Format::Json => console::data(&render::json(&checked.diagnostics))?,
        Format::Human => console::diagnostics(&checked.diagnostics, &sources),
    }
    let asked_for = sources.iter().filter(|source| !source.is_companion).count();
    if checked.diagnostics.is_empty() && arguments.format == Format::Human {
        console::line(&format!("{}, no problems", count(asked_for, "spec")));
    }
    let found =
        checked.has_errors() || (arguments.deny_warnings && !checked.diagnostics.is_empty());
    Ok(if found { Outcome::Found } else { Outcome::Done })
}

/// Reads specs and folders of specs, one at least.
pub(super) fn load(paths: &[PathBuf]) -> Result<Vec<Source>, Stop> {
    for path in paths {
        std::fs::metadata(path).map_err(Error::io("read", path))?;
    }
    let first = || paths.first().cloned().unwrap_or_default();
    let sources =
        rekindle_contract::load(paths).map_err(|source| Error::io("read", first())(source))?;
    if sources.is_empty() {
        return Err(Error::no_specs(first()).into());
    }
    Ok(sources)
}
