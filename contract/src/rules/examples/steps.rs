//! Documented answers to steps must hold what the steps take.

use super::Facts;
use crate::contract::{Example, Expect, SPENDING, StepRequest};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{ANSWER_DIFFERS, INCOMPLETE_GIVEN};
use crate::diagnostics::words::meant;
use crate::exchange::base_url;
use crate::path::Path;
use crate::spec::ExampleSpec;

pub(super) fn check(
    facts: Facts<'_>,
    written: &ExampleSpec,
    example: &Example,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let given = path.key("given");
    let spending = facts.contract.spending();
    let steps: Vec<&StepRequest> = facts.contract.all_steps().chain(&spending).collect();
    for (id, answer) in &example.answers {
        let path = given.key("answers").key(id);
        if let Some(finding) = misplaced(facts, example, id, &path) {
            found.push(finding);
            continue;
        }
        let Some(step) = steps.iter().find(|step| step.id == *id) else {
            let message = format!("there is no step `{id}`");
            let finding = Finding::key(INCOMPLETE_GIVEN, path, message);
            let guess = meant(id, steps.iter().map(|step| step.id.as_str()), found);
            found.push(match guess {
                Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                None => finding.hint("declare it under `steps`, or leave it out"),
            });
            continue;
        };
        let Ok(base_url) = base_url(facts.contract, &example.given) else { continue };
        for (name, taken) in &step.take {
            let slot = step.name_of(name);
            let values = written.given.as_ref().map(|given| &given.values);
            if values.is_some_and(|values| values.contains_key(&slot)) {
                let message = format!("the answer to `{id}` says what `{slot}` is");
                let path = given.key("values").key(&slot);
                found.push(Finding::key(INCOMPLETE_GIVEN, path, message).hint("leave it out here"));
            }
            if taken.read(answer, &base_url).is_none() {
                let what = taken.kind.label();
                let message = format!(
                    "a client cannot take `{name}` from this answer: it looks for {what} at `{}`",
                    taken.field
                );
                let hint = "correct the answer or what the step takes: one of them is not what the page says";
                found.push(Finding::value(ANSWER_DIFFERS, path.clone(), message).hint(hint));
            }
        }
    }
}

/// What is wrong with the answer to `id` by where that request stands: the last one is answered by `response`, and so is in an example
/// of an error the one that spends the credential, where no answer to that is given. Nothing behind it was sent then.
fn misplaced(facts: Facts<'_>, example: &Example, id: &str, path: &Path) -> Option<Finding> {
    let then = &facts.contract.request.then;
    if id == then.last().map_or(SPENDING, |last| last.id.as_str()) {
        let message = format!("the answer to `{id}` is the `response` of the example");
        let hint = "leave it out: the last request of an exchange is answered by `response`";
        return Some(Finding::key(INCOMPLETE_GIVEN, path.clone(), message).hint(hint));
    }
    let ends_before =
        matches!(example.expect, Expect::Error { .. }) && !example.answers.contains_key(SPENDING);
    (ends_before && then.iter().any(|step| step.id == id)).then(|| {
        let message = format!("`{id}` is behind the request under `refresh`, to which no answer is given: `response` would be that");
        let hint = format!(
            "add `{SPENDING}: {{ … }}` beside it where `response` is the answer to a request behind it, or leave `{id}` out"
        );
        Finding::key(INCOMPLETE_GIVEN, path.clone(), message).hint(hint)
    })
}
