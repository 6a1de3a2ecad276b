//! Documented exchanges, held against the contract.

mod answer;
mod fields;
mod given;
mod lifetime;
mod near;
mod privacy;
mod request;
mod rotation;
mod steps;
mod unread_error;

use super::{Facts, shorten};
use crate::contract::{Example, ExampleBody, Expect, ParameterKind, Pointer};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{NO_EXAMPLE, NO_SUCCESS_EXAMPLE};
use crate::path::Path;
use serde_json::Value;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let checks = facts.checks;
    presence(facts, found);
    let required = facts.contract.client.iter();
    let required = required.filter(|(name, parameter)| {
        parameter.is_required()
            && parameter.kind != ParameterKind::SigningKey
            && !checks.is_of_environment(name)
    });
    let needed =
        given::Needed { checks, required: required.map(|(name, _)| name.as_str()).collect() };
    let path = Path::of("examples");
    for (index, example) in written(facts) {
        let path = path.index(index);
        let before = found.len();
        given::check(facts, &needed, example, &path, found);
        let is_whole = found.len() == before;
        request::check(facts, example, index, is_whole, &path, found);
        answer::check(facts, example, &path, found);
        if let Some(written) = facts.spec.examples.get(index) {
            steps::check(facts, written, example, &path, found);
        }
        lifetime::check(facts, example, &path, found);
        rotation::check(facts, example, &path, found);
        unread_error::check(facts, example, &path, found);
        privacy::check(example, &path, found);
    }
    fields::check(facts, found);
}

/// The exchanges that the spec holds, each with its place among the examples; those of a profile are right by construction.
pub(super) fn written(facts: Facts<'_>) -> impl Iterator<Item = (usize, &Example)> {
    let examples = facts.spec.examples.iter().enumerate();
    let exchanges = examples.filter(|(_, example)| example.is_exchange());
    exchanges.map(|(index, _)| index).zip(&facts.contract.examples)
}

fn presence(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let examples = &facts.contract.examples;
    if examples.is_empty() {
        let message = "no example: nothing shows that this contract is read as the page means it";
        let hint = "add the exchange that the page shows under `examples`, with synthetic tokens";
        found.push(Finding::key(NO_EXAMPLE, Path::of("refresh"), message).hint(hint));
    } else if !examples.iter().any(is_success) {
        let message = "no example shows a refresh that succeeds";
        found.push(
            Finding::key(NO_SUCCESS_EXAMPLE, Path::of("examples"), message)
                .hint("add the one that the page shows"),
        );
    }
}

/// Where the answer of an example at `path`, of which these are the fields, shows one of them.
fn shown(example: &Example, field: &Pointer, answer: &Value, path: &Path) -> Path {
    let body = match (&example.response.body, &field.head) {
        (_, Some(_)) => "headers",
        (ExampleBody::Json(_), None) => "json",
        (ExampleBody::Form(_), None) => "form",
        (ExampleBody::Xml(_), None) => "xml",
        (ExampleBody::Text(_), None) => "text",
        (ExampleBody::Empty, None) => return path.key("response"),
    };
    member(path.key("response").key(body), field, answer)
}

/// Where a field of `answer` stands, which itself stands at `path`.
fn member(path: Path, field: &Pointer, answer: &Value) -> Path {
    let mut at = Some(answer);
    field.tokens.iter().fold(path, |path, token| {
        let item = token.parse::<usize>().ok().filter(|_| at.is_some_and(Value::is_array));
        let (path, below) = match item {
            Some(item) => (path.index(item), at.and_then(|at| at.get(item))),
            None => (path.key(token), at.and_then(|at| at.get(token))),
        };
        at = below;
        path
    })
}

fn is_success(example: &Example) -> bool {
    matches!(example.expect, Expect::Tokens { .. })
}
