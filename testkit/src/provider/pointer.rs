//! Writes into JSON what a contract's pointers name.

use rekindle_contract::contract::Pointer;
use serde_json::{Map, Value};

/// The longest list that is made for the sake of an index.
const LONGEST: usize = 64;

/// Puts `value` where `pointer` says, and makes what is missing on the way.
pub(super) fn set(json: &mut Value, pointer: &Pointer, value: Value) {
    let mut at = json;
    for token in &pointer.tokens {
        at = step(at, token);
    }
    *at = value;
}

/// Takes away what is where `pointer` says, if anything.
pub(super) fn remove(json: &mut Value, pointer: &Pointer) {
    let Some((last, parents)) = pointer.tokens.split_last() else {
        return;
    };
    let mut at = json;
    for token in parents {
        let next = match at {
            Value::Object(members) => members.get_mut(token),
            Value::Array(items) => token.parse().ok().and_then(|index: usize| items.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match at {
        Value::Object(members) => {
            members.remove(last);
        }
        // The items behind it must keep their places.
        Value::Array(items) => {
            let item = last.parse().ok().and_then(|index: usize| items.get_mut(index));
            if let Some(item) = item {
                *item = Value::Null;
            }
        }
        _ => {}
    }
}

/// What is at `token` of `json`, made where it is missing.
fn step<'a>(json: &'a mut Value, token: &str) -> &'a mut Value {
    let index = token.parse().ok().filter(|index: &usize| *index < LONGEST);
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
        Pointer { tokens: tokens.iter().map(|token| (*token).to_owned()).collect() }
    }

    #[test]
    fn what_is_missing_is_made() {
        let mut json = json!({ "kept": 1, "data": "a text" });
        set(&mut json, &pointer(&["data", "tokens", "1", "value"]), json!("t"));
        let expected = json!({ "kept": 1, "data": { "tokens": [null, { "value": "t" }] } });
        assert_eq!(json, expected);
        set(&mut json, &pointer(&["data", "tokens", "0"]), json!(true));
        assert_eq!(json["data"]["tokens"][0], json!(true));
        set(&mut json, &pointer(&[]), json!("all of it"));
        assert_eq!(json, json!("all of it"));
    }

    #[test]
    fn what_is_there_is_removed() {
        let mut json = json!({ "a": { "b": 1, "c": [1, 2] } });
        remove(&mut json, &pointer(&["a", "b"]));
        remove(&mut json, &pointer(&["a", "c", "0"]));
        remove(&mut json, &pointer(&["a", "x", "y"]));
        remove(&mut json, &pointer(&[]));
        assert_eq!(json, json!({ "a": { "c": [null, 2] } }));
    }
}
