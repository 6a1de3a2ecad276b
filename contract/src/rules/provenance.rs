//! Where each fact comes from: the facts must exist, and have one origin.

use super::Facts;
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{FACT_TWICE, UNKNOWN_FACT};
use crate::diagnostics::words::meant;
use crate::path::Path;
use crate::shape::{ShapeId, Shapes, shapes};
use crate::spec::Spec;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let spec = facts.spec;
    let Some(provenance) = &spec.provenance else {
        return;
    };
    let origins = provenance.groups();
    for (origin, facts) in origins {
        let path = Path::of("provenance").key(origin);
        for fact in facts.keys() {
            if let Err(problem) = exists(fact, spec, shapes(), found) {
                let finding = Finding::key(UNKNOWN_FACT, path.key(fact), problem.message);
                found.push(finding.hint(problem.hint));
            }
        }
    }
    let one_origin = &origins[..3];
    for (position, (origin, facts)) in one_origin.iter().enumerate() {
        for (first, others) in &one_origin[..position] {
            for fact in facts.keys().filter(|fact| others.contains_key(*fact)) {
                let message = format!("`{fact}` is said to be both {first} and {origin}");
                let path = Path::of("provenance").key(*origin).key(fact);
                found.push(Finding::key(FACT_TWICE, path, message).hint("keep one of the two"));
            }
        }
    }
}

struct Problem {
    message: String,
    hint: String,
}

/// Whether the language has the fact `dotted`: `tokens.refresh.rotation`, `errors[0].class`, `errors.0`.
fn exists(dotted: &str, spec: &Spec, shapes: &Shapes, found: &[Finding]) -> Result<(), Problem> {
    let plain = dotted.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = plain.split('.').collect();
    listed(&steps, spec, dotted)?;
    let mut at = vec![shapes.root()];
    for (position, step) in steps.iter().enumerate() {
        let next: Vec<ShapeId> = at.iter().flat_map(|shape| shapes.below(*shape, step)).collect();
        if next.is_empty() {
            let keys = at.iter().flat_map(|shape| shapes.keys_of(*shape)).collect();
            return Err(unknown(dotted, &steps[..position], step, keys, found));
        }
        at = next;
    }
    Ok(())
}

/// An item of a list must be there: indices mean nothing without the list.
fn listed(steps: &[&str], spec: &Spec, dotted: &str) -> Result<(), Problem> {
    let (list, length) = match steps {
        ["errors", ..] => ("errors", spec.errors.len()),
        ["examples", ..] => ("examples", spec.examples.len()),
        ["steps", ..] => ("steps", spec.steps.len()),
        ["refresh", "then", ..] => ("refresh.then", spec.refresh.then.len()),
        _ => return Ok(()),
    };
    let Some(index) = steps.get(list.split('.').count()) else {
        return Ok(());
    };
    if index.parse::<usize>().is_ok_and(|index| index < length) {
        return Ok(());
    }
    let hint = match length.checked_sub(1) {
        Some(last) => format!("count from 0: the last item is `{list}[{last}]`"),
        None => format!("the spec has no `{list}`: write `{list}` alone"),
    };
    Err(Problem { message: format!("`{dotted}` is no fact of this spec"), hint })
}

fn unknown(
    dotted: &str,
    before: &[&str],
    step: &str,
    keys: Vec<&str>,
    found: &[Finding],
) -> Problem {
    let prefix: String = before.iter().map(|step| format!("{step}.")).collect();
    let hint = match meant(step, keys.iter().copied(), found) {
        Some(key) => format!("did you mean `{prefix}{key}`?"),
        None if keys.is_empty() => "name the path of a fact: `tokens.refresh.rotation`".to_owned(),
        None => format!(
            "there is `{}`",
            keys.iter().map(|key| format!("{prefix}{key}")).collect::<Vec<_>>().join("`, `")
        ),
    };
    Problem { message: format!("`{dotted}` is no fact of the language"), hint }
}
