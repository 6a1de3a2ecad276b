//! What an answer turned out to be, in words that show nothing of what it holds.

use http::Response;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, LOCATION, WWW_AUTHENTICATE};
use rekindle_contract::contract::Pointer;
use rekindle_syntax::{BodyKind, is_json, is_same_name, is_word, media_type, redirect_target};
use serde_json::Value;

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

/// Where else than at `field` a member of the same name stands, or of one that differs in case and in what is between its words.
pub(super) fn elsewhere(json: &Value, field: &Pointer) -> Option<String> {
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
            named && !is_nothing(value) && *way != place
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
