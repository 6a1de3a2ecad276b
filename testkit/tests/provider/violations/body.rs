//! What is wrong with a body.

use super::{Violation, Wire, is_constant, optional_names};
use rekindle_contract::contract::{
    Body, ClientAuth, Contract, Template, XmlText, xml_fields, xml_texts,
};
use rekindle_testkit::provider::Rule;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ops::Range;

pub fn add(contract: &Contract, right: &Wire, all: &mut Vec<Violation>) {
    match &contract.request.body {
        Body::Empty => {
            let body = right.with_body("x");
            all.push(body.breaks(Rule::BodyUnexpected, "a body"));
        }
        Body::Form(fields) => {
            for bad in [&b"{\"a\":1}"[..], b"a=%", b"\xff"] {
                all.push(right.with_body(bad).breaks(Rule::BodyEncoding, "no form"));
            }
            let mut declared = fields.clone();
            if let ClientAuth::Body(fields) = &contract.request.auth {
                declared.extend(fields.clone());
            }
            let constant = |name: &str| {
                let found = declared.iter().find(|(declared, _)| declared == name);
                is_constant(&found.unwrap().1)
            };
            form(right, constant, &optional_names(contract), all);
        }
        Body::Xml(document) => {
            for bad in [&b"{}"[..], b"", b"<a>", b"<a/>x", b"\xff"] {
                all.push(right.with_body(bad).breaks(Rule::BodyEncoding, "no XML"));
            }
            xml(right, &xml_fields(document), all);
        }
        Body::Json(_) => {
            for bad in [&b"a=b"[..], b"", b"{", b"{}x", b"\xff"] {
                all.push(right.with_body(bad).breaks(Rule::BodyEncoding, "no JSON"));
            }
            let value: Value = serde_json::from_slice(&right.body).unwrap();
            json_body(right, &value, &optional_names(contract), all);
        }
    }
}

/// Every text away, and every one that is constant another one; more in the outermost element.
fn xml(right: &Wire, declared: &[(String, Template)], all: &mut Vec<Violation>) {
    let document = String::from_utf8(right.body.clone()).unwrap();
    let replaced = |range: Range<usize>, other: &str| {
        let mut document = document.clone();
        document.replace_range(range, other);
        right.with_body(document)
    };
    for found in xml_texts(&document).unwrap() {
        let name = &found.path;
        let without = found.whole.map(|whole| replaced(whole, ""));
        // An element without the only one in it is another text.
        let is_known = |text: &XmlText| declared.iter().any(|(path, _)| *path == text.path);
        let known = |right: &Wire| {
            let document = std::str::from_utf8(&right.body).unwrap();
            xml_texts(document).unwrap().iter().all(is_known)
        };
        if let Some(without) = without.filter(known) {
            all.push(without.breaks(Rule::FieldMissing, format!("no {name}")));
        }
        let template = declared.iter().find(|(path, _)| path == name);
        if let Some(value) = found.value
            && template.is_some_and(|(_, template)| is_constant(template))
        {
            let other = replaced(value, "another");
            all.push(other.breaks(Rule::FieldValue, format!("another {name}")));
        }
    }
    let end = document.rfind("</").unwrap();
    let extra = replaced(end..end, "<undeclared>1</undeclared>");
    all.push(extra.breaks(Rule::FieldExtra, "an undeclared element"));
}

fn form(
    right: &Wire,
    constant: impl Fn(&str) -> bool,
    optional: &BTreeSet<String>,
    all: &mut Vec<Violation>,
) {
    let text = String::from_utf8(right.body.clone()).unwrap();
    let pairs: Vec<&str> = text.split('&').collect();
    let extra = right.with_body(format!("{text}&undeclared=1"));
    all.push(extra.breaks(Rule::FieldExtra, "an undeclared field"));
    for (position, pair) in pairs.iter().enumerate() {
        let (name, _) = pair.split_once('=').unwrap();
        let mut without = pairs.clone();
        without.remove(position);
        let missing = right.with_body(without.join("&"));
        if !optional.contains(name) {
            all.push(missing.breaks(Rule::FieldMissing, format!("no {name}")));
        }
        let twice = right.with_body(format!("{text}&{pair}"));
        all.push(twice.breaks(Rule::FieldTwice, format!("{name} twice")));
        if constant(name) {
            let other = right.with_body(text.replacen(pair, &format!("{pair}x"), 1));
            all.push(other.breaks(Rule::FieldValue, format!("another {name}")));
        }
    }
}

/// Every change at every depth.
fn json_body(right: &Wire, whole: &Value, optional: &BTreeSet<String>, all: &mut Vec<Violation>) {
    let mut paths = Vec::new();
    walk(whole, String::new(), &mut paths);
    for path in paths {
        let at = whole.pointer(&path).unwrap().clone();
        let mut put = |rule: Rule, value: Value, what: &str| {
            let mut changed = whole.clone();
            *changed.pointer_mut(&path).unwrap() = value;
            let body = right.with_body(changed.to_string());
            all.push(body.breaks(rule, format!("{what} at `{path}`")));
        };
        put(Rule::FieldValue, of_another_type(&at), "another type");
        match &at {
            Value::Object(members) => {
                let mut more = members.clone();
                more.insert("undeclared".to_owned(), json!(1));
                put(Rule::FieldExtra, more.into(), "an undeclared field");
                for name in members.keys().filter(|name| !optional.contains(*name)) {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    put(Rule::FieldMissing, fewer.into(), &format!("no {name}"));
                }
                for (name, value) in members {
                    let object = at.to_string();
                    let twin = format!("{{{}:{value},", json!(name));
                    let twice = object.replacen('{', &twin, 1);
                    let body = whole.to_string().replacen(&object, &twice, 1);
                    let body = right.with_body(body);
                    all.push(body.breaks(Rule::FieldTwice, format!("{name} twice")));
                }
            }
            Value::Array(items) => {
                let mut more = items.clone();
                more.push(json!(1));
                put(Rule::FieldExtra, more.into(), "an undeclared item");
                let fewer = items[..items.len() - 1].to_vec();
                put(Rule::FieldMissing, fewer.into(), "no last item");
            }
            Value::Bool(value) => put(Rule::FieldValue, json!(!value), "the contrary"),
            Value::Number(value) => {
                let more = value.as_f64().unwrap() + 1.0;
                put(Rule::FieldValue, json!(more), "another number");
                put(Rule::FieldValue, json!(value.to_string()), "a text");
            }
            Value::Null | Value::String(_) => {}
        }
    }
}

fn of_another_type(value: &Value) -> Value {
    match value {
        Value::Null => json!(false),
        Value::Bool(value) => json!(value.to_string()),
        Value::Number(_) | Value::String(_) | Value::Object(_) => json!([]),
        Value::Array(_) => json!({}),
    }
}

fn walk(value: &Value, at: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, format!("{at}/{name}"), paths);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{at}/{index}"), paths);
            }
        }
        _ => {}
    }
    paths.push(at);
}
