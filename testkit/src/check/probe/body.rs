//! What can be wrong with a body.

use super::change::Change;
use super::{Probe, Rule, has_fields, holds_credential, literally_else, pairs};
use rekindle_contract::contract::{Body, ClientAuth, Contract, JsonTemplate, Template, xml_fields};
use serde_json::Value;
use std::borrow::Cow;

/// A place in a body.
struct Place<'a> {
    path: Vec<String>,
    content: Content<'a>,
}

enum Content<'a> {
    Text(Cow<'a, Template>),
    Constant(&'a Value),
    /// An object or a list: it can be missing or be there twice.
    Container,
}

/// What a body is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Form,
    Json,
    Xml,
}

pub(super) fn all(contract: &Contract) -> Vec<Probe> {
    if !has_fields(contract) {
        return vec![Probe::new(Rule::BodyUnexpected, "with a body", "refresh", Change::Body)];
    }
    let mut found = vec![Probe::new(
        Rule::BodyEncoding,
        "with a body that cannot be read",
        "refresh",
        Change::Garbled,
    )];
    let kind = match contract.request.body {
        Body::Form(_) => Kind::Form,
        Body::Xml(_) => Kind::Xml,
        Body::Json(_) | Body::Empty => Kind::Json,
    };
    found.push(Probe::new(
        Rule::FieldExtra,
        "with another field",
        "refresh",
        Change::FieldExtra(Vec::new()),
    ));
    for place in places(contract) {
        let may_be_absent = match &place.content {
            Content::Text(template) => contract.optional_in(template).is_some(),
            Content::Constant(_) | Content::Container => false,
        };
        of_place(&place, kind, may_be_absent, &mut found);
    }
    found
}

fn of_place(place: &Place<'_>, kind: Kind, may_be_absent: bool, found: &mut Vec<Probe>) {
    let name = place.path.join("/");
    let fact = match kind {
        Kind::Form => format!("refresh.form.{name}"),
        Kind::Json => format!("refresh.json.{}", place.path.join(".")),
        Kind::Xml => "refresh.xml".to_owned(),
    };
    let mut add =
        |rule, what: String, change| found.push(Probe::new(rule, what, fact.clone(), change));
    let is_item = place.path.last().is_some_and(|last| last.parse::<usize>().is_ok());
    let path = || place.path.clone();
    if !is_item && kind != Kind::Xml {
        add(Rule::FieldTwice, format!("with the field `{name}` twice"), Change::FieldTwice(path()));
    }
    if !may_be_absent {
        let what = format!("without the field `{name}`");
        add(Rule::FieldMissing, what, Change::FieldWithout(path()));
    }
    let wrong = format!("with another value of the field `{name}`");
    match &place.content {
        Content::Container if !is_item => {
            add(
                Rule::FieldExtra,
                format!("with another field in `{name}`"),
                Change::FieldExtra(path()),
            );
        }
        Content::Container => {}
        Content::Text(template) => {
            if let Some(changed) = literally_else(template) {
                add(Rule::FieldValue, wrong, Change::FieldValue(path(), changed));
            }
            if kind == Kind::Json {
                let what = format!("with a number as the field `{name}`");
                add(Rule::FieldValue, what, Change::FieldConstant(path(), Value::from(7)));
            }
        }
        Content::Constant(value) => {
            add(Rule::FieldValue, wrong, Change::FieldConstant(path(), otherwise(value)));
            if !value.is_null() {
                let what = format!("with the field `{name}` as a text");
                let text = Value::from(value.to_string());
                add(Rule::FieldValue, what, Change::FieldConstant(path(), text));
            }
        }
    }
}

/// Another value of the same type.
fn otherwise(value: &Value) -> Value {
    match value {
        Value::Null => Value::Bool(false),
        Value::Bool(value) => Value::Bool(!value),
        Value::Number(number) => Value::from(number.as_f64().unwrap_or_default() as i64 + 1),
        Value::String(text) => Value::from(format!("{text}-else")),
        Value::Array(_) | Value::Object(_) => Value::Null,
    }
}

/// Whether a token that a refresh spends belongs at this place of the body.
pub(super) fn holds_credential_at(contract: &Contract, path: &[String]) -> bool {
    let mut at = places(contract).into_iter().filter(|place| place.path == path);
    at.any(|place| matches!(&place.content, Content::Text(text) if holds_credential(text)))
}

/// Every place of a body.
fn places(contract: &Contract) -> Vec<Place<'_>> {
    let mut found = Vec::new();
    match &contract.request.body {
        Body::Empty => {}
        Body::Form(fields) => found.extend(pairs(fields).map(place)),
        Body::Json(json) => walk(json, &mut Vec::new(), &mut found),
        Body::Xml(document) => {
            found.extend(xml_fields(document).into_iter().map(|(path, text)| Place {
                path: vec![path],
                content: Content::Text(Cow::Owned(text)),
            }))
        }
    }
    if let ClientAuth::Body(fields) = &contract.request.auth {
        found.extend(pairs(fields).map(place));
    }
    found
}

fn place<'a>((name, template): (&str, &'a Template)) -> Place<'a> {
    Place { path: vec![name.to_owned()], content: Content::Text(Cow::Borrowed(template)) }
}

fn walk<'a>(json: &'a JsonTemplate, path: &mut Vec<String>, found: &mut Vec<Place<'a>>) {
    let content = match json {
        JsonTemplate::Constant(value) => Content::Constant(value),
        JsonTemplate::Text(template) => Content::Text(Cow::Borrowed(template)),
        JsonTemplate::List(_) | JsonTemplate::Object(_) => Content::Container,
    };
    if !path.is_empty() {
        found.push(Place { path: path.clone(), content });
    }
    let mut step = |name: String, json: &'a JsonTemplate| {
        path.push(name);
        walk(json, path, found);
        path.pop();
    };
    match json {
        JsonTemplate::Constant(_) | JsonTemplate::Text(_) => {}
        JsonTemplate::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| step(index.to_string(), item))
        }
        JsonTemplate::Object(members) => {
            members.iter().for_each(|(name, member)| step(name.clone(), member))
        }
    }
}
