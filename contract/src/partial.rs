//! Which problems of a partial contract are the spec's own, and which only follow from what was left out of it.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    MISSING_FACT, NO_BASE_URL, NO_CREDENTIAL, NO_EXAMPLE, NO_SIGN_IN_RULE, NO_SUCCESS_EXAMPLE,
    PLACEHOLDER_MISPLACED, ROTATION_WITHOUT_FIELD, UNDECLARED_PLACEHOLDER, UNUSED_PARAMETER,
    UNUSED_SAMPLE, WHEN_WITHOUT_EXPIRY,
};
use crate::path::{Path, Step};

/// Whether a problem may come from a part that was left out: it says that something is missing, it is about an example, which
/// is held against everything else, or it stands in the same part as a problem of shape.
pub(crate) fn may_be_consequence(finding: &Finding, broken: &[Path]) -> bool {
    let absence = [
        MISSING_FACT,
        NO_BASE_URL,
        NO_CREDENTIAL,
        NO_EXAMPLE,
        NO_SIGN_IN_RULE,
        NO_SUCCESS_EXAMPLE,
        ROTATION_WITHOUT_FIELD,
        UNUSED_PARAMETER,
        UNUSED_SAMPLE,
        WHEN_WITHOUT_EXPIRY,
    ];
    // A placeholder was seen in the document itself.
    if broken.is_empty() || finding.code == PLACEHOLDER_MISPLACED {
        return false;
    }
    let related = || broken.iter().any(|part| is_related(&finding.path, part));
    // What an example lacks can be seen without the rest of the spec.
    if finding.code == MISSING_FACT && begins_with(&finding.path, &["examples"]) {
        return related();
    }
    let declared = ["client", "samples"];
    absence.contains(&finding.code)
        || finding.code == UNDECLARED_PLACEHOLDER
            && broken.iter().any(|part| begins_with(part, &declared))
        || begins_with(&finding.path, &["examples"])
        || related()
}

/// Whether one path leads through the other.
fn is_related(one: &Path, other: &Path) -> bool {
    one.0.iter().zip(&other.0).all(|(one, other)| one == other)
}

/// Whether a path leads into one of these top-level keys.
fn begins_with(path: &Path, keys: &[&str]) -> bool {
    matches!(path.0.first(), Some(Step::Key(key)) if keys.contains(&key.as_str()))
}
