//! Answers that were changed on their way.

use super::expiry;
use crate::clock::http_date;
use crate::head;
use crate::provider::{Answered, Provider, Verdict};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderValue};
use http::{HeaderName, Response};
use rekindle_contract::contract::{Contract, Fault, TokenPlace};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What `fault` makes of an answer. What holds no tokens keeps its body.
pub(super) fn mangled(provider: &Provider, answered: &Answered, fault: Fault) -> Response<Vec<u8>> {
    let mut response = answered.response.clone();
    let now = provider.clock().now();
    match fault {
        Fault::WrongContentType => set(&mut response, CONTENT_TYPE, "text/html"),
        Fault::DateSkew => set(&mut response, DATE, &http_date(now, DAY)),
        fault if holds_tokens(answered) => {
            let contract = provider.contract();
            if let Some(mut fields) = contract.answer(&head::lines(&response), response.body()) {
                match fault {
                    Fault::SecondPair => add_pair(beside_tokens(contract, &mut fields)),
                    fault => expiry::change(&mut fields, contract, fault, now),
                }
                let fields = contract.told(fields);
                let (media_type, body) = contract.written(&fields);
                head::put(contract, &fields, &mut response);
                set(&mut response, CONTENT_TYPE, media_type);
                *response.body_mut() = body.into_bytes();
                // Whoever sends it knows its length.
                response.headers_mut().remove(CONTENT_LENGTH);
            }
        }
        _ => {}
    }
    response
}

fn holds_tokens(answered: &Answered) -> bool {
    match answered.verdict {
        Verdict::Issued | Verdict::Replayed => true,
        Verdict::Accepted | Verdict::Prepared | Verdict::Refused { .. } => false,
    }
}

/// Where members may be added: XML has one root, which holds them all.
fn beside_tokens<'a>(contract: &Contract, fields: &'a mut Value) -> Option<&'a mut Value> {
    match &contract.response.access_token {
        TokenPlace::Xml(field) => {
            field.tokens.first().and_then(|root| fields.as_object_mut()?.get_mut(root))
        }
        _ => Some(fields),
    }
}

/// A second pair beside the right one, in members that no contract names.
fn add_pair(json: Option<&mut Value>) {
    if let Some(Value::Object(members)) = json {
        let pair = json!({ "access_token": "another-access-token", "refresh_token": "another-refresh-token" });
        // As forms can hold it, which have no depth.
        members.insert("also_access_token".to_owned(), pair["access_token"].clone());
        members.insert("also".to_owned(), pair);
    }
}

fn set(response: &mut Response<Vec<u8>>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_pair_needs_an_object() {
        let mut json = json!({ "access_token": "a" });
        add_pair(Some(&mut json));
        assert_eq!(json["access_token"], "a");
        assert!(json["also"]["refresh_token"].is_string());
        let mut list = json!(["a"]);
        add_pair(Some(&mut list));
        assert_eq!(list, json!(["a"]));
    }
}
