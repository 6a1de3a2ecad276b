//! `rekindle check`

use super::args::{Check, Format};
use super::say::{self, count};
use super::{Outcome, Stop};
use crate::error::Error;
use rekindle_contract::render;

pub(super) fn run(arguments: &Check) -> Result<Outcome, Stop> {
    for path in &arguments.paths {
        std::fs::metadata(path).map_err(Error::io("read", path))?;
    }
    let sources = rekindle_contract::load(&arguments.paths).map_err(|source| {
        let path = arguments.paths.first().cloned().unwrap_or_default();
        Error::io("read", path)(source)
    })?;
    if sources.is_empty() {
        return Err(Error::NoSpecs {
            folder: arguments.paths.first().cloned().unwrap_or_default(),
        }
        .into());
    }
    let checked = rekindle_contract::check(&sources);
    match arguments.format {
        Format::Json => say::data(&render::json(&checked.diagnostics))?,
        Format::Human => say::diagnostics(&checked.diagnostics, &sources),
    }
    if checked.diagnostics.is_empty() && arguments.format == Format::Human {
        say::words(&format!("{}, no problems", count(sources.len(), "spec")));
    }
    let found =
        checked.has_errors() || (arguments.deny_warnings && !checked.diagnostics.is_empty());
    Ok(if found { Outcome::Found } else { Outcome::Done })
}
