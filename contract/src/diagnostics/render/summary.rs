//! What is said after the last diagnostic.

use crate::diagnostics::files::UNUSED_ALLOW;
use crate::diagnostics::{Code, Diagnostic, Severity};
use std::collections::BTreeSet;

/// `3 errors, 1 warning in 2 files`.
pub(super) fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let files: BTreeSet<&str> =
        diagnostics.iter().map(|diagnostic| diagnostic.file.as_str()).collect();
    let counts: Vec<String> = [(errors, "error"), (warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| plural(count, noun))
        .collect();
    format!("{} in {}", counts.join(", "), plural(files.len(), "file"))
}

/// Where to read more, and how a spec stays as it is in spite of a warning.
pub(super) fn more(diagnostics: &[Diagnostic]) -> String {
    let ids: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect();
    let more = match ids.first() {
        Some(only) if ids.len() == 1 => format!("`rekindle explain {only}` says more about this."),
        Some(first) => format!("`rekindle explain {first}` says more about a code."),
        None => String::new(),
    };
    let codes = diagnostics.iter().map(|diagnostic| diagnostic.code);
    let allowable = |code: &Code| code.severity == Severity::Lint && code.id != UNUSED_ALLOW.id;
    match codes.filter(allowable).min_by_key(|code| code.id) {
        Some(lint) => {
            let name = lint.name;
            format!(
                "{more}\nWhere a warning does not fit the provider: `allow: {{ {name}: WHY }}`."
            )
        }
        None => more,
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
