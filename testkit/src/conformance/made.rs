//! Answers that are made for a purpose.

use rekindle_contract::contract::Pointer;
use serde_json::Value;

/// Puts a value where a pointer leads, and makes what is missing on the way.
pub(super) fn put(root: &mut Value, pointer: &Pointer, value: Value) {
    let mut place = root;
    for token in &pointer.tokens {
        let index = token.parse::<usize>().ok().filter(|_| place.is_array());
        place = match index {
            Some(index) => {
                if let Value::Array(items) = place {
                    items.resize(items.len().max(index + 1), Value::Null);
                }
                &mut place[index]
            }
            None => {
                if !place.is_object() {
                    *place = Value::Object(serde_json::Map::new());
                }
                &mut place[token.as_str()]
            }
        };
    }
    *place = value;
}

/// Removes the member where a pointer leads.
pub(super) fn remove(root: &mut Value, pointer: &Pointer) {
    let Some((last, parents)) = pointer.tokens.split_last() else {
        return;
    };
    let parent = Pointer { tokens: parents.to_vec() };
    if let Some(Value::Object(members)) = root.pointer_mut(&parent.to_string()) {
        members.remove(last);
    }
}
