//! From the types of the language to its JSON Schema.

use crate::spec::Spec;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Where editors find the schema.
const ID: &str = "https://raw.githubusercontent.com/rekindle-rs/rekindle/main/specs/schema/v1.json";

/// The JSON Schema of the language, made from its types: what `schema/v1.json` must say.
pub fn generate() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Spec>();
    let mut schema = schema.to_value();
    tidy(&mut schema);
    let mut text = serde_json::to_string_pretty(&with_heading(schema)).unwrap_or_default();
    text.push('\n');
    text
}

/// The schema with its name and address on top.
fn with_heading(schema: Value) -> Value {
    let mut heading = Map::new();
    heading.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    heading.insert("$id".into(), json!(ID));
    heading.insert("title".into(), json!("Rekindle refresh contract"));
    if let Value::Object(members) = schema {
        for (key, value) in members {
            heading.entry(key).or_insert(value);
        }
    }
    Value::Object(heading)
}

/// Says in the schema what Rust says elsewhere: a key that is there has a value, and numbers have no width.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            // Names of the user's own may stand for nothing where their type says so: `form: { grant_type: null }`.
            let nothing =
                members.get("additionalProperties").and_then(|named| named.get("type")).cloned();
            drop_null(members);
            drop_width(members);
            drop_empty_default(members);
            unwrap_lines(members);
            members.values_mut().for_each(tidy);
            if let (Some(nothing @ Value::Array(_)), Some(named)) =
                (nothing, members.get_mut("additionalProperties"))
            {
                named["type"] = nothing;
            }
            if let Some(Value::Object(properties)) = members.get_mut("properties") {
                properties.values_mut().for_each(refuse_null);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// An optional key may be left out; it may not be there without a value.
fn drop_null(members: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(branches)) = members.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            members.shift_remove("anyOf");
            for (key, value) in only {
                members.entry(key).or_insert(value);
            }
        }
    }
}

/// `format: uint32` becomes the range that it stands for.
fn drop_width(members: &mut Map<String, Value>) {
    let Some(format) = members.get("format").and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    let range = match format.as_str() {
        "uint16" => Some((json!(0), json!(u16::MAX))),
        "uint32" => Some((json!(0), json!(u32::MAX))),
        "uint64" => Some((json!(0), json!(u64::MAX))),
        "int64" => Some((json!(i64::MIN), json!(i64::MAX))),
        _ => None,
    };
    let Some((minimum, maximum)) = range else {
        return;
    };
    members.shift_remove("format");
    members.entry("minimum").or_insert(minimum);
    members.entry("maximum").or_insert(maximum);
    if members.get("minimum") == members.get("maximum") {
        members.shift_remove("minimum");
        if let Some(only) = members.shift_remove("maximum") {
            members.insert("const".into(), only);
        }
    }
}

/// Descriptions come first, without the line breaks of the source code; code keeps its own.
fn unwrap_lines(members: &mut Map<String, Value>) {
    let Some(Value::String(text)) = members.get("description") else {
        return;
    };
    let unwrapped = |paragraph: &str| match paragraph.starts_with("```") {
        true => paragraph.to_owned(),
        false => paragraph.replace('\n', " "),
    };
    let paragraphs: Vec<String> = text.split("\n\n").map(unwrapped).collect();
    members.shift_insert(0, "description".into(), Value::String(paragraphs.join("\n\n")));
}

/// An empty default says nothing that leaving the key out does not say, and editors would insert it.
fn drop_empty_default(members: &mut Map<String, Value>) {
    let empty = match members.get("default") {
        Some(Value::Object(default)) => default.is_empty(),
        Some(Value::Array(default)) => default.is_empty(),
        Some(Value::Null) => true,
        _ => false,
    };
    if empty {
        members.shift_remove("default");
    }
}

/// A key that takes anything takes anything but nothing.
fn refuse_null(property: &mut Value) {
    let Value::Object(members) = property else {
        return;
    };
    let says_what = ["type", "$ref", "anyOf", "oneOf", "enum", "const"];
    if !says_what.iter().any(|keyword| members.contains_key(*keyword)) {
        members.insert("type".into(), json!(["object", "array", "string", "number", "boolean"]));
    }
}
