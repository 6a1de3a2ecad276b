//! Documented answers to steps must hold what the steps take.

use super::Facts;
use crate::contract::{Example, StepRequest};
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
