//! `rekindle check`

use super::args::{Amount, Check, ProblemFormat};
use super::console::{self, count};
use super::project::Project;
use super::{Outcome, Stop};
use crate::error::Error;
use rekindle_contract::diagnostics::catalogue;
use rekindle_contract::{Checked, Source};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What a path is called that means standard input.
const STDIN: &str = "-";

/// How much of standard input is read: more than any spec may take.
const MOST: u64 = 1 << 20;

pub(super) fn run(arguments: &Check, amount: Amount) -> Result<Outcome, Stop> {
    let human = arguments.format == ProblemFormat::Human;
    let sources = read(arguments)?;
    let checked = rekindle_contract::check(&sources);
    if amount == Amount::Verbose {
        tell_specs(&sources, &checked);
    }
    console::problems(arguments.format, &checked.diagnostics, &sources)?;
    if amount == Amount::Verbose {
        tell_pages(&checked);
    }
    let asked_for = sources.iter().filter(|source| !source.is_companion).count();
    if checked.diagnostics.is_empty() && human && amount != Amount::Quiet {
        console::line(&format!("{}, no problems", count(asked_for, "spec")));
    }
    let found =
        checked.has_errors() || (arguments.deny_warnings && !checked.diagnostics.is_empty());
    Ok(if found { Outcome::Found } else { Outcome::Done })
}

/// Reads what was asked for, standard input included.
fn read(arguments: &Check) -> Result<Vec<Source>, Stop> {
    let is_stdin = |path: &&PathBuf| path.as_path() == Path::new(STDIN);
    if !arguments.paths.iter().any(|path| is_stdin(&path)) {
        if arguments.stdin_name != "<stdin>" {
            let hint = "`rekindle check - --stdin-name specs/acme.yaml` reads it".to_owned();
            return Err(Stop::Usage(
                "`--stdin-name` names standard input, which is not read".to_owned(),
                Some(hint),
            ));
        }
        return load(&Project::find_specs(&arguments.paths)?);
    }
    let mut text = Vec::new();
    let stdin = io::stdin().lock().take(MOST).read_to_end(&mut text);
    stdin.map_err(Error::io("read", "standard input"))?;
    let own = Source::new(arguments.stdin_name.as_str(), text);
    let others = arguments.paths.iter().filter(|path| !is_stdin(path));
    let paths = others.map(|path| Project::find_spec(path)).collect::<Result<Vec<_>, _>>()?;
    load_with(Some(own), &paths)
}

/// Reads specs and folders of specs, one at least.
pub(super) fn load(paths: &[PathBuf]) -> Result<Vec<Source>, Stop> {
    load_with(None, paths)
}

fn load_with(own: Option<Source>, paths: &[PathBuf]) -> Result<Vec<Source>, Stop> {
    for path in paths {
        std::fs::metadata(path).map_err(Error::io("read", path))?;
    }
    let first = || paths.first().cloned().unwrap_or_default();
    let sources = rekindle_contract::load_with(own, paths)
        .map_err(|source| Error::io("read", first())(source))?;
    if sources.is_empty() {
        return Err(Error::no_specs(first()).into());
    }
    Ok(sources)
}

/// A line for each spec: what it describes, and how many problems it has.
fn tell_specs(sources: &[Source], checked: &Checked) {
    for source in sources {
        let contracts = checked.contracts.iter().filter(|one| one.origin.file == source.name);
        let ids: Vec<&str> = contracts.map(|contract| contract.provider.id.as_str()).collect();
        let problems = checked.diagnostics.iter().filter(|one| one.file == source.name).count();
        let said = match (ids.is_empty(), source.is_companion) {
            (_, true) => "read for those that are like it".to_owned(),
            (true, _) => count(problems, "problem"),
            (_, _) => format!("{}, {}", ids.join(", "), count(problems, "problem")),
        };
        console::line(&format!("{}: {said}", source.name.escape_debug()));
    }
}

/// The page of each code that was found.
fn tell_pages(checked: &Checked) {
    let found: BTreeSet<&str> = checked.diagnostics.iter().map(|one| one.code.id).collect();
    for code in catalogue::all().filter(|code| found.contains(code.id)) {
        console::line(&format!("\n{}", code.page.trim_end()));
    }
}
