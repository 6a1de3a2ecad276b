//! What the client makes for each request must be used, and known where an example shows the request.

use super::Facts;
use super::examples::written;
use crate::contract::{ASSERTION, CLIENT_ASSERTION, Generated, Slot};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{INCOMPLETE_GIVEN, UNUSED_PARAMETER};
use crate::path::Path;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    unused(facts, found);
    in_examples(facts, found);
}

fn unused(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    for (name, _) in request.values.iter().filter(|(name, _)| name != CLIENT_ASSERTION) {
        let slot = Slot::Value(name.clone());
        if request.uses(&slot) {
            continue;
        }
        let what = match name.as_str() {
            ASSERTION => "assertion".to_owned(),
            _ => format!("value `{name}`"),
        };
        let message = format!("nothing uses the {what}");
        let hint = format!("write `{slot}` where it goes, or leave it out");
        found.push(Finding::key(UNUSED_PARAMETER, facts.value(name), message).hint(hint));
    }
}

/// An example that shows a request shows what cannot be worked out of the rest, and nothing that is not made.
fn in_examples(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    let is_sent = |name: &str| request.sends(&Slot::Value(name.to_owned()));
    for (index, example) in written(facts) {
        let path = Path::of("examples").index(index).key("given");
        let is_unknown =
            |name: &&String| request.value(name).is_none() && facts.contract.taken(name).is_none();
        for name in example.given.values.keys().filter(is_unknown) {
            let message = format!("there is no value `{name}`");
            let hint = "declare it under `refresh.values`, or leave it out; what a step takes is called `STEP.NAME`";
            found.push(
                Finding::key(INCOMPLETE_GIVEN, path.key("values").key(name), message).hint(hint),
            );
        }
        if example.request.is_none() {
            continue;
        }
        for (name, _) in facts.contract.all_taken() {
            let sent = request.uses(&Slot::Taken(name.clone()));
            let step = name.split_once('.').map_or("", |(step, _)| step);
            let is_told = example.answers.contains_key(step);
            if sent && !is_told && !example.given.values.contains_key(&name) {
                let message =
                    format!("the example shows a request, and not the value `{name}` in it");
                let hint = format!(
                    "write `values: {{ {name}: … }}` under `given`, or the whole answer under `answers`, or leave `request` out"
                );
                found.push(Finding::value(INCOMPLETE_GIVEN, path.clone(), message).hint(hint));
            }
        }
        for (name, value) in &request.values {
            let follows = matches!(value, Generated::Now { .. } | Generated::Encoded { .. });
            if follows || !is_sent(name) || example.given.values.contains_key(name) {
                continue;
            }
            let message = format!("the example shows a request, and not the value `{name}` in it");
            let hint = format!(
                "write `values: {{ {name}: … }}` under `given`, as the page shows it, or leave `request` out"
            );
            found.push(Finding::value(INCOMPLETE_GIVEN, path.clone(), message).hint(hint));
        }
    }
}
