//! When a token of an answer dies.

use super::jwt;
use crate::contract::{ExpectedExpiry, Expiry, MAX_LIFETIME};
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
    let value = expiry.field().and_then(|field| field.find(json)).filter(|value| !value.is_null());
    let after = |unit| {
        let lifetime = SignedDuration::from_millis(milliseconds(value?, unit)?);
        // Zero is how providers write that there is no end.
        Some(start.checked_add(lifetime).ok().filter(|_| lifetime.is_positive()))
    };
    let since_1970 = |unit| Some(Timestamp::from_millisecond(milliseconds(value?, unit)?).ok());
    let instant = match expiry {
        Expiry::Never => return Ok(ExpectedExpiry::Never),
        Expiry::Undeclared => return Ok(ExpectedExpiry::Undeclared),
        Expiry::Constant(lifetime) => return Ok(at(start.checked_add(*lifetime).ok())),
        Expiry::Jwt => return Ok(at(exp(token))),
        Expiry::Seconds(_) => after(1000.0),
        Expiry::Milliseconds(_) => after(1.0),
        Expiry::UnixSeconds(_) => since_1970(1000.0),
        Expiry::UnixMilliseconds(_) => since_1970(1.0),
        Expiry::Rfc3339(_) => value.and_then(rfc3339).map(Some),
    };
    let (Some(field), Some(_)) = (expiry.field(), value) else {
        return Ok(ExpectedExpiry::Undeclared);
    };
    let instant = instant.ok_or_else(|| format!("the expiry at `{field}` cannot be read"))?;
    match instant.filter(|instant| is_plausible(*instant, start)) {
        None => Err(format!(
            "the expiry at `{field}` is nothing, ten years ahead or long past, as if in another unit"
        )),
        instant => Ok(at(instant)),
    }
}

fn at(instant: Option<Timestamp>) -> ExpectedExpiry {
    instant.map_or(ExpectedExpiry::Undeclared, ExpectedExpiry::At)
}

fn exp(token: &str) -> Option<Timestamp> {
    let claims = jwt::claims(token)?;
    let instant =
        milliseconds(claims.get("exp")?, 1000.0).filter(|instant| EXP.contains(instant))?;
    Timestamp::from_millisecond(instant).ok()
}

/// An instant as text, to the millisecond.
fn rfc3339(value: &Value) -> Option<Timestamp> {
    let instant: Timestamp = value.as_str()?.trim_ascii().parse().ok()?;
    Timestamp::from_millisecond(instant.as_millisecond()).ok()
}

/// Whether an instant is neither ten years ahead nor a day back.
fn is_plausible(instant: Timestamp, start: Timestamp) -> bool {
    let ahead = instant.duration_since(start);
    ahead >= -MAX_PAST && ahead.as_millis() <= MAX_LIFETIME.as_millis() as i128
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
