//! The error map: every rule can match, none takes what is not its own.

use super::Facts;
use crate::contract::{BodyCondition, ErrorClass, ErrorRule, FieldMatch, StatusRange};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{
    NO_SIGN_IN_RULE, OUTAGE_IS_NO_VERDICT, SUCCESS_SWALLOWED, UNREACHABLE_RULE,
};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let written = facts.contract.errors.get(..facts.spec.errors.len()).unwrap_or_default();
    for (index, rule) in written.iter().enumerate() {
        let path = Path::of("errors").index(index);
        outage(rule, &path, found);
        unreachable(rule, &written[..index], &path, found);
        swallows(facts, rule, &path, found);
    }
    if !facts.contract.errors.iter().any(|rule| rule.class == ErrorClass::Reauthenticate) {
        let path = Path::of(if written.is_empty() { "refresh" } else { "errors" });
        let message = "no refusal means `reauthenticate`: a dead grant would be tried for ever";
        let hint = "say which answer means it: `errors: [{ status: 401, class: reauthenticate }]`";
        found.push(Finding::key(NO_SIGN_IN_RULE, path, message).hint(hint));
    }
}

/// Neither 429 nor 5xx says that a grant is gone (R21).
fn outage(rule: &ErrorRule, path: &Path, found: &mut Vec<Finding>) {
    let outage = |range: &StatusRange| range.last >= 500 || range.contains(429);
    if rule.class == ErrorClass::Reauthenticate && rule.status.iter().any(outage) {
        let message = "a failing or overloaded provider does not say that the grant is gone";
        let hint = "name the 4xx status, or write `transient` or `rate_limited`";
        found.push(Finding::value(OUTAGE_IS_NO_VERDICT, path.key("status"), message).hint(hint));
    }
}

fn unreachable(rule: &ErrorRule, earlier: &[ErrorRule], path: &Path, found: &mut Vec<Finding>) {
    let covers = |earlier: &&ErrorRule| {
        statuses(&earlier.status, &rule.status) && condition(&earlier.body, &rule.body)
    };
    if let Some(earlier) = earlier.iter().find(covers) {
        let message = format!(
            "this rule never matches: `{}` comes first and matches all of it",
            earlier.name
        );
        found.push(
            Finding::value(UNREACHABLE_RULE, path.clone(), message)
                .hint("move it up, or leave it out"),
        );
    }
}

fn swallows(facts: Facts<'_>, rule: &ErrorRule, path: &Path, found: &mut Vec<Finding>) {
    let success = &facts.contract.response.success;
    let asked = success.field.clone().map_or(BodyCondition::Any, BodyCondition::Field);
    if statuses(&rule.status, &success.status) && condition(&rule.body, &asked) {
        let message = "this rule takes every answer of success";
        let hint = "narrow it with `field` and `equals`, or narrow `response.success`";
        found.push(Finding::value(SUCCESS_SWALLOWED, path.clone(), message).hint(hint));
    }
}

/// Whether every status of `inner` is one of `outer`.
fn statuses(outer: &[StatusRange], inner: &[StatusRange]) -> bool {
    let within = |ranges: &[StatusRange], status| ranges.iter().any(|range| range.contains(status));
    (100..=599).filter(|status| within(inner, *status)).all(|status| within(outer, status))
}

/// Whether every body that `inner` asks for is one that `outer` asks for.
fn condition(outer: &BodyCondition, inner: &BodyCondition) -> bool {
    match (outer, inner) {
        (BodyCondition::Any, _) | (BodyCondition::Empty, BodyCondition::Empty) => true,
        (BodyCondition::Field(outer), BodyCondition::Field(inner)) => field(outer, inner),
        _ => false,
    }
}

fn field(outer: &FieldMatch, inner: &FieldMatch) -> bool {
    let all = || {
        !inner.equals.is_empty() && inner.equals.iter().all(|value| outer.equals.contains(value))
    };
    outer.field == inner.field && (outer.equals.is_empty() || all())
}
