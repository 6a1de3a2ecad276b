//! Outputs are fields of an answer that nothing else reads, and of types that the answer can hold.

use super::Facts;
use crate::contract::{OutputKind, Pointer, TokenPlace};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{ANSWER_FORMAT_MISMATCH, BAD_OUTPUT};
use crate::path::Path;
use std::collections::BTreeMap;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let response = &facts.contract.response;
    let token_type = response.token_type.as_ref().map(|declared| &declared.field);
    let known = [
        (response.access_token.field(), "the access token"),
        (response.refresh_token.as_ref(), "the refresh token"),
        (token_type, "the token's type"),
        (response.scope.as_ref(), "the scope"),
    ];
    let mut read: BTreeMap<&Pointer, String> =
        known.into_iter().filter_map(|(field, what)| Some((field?, what.to_owned()))).collect();
    for (name, output) in &response.outputs {
        let path = Path::of("response.outputs").key(name);
        if output.secret && matches!(output.kind, OutputKind::Integer | OutputKind::Boolean) {
            let message = format!("`{name}` is secret and {}", output.kind.label());
            let hint = "a number or a truth hides nothing: leave `secret` or `type` out";
            found.push(Finding::value(BAD_OUTPUT, path.key("secret"), message).hint(hint));
        }
        let text = matches!(output.kind, OutputKind::Text | OutputKind::Url);
        if matches!(response.access_token, TokenPlace::Form(_)) && !text {
            let message =
                format!("`{name}` is {}, and a form holds texts alone", output.kind.label());
            let hint = "leave `type` out: it is then the text that the form holds";
            found
                .push(Finding::value(ANSWER_FORMAT_MISMATCH, path.key("type"), message).hint(hint));
        }
        if let Some(first) = read.insert(&output.field, format!("the output `{name}`")) {
            let message = format!("`{}` is {first} already", output.field);
            let hint = "name a field of its own, or leave the output out";
            found.push(Finding::value(BAD_OUTPUT, path.key("field"), message).hint(hint));
        }
    }
}
