//! What each refusal means.

use super::{pointer, profile, response};
use crate::contract::{
    BodyCondition, ErrorClass, ErrorRule, FieldMatch, Operation, SignIn, StatusRange,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::INCOMPLETE_RULE;
use crate::path::Path;
use crate::spec::{BodyMatch, ErrorRuleSpec, OneOrMany, StatusClass, StatusSpec};

/// The rules that are `written`, then those of the `profile`, then the language's own, which make the map total.
pub(super) fn resolve(
    written: &[ErrorRuleSpec],
    profile: bool,
    operation: Operation,
    found: &mut Vec<Finding>,
) -> Vec<ErrorRule> {
    let path = Path::of("errors");
    let mut rules: Vec<ErrorRule> = written
        .iter()
        .enumerate()
        .map(|(index, rule)| one(index, rule, &path.index(index), found))
        .collect();
    if profile {
        rules.extend(profile::errors(operation));
    }
    rules.extend(ErrorRule::defaults());
    rules
}

fn one(index: usize, written: &ErrorRuleSpec, path: &Path, found: &mut Vec<Finding>) -> ErrorRule {
    let ErrorRuleSpec {
        status,
        // What they ask of the body, together.
        field: _,
        equals: _,
        body: _,
        class,
        sign_in,
        doc,
    } = written;
    let class = *class;
    incomplete(written, path, found);
    let status = match status {
        Some(status) => response::status(status, &path.key("status"), found),
        None => response::status(
            &OneOrMany::One(StatusSpec::Class(StatusClass::ClientError)),
            path,
            found,
        ),
    };
    let status = if class == ErrorClass::Reauthenticate { verdicts(status) } else { status };
    let body = body(written, path, found);
    let name = format!("errors[{index}]: {}", tail(&status, &body));
    let sign_in = sign_in.unwrap_or(SignIn::Unspecified);
    ErrorRule { status, body, class, sign_in, doc: doc.clone(), name }
}

/// `4xx` without 429: a rate limit never says that the grant is gone.
fn verdicts(status: Vec<StatusRange>) -> Vec<StatusRange> {
    let split = |range: StatusRange| match range {
        StatusRange { first: 400, last: 499 } => profile::VERDICTS.to_vec(),
        other => vec![other],
    };
    status.into_iter().flat_map(split).collect()
}

fn body(written: &ErrorRuleSpec, path: &Path, found: &mut Vec<Finding>) -> BodyCondition {
    if let Some(field) = &written.field {
        let field = pointer::resolve(field, path.key("field"), found);
        let equals = written.equals.as_ref();
        let equals = equals
            .map_or_else(Vec::new, |equals| response::literals(equals, &path.key("equals"), found));
        return BodyCondition::Field(FieldMatch { field, equals });
    }
    match written.body {
        Some(BodyMatch::Empty) => BodyCondition::Empty,
        None => BodyCondition::Any,
    }
}

fn incomplete(written: &ErrorRuleSpec, path: &Path, found: &mut Vec<Finding>) {
    let mut refuse = |key: &str, message: &str, hint: &str| {
        found.push(Finding::key(INCOMPLETE_RULE, path.key(key), message).hint(hint));
    };
    if written.equals.is_some() && written.field.is_none() {
        refuse(
            "equals",
            "`equals` without a `field`: nothing is compared",
            "say which field: `field: /error`",
        );
    }
    if written.body.is_some() && written.field.is_some() {
        refuse(
            "body",
            "an empty body has no field: this rule never matches",
            "make two rules of it",
        );
    }
    if written.sign_in.is_some() && written.class != ErrorClass::Reauthenticate {
        let hint = "leave it out, or write `class: reauthenticate`";
        refuse(
            "sign_in",
            "`sign_in` without `class: reauthenticate`: nobody is asked to sign in",
            hint,
        );
    }
}

/// A few words on when a rule matches: `status 400, /error = invalid_grant`.
fn tail(status: &[StatusRange], body: &BodyCondition) -> String {
    let mut words =
        if status == profile::VERDICTS { "status 4xx".to_owned() } else { statuses(status) };
    match body {
        BodyCondition::Any => {}
        BodyCondition::Empty => words.push_str(", empty body"),
        BodyCondition::Field(field) => words.push_str(&format!(", {field}")),
    }
    words
}

fn statuses(status: &[StatusRange]) -> String {
    let one = |range: &StatusRange| match (range.first, range.last) {
        (first, last) if first == last => first.to_string(),
        (first, last) if first % 100 == 0 && last == first + 99 => format!("{}xx", first / 100),
        (first, last) => format!("{first} to {last}"),
    };
    format!("status {}", status.iter().map(one).collect::<Vec<_>>().join(", "))
}
