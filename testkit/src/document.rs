//! Answers with one thing changed.

use crate::head;
use rekindle_contract::contract::{form_fields, form_text, json_document, xml_text};
use serde_json::{Map, Value};

/// A JSON document, to be sent as it is or with one thing changed.
///
/// ```
/// let answer = rekindle_testkit::document(r#"{"data":{"token":"new","type":"Bearer"}}"#);
/// assert_eq!(answer.with("/data/token", "null").text(), r#"{"data":{"token":null,"type":"Bearer"}}"#);
/// assert_eq!(answer.without("/data/token").text(), r#"{"data":{"type":"Bearer"}}"#);
/// ```
///
/// # Panics
/// When `json` is not JSON.
#[track_caller]
pub fn document(json: &str) -> Document {
    let value = serde_json::from_str(json)
        .unwrap_or_else(|error| panic!("a test's own document is not JSON: {error}"));
    Document { value, raw: Vec::new(), format: Format::Json }
}

/// The fields of a form (`application/x-www-form-urlencoded`), to be sent as they are or with one thing changed.
///
/// Where a change leaves something that is no text, which no form can hold, the fields are sent as JSON.
///
/// ```
/// let answer = rekindle_testkit::form("token=a+b&life=60");
/// assert_eq!(answer.with("/life", r#""90""#).text(), "token=a+b&life=90");
/// assert_eq!(answer.with("/life", "90").text(), r#"{"token":"a b","life":90}"#);
/// ```
pub fn form(text: &str) -> Document {
    Document { value: Value::Object(form_fields(text)), raw: Vec::new(), format: Format::Form }
}

/// The fields of an XML document, to be sent as they are or with one thing changed: elements by their names, and attributes beside them.
///
/// Numbers and truths become texts, `null` is left out, a list is the element several times. Where a change leaves something that is no
/// document, with two roots perhaps, the fields are sent as JSON.
///
/// ```
/// let answer = rekindle_testkit::xml(r#"{"a":{"token":"x<y","token@life":"60"}}"#);
/// let document = r#"<?xml version="1.0" encoding="UTF-8"?><a><token life="60">x&lt;y</token></a>"#;
/// assert_eq!(answer.text(), document);
/// assert_eq!(answer.with("/b", "1").text(), r#"{"a":{"token":"x<y","token@life":"60"},"b":1}"#);
/// ```
///
/// # Panics
/// When `json` is not JSON.
#[track_caller]
pub fn xml(json: &str) -> Document {
    Document { format: Format::Xml, ..document(json) }
}

/// A JSON document, or the fields of a form or of XML: see [`document()`], [`form()`] and [`xml()`].
#[derive(Debug, Clone)]
pub struct Document {
    value: Value,
    /// The texts put in by [`Document::with`], each behind its marker.
    raw: Vec<String>,
    /// As what it is written, where it can be.
    format: Format,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Json,
    Form,
    Xml,
}

impl Document {
    /// The document with `json` at `pointer` (RFC 6901). What is missing on the way is made; a value in the way that is no
    /// container becomes an object.
    ///
    /// The text goes in as it is, so that it may be what no JSON value can hold: `1e400`, or a member twice.
    #[must_use]
    pub fn with(&self, pointer: &str, json: &str) -> Self {
        let mut changed = self.clone();
        *slot(&mut changed.value, pointer) = Value::String(marker(changed.raw.len()));
        changed.raw.push(json.to_owned());
        changed
    }

