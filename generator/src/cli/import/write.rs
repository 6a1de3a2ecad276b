//! Writes a spec that was begun.

use super::super::args::Amount;
use super::super::console::{self, count};
use super::super::project::Project;
use super::super::{Outcome, Stop};
use crate::error::shown;
use crate::output;
use rekindle_contract::diagnostics::meaning::STILL_TO_DO;
use rekindle_contract::{Source, check};
use std::path::{Path, PathBuf};

/// Where the spec of the provider `id` goes: to `output`, `ID.yaml` in the project's folder of specs unless said.
pub(in super::super) fn path(id: &str, output: Option<&Path>) -> Result<PathBuf, Stop> {
    let specs = Project::find()?.specs_folder();
    Ok(output.map_or_else(|| specs.join(format!("{id}.yaml")), Path::to_owned))
}

/// What becomes of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Existing {
    /// It stays, and the command has no word to write over it.
    Stays,
    /// It stays without `--force`.
    StaysUnlessForced,
    /// It is written over.
    Replaced,
}

impl Existing {
    /// Whether `--force` was said.
    pub(super) fn of(force: bool) -> Self {
        if force { Self::Replaced } else { Self::StaysUnlessForced }
    }
}

/// Refuses to write over a file that is there; `-` is none.
pub(in super::super) fn refuse_taken(path: &Path, existing: Existing) -> Result<(), Stop> {
    if existing == Existing::Replaced || path == Path::new("-") || output::is_free(path)? {
        return Ok(());
    }
    let message = format!("{} is there already, and stays as it is", shown(path));
    let hint = match existing {
        Existing::Stays => "choose another file with `--output`, or another id",
        _ => {
            "write over it with `--force`, or choose another file with `--output` or another id with `--id`"
        }
    };
    Err(Stop::Usage(message, Some(hint.to_owned())))
}

/// Writes the spec of the provider `id` to `output`, `ID.yaml` in the project's folder of specs unless said, `-` for standard output, and
/// says so.
pub(in super::super) fn write(
    id: &str,
    text: &str,
    output: Option<&Path>,
    existing: Existing,
    amount: Amount,
) -> Result<Outcome, Stop> {
    let specs = Project::find()?.specs_folder();
    let path = path(id, output)?;
    let to_stdout = path == Path::new("-");
    let folder = match path.parent() {
        _ if to_stdout => specs.as_path(),
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let text = match folder.join("schema/v1.json").is_file() {
        true => format!("# yaml-language-server: $schema=schema/v1.json\n{text}"),
        false => text.to_owned(),
    };
    if to_stdout {
        console::data(&text)?;
        return Ok(Outcome::Done);
    }
    refuse_taken(&path, existing)?;
    let file = [(path.clone(), text.clone())];
    match existing {
        Existing::Replaced => output::put(&file)?,
        Existing::Stays | Existing::StaysUnlessForced => output::add(&file)?,
    }
    if amount == Amount::Quiet {
        return Ok(Outcome::Done);
    }
    let checked = check(&[Source::new(shown(&path), text)]);
    let (open, others): (Vec<_>, Vec<_>) =
        checked.diagnostics.iter().partition(|found| found.code == STILL_TO_DO);
    console::line(&match (open.len(), others.len()) {
        (0, 0) => format!("{} is written, and has no problems", shown(&path)),
        (open, 0) => format!(
            "{} is written; {} to fill in: `rekindle check {}` says how",
            shown(&path),
            count(open, "TODO"),
            shown(&path)
        ),
        (_, others) => format!(
            "{} is written; `rekindle check {}` finds {} in it",
            shown(&path),
            shown(&path),
            count(open.len() + others, "problem")
        ),
    });
    Ok(Outcome::Done)
}
