//! JSON pointers (RFC 6901): read, written and taken away.

use super::Head;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A JSON pointer (RFC 6901), split and unescaped, a place in the head of an answer, or several places that stand for one another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pointer {
    /// Its reference tokens; empty for the whole document.
    pub tokens: Vec<String>,
    /// A place in the head of the answer, in place of the tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Other pointers, of which the first one counts that leads to something where this one leads to nothing, `null` or `""`. Each is
    /// one by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<Pointer>,
}

impl std::fmt::Display for Pointer {
    /// As it is written in a spec; the first of several.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(head) = &self.head {
            return f.write_str(&head.label());
        }
        self.tokens
            .iter()
            .try_for_each(|token| write!(f, "/{}", token.replace('~', "~0").replace('/', "~1")))
    }
}

/// The longest list that is made for the sake of an index.
const LONGEST: usize = 64;

impl Pointer {
    /// The pointer with these reference tokens.
    pub fn new(tokens: Vec<String>) -> Self {
        Self { tokens, head: None, or: Vec::new() }
    }

    /// The names on the way to it in the fields of an answer, among which what is read of the head stands at the top.
    pub fn way(&self) -> Cow<'_, [String]> {
        match &self.head {
            Some(head) => Cow::Owned(vec![head.label()]),
            None => Cow::Borrowed(&self.tokens),
        }
    }

    /// Whether it is the whole document.
    pub fn is_whole(&self) -> bool {
        self.head.is_none() && self.tokens.is_empty()
    }

    /// Each of the pointers, in their order.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.or)
    }

    /// The one of them that leads to something in `json`; the first one where none does.
    pub fn present(&self, json: &Value) -> &Self {
        let holds = |one: &&Self| {
            one.own(json).is_some_and(|value| !value.is_null() && value.as_str() != Some(""))
        };
        self.all().find(holds).unwrap_or(self)
    }

    /// What it points to in `json`.
    pub fn find<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        self.present(json).own(json)
    }

    fn own<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        self.way().iter().try_fold(json, |json, token| match json {
            Value::Object(members) => members.get(token),
            Value::Array(items) => items.get(index(token)?),
            _ => None,
        })
    }

    /// What it points to in `json`, to be changed.
    pub fn find_mut<'a>(&self, json: &'a mut Value) -> Option<&'a mut Value> {
        self.present(json).own_mut(json)
    }

    fn own_mut<'a>(&self, json: &'a mut Value) -> Option<&'a mut Value> {
        self.way().iter().try_fold(json, |json, token| match json {
            Value::Object(members) => members.get_mut(token),
            Value::Array(items) => items.get_mut(index(token)?),
            _ => None,
        })
    }

    /// Puts `value` where it points to in `json`, the first place of several, and makes what is missing on the way.
    pub fn put(&self, json: &mut Value, value: Value) {
        self.or.iter().for_each(|other| other.remove(json));
        *self.way().iter().fold(json, |json, token| step(json, token)) = value;
    }

    /// Takes away what it points to in `json`, if anything, in every place of several.
    pub fn remove(&self, json: &mut Value) {
        self.or.iter().for_each(|other| other.remove(json));
        let way = self.way();
        let Some((last, parents)) = way.split_last() else {
            return;
        };
        let parents = Self::new(parents.to_vec());
        match parents.own_mut(json) {
            Some(Value::Object(members)) => drop(members.remove(last)),
            // The items behind it must keep their places.
            Some(Value::Array(items)) => {
                if let Some(item) = index(last).and_then(|index| items.get_mut(index)) {
                    *item = Value::Null;
                }
            }
            _ => {}
        }
    }
}

/// An index has no sign and no leading zero (RFC 6901 section 4).
fn index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (token == "0" || !token.starts_with('0'));
    plain.then(|| token.parse().ok()).flatten()
}

/// What is at `token` of `json`, made where it is missing.
fn step<'a>(json: &'a mut Value, token: &str) -> &'a mut Value {
    let index = index(token).filter(|index| *index < LONGEST);
    let fits = json.is_object() || (json.is_array() && index.is_some());
    if !fits {
        *json = match index {
            Some(_) => Value::Array(Vec::new()),
            None => Value::Object(Map::new()),
        };
    }
    match (json, index) {
        (Value::Array(items), Some(index)) => {
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            &mut items[index]
        }
        (Value::Object(members), _) => members.entry(token).or_insert(Value::Null),
        (other, _) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointer(tokens: &[&str]) -> Pointer {
        Pointer::new(tokens.iter().map(|token| (*token).to_owned()).collect())
    }

    #[test]
    fn what_is_missing_is_made() {
        let mut json = json!({ "kept": 1, "data": "a text" });
        pointer(&["data", "tokens", "1", "value"]).put(&mut json, json!("t"));
        let expected = json!({ "kept": 1, "data": { "tokens": [null, { "value": "t" }] } });
        assert_eq!(json, expected);
        pointer(&["data", "tokens", "0"]).put(&mut json, json!(true));
        assert_eq!(json["data"]["tokens"][0], json!(true));
        pointer(&[]).put(&mut json, json!("all of it"));
        assert_eq!(json, json!("all of it"));
    }

    #[test]
    fn several_stand_for_one_another() {
        let both = Pointer { or: vec![pointer(&["b", "c"])], ..pointer(&["a"]) };
        let found = |json: Value| both.find(&json).cloned();
        assert_eq!(found(json!({ "a": 1, "b": { "c": 2 } })), Some(json!(1)));
        for nothing in [json!({ "b": { "c": 2 } }), json!({ "a": null, "b": { "c": 2 } })] {
            assert_eq!(found(nothing), Some(json!(2)));
        }
        assert_eq!(found(json!({ "a": "", "b": { "c": 2 } })), Some(json!(2)));
        assert_eq!(found(json!({ "a": "", "b": {} })), Some(json!("")));
        assert_eq!(found(json!({})), None);
        let mut json = json!({ "b": { "c": 2 } });
        both.put(&mut json, json!(3));
        assert_eq!(json, json!({ "a": 3, "b": {} }));
        pointer(&["b", "c"]).put(&mut json, json!(4));
        both.remove(&mut json);
        assert_eq!(json, json!({ "b": {} }));
    }

    #[test]
    fn what_is_there_is_removed() {
        let mut json = json!({ "a": { "b": 1, "c": [1, 2] } });
        pointer(&["a", "b"]).remove(&mut json);
        pointer(&["a", "c", "0"]).remove(&mut json);
        pointer(&["a", "x", "y"]).remove(&mut json);
        pointer(&[]).remove(&mut json);
        assert_eq!(json, json!({ "a": { "c": [null, 2] } }));
    }
}
