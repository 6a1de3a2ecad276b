//! What to do about a value of the wrong kind.

use super::compile::{ShapeId, Shapes};
use super::keys::ONE_WAY;
use super::kinds::Kinds;
use super::words::list;
use crate::path::Path;
use crate::placeholders::fits;
use crate::resolve::written_lifetime;
use serde_yaml::{Mapping, Value};

/// The facts that are JSON pointers and can stand nowhere but in a body.
const POINTERS: &[&str] = &[
    "response.scope",
    "response.success.field",
    "response.token_type.field",
    "errors.*.field",
    "errors.*.retry_after.*",
];

/// What to do about a value.
pub(super) struct Advice {
    pub(super) hint: String,
    /// The value that was meant, where that is clear.
    pub(super) meant: Option<Value>,
}

impl Advice {
    /// Advice that leaves open what was meant.
    pub(super) fn only(hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), meant: None }
    }

    /// Advice to write this instead.
    pub(super) fn meaning(hint: impl Into<String>, meant: Value) -> Self {
        Self { hint: hint.into(), meant: Some(meant) }
    }
}

/// What to do about `value` where the shape `id` is due. `written`: the value as the file has it.
pub(super) fn advice(
    shapes: &Shapes,
    id: ShapeId,
    value: &Value,
    written: &str,
    path: &Path,
) -> Option<Advice> {
    let shape = shapes.get(id)?;
    let takes = |kind| shape.kinds.meets(kind);
    let keys = || keys(&shapes.ways_of(id), takes(Kinds::TEXT));
    if let Some(meant) = expiry(shapes, id, value) {
        return Some(meant);
    }
    match value {
        _ if path.0.is_empty() => Some(Advice::only("begin with `rekindle: 1`")),
        Value::Number(_) | Value::Bool(_) if shape.free_text => {
            Some(Advice::meaning(format!("quote it: \"{written}\""), written.into()))
        }
        Value::Number(number) if number.is_f64() && takes(Kinds::INTEGER) => whole(number),
        Value::String(text) if takes(Kinds::BOOL) => truth(text),
        Value::String(text) if takes(Kinds::INTEGER) => without_quotes(text),
        Value::String(_) | Value::Number(_) | Value::Bool(_)
            if takes(Kinds::LIST) && !takes(Kinds::MAPPING) =>
        {
            let list = Value::Sequence(vec![value.clone()]);
            Some(Advice::meaning(format!("write a list, also of one: [{written}]"), list))
        }
        Value::Mapping(place) if is_pointer(path) => Some(pointer(place, path)),
        Value::Mapping(_) if takes_mappings(shapes, id) => {
            Some(Advice::only("begin each item with `- `"))
        }
        Value::Sequence(ways) if path.last_key() == "auth" && ways.len() > 1 => {
            Some(Advice::only(ONE_WAY))
        }
        Value::Sequence(_) | Value::String(_) if explained(path).is_some() => {
            explained(path).map(|name| reasons(value, name))
        }
        Value::Sequence(items) => {
            alone(items, shape.kinds).or_else(|| if takes(Kinds::MAPPING) { keys() } else { None })
        }
        _ if takes(Kinds::MAPPING) => keys(),
        _ => None,
    }
}

/// What stands for the names of a mapping that has a reason for each: facts, lints.
fn explained(path: &Path) -> Option<&'static str> {
    match path.to_string().as_str() {
        "allow" => Some("file_name"),
        "provenance.documented"
        | "provenance.inferred"
        | "provenance.unknown"
        | "provenance.contradictions" => Some("tokens.refresh.rotation"),
        _ => None,
    }
}

/// About names in a list, or one alone, where each has a reason: `- tokens.refresh.use`, `- tokens.refresh.use: why`.
fn reasons(value: &Value, name: &str) -> Advice {
    let items = value.as_sequence().map_or(std::slice::from_ref(value), Vec::as_slice);
    let pairs: Option<Vec<&Mapping>> = items.iter().map(Value::as_mapping).collect();
    let of_text = |pairs: &Mapping| pairs.iter().all(|(_, reason)| reason.is_string());
    let mut merged = Mapping::new();
    for pair in pairs.unwrap_or_default().into_iter().filter(|pairs| of_text(pairs)) {
        merged.extend(pair.clone());
    }
    let named = merged.keys().any(|key| key.as_str().is_some_and(|key| key.contains('.')));
    if named {
        return Advice::meaning("write a mapping: no `- ` before the names", merged.into());
    }
    let first = items.iter().find_map(|item| match item {
        Value::Mapping(pairs) => pairs.values().find_map(Value::as_str),
        item => item.as_str(),
    });
    let first = first.filter(|text| !text.contains(char::is_whitespace)).unwrap_or(name);
    Advice::only(format!("write a mapping of names, each with the reason: `{{ {first}: WHY }}`"))
}

