//! What an answer turned out to be, in words that show nothing of what it holds.

use http::header::{
    CONTENT_ENCODING, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use rekindle_contract::contract::{ErrorRule, Pointer, RetryAfter};
use rekindle_syntax::{BodyKind, is_json, is_same_name, is_word, media_type, redirect_target};
use serde_json::Value;
use std::time::Duration;

type Answer = Response<Vec<u8>>;

/// How deep an answer is searched for a member.
const DEEPEST: usize = 6;

/// Its status, and what tells it apart: an error code, a media type, that it has no body.
pub(super) fn summary(answer: &Answer) -> String {
    let status = answer.status().as_u16();
    if let Some((place, code)) = code(answer) {
        // RFC 6749 section 5.2 has it at `/error`: whoever reads a code expects it there.
        let at = match place {
            "/error" => String::new(),
            CHALLENGE => format!(" in `{CHALLENGE}`"),
            place => format!(" at `{place}`"),
        };
        return format!("status {status}, error code `{code}`{at}");
    }
    match header(answer, CONTENT_TYPE).and_then(media_type) {
        _ if answer.body().trim_ascii().is_empty() => format!("status {status}, no body"),
        Some(media_type) => format!("status {status}, {media_type}"),
        None => format!("status {status}"),
    }
}

/// The same, and what its body is where that `is_read` by nobody.
pub(super) fn came(answer: &Answer, is_read: bool) -> String {
    let summary = summary(answer);
    match kind(answer, is_read) {
        Some(kind) => format!("{summary}: {kind}"),
        None => summary,
    }
}

/// What a body is that cannot be read, and where to look; `None` where its head says it already.
pub(super) fn kind(answer: &Answer, is_read: bool) -> Option<String> {
    let is_text = || std::str::from_utf8(answer.body()).is_ok();
    let kind = body(answer);
    Some(match kind {
        BodyKind::Quoted => kind.to_string(),
        _ if is_read => return None,
        BodyKind::Empty => return None,
        // A refusal may be a sentence.
        BodyKind::Text if !answer.status().is_success() => return None,
        // It comes of the provider's trouble, and not of another address.
        BodyKind::Page if is_of_trouble(answer.status()) => "it is an HTML page".to_owned(),
        BodyKind::Form | BodyKind::Text if !is_text() => {
            "it is a text in another encoding than UTF-8".to_owned()
        }
        BodyKind::Json if is_several(answer.body()) => {
            "it is several JSON documents, one behind the other".to_owned()
        }
        kind => kind.to_string(),
    })
}

/// Whether a status says that the provider has trouble of its own.
fn is_of_trouble(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// Whether a body is JSON, and more of it behind.
fn is_several(body: &[u8]) -> bool {
    let documents = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
    documents.take(2).filter(Result::is_ok).count() == 2
}

/// What a rule says that an answer means, and which one it is.
pub(super) fn meaning(rule: &ErrorRule) -> String {
    let or = if rule.perhaps_gone { " or `reauthenticate`" } else { "" };
    format!("which is `{}`{or} by `{}`", rule.class, rule.name)
}

/// When a provider takes another request, as it says itself: `in 1h`.
pub(super) fn wait(answer: &Answer, rule: Option<&ErrorRule>) -> Option<String> {
    let said = header(answer, RETRY_AFTER).map(str::trim).unwrap_or_default();
    if let Ok(date) = DateTimeParser::new().parse_timestamp(said) {
        return Some(format!("after {date}"));
    }
    let in_head = said.parse().ok().map(Duration::from_secs);
    let wait = in_head.max(rule.and_then(|rule| in_field(answer, rule.retry_after.as_ref()?)))?;
    Some(format!("in {}", words(wait)))
}

/// A duration in words.
pub(super) fn words(duration: Duration) -> String {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    format!("{duration:#}")
}

fn in_field(answer: &Answer, said: &RetryAfter) -> Option<Duration> {
    let json: Value = serde_json::from_slice(answer.body()).ok()?;
    let units = said.field().find(&json)?.as_u64()?;
    Some(Duration::from_millis(units.checked_mul(said.unit())?))
}

/// A token's type, where it is what such types are (RFC 6749 section 7.1): a short word without digits, that is no part of any of `secrets`.
pub(super) fn token_type<'a>(text: &'a str, secrets: &[&str]) -> Option<&'a str> {
    let plain = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_' | b'.');
    let lower = text.to_ascii_lowercase();
    let is_of = |secret: &&str| secret.to_ascii_lowercase().contains(&lower);
    let is_type = (1..=12).contains(&text.len()) && text.bytes().all(plain) && is_word(text);
    (is_type && !secrets.iter().any(is_of)).then_some(text)
}

/// What a body is that could not be read.
pub(super) fn body(answer: &Answer) -> BodyKind {
    BodyKind::of(header(answer, CONTENT_ENCODING), header(answer, CONTENT_TYPE), answer.body())
}

