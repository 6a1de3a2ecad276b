//! When a token of an answer dies.

use super::jwt;
use crate::contract::{ExpectedExpiry, Expiry, MAX_LIFETIME, Otherwise, Told, ZeroExpiry};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// What an end is that lies further ahead than any that is believed.
const AHEAD: &str = "more than a hundred years ahead, as a number in another unit";

/// How far before the start of the exchange an instant may lie.
const MAX_PAST: SignedDuration = SignedDuration::from_hours(24);

/// A lifetime that ends so soon after the start of the exchange, if it counts from 1970, is an instant that is taken for one.
const SOON: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The instants that the `exp` of a JWT may name: 2001-09-09 to the end of the year 9999, in milliseconds.
const EXP: std::ops::RangeInclusive<i64> = 1_000_000_000_000..=253_402_300_799_999;

/// When `token` dies, given the JSON of its answer, and what of that the answer says in a way that cannot be right.
pub(super) fn read(
    expiry: &Expiry,
    token: &str,
    json: &Value,
    start: Timestamp,
) -> (ExpectedExpiry, Option<String>) {
    let end = match expiry {
        Expiry::Never => ExpectedExpiry::Never,
        // When the person signed in is not known here.
        Expiry::Undeclared | Expiry::SinceSignIn(_) => ExpectedExpiry::Undeclared,
        Expiry::Constant(lifetime) => at(start.checked_add(*lifetime).ok()),
        Expiry::Jwt => at(exp(token)),
        _ => {
            return expiry.told().map_or((ExpectedExpiry::Undeclared, None), |told| {
                answered(expiry, told, json, start)
            });
        }
    };
    (end, None)
}

/// What a field of the answer says.
fn answered(
    expiry: &Expiry,
    told: &Told,
    json: &Value,
    start: Timestamp,
) -> (ExpectedExpiry, Option<String>) {
    let otherwise = match told.otherwise {
        None => ExpectedExpiry::Undeclared,
        Some(Otherwise::Never) => ExpectedExpiry::Never,
        Some(Otherwise::After(lifetime)) => at(start.checked_add(lifetime).ok()),
    };
    let Some(value) = told.find(json) else {
        return (otherwise, None);
    };
    let field = told.field.present(json);
    match (said(expiry, value), told.zero) {
        (None, _) => {
            let why = unreadable(expiry, value);
            (otherwise, Some(format!("the expiry at `{field}` cannot be read: it is {why}")))
        }
        (Some(Said::Zero), Some(ZeroExpiry::Never)) => (ExpectedExpiry::Never, None),
        (Some(Said::Zero), Some(ZeroExpiry::Undeclared)) => (ExpectedExpiry::Undeclared, None),
        (Some(said), _) => match said.end(start) {
            Ok(end) => (ExpectedExpiry::At(end), None),
            Err(why) => (otherwise, Some(format!("the expiry at `{field}` is {why}"))),
        },
    }
}

/// The lifetime that an answer tells; `None` where it tells none.
pub fn lifetime(expiry: &Expiry, json: &Value) -> Option<Duration> {
    match said(expiry, expiry.told()?.find(json)?)? {
        Said::Lifetime(lifetime) => lifetime.try_into().ok(),
        Said::Zero | Said::Instant(_) => None,
    }
}

/// What stands where the end of a token should be.
enum Said {
    Zero,
    Lifetime(SignedDuration),
    Instant(Timestamp),
}

impl Said {
    fn lifetime(milliseconds: i64) -> Self {
        if milliseconds == 0 {
            Self::Zero
        } else {
            Self::Lifetime(SignedDuration::from_millis(milliseconds))
        }
    }

    /// An instant to the millisecond.
    fn instant(instant: Timestamp) -> Option<Self> {
        let milliseconds = instant.as_millisecond();
        if instant == Timestamp::UNIX_EPOCH {
            return Some(Self::Zero);
        }
        Timestamp::from_millisecond(milliseconds).ok().map(Self::Instant)
    }

