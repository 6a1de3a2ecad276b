//! `rekindle explain`

use super::args::Explain;
use super::console;
use super::{Outcome, Stop};
use crate::emit;
use rekindle_contract::diagnostics::catalogue;
use rekindle_contract::nearest;

pub(super) fn run(arguments: &Explain) -> Result<Outcome, Stop> {
    let Some(code) = arguments.code.as_deref() else {
        console::data(&contents())?;
        return Ok(Outcome::Done);
    };
    let test = || {
        emit::conformance_ids()
            .iter()
            .find(|(id, _)| id.eq_ignore_ascii_case(page_of(code.trim())))
            .map(|(_, page)| *page)
    };
    let page = rekindle_contract::explain(code).or_else(test);
    let page = page.map(str::to_owned).or_else(|| rule(code));
    match page.or_else(|| provider_rule(code)).or_else(|| check(code)) {
        Some(page) => {
            console::data(&format!("{}\n", page.trim_end()))?;
            Ok(Outcome::Done)
        }
        None => Err(unknown(code)),
    }
}

/// Sequences share a page, and so do faults, whatever they are called in a report.
fn page_of(code: &str) -> &str {
    match code.strip_prefix("derived-") {
        Some(rest) if rest.starts_with("fault-") => "fault",
        Some(_) => "sequence",
        None if code.starts_with("sequence-") => "sequence",
        None => code,
    }
}

/// The rules of refresh clients, R1 to R46, in a table.
const RULES: &str = include_str!("../../rules.md");

/// What is said about a rule of refresh clients: `R16`.
fn rule(code: &str) -> Option<String> {
    let rows = RULES.lines().filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        Some((cells.next()?, cells.next()?, cells.next()?, cells.next()?))
    });
    let mut rows = rows.filter(|(rule, ..)| rule.eq_ignore_ascii_case(code.trim()));
    let (rule, says, tests, left) = rows.next().filter(|(rule, ..)| rule.starts_with('R'))?;
    let mut page = format!("# {rule}\n\n{says}\n");
    if !tests.is_empty() {
        page.push_str(&format!("\nTests that hold it: {tests}.\n"));
    }
    if !left.is_empty() {
        page.push_str(&format!("\n{left}\n"));
    }
    Some(page)
}

/// What is said about a rule that a fake provider enforces: `header-value`.
#[cfg(any(feature = "serve", feature = "test"))]
fn provider_rule(code: &str) -> Option<String> {
    let rule = rekindle_testkit::provider::Rule::named(code.trim())?;
    Some(format!(
        "# {rule}\n\n{}\n\nA fake provider enforces it: `rekindle serve` names it where it refuses a request, and\n\
         `rekindle serve --without {rule}` stops to enforce it. `rekindle test` checks that a provider does.\n",
        rule.doc()
    ))
}

/// What is said about a check of `rekindle test` that is no rule of providers: `refresh-claims`.
#[cfg(any(feature = "serve", feature = "test"))]
fn check(code: &str) -> Option<String> {
    let (title, rules) = rekindle_testkit::check::said_of(code.trim())?;
    let behind: Vec<_> = rules.iter().map(|rule| format!("`rekindle explain {rule}`")).collect();
    let behind = match behind.is_empty() {
        true => String::new(),
        false => format!(" The rule behind it: {}.", behind.join(", ")),
    };
    Some(format!(
        "# {}\n\n{title}\n\n`rekindle test` checks it at a provider; where it fails, the report names what the contract says, what\n\
         came, and the fact of the spec to look at.{behind}\n",
        code.trim().to_lowercase()
    ))
}

#[cfg(not(any(feature = "serve", feature = "test")))]
fn check(_: &str) -> Option<String> {
    None
}

#[cfg(not(any(feature = "serve", feature = "test")))]
fn provider_rule(_: &str) -> Option<String> {
    None
}

/// Every code and id, a line each.
fn contents() -> String {
    let codes = catalogue::all().map(|code| format!("{}  {}\n", code.id, code.name));
    let tests = emit::conformance_ids().iter().map(|(id, _)| format!("{id}\n"));
    codes.chain(tests).collect()
}

fn unknown(code: &str) -> Stop {
    let names = catalogue::all().flat_map(|code| [code.id, code.name]);
    let hint = match nearest(code, names.chain(emit::conformance_ids().iter().map(|(id, _)| *id))) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`rekindle explain` lists what there is".to_owned(),
    };
    Stop::Usage(format!("there is no page about `{}`", code.escape_debug()), Some(hint))
}