/// Where a redirect leads.
pub(super) fn target(answer: &Answer) -> &str {
    header(answer, LOCATION).map_or("nowhere", redirect_target)
}

/// Whether an answer in JSON says that it is something else.
pub(super) fn is_called_otherwise(answer: &Answer) -> bool {
    let media_type = header(answer, CONTENT_TYPE).and_then(media_type);
    media_type.is_some_and(|media_type| !is_json(&media_type))
}

/// Whether a byte order mark stands before an answer.
pub(super) fn has_mark(answer: &Answer) -> bool {
    answer.body().starts_with(b"\xEF\xBB\xBF")
}

/// Whether a member `error` says that there is one.
pub(super) fn names_error(json: &Value) -> bool {
    json.get("error").is_some_and(|error| !is_nothing(error))
}

/// Whether a member holds something.
pub(super) fn is_something(value: &Value) -> bool {
    !is_nothing(value)
}

/// Where else than at `field` a member of the same name stands, or of one that differs in case and in what is between its words, with such
/// a value.
pub(super) fn elsewhere(
    json: &Value,
    field: &Pointer,
    is_such: impl Fn(&Value) -> bool,
) -> Option<String> {
    let place = field.to_string();
    let name = match place.rsplit_once('/') {
        Some((_, name)) => name,
        // A body calls a token what it is, and a header what it is for.
        None => "access_token",
    };
    let mut level = vec![(String::new(), json)];
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for (way, value) in level {
            match value {
                Value::Object(members) => {
                    let shown = members.iter().filter(|(name, _)| is_word(name));
                    next.extend(shown.map(|(name, value)| (format!("{way}/{name}"), value)));
                }
                Value::Array(items) => {
                    let items = items.iter().take(3).enumerate();
                    next.extend(items.map(|(at, value)| (format!("{way}/{at}"), value)));
                }
                _ => {}
            }
        }
        let is_it = |(way, value): &&(String, &Value)| {
            let last = way.rsplit_once('/').map(|(_, last)| last);
            let named = last.is_some_and(|last| is_same_name(last, name));
            named && is_such(value) && *way != place
        };
        if let Some((way, _)) = next.iter().find(is_it) {
            return Some(way.clone());
        }
        level = next;
    }
    None
}

/// The code of the error that an answer names, where RFC 6749 or habit has it, if it may be shown.
pub(super) fn code(answer: &Answer) -> Option<(&'static str, String)> {
    in_body(answer).or_else(|| in_challenge(answer))
}

/// The header that has the code where a body has none (RFC 6750 section 3).
const CHALLENGE: &str = "WWW-Authenticate";

fn in_challenge(answer: &Answer) -> Option<(&'static str, String)> {
    let mut parameters = header(answer, WWW_AUTHENTICATE)?.split([' ', ',']);
    let code = parameters.find_map(|parameter| parameter.strip_prefix("error="))?;
    let code = code.trim_matches('"');
    is_word(code).then(|| (CHALLENGE, code.to_owned()))
}

fn in_body(answer: &Answer) -> Option<(&'static str, String)> {
    let json: Value = serde_json::from_slice(answer.body()).ok()?;
    let places = [
        "/error",
        "/error/code",
        "/error/type",
        "/errors/0/code",
        "/error_code",
        "/errorCode",
        "/errcode",
    ];
    // Beside tokens, a code alone says that all is well.
    let all = if answer.status().is_success() { &[][..] } else { &["/code"] };
    let mut codes = places.iter().chain(all).filter_map(|place| match json.pointer(place)? {
        Value::String(text) => Some((*place, text.clone())),
        Value::Number(number) => Some((*place, number.to_string())),
        _ => None,
    });
    codes.find(|(_, code)| is_word(code) && code != "0")
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) => false,
    }
}

fn header(answer: &Answer, name: HeaderName) -> Option<&str> {
    answer.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer;

    #[test]
    fn a_type_is_named_and_no_secret_with_it() {
        let secrets = ["silver-spoon", "", "Aq9"];
        for named in ["mac", "DPoP", "N_A"] {
            assert_eq!(token_type(named, &secrets), Some(named));
        }
        for silent in ["", "spoon", "SILVER-SPOON", "mac1", "a b", "a\u{e9}", "longer-than-types"] {
            assert_eq!(token_type(silent, &secrets), None, "{silent}");
        }
    }

    #[test]
    fn a_wait_is_told_as_it_is_asked_for() {
        let table = [
            ("3600", Some("in 1h")),
            (" 90 ", Some("in 1m 30s")),
            ("Sat, 06 Nov 2094 08:49:37 GMT", Some("after 2094-11-06T08:49:37Z")),
            ("-5", None),
            ("0.5", None),
            ("99999999999999999999", None),
            ("soon", None),
        ];
        for (said, told) in table {
            let answer = answer(429).header("retry-after", said).empty();
            assert_eq!(wait(&answer, None).as_deref(), told, "{said}");
        }
        assert_eq!(wait(&answer(429).empty(), None), None);
    }
}
