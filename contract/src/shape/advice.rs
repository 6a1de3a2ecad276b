//! What to do about a value of the wrong kind.

use super::compile::{ShapeId, Shapes};
use super::kinds::Kinds;
use super::words::list;
use crate::resolve::written_lifetime;
use serde_yaml::Value;

/// What to do about `value` where the shape `id` is due. `written`: the value as the file has it. `root`: it is the whole
/// document.
pub(super) fn advice(
    shapes: &Shapes,
    id: ShapeId,
    value: &Value,
    written: &str,
    root: bool,
) -> Option<String> {
    let shape = shapes.get(id)?;
    let takes = |kind| shape.kinds.meets(kind);
    let keys = || keys(&shapes.ways_of(id), takes(Kinds::TEXT));
    if let Some(meant) = expiry(shapes, id, value) {
        return Some(meant);
    }
    match value {
        _ if root => Some("begin with `rekindle: 1`".to_owned()),
        Value::Number(_) | Value::Bool(_) if shape.free_text => {
            Some(format!("quote it: \"{written}\""))
        }
        Value::String(text) if takes(Kinds::BOOL) => truth(text),
        Value::String(text) if takes(Kinds::INTEGER) => without_quotes(text),
        Value::String(_) | Value::Number(_) | Value::Bool(_)
            if takes(Kinds::LIST) && !takes(Kinds::MAPPING) =>
        {
            Some(format!("write a list, also of one: [{written}]"))
        }
        Value::Mapping(_) if takes(Kinds::LIST) => Some("begin each item with `- `".to_owned()),
        Value::Sequence(items) => {
            alone(items, shape.kinds).or_else(|| if takes(Kinds::MAPPING) { keys() } else { None })
        }
        _ if takes(Kinds::MAPPING) => keys(),
        _ => None,
    }
}

/// About a lifetime or a field where it is due what says when a token dies: `30 days`, `3600`, `/expires_in`.
pub(super) fn expiry(shapes: &Shapes, id: ShapeId, value: &Value) -> Option<String> {
    let ways = shapes.keys_of(id);
    if !["constant", "seconds"].iter().all(|way| ways.contains(way)) {
        return None;
    }
    match value {
        Value::Number(number) => {
            let seconds = format!("{}s", number.as_u64()?);
            Some(format!("did you mean `{{ constant: {} }}`?", written_lifetime(&seconds)?))
        }
        Value::String(field) if field.starts_with('/') && !field.contains(char::is_whitespace) => {
            Some(format!("did you mean `{{ seconds: {field} }}`?"))
        }
        Value::String(text) => {
            Some(format!("did you mean `{{ constant: {} }}`?", written_lifetime(text)?))
        }
        _ => None,
    }
}

/// About the keys of a mapping; `either`: it may be a text instead.
fn keys(keys: &[&str], either: bool) -> Option<String> {
    let start = if either { "as a mapping, its keys are" } else { "its keys are" };
    (!keys.is_empty()).then(|| format!("{start} {}", list(keys.iter().copied())))
}

/// About a text where `true` or `false` is due.
fn truth(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" => {
            Some("write `true`: to YAML 1.2, `yes` and `on` are texts".to_owned())
        }
        "no" | "off" | "n" => {
            Some("write `false`: to YAML 1.2, `no` and `off` are texts".to_owned())
        }
        word @ ("true" | "false") => Some(format!("write it without quotes: {word}")),
        _ => None,
    }
}

/// About a text where a number is due.
pub(super) fn without_quotes(text: &str) -> Option<String> {
    text.parse::<u64>().is_ok().then(|| format!("write it without quotes: {text}"))
}

/// About a list of one where that one is due.
fn alone(items: &[Value], kinds: Kinds) -> Option<String> {
    match items {
        [only] if kinds.meets(Kinds::of(only)) => {
            Some("write the one value without the list around it".to_owned())
        }
        _ => None,
    }
}
