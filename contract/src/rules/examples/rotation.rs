//! Whether answers replace the refresh token, held against the answers of examples.

use super::{Facts, member, shown};
use crate::contract::{Example, Expect, Rotation, SPENDING};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::ROTATION_CONTRADICTS_EXAMPLE;
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, example: &Example, path: &Path, found: &mut Vec<Finding>) {
    let contract = facts.contract;
    let (Expect::Tokens { .. }, Some(refresh), Some(field), Some(held)) = (
        &example.expect,
        &contract.refresh,
        &contract.response.refresh_token,
        &example.given.refresh_token,
    ) else {
        return;
    };
    // That of a refusal says nothing of the answers to a refresh.
    if !contract.response.success.status.iter().any(|range| range.contains(example.response.status))
    {
        return;
    }
    let read = facts.spec.response.as_ref().is_some_and(|read| read.refresh_token.is_some());
    if refresh.rotation == Rotation::Never && read {
        return; // That contradicts itself before any example does.
    }
    let Some(answer) = contract.told_refresh_token(example) else { return };
    // Empty is absent.
    let token =
        field.find(&answer).and_then(|token| token.as_str()).filter(|text| !text.is_empty());
    let (holds, fits) = match token {
        None => ("none", &[Rotation::Never][..]),
        Some(token) if token == held => ("the same one", &[Rotation::Echo][..]),
        Some(_) => ("a new one", &[Rotation::Always, Rotation::KeepsOld][..]),
    };
    let says = match refresh.rotation {
        Rotation::Never => "no answer holds a refresh token",
        Rotation::Echo => "answers hold the same refresh token",
        Rotation::Always | Rotation::KeepsOld => "every answer holds a new refresh token",
        Rotation::Sometimes | Rotation::Unknown => return,
    };
    if !fits.contains(&refresh.rotation) {
        let rotation = refresh.rotation.name();
        let message =
            format!("`rotation: {rotation}` says that {says}, and this one holds {holds}");
        let hint = "correct `tokens.refresh.rotation`, or the example: one of them is not what the page says";
        let field = field.present(&answer);
        let place = match contract.request.then.is_empty() {
            true => shown(example, field, &answer, path),
            false => member(path.key("given").key("answers").key(SPENDING), field, &answer),
        };
        let finding = Finding::value(ROTATION_CONTRADICTS_EXAMPLE, place, message);
        found.push(finding.hint(hint));
    }
}
