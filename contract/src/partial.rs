//! Which problems of a partial contract are the spec's own, and which only follow from what was left out of it.

use crate::diagnostics::meaning::{
    MISSING_FACT, NO_BASE_URL, NO_CREDENTIAL, NO_EXAMPLE, NO_SIGN_IN_RULE, NO_SUCCESS_EXAMPLE,
    PLACEHOLDER_MISPLACED, ROTATION_WITHOUT_FIELD, UNDECLARED_PLACEHOLDER, UNUSED_PARAMETER,
    UNUSED_SAMPLE, WHEN_WITHOUT_EXPIRY,
};
use crate::diagnostics::{Code, Finding};
use crate::path::{Path, Step};

/// Whether a problem may come from a part that was left out: it says that something is missing which that part may have held, it is about
/// an example, which is held against everything else, or it stands in the same part as a problem of shape.
pub(crate) fn may_be_consequence(finding: &Finding, broken: &[Path]) -> bool {
    // A placeholder was seen in the document itself.
    if broken.is_empty() || finding.code == PLACEHOLDER_MISPLACED {
        return false;
    }
    let related = || broken.iter().any(|part| is_related(&finding.path, part));
    let is_example = begins_with(&finding.path, &["examples"]);
    // What an example lacks can be seen without the rest of the spec.
    if finding.code == MISSING_FACT && is_example {
        return related();
    }
    let may_hold = |blocks| broken.iter().any(|part| is_block(part) || begins_with(part, blocks));
    held_in(finding.code).is_some_and(may_hold) || is_example && !are_apart(broken) || related()
}

/// In which blocks of a spec the fact may be that a problem misses; `None` of a problem that misses none.
fn held_in(code: Code) -> Option<&'static [&'static str]> {
    const REQUEST: &[&str] = &["refresh", "response", "tokens"];
    const USES: &[&str] = &["refresh", "response", "tokens", "base_url", "environments"];
    let table: [(Code, &[&str]); 11] = [
        (MISSING_FACT, &[]),
        (NO_BASE_URL, &["base_url", "environments"]),
        (NO_CREDENTIAL, REQUEST),
        (ROTATION_WITHOUT_FIELD, REQUEST),
        (WHEN_WITHOUT_EXPIRY, REQUEST),
        (NO_EXAMPLE, &["examples"]),
        (NO_SUCCESS_EXAMPLE, &["examples"]),
        (NO_SIGN_IN_RULE, &["errors"]),
        (UNDECLARED_PLACEHOLDER, &["client", "samples"]),
        (UNUSED_PARAMETER, USES),
        (UNUSED_SAMPLE, &["examples", "sequences"]),
    ];
    table.into_iter().find(|(known, _)| *known == code).map(|(_, blocks)| blocks)
}

/// Whether nothing else depends on any of these parts: what a provider is called, where its facts come from, one example or sequence.
pub(crate) fn are_apart(broken: &[Path]) -> bool {
    let apart = ["provider", "provenance", "allow", "examples", "sequences"];
    broken.iter().all(|part| !is_block(part) && begins_with(part, &apart))
}

/// Whether a path is that of a whole block, of which nothing is known.
fn is_block(path: &Path) -> bool {
    path.0.len() <= 1
}

/// Whether one path leads through the other.
fn is_related(one: &Path, other: &Path) -> bool {
    one.0.iter().zip(&other.0).all(|(one, other)| one == other)
}

/// Whether a path leads into one of these top-level keys.
fn begins_with(path: &Path, keys: &[&str]) -> bool {
    matches!(path.0.first(), Some(Step::Key(key)) if keys.contains(&key.as_str()))
}
