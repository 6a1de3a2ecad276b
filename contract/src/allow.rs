//! Lints that a spec allows, each with its reason.

use crate::diagnostics::{Code, Finding, Severity, catalogue, files};
use crate::path::Path;
use crate::suggest::nearest;
use std::collections::{BTreeMap, BTreeSet};

/// The findings that are left when the lints in `allowed` are silenced, and what is wrong with `allowed`. `complete`: all
/// lints were looked for, so that one that was not found does not occur.
pub(crate) fn apply(
    allowed: &BTreeMap<String, String>,
    findings: Vec<Finding>,
    complete: bool,
) -> Vec<Finding> {
    let mut silenced = BTreeSet::new();
    let mut left = Vec::new();
    for finding in findings {
        let name = finding.code.name;
        if finding.code.severity == Severity::Lint && allowed.contains_key(name) {
            silenced.insert(name);
        } else {
            left.push(finding);
        }
    }
    let failed = left.iter().any(|finding| finding.code.severity == Severity::Error);
    let unused = |name: &str| complete && !failed && !silenced.contains(name);
    for (name, reason) in allowed {
        left.extend(entry(name, reason, unused(name)));
    }
    left
}

/// What is wrong with one entry.
fn entry(name: &str, reason: &str, unused: bool) -> Option<Finding> {
    let path = Path::of("allow").key(name);
    let code = catalogue::all().find(|code| code.name == name || code.id == name);
    match code {
        None => Some(unknown(name, path)),
        Some(code) if code.severity == Severity::Error => Some(error(code, name, path)),
        Some(code) if code.name != name => {
            let message = format!("`allow` takes names, and `{name}` is a code");
            Some(
                Finding::key(files::UNKNOWN_LINT, path, message)
                    .hint(format!("write `{}`", code.name)),
            )
        }
        Some(_) if reason.trim().is_empty() => {
            let finding = Finding::value(
                files::ALLOW_WITHOUT_REASON,
                path,
                format!("`{name}` is allowed without a reason"),
            );
            Some(finding.hint(
                "say why the lint does not apply to this provider, best with what its page says",
            ))
        }
        Some(_) if unused => {
            let finding = Finding::key(
                files::UNUSED_ALLOW,
                path,
                format!("`{name}` is allowed, and does not occur"),
            );
            Some(finding.hint("delete the line"))
        }
        Some(_) => None,
    }
}

fn unknown(name: &str, path: Path) -> Finding {
    let lints =
        || catalogue::all().filter(|code| code.severity == Severity::Lint).map(|code| code.name);
    let hint = match nearest(name, lints()) {
        Some(lint) => format!("did you mean `{lint}`?"),
        None => "a lint has the name that stands beside its code in a warning".to_owned(),
    };
    Finding::key(files::UNKNOWN_LINT, path, format!("there is no lint `{name}`")).hint(hint)
}

fn error(code: &Code, name: &str, path: Path) -> Finding {
    let message = format!("`{name}` is an error ({}), and only lints can be allowed", code.id);
    Finding::key(files::UNKNOWN_LINT, path, message)
}
