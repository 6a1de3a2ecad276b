//! An answer that is pasted below its request.

use super::answer::json_of;
use super::curl::raw;
use super::meaning::squashed;
use super::shell::words;
use super::wire::Body;
use serde_json::Value;

/// The request of a text, and the answer that stands below it. An answer is a JSON object that begins on a line of its own, perhaps
/// behind the head that `curl -i` prints.
pub(super) fn apart(text: &str) -> (String, Option<String>) {
    let text = text.replace("\r\n", "\n");
    // Fences of Markdown are no part of what stands between them; a place keeps its line.
    let line =
        |line: &'_ str| if line.trim_start().starts_with("```") { "" } else { line }.to_owned();
    let plain = text.split('\n').map(line).collect::<Vec<_>>().join("\n");
    let mut at = 0;
    for line in plain.split_inclusive('\n') {
        let (request, answer) = plain.split_at(at);
        let begins = line.starts_with('{') || line.starts_with("HTTP/");
        if at > 0 && begins && is_answer(request, answer) {
            return (request.trim_end().to_owned(), Some(answer.to_owned()));
        }
        at += line.len();
    }
    (plain, None)
}

fn is_answer(request: &str, answer: &str) -> bool {
    let body = match answer.strip_prefix("HTTP/") {
        Some(rest) => rest.split_once("\n\n").map_or("", |(_, body)| body),
        None => answer,
    };
    let Ok(Value::Object(members)) = json_of(body) else { return false };
    match raw(request) {
        // Below the head of a request stands its body.
        Some(Ok(wire)) if wire.body == Body::Empty => {
            answer.starts_with("HTTP/") || members.keys().any(|name| is_of_answer(name))
        }
        Some(read) => read.is_ok(),
        // A quote that is open holds what follows, and a line that goes on goes on in it.
        None => words(request).is_ok() && !request.trim_end().ends_with(['\\', '^', '`']),
    }
}

/// Whether only an answer holds a member of this name.
fn is_of_answer(name: &str) -> bool {
    let name = squashed(name);
    name == "tokentype" || name.ends_with("expiresin") || name.ends_with("expiresat")
}
