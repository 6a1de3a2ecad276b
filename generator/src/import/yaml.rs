//! A spec's facts → the text of a spec, as a person writes one: a mapping on one line where it is short, blocks elsewhere.

use serde_json::{Map, Value};

/// How long a line may be.
const WIDTH: usize = 116;

/// The text of a document, with an empty line before each of the keys in `apart`.
pub(super) fn text(document: &Map<String, Value>, apart: &[&str]) -> String {
    let mut text = String::new();
    for (key, value) in document {
        if apart.contains(&key.as_str()) && !text.is_empty() {
            text.push('\n');
        }
        entry(key, value, 0, &mut text);
    }
    text
}

/// `key: value`, on one line or on several.
fn entry(key: &str, value: &Value, indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    let key = scalar(key, false);
    let line = format!("{margin}{key}: {}", flow(value));
    match value {
        Value::Object(members)
            if !members.is_empty() && (levels(value) > 2 || line.chars().count() > WIDTH) =>
        {
            text.push_str(&format!("{margin}{key}:\n"));
            members.iter().for_each(|(key, value)| entry(key, value, indent + 2, text));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            text.push_str(&format!("{margin}{key}:\n"));
            items.iter().for_each(|value| item(value, indent + 2, text));
        }
        Value::String(value) => {
            text.push_str(&format!("{margin}{key}: {}\n", scalar(value, false)))
        }
        _ => text.push_str(&format!("{line}\n")),
    }
}

/// An item of a list: a mapping whose first key stands beside the dash.
fn item(value: &Value, indent: usize, text: &mut String) {
    let margin = " ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let mut block = String::new();
            members.iter().for_each(|(key, value)| entry(key, value, indent + 2, &mut block));
            text.push_str(&format!("{margin}- {}", block.trim_start_matches(' ')));
        }
        _ => text.push_str(&format!("{margin}- {}\n", flow(value))),
    }
}

/// How many mappings lie in one another.
fn levels(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(levels).max().unwrap_or_default(),
        Value::Array(items) => items.iter().map(levels).max().unwrap_or_default(),
        _ => 0,
    }
}

/// A value on one line.
pub(crate) fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key, true), flow(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => scalar(text, true),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text, in quotes where it would be taken for something else.
fn scalar(text: &str, in_flow: bool) -> String {
    let allowed =
        |c: char| c.is_ascii_alphanumeric() || " _./:;+=@~()*-".contains(c) || c == ',' && !in_flow;
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_of = |digit: fn(&u8) -> bool, text: &str| {
        text.bytes().all(|byte| digit(&byte) || b"._:".contains(&byte))
    };
    let is_number = text.parse::<f64>().is_ok()
        || starts && is_of(u8::is_ascii_digit, text)
        || ["0x", "0o", "0b"]
            .iter()
            .filter_map(|base| text.strip_prefix(base))
            .any(|digits| is_of(u8::is_ascii_hexdigit, digits));
    let is_plain = starts
        && text.chars().all(allowed)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !words.contains(&text.to_ascii_lowercase().as_str())
        && !is_number;
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::{scalar, text};
    use serde_json::json;

    #[test]
    fn short_is_on_one_line_and_long_is_not() {
        let document = json!({
            "rekindle": 1,
            "refresh": { "request": "POST /token", "auth": { "basic": { "encoding": "raw" } } },
            "client": { "domain": { "type": "host" } },
            "errors": [{ "status": 400, "equals": ["a", "b"] }, "c"],
            "empty": {},
        });
        assert_eq!(
            text(document.as_object().unwrap(), &["refresh"]),
            "rekindle: 1\n\nrefresh:\n  request: POST /token\n  auth: { basic: { encoding: raw } }\nclient: { domain: { type: host } }\nerrors:\n  - status: 400\n    equals: [a, b]\n  - c\nempty: {}\n"
        );
    }

    #[test]
    fn texts_stay_texts() {
        for (written, expected) in [
            ("POST /oauth/token", "POST /oauth/token"),
            ("https://id.acme.example", "https://id.acme.example"),
            ("2026-11-28T08:00:00Z", "2026-11-28T08:00:00Z"),
            ("${client.scope}", "\"${client.scope}\""),
            ("true", "\"true\""),
            ("12", "\"12\""),
            ("1e3", "\"1e3\""),
            ("0xff", "\"0xff\""),
            ("1:30", "\"1:30\""),
            ("60d", "60d"),
            ("b", "b"),
            ("2025-09-03", "2025-09-03"),
            ("a: b", "\"a: b\""),
            ("", "\"\""),
            ("- a", "\"- a\""),
            ("a\nb", "\"a\\nb\""),
        ] {
            assert_eq!(scalar(written, true), expected);
        }
    }
}
