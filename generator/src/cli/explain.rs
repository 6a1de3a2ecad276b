//! `rekindle explain`

use super::args::Explain;
use super::say;
use super::{Outcome, Stop};
use crate::emit;
use crate::suggest;
use rekindle_contract::diagnostics::catalogue;

pub(super) fn run(arguments: &Explain) -> Result<Outcome, Stop> {
    let Some(code) = arguments.code.as_deref() else {
        say::data(&contents())?;
        return Ok(Outcome::Done);
    };
    let test = || {
        emit::conformance_ids()
            .iter()
            .find(|(id, _)| id.eq_ignore_ascii_case(code.trim()))
            .map(|(_, page)| *page)
    };
    match rekindle_contract::explain(code).or_else(test) {
        Some(page) => {
            say::data(&format!("{}\n", page.trim_end()))?;
            Ok(Outcome::Done)
        }
        None => Err(unknown(code)),
    }
}

/// Every code and id, a line each.
fn contents() -> String {
    let codes = catalogue::all().map(|code| format!("{}  {}\n", code.id, code.name));
    let tests = emit::conformance_ids()
        .iter()
        .map(|(id, _)| format!("{id}\n"));
    codes.chain(tests).collect()
}

fn unknown(code: &str) -> Stop {
    let names = catalogue::all().flat_map(|code| [code.id, code.name]);
    let hint = match suggest::closest(
        code,
        names.chain(emit::conformance_ids().iter().map(|(id, _)| *id)),
    ) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`rekindle explain` lists what there is".to_owned(),
    };
    Stop::Usage(
        format!("there is no page about `{}`", code.escape_debug()),
        Some(hint),
    )
}
