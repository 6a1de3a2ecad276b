//! An `error` in an answer of success.

use super::Facts;
use crate::contract::{BodyCondition, Example, Expect, Pointer};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::UNREAD_ERROR;
use crate::path::Path;
use serde_json::Value;

/// Finds a member `error` beside the access token, or above it, that nothing reads at this status: whoever sends it with a success fills it
/// in when something is wrong.
pub(super) fn check(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let Expect::Tokens { .. } = &example.expect else { return };
    let (Some(answer), Some(token)) =
        (contract.fields_of(example), contract.response.access_token.field())
    else {
        return;
    };
    let status = example.response.status;
    let rules = contract.errors.iter();
    let rules = rules.filter(|rule| rule.status.iter().any(|range| range.contains(status)));
    let asked = rules.filter_map(|rule| match &rule.body {
        BodyCondition::Field(matched) => Some(&matched.field),
        _ => None,
    });
    let asked = asked.chain(contract.response.success.field.as_ref().map(|field| &field.field));
    let read: Vec<&Pointer> = asked.flat_map(Pointer::all).collect();
    let steps = token.present(&answer).tokens.as_slice();
    for depth in 0..steps.len() {
        let error: Vec<String> =
            steps[..depth].iter().cloned().chain(["error".to_owned()]).collect();
        let error = Pointer::new(error);
        // Below it is read as well as itself.
        let is_read = read.iter().any(|field| field.tokens.starts_with(&error.tokens));
        let there = error.find(&answer).is_some_and(|value| !matches!(value, Value::Object(_)));
        if there && !is_read {
            let message = format!("this answer of success holds `{error}`, which nothing reads");
            let hint = format!(
                "say what it means when it is set, `errors: [{{ status: {status}, field: {error}, class: … }}]`, \
                 or what it holds in a success, `response: {{ success: {{ field: {error}, equals: … }} }}`"
            );
            found.push(Finding::value(UNREAD_ERROR, path.key("response"), message).hint(hint));
            return;
        }
    }
}
