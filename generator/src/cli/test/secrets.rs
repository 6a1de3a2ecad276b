//! What must not be shown.

use rekindle_contract::contract::Contract;
use rekindle_runtime::http::Response;
use rekindle_testkit::{Held, header_lines};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Shorter texts may be a part of any word.
const SHORT: usize = 6;

/// Texts that must not be shown. What checks say holds none of them; this is the net below.
#[derive(Default)]
pub(super) struct Secrets(RefCell<BTreeSet<String>>);

impl Secrets {
    pub(super) fn learn(&self, text: &str) {
        if text.len() >= SHORT {
            self.0.borrow_mut().insert(text.to_owned());
        }
    }

    pub(super) fn learn_held(&self, held: &Held) {
        self.learn(&held.access_token);
        self.learn(held.refresh_text());
    }

    /// Learns the tokens of an answer: one may stand where a name does as well, and not every answer is one that a client reads.
    pub(super) fn learn_answer(&self, contract: &Contract, answer: &Response<Vec<u8>>) {
        let Some(fields) = contract.answer(&header_lines(answer), answer.body()) else {
            return;
        };
        let response = &contract.response;
        let places = [response.access_token.field(), response.refresh_token.as_ref()];
        for found in places.into_iter().flatten().filter_map(|place| place.find(&fields)) {
            match found {
                Value::String(token) => self.learn(token),
                // Headers of the same name that differ.
                Value::Array(tokens) => {
                    tokens.iter().filter_map(Value::as_str).for_each(|token| self.learn(token));
                }
                Value::Number(token) => self.learn(&token.to_string()),
                _ => {}
            }
        }
    }

    /// The text without them, in whatever case: hosts and media types have none.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        // The longest first: one may be a part of another.
        let secrets = self.0.borrow();
        let mut secrets: Vec<&String> = secrets.iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            masked = without(&masked, secret);
        }
        masked
    }
}

/// A text with a mask in the place of another, in whatever case.
fn without(text: &str, secret: &str) -> String {
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let (mut masked, mut end) = (String::new(), 0);
    for (at, _) in lower.match_indices(&secret) {
        masked += &text[end..at];
        masked += "***";
        end = at + secret.len();
    }
    masked + &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_learned_is_masked_in_whatever_case() {
        let secrets = Secrets::default();
        ["Canary-One", "canary-one-two", "short"].into_iter().for_each(|text| secrets.learn(text));
        let table = [
            ("é https://canary-one.example", "é https://***.example"),
            ("CANARY-ONE-TWO, Canary-One", "***, ***"),
            ("short", "short"),
        ];
        for (text, masked) in table {
            assert_eq!(secrets.mask(text), masked);
        }
    }
}
