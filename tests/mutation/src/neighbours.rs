//! Values a little beside the right one, by what they are: what a mistaken reading of a page could have made of them.

use crate::shape::{Node, Shape, hole};
use serde_json::{Value, json};

/// The values beside this one. They may have holes, and not all of them can be: the types and [`crate::meaning`] decide.
/// Those in one inner list are tried in their order, and the first that can be is taken.
pub fn neighbours(node: &Node, value: &Value) -> Vec<Vec<Value>> {
    let absent = node.optional.then(|| if value.is_null() { hole() } else { Value::Null });
    if let (Shape::List, Value::Array(items)) = (&node.shape, value) {
        return list(items).into_iter().chain(absent.map(|absent| vec![absent])).collect();
    }
    let others = match (&node.shape, value) {
        (Shape::Struct("Duration"), duration) => durations(duration),
        (Shape::Enum(_, variants), value) => return alternatives(variants, value, absent),
        (Shape::Map, Value::Object(members)) => {
            let without = |name: &String| {
                let mut members = members.clone();
                members.remove(name);
                Value::Object(members)
            };
            members.keys().map(without).collect()
        }
        (_, Value::Bool(truth)) => vec![json!(!truth)],
        (_, Value::String(text)) => texts(text).into_iter().map(Value::String).collect(),
        (_, Value::Number(number)) => {
            let around = |by: i64| number.as_i64().and_then(|number| number.checked_add(by));
            around(1).into_iter().chain(around(-1)).map(Value::from).collect()
        }
        _ => Vec::new(),
    };
    let any = (node.shape == Shape::Any && !value.is_null()).then_some(Value::Null);
    others.into_iter().chain(any).chain(absent).map(|other| vec![other]).collect()
}

/// Every other variant, with what this one holds, with the same in another type, or with something invented.
fn alternatives(variants: &[&str], value: &Value, absent: Option<Value>) -> Vec<Vec<Value>> {
    let held = value.as_object().and_then(|members| members.iter().next());
    let current = held.map_or(value.as_str(), |(name, _)| Some(name.as_str()));
    let payloads = |held: &Value| {
        let retyped = match held {
            Value::String(text) => serde_json::from_str(text).ok(),
            Value::Bool(_) | Value::Number(_) => Some(Value::String(held.to_string())),
            _ => None,
        };
        [held.clone()].into_iter().chain(retyped)
    };
    let others = variants.iter().filter(|variant| Some(**variant) != current).map(|variant| {
        let payloads = held.into_iter().flat_map(|(_, held)| payloads(held)).chain([hole()]);
        payloads.map(|payload| json!({ *variant: payload })).collect()
    });
    others.chain(absent.map(|absent| vec![absent])).collect()
}

/// One entry too few, too many, or two of them in each other's place; a named one twice. The one too many is beside one that
/// is there, where that can be.
fn list(items: &[Value]) -> Vec<Vec<Value>> {
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut items = items.to_vec();
        change(&mut items);
        Value::Array(items)
    };
    let more = |at: usize| -> Vec<Value> {
        let others = items.last().and_then(beside).into_iter().chain([hole()]);
        others.map(|other| changed(&|items| items.insert(at, other.clone()))).collect()
    };
    let mut lists = vec![more(0)];
    for index in 0..items.len() {
        lists.push(vec![changed(&|items| drop(items.remove(index)))]);
        // Name and value are a list of two.
        if items[index].is_array() {
            lists.push(vec![changed(&|items| items.push(items[index].clone()))]);
        }
        // Conditions that are asked one after the other may meet far apart.
        let reach = if items[index].is_object() { items.len() } else { index + 2 };
        for later in index + 1..reach.min(items.len()) {
            lists.push(vec![changed(&|items| items.swap(index, later))]);
        }
    }
    lists.push(more(items.len()));
    lists
}

/// A value beside one, each part of it.
fn beside(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(truth) => Some(json!(!truth)),
        Value::Number(number) => Some(json!(number.as_i64()?.checked_add(1)?)),
        Value::String(text) => Some(json!(format!("{text}x"))),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| Some((name.clone(), beside(value)?)));
            members.collect::<Option<_>>().map(Value::Object)
        }
        Value::Null | Value::Array(_) => None,
    }
}

/// The case of the last letter, one letter more at the end, and, of what slashes divide, the first or the last part less.
fn texts(text: &str) -> Vec<String> {
    let mut others: Vec<String> = other_case(text).into_iter().collect();
    others.push(match text.parse::<u32>() {
        Ok(number) => number.wrapping_add(1).to_string(),
        Err(_) => format!("{text}x"),
    });
    if let Some(at) = text.rfind('/').filter(|at| *at > 0) {
        others.push(text[..at].to_owned());
        others.push(format!("{text}/"));
    }
    if let Some((at, _)) = text.match_indices('/').find(|(at, _)| *at > 0) {
        others.push(text[at..].to_owned());
    }
    others.extend(text.strip_prefix("https://").map(|rest| format!("http://{rest}")));
    others
}

fn other_case(text: &str) -> Option<String> {
    let at = text.rfind(|letter: char| letter.is_ascii_alphabetic())?;
    let mut bytes = text.as_bytes().to_vec();
    // An ASCII letter with the other case is one again.
    bytes[at] ^= 0x20;
    String::from_utf8(bytes).ok()
}

/// A moment more, a moment less, ten times as long.
fn durations(duration: &Value) -> Vec<Value> {
    let seconds = duration["secs"].as_u64().unwrap_or_default();
    let others = [seconds.saturating_add(1), seconds.saturating_sub(1), seconds.saturating_mul(10)];
    others.into_iter().map(|seconds| json!({ "secs": seconds, "nanos": 0 })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_differ_from_what_they_are_beside() {
        const WORDS: &[&str] = &["Bool", "Integer", "Text"];
        for (shape, value) in [
            (Shape::Bool, json!(true)),
            (Shape::Integer, json!(-7)),
            (Shape::Text, json!("/a/B")),
            (Shape::Text, json!("12")),
            (Shape::Enum("Literal", WORDS), json!({ "Integer": 17 })),
            (Shape::Struct("Duration"), json!({ "secs": 60, "nanos": 0 })),
            (Shape::List, json!([1, 2])),
            (Shape::Any, json!(2)),
        ] {
            for optional in [false, true] {
                let found = neighbours(&Node { shape: shape.clone(), optional }, &value);
                assert!(!found.is_empty(), "{shape:?}");
                assert!(found.iter().flatten().all(|other| *other != value), "{found:?}");
                assert_eq!(found.concat().contains(&Value::Null), optional || shape == Shape::Any);
            }
        }
    }

    #[test]
    fn a_path_loses_a_segment_at_either_end() {
        let found = texts("/auth/refresh");
        for path in ["/auth", "/refresh", "/auth/refresh/", "/auth/refresH", "/auth/refreshx"] {
            assert!(found.iter().any(|text| text == path), "{path}: {found:?}");
        }
    }
}
