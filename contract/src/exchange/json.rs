//! Values of an answer, as strictly as a client reads them.

use crate::contract::Pointer;
use serde_json::Value;

/// A text that must be there.
pub(super) fn required<'a>(
    what: &str,
    field: &Pointer,
    json: &'a Value,
) -> Result<&'a str, String> {
    optional(what, field, json)?.ok_or_else(|| format!("{what} is missing or empty at `{field}`"))
}

/// A text that may be there; `null` and `""` are absent.
pub(super) fn optional<'a>(
    what: &str,
    field: &Pointer,
    json: &'a Value,
) -> Result<Option<&'a str>, String> {
    match field.find(json) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("{what} at `{field}` is no text")),
    }
}

/// Whether a header can carry a token: without the characters that RFC 9110 section 5.5 keeps out of field values or takes off their
/// ends, and what could not be decoded.
pub fn is_carried(token: &str) -> bool {
    token.trim() == token
        && token.chars().all(|sign| !sign.is_control() && sign != char::REPLACEMENT_CHARACTER)
}

/// Refuses a token that no header could carry.
pub(super) fn usable(what: &str, token: &str) -> Result<(), String> {
    if is_carried(token) {
        Ok(())
    } else {
        Err(format!("{what} is a text that no header can carry"))
    }
}
