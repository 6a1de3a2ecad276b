//! What to do about a value of the wrong kind.

use super::compile::{ShapeId, Shapes};
use super::forms::{self, Form};
use super::keys::ONE_WAY;
use super::kinds::Kinds;
use super::words::list;
use super::{keys, words};
use crate::path::{Path, Step};
use crate::resolve::{duration_hint, meant_pointer, stated_lifetime, written_lifetime};
use crate::suggest::nearest;
use serde_yaml::{Mapping, Value};

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
    let keys = || keys_of(&shapes.ways_of(id), takes(Kinds::TEXT));
    if let Value::Number(number) = value
        && let Some(number) = number.as_u64()
        && let Some(meant) = length(shapes, id, &format!("{number}s"), path)
    {
        return Some(meant);
    }
    match value {
        _ if path.0.is_empty() => Some(Advice::only("begin with `rekindle: 1`")),
        Value::Number(_) | Value::Bool(_) if shape.free_text => {
            Some(unquoted(shapes, written, path))
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
        Value::Mapping(place) if Form::at(shapes, path) == Some(Form::Pointer) => {
            Some(pointer(place, path))
        }
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

/// About a number, `true` or `false` where a text is due.
fn unquoted(shapes: &Shapes, written: &str, path: &Path) -> Advice {
    match Form::at(shapes, path) {
        None => Advice::meaning(format!("quote it: \"{written}\""), written.into()),
        Some(Form::Duration) => Advice::only(duration_hint(written)),
        Some(Form::Pointer) => pointer(&Mapping::new(), path),
        Some(Form::End) => {
            let way = forms::way(path).unwrap_or_default();
            let hint = stated_lifetime(way, written);
            Advice::only(hint.unwrap_or_else(|| {
                "it takes a JSON pointer to the field of the answer that says it".to_owned()
            }))
        }
    }
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
            let name = path.0.iter().rev().find_map(|step| match step {
                Step::Key(key) => Some(&**key),
                Step::Index(_) => None,
            });
            let hint = match name.unwrap_or_default() {
                "seconds" | "milliseconds" => {
                    "it takes a JSON pointer into the body, such as `/retry_after`; a `Retry-After` header is heeded without a word"
                }
                "scope" => "it takes a JSON pointer, such as `/scope`",
                "access_token" => "it takes a JSON pointer, such as `/access_token`",
                "refresh_token" => "it takes a JSON pointer, such as `/refresh_token`",
                "token_type" => "it takes a JSON pointer, such as `/token_type`",
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

/// About a text where one of a few words is due, or a mapping beside them.
pub(super) fn no_word(shapes: &Shapes, id: ShapeId, text: &str, path: &Path) -> Advice {
    let (offered, ways) = (shapes.offered(id), shapes.ways_of(id));
    if let Some(word) = keys::word_of_others(text, &offered) {
        return word_instead(word);
    }
    if let Some(hint) = keys::word_of_elsewhere(text, &offered) {
        return Advice::only(hint);
    }
    let special = length(shapes, id, text, path).or_else(|| end(shapes, id, text, path));
    if let Some(advice) = special {
        return advice;
    }
    let known = keys::word_of_others(text, &ways);
    match known.or_else(|| nearest(text, offered.iter().chain(&ways).copied())) {
        Some(word) if offered.contains(&word) => word_instead(word),
        Some(way) => as_mapping(shapes, id, way),
        None => {
            let due = words::due(shapes, id);
            let holds = of_any_text(shapes, id, path);
            let such = holds.map(|way| format!(", such as `{{ {way}: {} }}`", quoted(text)));
            Advice::only(format!("it takes {due}{}", such.unwrap_or_default()))
        }
    }
}

fn word_instead(word: &str) -> Advice {
    Advice::meaning(format!("did you mean `{word}`?"), word.into())
}

/// A text as it stands within braces.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("{text:?}") }
}

/// The one key of a mapping that may stand here, where it holds any text.
fn of_any_text<'a>(shapes: &'a Shapes, id: ShapeId, path: &Path) -> Option<&'a str> {
    let [way] = shapes.ways_of(id)[..] else { return None };
    let below = shapes.below(id, way);
    let holds = below.iter().filter_map(|id| shapes.get(*id)).any(|shape| shape.free_text);
    (holds && Form::at(shapes, &path.key(way)).is_none()).then_some(way)
}

/// About a text that is a key of the mapping which may stand here.
fn as_mapping(shapes: &Shapes, id: ShapeId, way: &str) -> Advice {
    let below = shapes.below(id, way);
    let below = below.first().copied().unwrap_or_default();
    let required = shapes.required(below);
    let value = match shapes.offered(below).first() {
        _ if !required.is_empty() => {
            let pairs: Vec<String> = required.iter().map(|key| format!("{key}: …")).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Some(word) => (*word).to_owned(),
        None => "…".to_owned(),
    };
    let about = words::in_short(shapes.about(id, way)).trim_end_matches('.');
    Advice::only(format!("write a mapping, `{{ {way}: {value} }}`: {about}"))
}

/// About a length of time where a mapping may stand that holds one: `30 days`, `3600s`.
fn length(shapes: &Shapes, id: ShapeId, text: &str, path: &Path) -> Option<Advice> {
    let way = way_of(shapes, id, Form::Duration, path)?;
    Some(in_mapping(way, written_lifetime(text)?))
}

/// About the name of a field where a mapping may stand that says in which one the end of a token is: `/expires_in`, `expiresIn`.
fn end(shapes: &Shapes, id: ShapeId, text: &str, path: &Path) -> Option<Advice> {
    let way = way_of(shapes, id, Form::End, path)?;
    let plain = text.replace(['_', '-'], "").to_ascii_lowercase();
    let names_end = ["expir", "lifetime", "ttl", "valid"].iter().any(|word| plain.contains(word));
    let is_one = text.starts_with('/') || names_end;
    let field = meant_pointer(text).filter(|_| is_one && !text.contains(char::is_whitespace))?;
    let is_instant = ["at", "on", "until", "expiry", "expiration", "expires"];
    match is_instant.iter().any(|end| plain.ends_with(end)) {
        true => Some(Advice::only(format!(
            "say in which way `{field}` tells it: `{{ {way}: {field} }}` for a lifetime, `{{ unix_seconds: {field} }}` or `{{ rfc3339: {field} }}` for an instant"
        ))),
        false => Some(in_mapping(way, field)),
    }
}

/// The first key of a mapping that may stand at `path` whose value is a text of this form.
fn way_of<'a>(shapes: &'a Shapes, id: ShapeId, form: Form, path: &Path) -> Option<&'a str> {
    let is_text = shapes.get(id).is_none_or(|shape| shape.free_text);
    let mut ways = shapes.ways_of(id).into_iter();
    ways.find(|way| !is_text && Form::at(shapes, &path.key(*way)) == Some(form))
}

fn in_mapping(way: &str, of: String) -> Advice {
    let hint = format!("did you mean `{{ {way}: {of} }}`?");
    let meant = Mapping::from_iter([(way.into(), of.into())]);
    Advice::meaning(hint, Value::Mapping(meant))
}

/// About the keys of a mapping; `either`: it may be a text instead.
fn keys_of(keys: &[&str], either: bool) -> Option<Advice> {
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
