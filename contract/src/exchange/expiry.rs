//! When a token of an answer dies.

use super::jwt;
use crate::contract::{ExpectedExpiry, Expiry, MAX_LIFETIME, Pointer};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How far before the start of the exchange an instant may lie.
const MAX_PAST: SignedDuration = SignedDuration::from_hours(24);

/// The instants that the `exp` of a JWT may name: 2001-09-09 to the end of the year 9999, in milliseconds.
const EXP: std::ops::RangeInclusive<i64> = 1_000_000_000_000..=253_402_300_799_999;

/// When `token` dies, given the JSON of its answer; an error where the answer says so in a way that cannot be right.
pub(super) fn read(
    expiry: &Expiry,
    token: &str,
    json: &Value,
    start: Timestamp,
) -> Result<ExpectedExpiry, String> {
    let instant = match expiry {
        Expiry::Never => return Ok(ExpectedExpiry::Never),
        Expiry::Undeclared => None,
        Expiry::Constant(lifetime) => start.checked_add(*lifetime).ok(),
        Expiry::Jwt => exp(token),
        Expiry::Seconds(field) => relative(field, json, 1000.0, start)?,
        Expiry::Milliseconds(field) => relative(field, json, 1.0, start)?,
        Expiry::UnixSeconds(field) => absolute(field, json, 1000.0, start)?,
        Expiry::UnixMilliseconds(field) => absolute(field, json, 1.0, start)?,
        Expiry::Rfc3339(field) => rfc3339(field, json, start)?,
    };
    Ok(instant.map_or(ExpectedExpiry::Undeclared, ExpectedExpiry::At))
}

fn exp(token: &str) -> Option<Timestamp> {
    let claims = jwt::claims(token)?;
    let instant =
        milliseconds(claims.get("exp")?, 1000.0).filter(|instant| EXP.contains(instant))?;
    Timestamp::from_millisecond(instant).ok()
}

fn relative(
    field: &Pointer,
    json: &Value,
    unit: f64,
    start: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let Some(value) = present(field, json) else {
        return Ok(None);
    };
    let lifetime = milliseconds(value, unit).ok_or_else(|| unreadable(field))?;
    let lifetime = SignedDuration::from_millis(lifetime);
    plausible(field, start.checked_add(lifetime).ok(), start)
}

fn absolute(
    field: &Pointer,
    json: &Value,
    unit: f64,
    start: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let Some(value) = present(field, json) else {
        return Ok(None);
    };
    let instant = milliseconds(value, unit).ok_or_else(|| unreadable(field))?;
    plausible(field, Timestamp::from_millisecond(instant).ok(), start)
}

fn rfc3339(field: &Pointer, json: &Value, start: Timestamp) -> Result<Option<Timestamp>, String> {
    let Some(value) = present(field, json) else {
        return Ok(None);
    };
    let instant: Option<Timestamp> = value.as_str().and_then(|text| text.trim_ascii().parse().ok());
    let instant = instant.ok_or_else(|| unreadable(field))?;
    plausible(field, Timestamp::from_millisecond(instant.as_millisecond()).ok(), start)
}

fn present<'a>(field: &Pointer, json: &'a Value) -> Option<&'a Value> {
    field.find(json).filter(|value| !value.is_null())
}

fn unreadable(field: &Pointer) -> String {
    format!("the expiry at `{field}` cannot be read")
}

/// An instant that is neither ten years ahead nor a day back.
fn plausible(
    field: &Pointer,
    instant: Option<Timestamp>,
    start: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let ahead = |instant: &Timestamp| instant.duration_since(start);
    let fits = |instant: &Timestamp| {
        ahead(instant) >= -MAX_PAST
            && ahead(instant).as_millis() <= MAX_LIFETIME.as_millis() as i128
    };
    match instant.filter(fits) {
        Some(instant) => Ok(Some(instant)),
        None => Err(format!(
            "the expiry at `{field}` is ten years ahead or long past, as if in another unit"
        )),
    }
}

/// The milliseconds that a number, or a text that holds one, says; never negative.
pub(crate) fn milliseconds(value: &Value, unit: f64) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => number(text.trim_ascii())?,
        _ => return None,
    };
    let milliseconds = (number * unit).floor();
    // Doubles hold whole numbers up to 2^53 exactly; larger ones are no instant anyway.
    (0.0..=9_007_199_254_740_992.0).contains(&milliseconds).then_some(milliseconds as i64)
}

/// Rust reads "NaN" and "infinity" as numbers. Here they are words.
fn number(text: &str) -> Option<f64> {
    let numeric = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    numeric.then(|| text.parse().ok()).flatten()
}
