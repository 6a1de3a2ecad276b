//! Tokens in an answer that is refused: no client reads them, and one of them may be all that is left of the grant.

use super::exchange::Exchange;
use super::told;
use crate::head;
use crate::held::Held;
use http::Response;
use rekindle_contract::contract::{self, Contract, Pointer};
use rekindle_syntax::is_word;
use serde_json::Value;

/// What to do about one that an explicit rule refuses.
pub(super) const HINT: &str = "the answer holds what may be a new token, and clients lose it: the rule may take a success for a refusal";

/// What a rule of the contract refuses, and yet holds what may be a new token.
pub(super) struct Refused {
    /// Where that is.
    place: String,
    /// The rule.
    rule: String,
    /// Whether the spec, or its profile, has that rule, and it is not what is left where none is.
    pub(super) is_explicit: bool,
}

/// In words, for whoever asks why nothing more is sent.
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { place, rule, is_explicit: _ } = self;
        write!(f, "what may be a new token is at `{place}` of an answer that `{rule}` refuses")
    }
}

/// Whether the answer of an exchange is refused and yet holds what may be a new token.
pub(super) fn in_refusal(contract: &Contract, exchange: &Exchange) -> Option<Refused> {
    let answer = exchange.answer.as_ref().ok()?;
    refused(contract, answer, Some(&exchange.held))
}

/// Whether a rule of the contract refuses an answer that holds what may be a token: it is not to be thrown away.
pub fn is_refused_with_tokens(contract: &Contract, answer: &Response<Vec<u8>>) -> bool {
    refused(contract, answer, None).is_some()
}

fn refused(
    contract: &Contract,
    answer: &Response<Vec<u8>>,
    held: Option<&Held>,
) -> Option<Refused> {
    let status = answer.status().as_u16();
    let contract::Outcome::Refused(rule) = contract.classify(status, answer.body()) else {
        return None;
    };
    let fields = contract.answer(&head::lines(answer), answer.body())?;
    let is_new = |text: &str| {
        !held.is_some_and(|held| [&*held.access_token, held.refresh_text()].contains(&text))
    };
    let response = &contract.response;
    let places = [response.refresh_token.as_ref(), response.access_token.field()];
    let mut places = places.into_iter().flatten();
    let place = places.find_map(|place| found(&fields, place, &is_new))?;
    Some(Refused { place, rule: rule.name.clone(), is_explicit: !rule.is_default() })
}

/// Where what may be a new token stands: at its place; or elsewhere under its name, if it looks like a token. Words there may be what is wrong
/// with a parameter of this name.
fn found(fields: &Value, place: &Pointer, is_new: &dyn Fn(&str) -> bool) -> Option<String> {
    let looks_so = |text: &str| is_new(text) && !is_word(text);
    if place.is_whole() {
        // What a refusal says may be all of it as well.
        let is_token = fields.is_string() && may_be_token(fields, &looks_so);
        return is_token.then(|| place.to_string());
    }
    if place.find(fields).is_some_and(|value| may_be_token(value, is_new)) {
        return Some(place.to_string());
    }
    told::elsewhere(fields, place, |value| may_be_token(value, &looks_so))
}

/// Whether a value, or one below it, may be a token: a sentence is none.
fn may_be_token(value: &Value, is_new: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => {
            let text = text.trim();
            !text.is_empty() && !text.contains(char::is_whitespace) && is_new(text)
        }
        Value::Number(number) => is_new(&number.to_string()),
        Value::Array(items) => items.iter().any(|item| may_be_token(item, is_new)),
        Value::Object(members) => members.values().any(|value| may_be_token(value, is_new)),
        Value::Null | Value::Bool(_) => false,
    }
}
