//! How shapes and values are spoken of.

use super::compile::{Shape, ShapeId, Shapes};
use super::kinds::Kinds;
use crate::path::{Path, Step};
use serde_yaml::Value;

/// What a path leads to: `` `status` ``, ``item 2 of `errors` ``, `a spec`.
pub(super) fn subject(path: &Path) -> String {
    match path.0.split_last() {
        None => "a spec".to_owned(),
        Some((Step::Key(key), _)) => format!("`{key}`"),
        Some((Step::Index(index), above)) => {
            format!("item {} of {}", index + 1, subject(&Path(above.to_vec())))
        }
    }
}

/// What a value is.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(truth) => format!("`{truth}`"),
        Value::Number(number) if number.is_f64() => {
            "a number with a point or an exponent".to_owned()
        }
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Tagged(tagged) => found(&tagged.value),
    }
}

/// What belongs where a shape is due: ``a text``, ``` `basic`, `body` or a mapping ```.
pub(super) fn expected(shapes: &Shapes, id: ShapeId) -> String {
    let mut parts = Vec::new();
    collect(shapes, id, &mut parts);
    match parts.len() {
        0 => "something else".to_owned(),
        5.. if !parts.iter().any(|part| part.starts_with('`') && !part.contains(' ')) => {
            "any JSON value".to_owned()
        }
        _ => alternatives(&parts),
    }
}

/// The same, with the keys of the mapping that may stand there.
pub(super) fn due(shapes: &Shapes, id: ShapeId) -> String {
    let (expected, keys) = (expected(shapes, id), shapes.ways_of(id));
    if keys.is_empty() { expected } else { format!("{expected} of {}", list(keys)) }
}

fn collect(shapes: &Shapes, id: ShapeId, parts: &mut Vec<String>) {
    let Some(shape) = shapes.get(id) else { return };
    if shape.branches.is_empty() {
        kinds(shape).into_iter().for_each(|part| {
            if !parts.contains(&part) {
                parts.push(part)
            }
        });
    }
    for branch in &shape.branches {
        collect(shapes, *branch, parts);
    }
}

fn kinds(shape: &Shape) -> Vec<String> {
    if !shape.words.is_empty() {
        return shape.offered().map(|word| format!("`{word}`")).collect();
    }
    let names = [
        (Kinds::TEXT, "a text"),
        (Kinds::BOOL, "`true` or `false`"),
        (Kinds::LIST, "a list"),
        (Kinds::MAPPING, "a mapping"),
    ];
    let number = if shape.kinds.meets(Kinds::FLOAT) { "a number" } else { "a whole number" };
    let number = shape.kinds.meets(Kinds::NUMBER).then_some(number);
    let others =
        names.into_iter().filter(|(kind, _)| shape.kinds.meets(*kind)).map(|(_, name)| name);
    number.into_iter().chain(others).map(str::to_owned).collect()
}

/// `a`, `b` or `c`.
pub(super) fn alternatives(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Keys or words as a list.
pub(super) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// A description if it is short, otherwise its first sentence.
pub(super) fn in_short(description: &str) -> &str {
    if description.len() <= 100 {
        return description;
    }
    let end = description
        .find(". ")
        .or_else(|| description.find(".\n"))
        .map_or(description.len(), |end| end + 1);
    description.get(..end).unwrap_or(description)
}
