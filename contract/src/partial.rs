//! Which problems of a partial contract are the spec's own, and which only follow from what was left out of it.

use crate::diagnostics::meaning::{
    ANSWER_DIFFERS, BAD_SEQUENCE, FIELD_NEVER_FOUND, INCOMPLETE_GIVEN,
    LIFETIME_CONTRADICTS_EXAMPLE, MISSING_FACT, NO_BASE_URL, NO_CREDENTIAL, NO_EXAMPLE,
    NO_SIGN_IN_RULE, NO_SUCCESS_EXAMPLE, PLACEHOLDER_MISPLACED, REQUEST_DIFFERS,
    ROTATION_CONTRADICTS_EXAMPLE, ROTATION_WITHOUT_FIELD, SURROUNDING_SPACE,
    UNDECLARED_PLACEHOLDER, UNREAD_ERROR, UNUSED_PARAMETER, UNUSED_SAMPLE, WHEN_WITHOUT_EXPIRY,
};
use crate::diagnostics::{Code, Finding};
use crate::path::{Path, Step};

/// Whether a problem may come from a part that was left out: it says that something is missing which that part may have held, it holds an
/// example against that part, or it stands in the same part as a problem of shape.
pub(crate) fn may_be_consequence(finding: &Finding, broken: &[Path]) -> bool {
    // These were seen in the document itself.
    let seen = [PLACEHOLDER_MISPLACED, SURROUNDING_SPACE].contains(&finding.code);
    if broken.is_empty() || seen {
        return false;
    }
    let related = || broken.iter().any(|part| is_related(&finding.path, part));
    let is_example = begins_with(&finding.path, &["examples"]);
    // What an example lacks can be seen without the rest of the spec.
    if finding.code == MISSING_FACT && is_example {
        return related();
    }
    let may_hold = |blocks| broken.iter().any(|part| is_block(part) || begins_with(part, blocks));
    held_in(finding.code).is_some_and(may_hold)
        || is_held_against(finding, broken.iter())
        || related()
}

/// Whether a problem of an example comes of holding it against one of these parts, in which something is wrong. What an example lacks or
/// says twice is seen without them.
pub(crate) fn is_held_against<'a>(
    finding: &Finding,
    mut broken: impl Iterator<Item = &'a Path>,
) -> bool {
    const GIVEN: &[&str] = &[
        "profile",
        "environments",
        "base_url",
        "client",
        "assertion",
        "steps",
        "refresh",
        "tokens.access.max_length",
        "tokens.refresh.max_length",
    ];
    const CLASS: &[&str] =
        &["profile", "refresh.operation", "response", "errors", "tokens.refresh"];
    const EXPIRY: &[&str] = &["tokens.access"];
    const LIFETIMES: &[&str] = &["profile", "response", "tokens"];
    let last = finding.path.last_key();
    let is_refusal = ["error", "sign_in"].contains(&last);
    let is = |code: Code| finding.code == code;
    let against: [(bool, &[&str]); 7] = [
        (is(INCOMPLETE_GIVEN) || is(REQUEST_DIFFERS) || is(BAD_SEQUENCE), GIVEN),
        // What is asked for follows from what answers are.
        (is(REQUEST_DIFFERS) && last.eq_ignore_ascii_case("accept"), &["response"]),
        // The class of a refusal, and where tokens are; then how their ends are read.
        (is(ANSWER_DIFFERS) || is(UNREAD_ERROR) || is(BAD_SEQUENCE), CLASS),
        (is(ANSWER_DIFFERS) && !is_refusal || is(BAD_SEQUENCE), EXPIRY),
        (is(LIFETIME_CONTRADICTS_EXAMPLE) || is(ROTATION_CONTRADICTS_EXAMPLE), LIFETIMES),
        (is(FIELD_NEVER_FOUND), LIFETIMES),
        (is(FIELD_NEVER_FOUND) || is(NO_EXAMPLE) || is(NO_SUCCESS_EXAMPLE), &["examples"]),
    ];
    let blocks = against.iter().filter(|(is_held, _)| *is_held).flat_map(|(_, blocks)| *blocks);
    let blocks: Vec<Path> = blocks.map(|block| Path::of(block)).collect();
    broken.any(|path| blocks.iter().any(|block| is_related(path, block)))
}

/// Whether a problem of an example may come of another in the same one: it is about the same part, or it is held against a part of which
/// less is known. `None` where it is about no example, or they are not of the same.
pub(crate) fn follows_in_example(finding: &Finding, wrong: &Path) -> Option<bool> {
    let (this, that) = (&finding.path.0, &wrong.0);
    let in_one = begins_with(&finding.path, &["examples"]) && this.get(..2) == that.get(..2);
    if !in_one || this.len() < 2 {
        return None;
    }
    let held = [
        REQUEST_DIFFERS,
        ANSWER_DIFFERS,
        UNREAD_ERROR,
        LIFETIME_CONTRADICTS_EXAMPLE,
        ROTATION_CONTRADICTS_EXAMPLE,
    ];
    let source = ["given", "response"].map(|part| Step::Key(part.to_owned()));
    let part = that.get(2);
    let decides = part.is_none_or(|part| source.contains(part)) && held.contains(&finding.code);
    Some(decides || part == this.get(2))
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
