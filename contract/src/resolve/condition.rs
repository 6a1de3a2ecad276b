//! What an answer must hold for a rule, or success, to be met.

use super::pointer;
use crate::contract::{BodyCondition, FieldMatch, Literal};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_TEXT, EMPTY_LIST, INCOMPLETE_RULE};
use crate::path::Path;
use crate::spec::{OneOrMany, Scalar, TextMatch};

/// The keys `field`, `equals` and `not` of what stands at `path`.
pub(super) fn field(
    field: &str,
    equals: Option<&OneOrMany<Scalar>>,
    not: Option<&OneOrMany<Scalar>>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> FieldMatch {
    if equals.is_some() && not.is_some() {
        let message = "`equals` says which values there are: `not` takes none of them away";
        let hint = "leave one of the two out";
        found.push(Finding::key(INCOMPLETE_RULE, path.key("not"), message).hint(hint));
    }
    let field = pointer::resolve(field, path.key("field"), found);
    match (equals, not) {
        (None, None) => FieldMatch::equals(field, Vec::new()),
        (Some(written), _) => {
            FieldMatch::equals(field, literals(written, &path.key("equals"), found))
        }
        (None, Some(written)) => {
            let equals = literals(written, &path.key("not"), found);
            FieldMatch { field, equals, negated: true }
        }
    }
}

/// The values that a field is compared with.
fn literals(written: &OneOrMany<Scalar>, path: &Path, found: &mut Vec<Finding>) -> Vec<Literal> {
    not_empty(written, path, "values", found);
    let literal = |scalar: &Scalar| match scalar {
        Scalar::Bool(value) => Literal::Bool(*value),
        Scalar::Integer(value) => Literal::Integer(*value),
        Scalar::Text(text) => Literal::Text(text.clone()),
    };
    written.as_slice().iter().map(literal).collect()
}

/// The texts of which a body must hold one.
pub(super) fn texts(written: &TextMatch, path: &Path, found: &mut Vec<Finding>) -> Vec<String> {
    let TextMatch { contains } = written;
    let path = path.key("contains");
    not_empty(contains, &path, "texts", found);
    for (path, text) in contains.each(&path) {
        let mut bad = |message: &str, hint: &str| {
            found.push(Finding::value(BAD_TEXT, path.clone(), message).hint(hint));
        };
        if text.trim().is_empty() {
            bad("nearly every body holds this text", "write words that no other answer holds");
        } else if text.len() > BodyCondition::LOOKED_AT {
            bad("this text is longer than what is looked at of a body", "write a part of it");
        }
    }
    contains.as_slice().to_vec()
}

fn not_empty<T>(written: &OneOrMany<T>, path: &Path, what: &str, found: &mut Vec<Finding>) {
    if written.as_slice().is_empty() {
        let message = format!("the list of {what} is empty: nothing would match");
        found.push(
            Finding::value(EMPTY_LIST, path.clone(), message)
                .hint("list them, or leave the key out"),
        );
    }
}
