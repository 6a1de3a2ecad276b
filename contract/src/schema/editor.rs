//! The JSON Schema as editors read it best. It says the same of a spec, in a form by which the common YAML language server shows the
//! right text and completes the right words.
//!
//! On hover the server shows the first text that fits a value, from the inside out: a word described by itself, or a branch, hides what
//! is said of its key. So words are one `enum` with a text for each, which is shown below the key's, and branches have no text. And a
//! server that is told nothing of what a variant holds completes nothing in it.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What no variant says.
const OF_THE_FILE: [&str; 3] = ["rekindle", "like", "variants"];

/// What a definition is called of which all may be left out.
const PARTIAL: &str = "Partial";

/// The schema for editors.
pub(super) fn for_editors(schema: &Value) -> Value {
    let mut schema = schema.clone();
    words(&mut schema);
    let mut branches = BTreeSet::new();
    silence_branches(&mut schema, &mut branches);
    let Value::Object(mut root) = schema else { return schema };
    let Some(Value::Object(mut definitions)) = root.remove("$defs") else {
        return Value::Object(root);
    };
    for (name, definition) in &mut definitions {
        if let Value::Object(members) = definition
            && branches.contains(name)
        {
            members.remove("description");
        }
    }
    let body: Map<String, Value> = ["type", "additionalProperties", "properties", "required"]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), root.remove(key)?)))
        .collect();
    let mut partial: Map<String, Value> = definitions
        .iter()
        .map(|(name, definition)| {
            let mut partial = partial(definition);
            partial.as_object_mut().map(|members| members.remove("description"));
            (format!("{PARTIAL}{name}"), partial)
        })
        .collect();
    let mut variant = self::partial(&Value::Object(body.clone()));
    if let Some(properties) = variant["properties"].as_object_mut() {
        properties.retain(|key, _| !OF_THE_FILE.contains(&key.as_str()));
    }
    let whole = Value::Object(body);
    let mut in_part = self::partial(&whole);
    for key in OF_THE_FILE {
        in_part["properties"][key] = whole["properties"][key].clone();
    }
    in_part["required"] = json!(["rekindle"]);
    definitions.append(&mut partial);
    definitions.insert("VariantSpec".to_owned(), variant);
    root.insert("type".to_owned(), json!("object"));
    // What is taken from another spec, or said by each variant, need not stand here.
    root.insert(
        "if".to_owned(),
        json!({ "anyOf": [{ "required": ["like"] }, { "required": ["variants"] }] }),
    );
    root.insert("then".to_owned(), in_part);
    root.insert("else".to_owned(), whole);
    root.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(root)
}

/// What the text of a word or a key says that the language knows and refuses: no editor should offer it.
pub(crate) const REFUSED: &str = "Not supported yet";

fn is_refused(node: &Value) -> bool {
    node["description"].as_str().is_some_and(|text| text.contains(REFUSED))
}

/// Alternatives of words become a list of them.
fn words(node: &mut Value) {
    match node {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get_mut("properties") {
                properties.retain(|_, held| !is_refused(held));
            }
            members.values_mut().for_each(words);
            let Some(Value::Array(all)) = members.get("oneOf") else { return };
            let all = || all.iter().filter(|word| !is_refused(word));
            let names: Vec<Value> = all().map(|word| word["const"].clone()).collect();
            let texts: Vec<Value> = all().map(|word| word["description"].clone()).collect();
            members.remove("oneOf");
            members.insert("type".to_owned(), json!("string"));
            members.insert("enum".to_owned(), names.into());
            members.insert("markdownEnumDescriptions".to_owned(), texts.into());
        }
        Value::Array(items) => items.iter_mut().for_each(words),
        _ => {}
    }
}

/// Takes the texts of branches away, and names what they lead to.
fn silence_branches(node: &mut Value, named: &mut BTreeSet<String>) {
    match node {
        Value::Object(members) => {
            for branch in
                members.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten()
            {
                if let Value::Object(branch) = branch {
                    branch.remove("description");
                    let to = branch.get("$ref").and_then(Value::as_str);
                    named.extend(to.map(|to| to.trim_start_matches("#/$defs/").to_owned()));
                }
            }
            members.values_mut().for_each(|member| silence_branches(member, named));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| silence_branches(item, named)),
        _ => {}
    }
}

/// The same where all that it holds may be left out, or be taken away by `null`. Lists are whole: they stand in the place of others.
fn partial(node: &Value) -> Value {
    let Value::Object(members) = node else { return node.clone() };
    let mut partial = Map::new();
    for (key, member) in members {
        let value = match (key.as_str(), member) {
            ("required" | "minProperties", _) => continue,
            ("$ref", Value::String(to)) => {
                let to = to.replace("#/$defs/", &format!("#/$defs/{PARTIAL}"));
                Value::String(to)
            }
            ("properties", Value::Object(properties)) => {
                properties.iter().map(|(name, held)| (name.clone(), or_null(held))).collect()
            }
            ("additionalProperties", held @ Value::Object(_)) => or_null(held),
            ("anyOf", Value::Array(branches)) => branches.iter().map(self::partial).collect(),
            _ => member.clone(),
        };
        partial.insert(key.clone(), value);
    }
    Value::Object(partial)
}

/// What a key holds, or nothing.
fn or_null(held: &Value) -> Value {
    let mut held = partial(held);
    let text = held.as_object_mut().and_then(|members| members.remove("description"));
    let mut either = json!({ "anyOf": [held, { "type": "null" }] });
    if let Some(text) = text {
        either["description"] = text;
    }
    either
}
