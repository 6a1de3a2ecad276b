//! For programs: a JSON array.

use crate::diagnostics::{Diagnostic, Severity};
use serde_json::{Value, json};

/// The diagnostics as a JSON array of objects with the members `code`, `name`, `severity` (`error` or `warning`), `file`,
/// `line`, `column`, `end_line`, `end_column`, `start`, `end`, `path`, `message`, `label`, `hint` and `also`, another place that it is about. Lines and columns count
/// from 1, columns in characters; `start` and `end` are bytes. What is not known is `null`.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let list: Vec<Value> = diagnostics.iter().map(object).collect();
    shown(&Value::Array(list))
}

/// JSON in lines, as a terminal may have it.
pub(super) fn shown(value: &Value) -> String {
    // Beyond the ASCII ones, JSON may hold control characters as they are. A terminal may not.
    let escaped = |character: char| match super::is_unseen(character) && character != '\n' {
        true => format!("\\u{:04x}", u32::from(character)),
        false => character.to_string(),
    };
    let mut text: String = format!("{value:#}").chars().map(escaped).collect();
    text.push('\n');
    text
}

fn object(diagnostic: &Diagnostic) -> Value {
    let span = diagnostic.span;
    json!({
        "code": diagnostic.code.id,
        "name": diagnostic.code.name,
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Lint => "warning",
        },
        "file": diagnostic.file,
        "line": span.map(|span| span.line),
        "column": span.map(|span| span.column),
        "end_line": span.map(|span| span.line),
        "end_column": span.map(|span| span.column + span.width),
        "start": span.map(|span| span.start),
        "end": span.map(|span| span.end),
        "path": diagnostic.path.to_string(),
        "message": diagnostic.message,
        "label": diagnostic.label,
        "hint": diagnostic.hint,
        "also": diagnostic.also.as_ref().map(|also| json!({
            "file": also.file,
            "line": also.span.line,
            "column": also.span.column,
            "label": also.label,
        })),
    })
}
