//! Requests that break one rule each.

mod body;
pub mod client;
mod tokens;
mod url;

use http::Request;
use rekindle_contract::contract::{Body, ClientAuth, Contract, JsonTemplate, Part, Slot, Template};
use rekindle_testkit::Held;
use rekindle_testkit::provider::{Provider, Rule};
use std::collections::BTreeSet;

/// A request that breaks one rule.
pub struct Violation {
    pub rule: Rule,
    pub what: String,
    pub request: Request<Vec<u8>>,
}

/// A request, open to change.
#[derive(Clone)]
pub struct Wire {
    pub method: String,
    pub origin: String,
    pub path: String,
    pub query: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Every request that breaks one rule in one way, made of the right one of `held`. `other` is of another grant.
pub fn all(provider: &Provider, held: &Held, other: &Held) -> Vec<Violation> {
    let right = Wire::of(&crate::support::request(provider, held));
    let mut all = Vec::new();
    url::add(provider.contract(), &right, &mut all);
    headers(provider.contract(), &right, &mut all);
    body::add(provider.contract(), &right, &mut all);
    client::add(provider, held, &right, &mut all);
    tokens::add(provider, held, other, &mut all);
    all
}

fn headers(contract: &Contract, right: &Wire, all: &mut Vec<Violation>) {
    for (position, (name, value)) in right.headers.iter().enumerate() {
        if name == "accept" {
            let mut other = right.clone();
            other.headers[position].1 = "text/html".to_owned();
            all.push(other.breaks(Rule::HeaderValue, "nothing but HTML accepted"));
            continue;
        }
        let mut twice = right.clone();
        twice.headers.push((name.clone(), value.clone()));
        all.push(twice.breaks(Rule::HeaderTwice, format!("the header {name} twice")));
        let mut missing = right.clone();
        missing.headers.remove(position);
        let mut other = right.clone();
        other.headers[position].1 = format!("x{value}");
        if name == "content-type" {
            all.push(missing.breaks(Rule::ContentType, "no content type"));
            other.headers[position].1 = "text/plain".to_owned();
            all.push(other.breaks(Rule::ContentType, "another content type"));
            continue;
        }
        if !optional_names(contract).contains(name) {
            all.push(missing.breaks(Rule::HeaderMissing, format!("no header {name}")));
        }
        let declared = contract.request.headers.iter().find(|(n, _)| n == name);
        let constant = match (&contract.request.auth, declared) {
            (_, Some((_, template))) => is_constant(template),
            (ClientAuth::Header { value, .. }, None) => is_constant(value),
            _ => true,
        };
        if constant {
            all.push(other.breaks(Rule::HeaderValue, format!("another {name}")));
        }
    }
    if right.header("content-type").is_none() {
        let typed = right.with_header("content-type", "application/json");
        all.push(typed.breaks(Rule::ContentType, "a content type without a body"));
    }
}

/// The names whose values are optional parameters and nothing else: a request is right without them.
pub fn optional_names(contract: &Contract) -> BTreeSet<String> {
    fn members(json: &JsonTemplate, found: &mut Vec<(String, Template)>) {
        match json {
            JsonTemplate::Constant(_) | JsonTemplate::Text(_) => {}
            JsonTemplate::List(items) => items.iter().for_each(|item| members(item, found)),
            JsonTemplate::Object(object) => {
                for (name, member) in object {
                    match member {
                        JsonTemplate::Text(text) => found.push((name.clone(), text.clone())),
                        member => members(member, found),
                    }
                }
            }
        }
    }
    let request = &contract.request;
    let mut named = request.query.clone();
    named.extend(request.headers.iter().cloned());
    match &request.body {
        // Its texts cannot be left out.
        Body::Empty | Body::Xml(_) => {}
        Body::Form(fields) => named.extend(fields.iter().cloned()),
        Body::Json(json) => members(json, &mut named),
    }
    match &request.auth {
        ClientAuth::None | ClientAuth::Basic { .. } => {}
        ClientAuth::Header { name, value } => named.push((name.clone(), value.clone())),
        ClientAuth::Body(fields) | ClientAuth::Query(fields) => {
            named.extend(fields.iter().cloned());
        }
    }
    let is_optional = |template: &Template| match template.parts.as_slice() {
        [Part::Slot(Slot::Client(name))] => contract.client[name].optional,
        _ => false,
    };
    let optional = named.into_iter().filter(|(_, template)| is_optional(template));
    optional.map(|(name, _)| name).collect()
}

/// Whether a text may be wrong in a place of this template.
pub fn is_constant(template: &Template) -> bool {
    let literal = |part: &Part| matches!(part, Part::Literal(_));
    template.parts.is_empty() || template.parts.iter().any(literal)
}

impl Wire {
    pub fn of(request: &Request<Vec<u8>>) -> Self {
        let uri = request.uri();
        let query = uri.query().unwrap_or_default();
        let text = |value: &http::HeaderValue| String::from_utf8(value.as_bytes().to_vec());
        let headers = request.headers().iter();
        Self {
            method: request.method().to_string(),
            origin: format!("{}://{}", uri.scheme_str().unwrap(), uri.authority().unwrap()),
            path: uri.path().to_owned(),
            query: query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value).unwrap()))
                .collect(),
            body: request.body().clone(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn with_header(&self, name: &str, value: impl Into<String>) -> Self {
        let mut changed = self.clone();
        changed.headers.push((name.to_owned(), value.into()));
        changed
    }

    pub fn with_body(&self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { body, ..self.clone() }
    }

    pub fn request(&self) -> Request<Vec<u8>> {
        let mut url = format!("{}{}", self.origin, self.path);
        for (position, pair) in self.query.iter().enumerate() {
            url.push(if position == 0 { '?' } else { '&' });
            url.push_str(pair);
        }
        let mut request = Request::builder().method(self.method.as_str()).uri(url);
        for (name, value) in &self.headers {
            request = request.header(name, value.as_bytes());
        }
        request.body(self.body.clone()).expect("a request")
    }

    pub fn breaks(&self, rule: Rule, what: impl Into<String>) -> Violation {
        Violation { rule, what: what.into(), request: self.request() }
    }
}
