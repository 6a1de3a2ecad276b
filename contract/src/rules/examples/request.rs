//! The request of an example must be the one that the contract makes.

use super::{Facts, shorten};
use crate::contract::{Body, Example, ExampleBody, ExampleRequest, Slot, XmlText, xml_texts};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::REQUEST_DIFFERS;
use crate::exchange::{RenderError, WireRequest, render};
use crate::path::Path;
use serde_json::Value;
use std::collections::BTreeMap;

const CORRECT: &str = "correct the example or the contract: one of them is not what the page says";

pub(super) fn check(
    facts: Facts<'_>,
    example: &Example,
    index: usize,
    is_whole: bool,
    path: &Path,
    found: &mut Vec<Finding>,
) {
    let Some(expected) = &example.request else {
        return;
    };
    let path = path.key("request");
    let is_of_kind = kind(&expected.body, &facts.contract.request.body, &path, found);
    if !is_whole {
        return; // What is given makes another request.
    }
    let wire = match render(facts.contract, &example.given) {
        Ok(wire) => wire,
        // The rules about generated values say so.
        Err(RenderError::Missing(Slot::Value(_) | Slot::Taken(_))) => return,
        Err(error) => {
            let message = format!("the contract makes no such request: {error}");
            found
                .push(Finding::value(REQUEST_DIFFERS, path, message).hint("correct what is given"));
            return;
        }
    };
    let mut differs = Differs { found };
    differs.text(path.key("method"), "the method", &expected.method, &wire.method);
    url(&expected.url, &wire.url, &path.key("url"), &mut differs);
    headers(facts, expected, &wire, index, &path, &mut differs);
    if is_of_kind {
        body(expected, &wire, &path, &mut differs);
    }
}

struct Differs<'a> {
    found: &'a mut Vec<Finding>,
}

impl Differs<'_> {
    fn text(&mut self, path: Path, what: &str, expected: &str, made: &str) {
        if expected != made {
            self.at(path, format!("{what} differs: the contract makes `{}`", shorten(made)));
        }
    }

    fn at(&mut self, path: Path, message: String) {
        self.found.push(Finding::value(REQUEST_DIFFERS, path, message).hint(CORRECT));
    }
}

/// The addresses up to the query, and then the query by its parameters, in any order.
fn url(expected: &str, made: &str, path: &Path, differs: &mut Differs<'_>) {
    let split = |url: &str| match url.split_once('?') {
        Some((address, query)) => (address.to_owned(), query.to_owned()),
        None => (url.to_owned(), String::new()),
    };
    let ((expected, asked), (made, query)) = (split(expected), split(made));
    if expected != made {
        let made = from_difference(&expected, &made);
        differs.at(path.clone(), format!("the URL differs: the contract makes `{made}`"));
    }
    let parameters = |query: &str| -> Vec<(String, Option<String>)> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let mut pairs: Vec<_> = pairs
            .map(|pair| match pair.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (pair.to_owned(), None),
            })
            .collect();
        pairs.sort();
        pairs
    };
    let (mut asked, mut made) = (parameters(&asked), parameters(&query));
    let all = made.clone();
    made.retain(|pair| !asked.contains(pair));
    asked.retain(|pair| !all.contains(pair));
    for (name, _) in &asked {
        let message = match made.iter().position(|(made, _)| made == name) {
            None => format!("the URL differs: the contract sends no parameter `{name}`"),
            Some(at) => {
                let value = match made.remove(at).1 {
                    Some(value) => format!("sends `{}`", shorten(&value)),
                    None => "sends it without a value".to_owned(),
                };
                format!("the URL's parameter `{name}` differs: the contract {value}")
            }
        };
        differs.at(path.clone(), message);
    }
    for (name, _) in made {
        let message = format!("the URL differs: the contract also sends the parameter `{name}`");
        differs.at(path.clone(), message);
    }
}

/// `made` from shortly before where it differs.
fn from_difference(expected: &str, made: &str) -> String {
    let same = expected.chars().zip(made.chars()).take_while(|(one, other)| one == other).count();
    let skipped = same.saturating_sub(12);
    if skipped == 0 || made.chars().count() <= 48 {
        return shorten(made);
    }
    let rest: String = made.chars().skip(skipped).collect();
    format!("…{}", shorten(&rest))
}

fn headers(
    facts: Facts<'_>,
    expected: &ExampleRequest,
    wire: &WireRequest,
    index: usize,
    path: &Path,
    differs: &mut Differs<'_>,
) {
    let made: BTreeMap<&str, &str> =
        wire.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let written = facts.spec.examples.get(index).and_then(|example| example.request.as_ref());
    let Some(written) = written else { return };
    for spelled in written.headers.keys() {
        let path = path.key("headers").key(spelled);
        let lower = spelled.to_ascii_lowercase();
        let value = expected.headers.get(&lower).map_or("", String::as_str);
        match made.get(lower.as_str()) {
            Some(made) => differs.text(path, &format!("the header `{spelled}`"), value, made),
            None => differs.at(path, format!("the contract sends no header `{spelled}`")),
        }
    }
    for (position, spelled) in written.absent_headers.iter().enumerate() {
        if made.contains_key(spelled.to_ascii_lowercase().as_str()) {
            let path = path.key("absent_headers").index(position);
            differs.at(path, format!("the contract does send the header `{spelled}`"));
        }
    }
}