/// Whether the fact at `path` is a JSON pointer, be it one of several.
fn is_pointer(path: &Path) -> bool {
    POINTERS.iter().any(|pattern| fits(pattern, &path.0))
}

/// About a mapping where a JSON pointer is due.
fn pointer(place: &Mapping, path: &Path) -> Advice {
    let field = place.values().filter_map(Value::as_str).find(|text| text.starts_with('/'));
    match field {
        Some(field) => {
            let hint = format!("it takes a JSON pointer: `{field}`");
            Advice::meaning(hint, field.into())
        }
        None => {
            let hint = match path.last_key() {
                "seconds" | "milliseconds" => {
                    "it takes a JSON pointer into the body, such as `/retry_after`; a `Retry-After` header is heeded without a word"
                }
                "scope" => "it takes a JSON pointer, such as `/scope`",
                _ => "it takes a JSON pointer, such as `/error`",
            };
            Advice::only(hint)
        }
    }
}

/// Whether a list of mappings is due.
fn takes_mappings(shapes: &Shapes, id: ShapeId) -> bool {
    let Some(shape) = shapes.get(id) else { return false };
    let items = shape.items.and_then(|items| shapes.get(items));
    items.is_some_and(|items| items.kinds.meets(Kinds::MAPPING))
        || shape.branches.iter().any(|branch| takes_mappings(shapes, *branch))
}

/// About a lifetime or a field where it is due what says when a token dies: `30 days`, `3600`, `/expires_in`.
pub(super) fn expiry(shapes: &Shapes, id: ShapeId, value: &Value) -> Option<Advice> {
    let ways = shapes.keys_of(id);
    if !["constant", "seconds"].iter().all(|way| ways.contains(way)) {
        return None;
    }
    let (way, of) = match value {
        Value::Number(number) => ("constant", written_lifetime(&format!("{}s", number.as_u64()?))?),
        Value::String(field) if field.starts_with('/') && !field.contains(char::is_whitespace) => {
            ("seconds", field.clone())
        }
        Value::String(text) => ("constant", written_lifetime(text)?),
        _ => return None,
    };
    let hint = format!("did you mean `{{ {way}: {of} }}`?");
    let meant = Mapping::from_iter([(way.into(), of.into())]);
    Some(Advice::meaning(hint, Value::Mapping(meant)))
}

/// About the keys of a mapping; `either`: it may be a text instead.
fn keys(keys: &[&str], either: bool) -> Option<Advice> {
    let start = if either { "as a mapping, its keys are" } else { "its keys are" };
    (!keys.is_empty()).then(|| Advice::only(format!("{start} {}", list(keys.iter().copied()))))
}

/// About a text where `true` or `false` is due.
fn truth(text: &str) -> Option<Advice> {
    let word = text.to_ascii_lowercase();
    let truth = ["yes", "on", "y", "true"].contains(&word.as_str());
    let hint = match word.as_str() {
        "yes" | "on" | "y" => "write `true`: to YAML 1.2, `yes` and `on` are texts".to_owned(),
        "no" | "off" | "n" => "write `false`: to YAML 1.2, `no` and `off` are texts".to_owned(),
        "true" | "false" => format!("write it without quotes: {word}"),
        _ => return None,
    };
    Some(Advice::meaning(hint, truth.into()))
}

/// About a text where a number is due.
pub(super) fn without_quotes(text: &str) -> Option<Advice> {
    let number = text.parse::<u64>().ok()?;
    // One that begins with a zero is a text without quotes, too.
    let hint = match number.to_string() == text {
        true => format!("write it without quotes: {text}"),
        false => format!("write {number}: what begins with a zero or a sign is a text"),
    };
    Some(Advice::meaning(hint, number.into()))
}

/// About a number with a fraction or an exponent where a whole one is due.
fn whole(number: &serde_yaml::Number) -> Option<Advice> {
    let number = number.as_f64().filter(|number| number.fract() == 0.0)?;
    let whole: u64 = format!("{number}").parse().ok()?;
    Some(Advice::meaning(format!("write {whole}"), whole.into()))
}

/// About a list of one where that one is due.
fn alone(items: &[Value], kinds: Kinds) -> Option<Advice> {
    match items {
        [only] if kinds.meets(Kinds::of(only)) => {
            let hint = "write the one value without the list around it";
            Some(Advice::meaning(hint, only.clone()))
        }
        _ => None,
    }
}
