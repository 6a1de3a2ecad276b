//! Where each fact comes from: the facts must exist, and have one origin.

use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{FACT_TWICE, UNKNOWN_FACT};
use crate::diagnostics::words::meant;
use crate::path::Path;
use crate::spec::Spec;
use serde_json::Value;

pub(super) fn check(spec: &Spec, found: &mut Vec<Finding>) {
    let Some(provenance) = &spec.provenance else {
        return;
    };
    let schema = crate::schema::parsed();
    let origins = [
        ("documented", &provenance.documented),
        ("inferred", &provenance.inferred),
        ("unknown", &provenance.unknown),
        ("contradictions", &provenance.contradictions),
    ];
    for (origin, facts) in origins {
        let path = Path::of("provenance").key(origin);
        for fact in facts.keys() {
            if let Err(problem) = exists(fact, spec, schema, found) {
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
fn exists(dotted: &str, spec: &Spec, schema: &Value, found: &[Finding]) -> Result<(), Problem> {
    let plain = dotted.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = plain.split('.').collect();
    listed(&steps, spec, dotted)?;
    let mut at = vec![schema];
    for (position, step) in steps.iter().enumerate() {
        let next: Vec<&Value> = at.iter().flat_map(|node| below(node, step, schema)).collect();
        if next.is_empty() {
            return Err(unknown(dotted, &steps[..position], step, &at, schema, found));
        }
        at = next;
    }
    Ok(())
}

/// An item of a list must be there: indices mean nothing without the list.
fn listed(steps: &[&str], spec: &Spec, dotted: &str) -> Result<(), Problem> {
    let length = match steps.first() {
        Some(&"errors") => spec.errors.len(),
        Some(&"examples") => spec.examples.len(),
        _ => return Ok(()),
    };
    let Some(index) = steps.get(1) else {
        return Ok(());
    };
    if index.parse::<usize>().is_ok_and(|index| index < length) {
        return Ok(());
    }
    let list = steps.first().copied().unwrap_or_default();
    let hint = match length.checked_sub(1) {
        Some(last) => format!("count from 0: the last item is `{list}[{last}]`"),
        None => format!("the spec has no `{list}`: write `{list}` alone"),
    };
    Err(Problem { message: format!("`{dotted}` is no fact of this spec"), hint })
}

/// What `step` leads to below a node of the schema.
fn below<'a>(node: &'a Value, step: &str, schema: &'a Value) -> Vec<&'a Value> {
    let mut next = Vec::new();
    for node in alternatives(node, schema) {
        if node.as_bool() == Some(true) || is_open(node) {
            next.push(node);
        }
        next.extend(node.pointer("/properties").and_then(|properties| properties.get(step)));
        if !step.is_empty()
            && node.get("additionalProperties").is_some_and(|any| any.as_bool() != Some(false))
        {
            next.extend(node.get("additionalProperties"));
        }
        if step.parse::<usize>().is_ok() {
            next.extend(node.get("items"));
        }
    }
    next
}

/// Any JSON at all: the body of a request or an answer. It may be an object, and nothing is said of its members.
fn is_open(node: &Value) -> bool {
    let shaped = [
        "properties",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "$ref",
        "anyOf",
        "oneOf",
        "allOf",
    ];
    let may_be_object = match node.get("type") {
        None => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        Some(kind) => kind == "object",
    };
    may_be_object
        && node
            .as_object()
            .is_some_and(|members| !shaped.iter().any(|key| members.contains_key(*key)))
}

/// A node with its references followed and its alternatives side by side.
fn alternatives<'a>(node: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let mut all = vec![node];
    let mut position = 0;
    while let Some(node) = all.get(position).copied() {
        position += 1;
        if let Some(target) = node
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|name| schema.pointer(name.trim_start_matches('#')))
        {
            all.push(target);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            all.extend(node.get(key).and_then(Value::as_array).into_iter().flatten());
        }
        if all.len() > 1000 {
            break;
        }
    }
    all
}

fn unknown(
    dotted: &str,
    before: &[&str],
    step: &str,
    at: &[&Value],
    schema: &Value,
    found: &[Finding],
) -> Problem {
    let nodes = at.iter().flat_map(|node| alternatives(node, schema));
    let keys: Vec<&str> = nodes
        .filter_map(|node| node.get("properties").and_then(Value::as_object))
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
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
