//! The ways in which answers tell when a token ends.
//!
//! Each reads one unit; none guesses another. A value that would be right in another unit (an epoch where a lifetime is
//! declared, milliseconds where seconds are) lies decades away and is refused.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::number::Number;
use super::{Expiry, MAX_LIFETIME};
use crate::error::Error;
use crate::json::Json;

/// How far before the start of the exchange an instant may lie: clocks differ, and a token may be dead on arrival.
const MAX_PAST: Duration = Duration::from_secs(24 * 60 * 60);

/// A lifetime in seconds, counted from `started_at` (RFC 6749 §5.1, `expires_in`).
///
/// Numbers and texts with a number in them are read, fractions are rounded down to milliseconds. `None`: there is nothing,
/// or `null`.
///
/// # Errors
/// [`ErrorKind::UnreadableExpiry`](crate::ErrorKind::UnreadableExpiry) when it is no number;
/// [`ErrorKind::ImplausibleExpiry`](crate::ErrorKind::ImplausibleExpiry) when it is negative, longer than
/// [`MAX_LIFETIME`], or zero: providers write that for a token without an end, and never for one that has ended.
pub fn seconds(value: Json<'_>, started_at: SystemTime) -> Result<Option<Expiry>, Error> {
    relative(value, started_at, 1000, "lifetime in seconds")
}

/// A lifetime in milliseconds, counted from `started_at`.
///
/// # Errors
/// As [`seconds`].
pub fn milliseconds(value: Json<'_>, started_at: SystemTime) -> Result<Option<Expiry>, Error> {
    relative(value, started_at, 1, "lifetime in milliseconds")
}

/// An instant in seconds since 1970 (UTC).
///
/// # Errors
/// [`ErrorKind::UnreadableExpiry`](crate::ErrorKind::UnreadableExpiry) when it is no number;
/// [`ErrorKind::ImplausibleExpiry`](crate::ErrorKind::ImplausibleExpiry) when it is negative, more than [`MAX_LIFETIME`]
/// after `started_at` or more than a day before.
pub fn unix_seconds(value: Json<'_>, started_at: SystemTime) -> Result<Option<Expiry>, Error> {
    absolute(value, started_at, 1000, "expiry in seconds since 1970")
}

/// An instant in milliseconds since 1970 (UTC).
///
/// # Errors
/// As [`unix_seconds`].
pub fn unix_milliseconds(value: Json<'_>, started_at: SystemTime) -> Result<Option<Expiry>, Error> {
    absolute(value, started_at, 1, "expiry in milliseconds since 1970")
}

/// An instant as a text with an offset: `2026-11-21T10:00:00Z` (RFC 3339).
///
/// # Errors
/// As [`unix_seconds`].
pub fn rfc3339(value: Json<'_>, started_at: SystemTime) -> Result<Option<Expiry>, Error> {
    const WHAT: &str = "expiry as a date";
    if value.is_absent() {
        return Ok(None);
    }
    let date: Option<Timestamp> = value.as_str().and_then(|text| text.trim_ascii().parse().ok());
    let date = date.ok_or_else(|| Error::unreadable_expiry(WHAT))?;
    let milliseconds = u64::try_from(date.as_millisecond()).ok();
    instant(milliseconds, started_at, WHAT).map(Some)
}

fn relative(
    value: Json<'_>,
    started_at: SystemTime,
    unit: u64,
    what: &'static str,
) -> Result<Option<Expiry>, Error> {
    let Some(number) = number(value, what)? else {
        return Ok(None);
    };
    let lifetime = number.milliseconds(unit).map(Duration::from_millis);
    let end = lifetime
        .filter(|lifetime| !lifetime.is_zero() && *lifetime <= MAX_LIFETIME)
        .and_then(|lifetime| started_at.checked_add(lifetime));
    end.map(|end| Some(Expiry::At(end))).ok_or_else(|| Error::implausible_expiry(what))
}

fn absolute(
    value: Json<'_>,
    started_at: SystemTime,
    unit: u64,
    what: &'static str,
) -> Result<Option<Expiry>, Error> {
    let Some(number) = number(value, what)? else {
        return Ok(None);
    };
    instant(number.milliseconds(unit), started_at, what).map(Some)
}

/// The number that is here. `None`: nothing is.
fn number(value: Json<'_>, what: &'static str) -> Result<Option<Number>, Error> {
    if value.is_absent() {
        return Ok(None);
    }
    let number = Number::read(value).ok_or_else(|| Error::unreadable_expiry(what))?;
    Ok(Some(number))
}

/// The instant so many milliseconds after 1970, if it is a plausible end of a token.
fn instant(
    milliseconds: Option<u64>,
    started_at: SystemTime,
    what: &'static str,
) -> Result<Expiry, Error> {
    let end = milliseconds
        .and_then(|milliseconds| {
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
        })
        .filter(|end| plausible(*end, started_at));
    end.map(Expiry::At).ok_or_else(|| Error::implausible_expiry(what))
}

fn plausible(end: SystemTime, started_at: SystemTime) -> bool {
    match end.duration_since(started_at) {
        Ok(ahead) => ahead <= MAX_LIFETIME,
        Err(behind) => behind.duration() <= MAX_PAST,
    }
}
