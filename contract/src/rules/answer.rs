//! Whether what is read of an answer can be in one of its format.

use super::Facts;
use crate::contract::{Pointer, TokenPlace};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::ANSWER_FORMAT_MISMATCH;
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    match facts.contract.response.access_token {
        TokenPlace::Json(_) => {}
        TokenPlace::Form(_) => form(facts, found),
        TokenPlace::WholeBody => plain_text(facts, found),
    }
}

/// What is read of an answer beside its status: each field, and the key that names it.
fn fields(facts: Facts<'_>) -> impl Iterator<Item = (&Pointer, Path)> {
    let refresh = facts.contract.refresh.as_ref();
    let response = &facts.contract.response;
    let token_type = response.token_type.as_ref().map(|declared| &declared.field);
    let success = response.success.field.as_ref();
    let fields = [
        (response.access_token.field(), "response.access_token"),
        (response.refresh_token.as_ref(), "response.refresh_token"),
        (token_type, "response.token_type"),
        (response.scope.as_ref(), "response.scope"),
        (success.map(|success| &success.field), "response.success"),
        (facts.contract.access.expires.field(), "tokens.access.expires"),
        (refresh.and_then(|refresh| refresh.expires.field()), "tokens.refresh.expires"),
    ];
    let outputs = response
        .outputs
        .iter()
        .map(|(name, output)| (&output.field, Path::of("response.outputs").key(name).key("field")));
    let fields = fields.into_iter().filter_map(|(field, path)| Some((field?, Path::of(path))));
    let fields = fields.chain(outputs);
    fields.flat_map(|(field, path)| field.all().map(move |field| (field, path.clone())))
}

/// An answer in plain text is a token and nothing else.
fn plain_text(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (_, path) in fields(facts) {
        let message = "an answer in plain text is the access token alone and has no fields";
        let hint = "leave it out, or write `body: json`";
        found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
    }
}

/// A form has no depth.
fn form(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (field, path) in fields(facts).filter(|(field, _)| field.tokens.len() != 1) {
        let message = format!("a form has no field `{field}`: its fields are all at the top");
        let name = field.tokens.last().map_or("", String::as_str);
        let hint = format!("name the field alone, perhaps `/{name}`, or leave `body: form` out");
        found.push(Finding::value(ANSWER_FORMAT_MISMATCH, path, message).hint(hint));
    }
}