/// Whether the body is of the kind that the example shows, whatever is in it.
fn kind(expected: &ExampleBody, made: &Body, path: &Path, found: &mut Vec<Finding>) -> bool {
    let (key, kind) = match (expected, made) {
        (ExampleBody::Empty, Body::Empty)
        | (ExampleBody::Text(_), _)
        | (ExampleBody::Form(_), Body::Form(_))
        | (ExampleBody::Json(_), Body::Json(_))
        | (ExampleBody::Xml(_), Body::Xml(_)) => return true,
        (ExampleBody::Empty, _) => {
            let message = "the contract sends a body, and the example shows none";
            found.push(Finding::key(REQUEST_DIFFERS, path.clone(), message).hint(CORRECT));
            return false;
        }
        (ExampleBody::Form(_), _) => ("form", "a form"),
        (ExampleBody::Json(_), _) => ("json", "JSON"),
        (ExampleBody::Xml(_), _) => ("xml", "XML"),
    };
    let message = format!("the contract sends {}, not {kind}", words(made));
    found.push(Finding::key(REQUEST_DIFFERS, path.key(key), message).hint(CORRECT));
    false
}

/// The body, of the kind that is expected.
fn body(expected: &ExampleRequest, wire: &WireRequest, path: &Path, differs: &mut Differs<'_>) {
    match &expected.body {
        ExampleBody::Empty => {}
        ExampleBody::Form(fields) => form(fields, wire, &path.key("form"), differs),
        ExampleBody::Json(json) => {
            let made = serde_json::from_slice(&wire.body).unwrap_or(Value::Null);
            value(json, &made, &path.key("json"), differs);
        }
        ExampleBody::Xml(document) => xml(document, wire, &path.key("xml"), differs),
        ExampleBody::Text(text) => {
            differs.text(path.key("text"), "the body", text, &String::from_utf8_lossy(&wire.body));
        }
    }
}

fn words(body: &Body) -> &'static str {
    match body {
        Body::Empty => "no body",
        Body::Form(_) => "a form",
        Body::Json(_) => "JSON",
        Body::Xml(_) => "XML",
    }
}

fn form(
    fields: &BTreeMap<String, String>,
    wire: &WireRequest,
    path: &Path,
    differs: &mut Differs<'_>,
) {
    let made: BTreeMap<String, String> = form_urlencoded::parse(&wire.body).into_owned().collect();
    for (name, value) in fields {
        match made.get(name) {
            Some(made) => differs.text(path.key(name), &format!("the field `{name}`"), value, made),
            None => differs.at(path.key(name), format!("the contract sends no field `{name}`")),
        }
    }
    for name in made.keys().filter(|name| !fields.contains_key(*name)) {
        differs.at(path.clone(), format!("the contract also sends the field `{name}`"));
    }
}

/// The texts of elements and attributes, each by the path to it.
fn xml(document: &str, wire: &WireRequest, path: &Path, differs: &mut Differs<'_>) {
    let Some(expected) = xml_texts(document) else {
        return differs.at(path.clone(), "this is no XML document".to_owned());
    };
    let made = xml_texts(&String::from_utf8_lossy(&wire.body)).unwrap_or_default();
    for XmlText { path: name, text, .. } in &expected {
        match made.iter().find(|made| made.path == *name) {
            Some(made) => differs.text(path.clone(), &format!("`{name}`"), text, &made.text),
            None => differs.at(path.clone(), format!("the contract sends no `{name}`")),
        }
    }
    let is_expected = |made: &&XmlText| expected.iter().any(|text| text.path == made.path);
    for made in made.iter().filter(|made| !is_expected(made)) {
        differs.at(path.clone(), format!("the contract also sends `{}`", made.path));
    }
}

/// Each difference at the innermost value that differs.
fn value(expected: &Value, made: &Value, path: &Path, differs: &mut Differs<'_>) {
    match (expected, made) {
        (Value::Object(expected), Value::Object(made)) => {
            for (name, expected) in expected {
                match made.get(name) {
                    Some(made) => value(expected, made, &path.key(name), differs),
                    None => {
                        differs.at(path.key(name), format!("the contract sends no member `{name}`"))
                    }
                }
            }
            for name in made.keys().filter(|name| !expected.contains_key(*name)) {
                differs.at(path.clone(), format!("the contract also sends the member `{name}`"));
            }
        }
        (Value::Array(expected), Value::Array(made)) if expected.len() == made.len() => {
            for (index, (expected, made)) in expected.iter().zip(made).enumerate() {
                value(expected, made, &path.index(index), differs);
            }
        }
        _ if expected == made => {}
        _ => differs.at(
            path.clone(),
            format!("the value differs: the contract sends `{}`", shorten(&made.to_string())),
        ),
    }
}
