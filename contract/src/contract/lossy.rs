//! Answers as providers write them, made JSON that any reader takes.
//!
//! This is the test kit's own reading of what clients must bear. It works on the text before it is parsed; clients parse what they
//! find.

use std::fmt::Write;

/// No reader goes deeper, and no contract.
const DEPTH: usize = 128;

/// The body as JSON: what is no character becomes U+FFFD, raw control characters are escaped, numbers beyond a double are as large
/// as one can be, and what is nested too deeply is `null`. A body that is JSON stays as it is; one that breaks off is none still.
pub(super) fn tidied(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut tidied = String::with_capacity(text.len());
    let mut open = 0_usize;
    let mut rest = &*text;
    while let Some(first) = rest.chars().next() {
        let is_number = matches!(first, '-' | '0'..='9');
        let end = match first {
            '"' => end_of_text(rest),
            _ if is_number => rest
                .find(|sign: char| !(sign.is_ascii_digit() || "+-.eE".contains(sign)))
                .unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        let (opens, closes) = (matches!(first, '{' | '['), matches!(first, '}' | ']'));
        open += usize::from(opens);
        if open >= DEPTH {
            tidied.push_str(if opens && open == DEPTH { "null" } else { "" });
        } else if first == '"' {
            tidy_text(&mut tidied, piece);
        } else if is_number && piece.parse().is_ok_and(f64::is_infinite) {
            tidied.push_str(if first == '-' { "-1e308" } else { "1e308" });
        } else {
            tidied.push_str(piece);
        }
        open = open.saturating_sub(usize::from(closes));
    }
    tidied
}

/// Where the text ends that begins here.
fn end_of_text(text: &str) -> usize {
    let mut escaped = true;
    for (at, sign) in text.char_indices() {
        match sign {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn tidy_text(tidied: &mut String, text: &str) {
    let mut rest = text.chars();
    while let Some(sign) = rest.next() {
        match sign {
            '\\' => rest = tidy_escape(tidied, rest.as_str()).chars(),
            '\0'..='\u{1f}' => drop(write!(tidied, "\\u{:04x}", u32::from(sign))),
            sign => tidied.push(sign),
        }
    }
}

/// Writes the escape of which this is the rest, and gives what follows it.
fn tidy_escape<'a>(tidied: &mut String, rest: &'a str) -> &'a str {
    let Some(kind) = rest.chars().next() else { return rest };
    let behind = &rest[kind.len_utf8()..];
    let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
    let (escape, length) = match (kind, unit(behind)) {
        ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't', _) => (&rest[..1], 0),
        ('u', Some(0xd800..=0xdbff)) => match behind[4..].strip_prefix("\\u").and_then(unit) {
            Some(0xdc00..=0xdfff) => (&rest[..11], 10),
            _ => ("ufffd", 4),
        },
        ('u', Some(0xdc00..=0xdfff)) => ("ufffd", 4),
        ('u', Some(_)) => (&rest[..5], 4),
        _ => ("ufffd", 0),
    };
    tidied.push('\\');
    tidied.push_str(escape);
    &behind[length..]
}

#[cfg(test)]
mod tests {
    use super::tidied;
    use serde_json::{Value, json};

    #[test]
    fn what_providers_write_is_read() {
        let read = |body: &[u8]| serde_json::from_str::<Value>(&tidied(body)).ok();
        let plain = r#" {"a":[1,-2.5e3,"\"\\\u00e9\ud83d\ude00"],"é":null} "#;
        assert_eq!(tidied(plain.as_bytes()), plain);
        assert_eq!(read(b"{\"a\":\"caf\xe9\"}"), Some(json!({ "a": "caf\u{fffd}" })));
        assert_eq!(read(b"\"a\r\n\tb\""), Some(json!("a\r\n\tb")));
        let halves = br#"["\ud83d","\ude00x","\ud83d\u0041","\q","\uzz"]"#;
        assert_eq!(
            read(halves),
            Some(json!(["\u{fffd}", "\u{fffd}x", "\u{fffd}A", "\u{fffd}", "\u{fffd}zz"]))
        );
        assert_eq!(read(b"[1e400,-1e400]"), Some(json!([1e308, -1e308])));
        let deep = format!("{{\"a\":{}\"]}}\"{}}}", "[".repeat(500), "]".repeat(500));
        assert!(read(deep.as_bytes()).is_some_and(|value| value["a"].is_array()));
        for broken in ["", "{\"a\":1", "\"a", "[1,]", "<html>", "[\u{fffd}]", "\"a\\"] {
            assert_eq!(read(broken.as_bytes()), None, "{broken}");
        }
    }
}
