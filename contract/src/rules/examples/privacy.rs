//! Examples must not hold anyone's data.

use crate::contract::{Example, ExampleBody, Expect};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::PERSONAL_DATA;
use crate::exchange::jwt;
use crate::path::Path;
use serde_json::Value;
use std::collections::BTreeMap;

/// Domains that belong to nobody (RFC 2606, RFC 6761).
const NOBODY: &[&str] =
    &["example.com", "example.org", "example.net", "example", "test", "invalid", "localhost"];

pub(super) fn check(example: &Example, path: &Path, found: &mut Vec<Finding>) {
    for (text, path) in texts(example, path) {
        let address = address(&text).or_else(|| jwt::claims(&text).as_ref().and_then(claimed));
        if let Some(address) = address {
            let message = format!(
                "this holds an e-mail address at `{}`, which may be a real person's",
                domain(&address)
            );
            let hint = "make a synthetic value of the same shape, with addresses at `example.com`";
            found.push(Finding::value(PERSONAL_DATA, path, message).hint(hint));
        }
    }
}

/// Every text of an example but its words on itself, and where it stands.
fn texts(example: &Example, path: &Path) -> Vec<(String, Path)> {
    let mut texts = Vec::new();
    let given = path.key("given");
    let mut push =
        |text: &Option<String>, path: Path| texts.extend(text.clone().map(|text| (text, path)));
    push(&example.given.access_token, given.key("access_token"));
    push(&example.given.refresh_token, given.key("refresh_token"));
    if let Expect::Tokens { access_token, refresh_token, .. } = &example.expect {
        push(&Some(access_token.clone()), path.key("expect").key("access_token"));
        push(refresh_token, path.key("expect").key("refresh_token"));
    }
    map(&example.given.client, &given.key("client"), &mut texts);
    for (step, answer) in &example.answers {
        value(answer, &given.key("answers").key(step), &mut texts);
    }
    if let Some(request) = &example.request {
        let path = path.key("request");
        texts.push((request.url.clone(), path.key("url")));
        body(&request.body, &path, &mut texts);
    }
    body(&example.response.body, &path.key("response"), &mut texts);
    texts
}

fn map(map: &BTreeMap<String, String>, path: &Path, texts: &mut Vec<(String, Path)>) {
    texts.extend(map.iter().map(|(key, text)| (text.clone(), path.key(key))));
}

fn body(body: &ExampleBody, path: &Path, texts: &mut Vec<(String, Path)>) {
    match body {
        ExampleBody::Empty => {}
        ExampleBody::Text(text) => texts.push((text.clone(), path.key("text"))),
        ExampleBody::Xml(text) => texts.push((text.clone(), path.key("xml"))),
        ExampleBody::Form(fields) => map(fields, &path.key("form"), texts),
        ExampleBody::Json(json) => value(json, &path.key("json"), texts),
    }
}

fn value(json: &Value, path: &Path, texts: &mut Vec<(String, Path)>) {
    match json {
        Value::String(text) => texts.push((text.clone(), path.clone())),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| value(item, &path.index(index), texts)),
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| value(member, &path.key(name), texts))
        }
        _ => {}
    }
}

/// An address among the claims of a token, at any depth.
fn claimed(claims: &Value) -> Option<String> {
    match claims {
        Value::String(text) => address(text),
        Value::Array(items) => items.iter().find_map(claimed),
        Value::Object(members) => members.values().find_map(claimed),
        _ => None,
    }
}

/// The first e-mail address in `text` that may be somebody's.
fn address(text: &str) -> Option<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let words = text.split(|c: char| !part(c) && c != '@');
    let mut addresses =
        words.filter_map(|word| word.split_once('@').map(|(user, domain)| (word, user, domain)));
    let real = |user: &str, domain: &str| {
        let domain = domain.trim_matches('.').to_ascii_lowercase();
        let top = domain.rsplit('.').next().unwrap_or_default();
        let named = domain.contains('.')
            && top.len() >= 2
            && top.bytes().all(|byte| byte.is_ascii_alphabetic());
        let nobody =
            NOBODY.iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
        !user.is_empty() && named && !nobody
    };
    addresses.find(|(_, user, domain)| real(user, domain)).map(|(word, _, _)| word.to_owned())
}

fn domain(address: &str) -> &str {
    address.split_once('@').map_or("", |(_, domain)| domain)
}