    /// The document without the member at `pointer` (RFC 6901). It need not be there.
    #[must_use]
    pub fn without(&self, pointer: &str) -> Self {
        let mut changed = self.clone();
        if head::is_place(pointer) {
            if let Value::Object(members) = &mut changed.value {
                members.remove(pointer);
            }
            return changed;
        }
        let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        match changed.value.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.remove(&unescape(last))),
            Some(Value::Array(items)) => {
                if let Some(index) = last.parse::<usize>().ok().filter(|index| *index < items.len())
                {
                    items.remove(index);
                }
            }
            _ => {}
        }
        changed
    }

    /// Its text. What stands in the head of an answer (`with("header X-Token", …)`) is before it, where checks of clients find it.
    pub fn text(&self) -> String {
        let mut body = self.value.clone();
        let mut in_head = Map::new();
        if let Value::Object(members) = &mut body {
            let names = members.keys().filter(|name| head::is_place(name)).cloned();
            for name in names.collect::<Vec<String>>() {
                in_head.extend(members.remove_entry(&name));
            }
        }
        let text = self.written(&body);
        if in_head.is_empty() {
            return text;
        }
        head::before(&self.json(&Value::Object(in_head)), &text)
    }

    fn written(&self, body: &Value) -> String {
        let json = self.json(body);
        let written = match self.format {
            Format::Json => None,
            Format::Form => serde_json::from_str(&json).ok().and_then(|fields| form_text(&fields)),
            Format::Xml => json_document(json.as_bytes()).and_then(|fields| xml_text(&fields)),
        };
        written.unwrap_or(json)
    }

    /// A part of it as JSON, with the texts that were put in.
    fn json(&self, part: &Value) -> String {
        let written = part.to_string();
        self.raw.iter().enumerate().fold(written, |text, (index, raw)| {
            text.replace(&Value::String(marker(index)).to_string(), raw)
        })
    }
}

impl From<Document> for Vec<u8> {
    fn from(document: Document) -> Self {
        document.text().into_bytes()
    }
}

impl From<&Document> for Vec<u8> {
    fn from(document: &Document) -> Self {
        document.text().into_bytes()
    }
}

fn marker(index: usize) -> String {
    format!("\u{1}{index}\u{1}")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

fn slot<'a>(root: &'a mut Value, pointer: &str) -> &'a mut Value {
    if head::is_place(pointer) {
        return step(root, pointer);
    }
    pointer.split('/').skip(1).fold(root, |value, token| step(value, &unescape(token)))
}

fn step<'a>(value: &'a mut Value, token: &str) -> &'a mut Value {
    if let (Value::Array(items), Ok(index)) = (&*value, token.parse::<usize>()) {
        let length = items.len().max(index + 1);
        if let Value::Array(items) = value {
            items.resize(length, Value::Null);
            return &mut items[index];
        }
    }
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    &mut value[token]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_changed_made_and_removed() {
        let start = document(r#"{"a":{"b":1,"c":[1,2]}}"#);
        assert_eq!(start.with("/a/b", "2.5").text(), r#"{"a":{"b":2.5,"c":[1,2]}}"#);
        assert_eq!(start.with("/x/y", "true").text(), r#"{"a":{"b":1,"c":[1,2]},"x":{"y":true}}"#);
        assert_eq!(start.with("/a/c/1", "{}").text(), r#"{"a":{"b":1,"c":[1,{}]}}"#);
        assert_eq!(start.with("/a", "null").text(), r#"{"a":null}"#);
        assert_eq!(start.with("", "[]").text(), "[]");
        assert_eq!(start.without("/a/c/0").without("/a/b").text(), r#"{"a":{"c":[2]}}"#);
        assert_eq!(start.without("/nothing/here").text(), start.text());
    }

    #[test]
    fn a_form_is_one_as_long_as_it_can_be() {
        let start = form("a=x+y&b=%26");
        assert_eq!(start.text(), "a=x+y&b=%26");
        assert_eq!(start.without("/b").text(), "a=x+y");
        assert_eq!(start.with("/a", r#""first","a":"last""#).text(), "a=last&b=%26");
        assert_eq!(start.with("/a", "1e400").text(), r#"{"a":1e400,"b":"&"}"#);
        assert_eq!(start.with("/c/d", r#""x""#).text(), r#"{"a":"x y","b":"&","c":{"d":"x"}}"#);
    }

    #[test]
    fn names_are_unescaped() {
        let start = document(r#"{"a/b":{"~":1}}"#);
        assert_eq!(start.with("/a~1b/~0", "2").text(), r#"{"a/b":{"~":2}}"#);
        assert_eq!(start.without("/a~1b/~0").text(), r#"{"a/b":{}}"#);
    }

    #[test]
    fn a_text_goes_in_as_it_is() {
        let start = document(r#"{"a":1}"#);
        assert_eq!(start.with("/a", "1e400").text(), r#"{"a":1e400}"#);
        assert_eq!(start.with("/a", r#"1,"a":2"#).with("/b", "3").text(), r#"{"a":1,"a":2,"b":3}"#);
    }
}
