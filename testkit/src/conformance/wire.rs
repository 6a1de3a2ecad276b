//! The request that a contract describes, read from the contract alone.

use super::encode;
use super::values::Values;
use crate::canary::behind_scheme;
use crate::{basic, expect};
use http::Request;
use rekindle_contract::contract::{Body, ClientAuth, Contract, JsonTemplate, Template};
use serde_json::Value;

/// A request as it must be on the wire.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    method: String,
    /// The path with its query.
    target: String,
    /// Sorted by name.
    headers: Vec<(String, HeaderText)>,
    body: WireBody,
}

#[derive(Debug, Clone)]
enum HeaderText {
    Plain(String),
    /// What HTTP Basic encodes: both parts with the colon between them; before it the word for it, where that is another.
    Basic(Option<String>, String),
}

#[derive(Debug, Clone)]
enum WireBody {
    Empty,
    Form(Vec<(String, String)>),
    Json(Value),
    Xml(String),
}

impl Wire {
    /// The request that `contract` describes with these values.
    pub(super) fn new(contract: &Contract, values: &Values) -> Self {
        let fill = |template: &Template| template.render(|slot| values.get(slot));
        // What is an optional parameter and nothing else is not there where nobody gave it.
        let is_sent = |template: &Template| values.has(contract, template);
        let pairs = |fields: &[(String, Template)]| -> Vec<(String, String)> {
            let sent = fields.iter().filter(|(_, value)| is_sent(value));
            sent.map(|(name, value)| (name.clone(), fill(value))).collect()
        };
        let request = &contract.request;
        let mut query = pairs(&request.query);
        let headers = pairs(&request.headers).into_iter();
        let mut headers: Vec<_> =
            headers.map(|(name, value)| (name, HeaderText::Plain(value))).collect();
        let mut body = match &request.body {
            Body::Empty => WireBody::Empty,
            Body::Form(fields) => WireBody::Form(pairs(fields)),
            Body::Json(json) => WireBody::Json(json_value(json, &fill, &is_sent)),
            Body::Xml(document) => {
                WireBody::Xml(document.render(|slot| encode::xml(&values.get(slot))))
            }
        };
        match &request.auth {
            ClientAuth::None => {}
            ClientAuth::Basic { username, password, form_encoded, scheme } => {
                let part = |template| {
                    if *form_encoded { encode::form(&fill(template)) } else { fill(template) }
                };
                let pair = format!("{}:{}", part(username), part(password));
                headers.push(("authorization".to_owned(), HeaderText::Basic(scheme.clone(), pair)));
            }
            ClientAuth::Header { value, .. } if !is_sent(value) => {}
            ClientAuth::Header { name, value } => {
                headers.push((name.clone(), HeaderText::Plain(fill(value))))
            }
            ClientAuth::Query(fields) => query.extend(pairs(fields)),
            ClientAuth::Body(fields) => {
                for (name, value) in pairs(fields) {
                    body.add(&name, value);
                }
            }
        }
        headers.sort_by(|(a, _), (b, _)| a.cmp(b));
        let path = match request.taken_url() {
            // An address that a step told, seen from the base URL.
            Some(name) => {
                let mut slots = request.path.parts.iter();
                let at = values.taken[name].replacen(&values.base_url, "", 1);
                slots.next();
                let rest = Template { parts: slots.cloned().collect() };
                at + &rest.render(|slot| encode::percent(&values.get(slot)))
            }
            None => request.path.render(|slot| encode::percent(&values.get(slot))),
        };
        let query = query_text(&query, |name| request.valueless.iter().any(|key| key == name));
        Self { method: request.method.clone(), target: path + &query, headers, body }
    }

    /// The path with its query.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// Holds `request` against this one, all but the place that it goes to.
    #[track_caller]
    pub(super) fn assert(&self, request: &Request<Vec<u8>>) {
        let text = |value: &HeaderText| match value {
            HeaderText::Plain(value) => value.clone(),
            HeaderText::Basic(None, pair) => basic(pair),
            HeaderText::Basic(Some(scheme), pair) => basic(pair).replacen("Basic", scheme, 1),
        };
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let expected = expect(request).method(&self.method).headers(&headers);
        match &self.body {
            WireBody::Empty if headers.iter().any(|(name, _)| *name == "content-type") => {
                expected.text("")
            }
            WireBody::Empty => expected.empty_body(),
            WireBody::Form(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                expected.form(&fields.collect::<Vec<_>>())
            }
            WireBody::Json(json) => expected.json(&json.to_string()),
            WireBody::Xml(document) => expected.xml(document),
        };
    }

    /// Where `text` is, once for each time, in the words of the test kit's `where_is`.
    pub(super) fn places(&self, base_url: &str, text: &str) -> Vec<String> {
        let mut places = Vec::new();
        let mut look =
            |place: &str, hay: &str| places.extend(hay.matches(text).map(|_| place.to_owned()));
        look("url", &format!("{base_url}{}", self.target));
        for (name, value) in &self.headers {
            let place = format!("header {name}");
            let (HeaderText::Plain(text) | HeaderText::Basic(_, text)) = value;
            look(&place, text);
            if let (HeaderText::Plain(_), Some(decoded)) = (value, behind_scheme(text)) {
                look(&place, &decoded);
            }
        }
        match &self.body {
            WireBody::Empty => {}
            WireBody::Form(fields) => fields.iter().for_each(|(_, value)| look("body", value)),
            WireBody::Json(json) => look("body", &json.to_string()),
            WireBody::Xml(document) => look("body", document),
        }
        places
    }
}

impl WireBody {
    fn add(&mut self, name: &str, value: String) {
        match self {
            Self::Empty => *self = Self::Form(vec![(name.to_owned(), value)]),
            Self::Form(fields) => fields.push((name.to_owned(), value)),
            Self::Json(json) => json[name] = Value::String(value),
            // A contract adds nothing to a document.
            Self::Xml(_) => {}
        }
    }
}

fn query_text(query: &[(String, String)], is_valueless: impl Fn(&str) -> bool) -> String {
    let pair = |(name, value): &(String, String)| match is_valueless(name) {
        true => encode::percent(name),
        false => format!("{}={}", encode::percent(name), encode::percent(value)),
    };
    let pairs: Vec<_> = query.iter().map(pair).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn json_value(
    template: &JsonTemplate,
    fill: &impl Fn(&Template) -> String,
    is_sent: &impl Fn(&Template) -> bool,
) -> Value {
    let value = |template| json_value(template, fill, is_sent);
    match template {
        JsonTemplate::Constant(value) => value.clone(),
        JsonTemplate::Text(text) => Value::String(fill(text)),
        JsonTemplate::List(items) => items.iter().map(value).collect(),
        JsonTemplate::Object(members) => {
            let sent = members.iter().filter(|(_, member)| match member {
                JsonTemplate::Text(text) => is_sent(text),
                _ => true,
            });
            sent.map(|(name, member)| (name.clone(), value(member))).collect()
        }
    }
}
