//! Fields that a contract reads must be in some answer.

use super::{Facts, is_success, written};
use crate::contract::{Expiry, Pointer, SPENDING};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::FIELD_NEVER_FOUND;
use crate::path::Path;
use serde_json::Value;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let answers: Vec<Value> = written(facts)
        .map(|(_, example)| example)
        .filter(|example| is_success(example))
        .flat_map(|example| {
            let answers =
                [facts.contract.fields_of(example), example.answers.get(SPENDING).cloned()];
            answers.into_iter().flatten()
        })
        .collect();
    if answers.is_empty() {
        return;
    }
    for (field, path) in declared(facts) {
        let holds = |answer: &Value| field.find(answer).is_some_and(|value| !value.is_null());
        if !answers.iter().any(holds) {
            let message = format!("no example of success holds the field `{field}`");
            let hint = "check the field's name, or add an example that holds it";
            found.push(Finding::value(FIELD_NEVER_FOUND, path, message).hint(hint));
        }
    }
}

/// The fields that the spec itself names; a missing access token and a missing output are errors of the example, but for
/// an output that answers may lack.
fn declared(facts: Facts<'_>) -> Vec<(&Pointer, Path)> {
    let response = &facts.contract.response;
    let mut declared = Vec::new();
    if let Some(spec) = &facts.spec.response {
        let path = Path::of("response");
        let named = [
            (spec.refresh_token.is_some(), response.refresh_token.as_ref(), "refresh_token"),
            (
                spec.token_type.is_some(),
                response.token_type.as_ref().map(|token_type| &token_type.field),
                "token_type",
            ),
            (spec.scope.is_some(), response.scope.as_ref(), "scope"),
        ];
        let named = named.into_iter().filter(|(named, _, _)| *named);
        declared.extend(named.filter_map(|(_, field, key)| Some((field?, path.key(key)))));
    }
    if let Some(tokens) = &facts.spec.tokens {
        let refresh = tokens.refresh.as_ref().and_then(|refresh| refresh.expires.as_ref());
        let named = [
            (
                tokens.access.expires.is_some(),
                Some(&facts.contract.access.expires),
                "tokens.access.expires",
            ),
            (
                refresh.is_some(),
                facts.contract.refresh.as_ref().map(|refresh| &refresh.expires),
                "tokens.refresh.expires",
            ),
        ];
        let named = named.into_iter().filter(|(named, _, _)| *named);
        declared.extend(named.filter_map(|(_, expiry, path)| {
            Some((expiry.and_then(Expiry::field)?, Path::of(path)))
        }));
    }
    declared
}
