//! What must not be shown.

use super::masked::MASK;
use rekindle_contract::contract::Contract;
use rekindle_runtime::http::Response;
use rekindle_testkit::{Held, header_lines};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Shorter texts may be a part of any word.
const SHORT: usize = 6;

/// A piece that a secret begins with says much of it from this length on.
const PIECE: usize = 8;

/// How the report shows an error code.
const CODE: &str = "error code `";

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

    /// What was sent or came, without them and without the pieces that they begin with: a provider may cut the token that it speaks of.
    pub(super) fn mask_wire(&self, text: &str) -> String {
        let mut masked = String::new();
        let mut rest = &*self.mask(text);
        while let Some(start) = rest.find(is_of_token) {
            let (before, run) = rest.split_at(start);
            let (run, after) = run.split_at(run.find(|it| !is_of_token(it)).unwrap_or(run.len()));
            // The name of a member is none.
            let is_name = after.starts_with("\":") || after.starts_with('=');
            masked += before;
            masked += if !is_name && self.begins(run) { MASK } else { run };
            rest = after;
        }
        masked + rest
    }

    /// Whether a secret begins with this piece.
    fn begins(&self, piece: &str) -> bool {
        let piece = piece.trim_end_matches('.').as_bytes();
        let secrets = self.0.borrow();
        let mut starts = secrets.iter().filter_map(|it| it.as_bytes().get(..piece.len()));
        piece.len() >= PIECE && starts.any(|start| start.eq_ignore_ascii_case(piece))
    }

    /// The text without them, in whatever case: hosts and media types have none. No error code is a piece of one.
    pub(super) fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        // The longest first: one may be a part of another.
        let secrets = self.0.borrow();
        let mut secrets: Vec<&String> = secrets.iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            masked = without(&masked, secret);
        }
        self.without_pieces(&masked)
    }

    /// The text without error codes that a secret begins with.
    fn without_pieces(&self, text: &str) -> String {
        let mut masked = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(CODE) {
            let (before, after) = rest.split_at(at + CODE.len());
            let (code, after) = after.split_at(after.find('`').unwrap_or(after.len()));
            masked += before;
            masked += if self.begins(code) { MASK } else { code };
            rest = after;
        }
        masked + rest
    }
}

/// Whether a character may be one of a token.
fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~+/".contains(character)
}

/// A text with a mask in the place of another, in whatever case.
fn without(text: &str, secret: &str) -> String {
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let (mut masked, mut end) = (String::new(), 0);
    for (at, _) in lower.match_indices(&secret) {
        masked += &text[end..at];
        masked += MASK;
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

    /// Of eight characters or more, what a secret begins with is no error code and no word of an answer.
    #[test]
    fn a_piece_of_a_secret_is_masked() {
        let secrets = Secrets::default();
        ["RT-SECRET-0000", "silver_spoon"].into_iter().for_each(|text| secrets.learn(text));
        let table = [
            ("status 400, error code `RT-SECRET-0`", "status 400, error code `***`"),
            ("error code `rt-secre`; error code `silver`", "error code `***`; error code `silver`"),
            ("error code `RT-SECRETS`, RT-SECRET", "error code `RT-SECRETS`, RT-SECRET"),
        ];
        for (text, masked) in table {
            assert_eq!(secrets.mask(text), masked);
        }
        let sent =
            r#"{"error":"RT-SECRET-0","why":"RT-SECRET... is old","silver_spo":1} a=silver_sp"#;
        let shown = r#"{"error":"***","why":"*** is old","silver_spo":1} a=***"#;
        assert_eq!(secrets.mask_wire(sent), shown);
    }
}
