//! `rekindle generate`

use super::args::{Amount, Generate};
use super::console::{self, count};
use super::project::Project;
use super::{Outcome, Stop};
use crate::error::Error;
use crate::input::{self, SpecFiles};
use crate::output::{self, Folder};
use crate::plan::{self, Inputs};
use crate::report::{Kind, Mode, Report};
use crate::template::Templates;
use rekindle_contract::Source;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) fn run(arguments: &Generate, amount: Amount) -> Result<Outcome, Stop> {
    with(arguments, &Project::find()?, amount)
}

/// Generates in a project.
pub(super) fn with(
    arguments: &Generate,
    project: &Project,
    amount: Amount,
) -> Result<Outcome, Stop> {
    let mode = match (arguments.check, arguments.dry_run) {
        (true, _) => Mode::Check,
        (_, true) => Mode::DryRun,
        _ => Mode::Write,
    };
    let specs = project.specs(arguments.specs.as_deref())?;
    let out = project.out(arguments.out.as_deref());
    let options = project.options(&out, &arguments.packages)?;
    let files = SpecFiles::read(&specs)?;
    let own = project.templates(arguments.templates.as_deref());
    let own = own.as_deref().map(input::templates).transpose()?;
    let templates = own.as_ref().unwrap_or_else(|| Templates::embedded());
    let beside = schema(&specs);
    // A debug build is for those who change the generator: it trusts nothing that another build made.
    if mode == Mode::Write && !cfg!(debug_assertions) {
        let inputs = Inputs { specs: &files.inputs, templates, warnings: 0 };
        if let Some(report) = output::unchanged(&inputs, &options, &out, &beside) {
            tell_specs(&files.sources, amount);
            console::problems(arguments.format, &[], &files.sources)?;
            tell(&report, files.sources.len(), amount);
            return Ok(Outcome::Done);
        }
    }
    tell_specs(&files.sources, amount);
    let specs = match files.check() {
        Err(Error::Specs { diagnostics, sources, .. }) => {
            console::problems(arguments.format, &diagnostics, &sources)?;
            return Ok(Outcome::Found);
        }
        checked => checked?,
    };
    console::problems(arguments.format, &specs.lints, &specs.sources)?;
    if arguments.deny_warnings && !specs.lints.is_empty() {
        return Ok(Outcome::Found);
    }
    let plan = plan::plan(&specs.contracts, &specs.inputs(templates), &options)?;
    let report = Folder { beside, ..Folder::new(&out, &plan) }.apply(mode)?;
    tell(&report, specs.contracts.len(), amount);
    let is_registry = !project.says_where(&arguments.packages);
    if mode == Mode::Write && !report.is_clean() && is_registry && amount != Amount::Quiet {
        let where_to = "`--path`, `--git`, or `[rekindle]` in rekindle.toml, which is remembered";
        console::line(&format!(
            "note: the package takes rekindle-runtime {} from the registry; name another place with {where_to}",
            env!("CARGO_PKG_VERSION")
        ));
    }
    Ok(if report.blocked.is_empty() && (mode != Mode::Check || report.is_clean()) {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

/// The schema that editors use, where the specs have a folder for it.
fn schema(specs: &Path) -> BTreeMap<PathBuf, String> {
    let folder = specs.join("schema");
    let file =
        folder.is_dir().then(|| (folder.join("v1.json"), rekindle_contract::editor_schema()));
    file.into_iter().collect()
}

/// Names the specs that were read, where that much was asked for.
fn tell_specs(sources: &[Source], amount: Amount) {
    for source in sources.iter().filter(|_| amount == Amount::Verbose) {
        console::line(&format!("read     {}", source.name.escape_debug()));
    }
}

/// Says what was found and done: a line for each file, then one for all.
fn tell(report: &Report, providers: usize, amount: Amount) {
    // What was written was asked for; what would be, or is in the way, is what was asked about.
    let written = report.mode == Mode::Write && report.blocked.is_empty();
    if amount == Amount::Quiet && (written || report.is_clean()) {
        return;
    }
    for input in report.inputs.iter().filter(|_| report.mode == Mode::Check) {
        console::line(&format!("changed  {input} (since the last `rekindle generate`)"));
    }
    for change in &report.changes {
        console::line(&format!("{}{}", verb(report.mode, change.kind), change.path));
    }
    for blocked in &report.blocked {
        console::line(&format!("in the way: {blocked}"));
    }
    if let Some(note) = &report.note {
        console::line(&format!("note: {note}"));
    }
    if report.mode == Mode::Check && !report.changes.is_empty() {
        console::hint("run `rekindle generate`\n");
    }
    console::line(&format!(
        "{}, {}, {}",
        count(providers, "provider"),
        count(report.files, "file"),
        summary(report)
    ));
}

fn verb(mode: Mode, kind: Kind) -> &'static str {
    match (mode, kind) {
        (Mode::Write, Kind::Missing) => "added    ",
        (Mode::Write, Kind::Differs) => "updated  ",
        (Mode::Write, Kind::LeftOver) => "removed  ",
        (Mode::Check, Kind::Missing) => "missing  ",
        (Mode::Check, Kind::Differs) => "differs  ",
        (Mode::Check, Kind::LeftOver) => "left over  ",
        (Mode::DryRun, Kind::Missing) => "would add     ",
        (Mode::DryRun, Kind::Differs) => "would update  ",
        (Mode::DryRun, Kind::LeftOver) => "would remove  ",
    }
}

fn summary(report: &Report) -> String {
    if report.is_clean() {
        return "unchanged".to_owned();
    }
    let number = |kind| report.changes.iter().filter(|change| change.kind == kind).count();
    let parts = [
        (number(Kind::Missing), ["added", "missing", "to add"]),
        (number(Kind::Differs), ["updated", "differing", "to update"]),
        (number(Kind::LeftOver), ["removed", "left over", "to remove"]),
        (report.blocked.len(), ["in the way"; 3]),
    ];
    let word = |words: [&'static str; 3]| match report.mode {
        Mode::Write => words[0],
        Mode::Check => words[1],
        Mode::DryRun => words[2],
    };
    let parts = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {}", word(words)));
    parts.collect::<Vec<_>>().join(", ")
}