    /// The end, or what it is that cannot be right.
    fn end(self, start: Timestamp) -> Result<Timestamp, &'static str> {
        match self {
            Self::Zero => Err("zero, and `zero` of the contract does not say what that means"),
            Self::Lifetime(lifetime) => {
                let since_1970 = Timestamp::UNIX_EPOCH.checked_add(lifetime).ok();
                let is_instant = since_1970.is_some_and(|instant| {
                    (-MAX_PAST..=SOON).contains(&instant.duration_since(start))
                });
                if is_instant {
                    return Err("an instant, counted from 1970, in place of a lifetime");
                }
                let is_plausible = lifetime.as_millis() <= MAX_LIFETIME.as_millis() as i128;
                let end = start.checked_add(lifetime).ok();
                end.filter(|_| is_plausible && lifetime.is_positive()).ok_or(AHEAD)
            }
            Self::Instant(end) => {
                let ahead = end.duration_since(start);
                if ahead < -MAX_PAST {
                    return Err("an instant that is long past");
                }
                let is_plausible = ahead.as_millis() <= MAX_LIFETIME.as_millis() as i128;
                is_plausible.then_some(end).ok_or(AHEAD)
            }
        }
    }
}

/// What is wrong with a value that says nothing in the way of this expiry. It shows nothing of the value: it may be a secret.
fn unreadable(expiry: &Expiry, value: &Value) -> &'static str {
    let is_date =
        |text: &str| text.parse::<DateTime>().is_ok() || text.parse::<Timestamp>().is_ok();
    let is_of_number = matches!(
        expiry,
        Expiry::Seconds(_)
            | Expiry::Milliseconds(_)
            | Expiry::UnixSeconds(_)
            | Expiry::UnixMilliseconds(_)
    );
    match value {
        Value::String(text) if is_of_number => match text.trim_ascii() {
            text if is_date(text) => "a date where a number is declared",
            text if length(text).is_some() => {
                "a length with a unit, such as `3600s`, where a number is declared"
            }
            text => match number(text) {
                Some(number) if number < 0.0 => "a negative number",
                Some(_) => "a number beyond any clock",
                None => "a text that is no number",
            },
        },
        Value::String(text) if number(text.trim_ascii()).is_some() => {
            "a number in quotes where a text of another kind is declared"
        }
        Value::String(_) => "a text of another kind than declared",
        Value::Number(number) if number.as_f64().is_some_and(|number| number < 0.0) => {
            "a negative number"
        }
        Value::Number(_) if is_of_number => "a number beyond any clock",
        Value::Number(_) => "a number where a text is declared",
        Value::Bool(_) => "neither a number nor a text, but a boolean",
        Value::Array(_) => "neither a number nor a text, but a list",
        Value::Object(_) => "neither a number nor a text, but an object",
        Value::Null => "null",
    }
}

/// What `value` says in the way of this expiry.
fn said(expiry: &Expiry, value: &Value) -> Option<Said> {
    let text = || value.as_str().map(str::trim_ascii);
    let instant =
        |unit| Said::instant(Timestamp::from_millisecond(milliseconds(value, unit)?).ok()?);
    match expiry {
        Expiry::Seconds(_) => milliseconds(value, 1000.0).map(Said::lifetime),
        Expiry::Milliseconds(_) => milliseconds(value, 1.0).map(Said::lifetime),
        Expiry::Duration(_) if value.is_number() => milliseconds(value, 1000.0).map(Said::lifetime),
        Expiry::Duration(_) => length(text()?).map(Said::lifetime),
        Expiry::UnixSeconds(_) => instant(1000.0),
        Expiry::UnixMilliseconds(_) => instant(1.0),
        Expiry::Rfc3339(_) => date(text()?, None),
        Expiry::DateTime { told: _, zone } => date(text()?, Some(*zone)),
        Expiry::HttpDate(_) => {
            let instant = httpdate::parse_http_date(text()?).ok()?;
            Said::instant(Timestamp::try_from(instant).ok()?)
        }
        Expiry::Constant(_)
        | Expiry::SinceSignIn(_)
        | Expiry::Jwt
        | Expiry::Never
        | Expiry::Undeclared => None,
    }
}

/// The milliseconds of `1h`, `1:00:00` or `PT1H`; none of a negative one, nor of one with months, whose lengths differ.
pub fn length(text: &str) -> Option<i64> {
    let span: Span = text.parse().ok()?;
    if span.is_negative() || span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(length.as_millis()).ok()
}

/// A date with an offset, or one that is read from a clock so far ahead of UTC. The first day of all, and one that is none, are zero.
fn date(text: &str, zone: Option<i32>) -> Option<Said> {
    if text.starts_with("0000-00-00") || text.starts_with("0001-01-01") {
        return Some(Said::Zero);
    }
    if let Ok(instant) = text.parse() {
        return Said::instant(instant);
    }
    let zone = Offset::from_seconds(zone?).ok()?;
    // A day alone says nothing of the hour.
    let clock: DateTime = text.parse().ok().filter(|_| text.contains(':'))?;
    Said::instant(zone.to_timestamp(clock).ok()?)
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
