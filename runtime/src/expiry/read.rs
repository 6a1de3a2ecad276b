//! The ways in which answers tell when a token ends.
//!
//! Each reads one unit; none guesses another. A value that would be right in another unit (an epoch where a lifetime is
//! declared, milliseconds where an epoch in seconds is) is refused; a lifetime that may be in another unit is a deviation.

use std::time::{Duration, SystemTime};

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{Span, SpanRelativeTo, Timestamp};

use super::number::Number;
use super::{Expiry, MAX_LIFETIME, Told};
use crate::deviation::Deviation;
use crate::json::Json;

/// How far before the start of the exchange an instant may lie: clocks differ, and a token may be dead on arrival.
const MAX_PAST: Duration = Duration::from_secs(24 * 60 * 60);

/// Ten years of 365 days. A longer lifetime in seconds is in use, and so is one of days in milliseconds.
const LONG: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// A lifetime that ends so soon after the start of the exchange if it counts from 1970 is an instant.
const SOON: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A lifetime in seconds, counted from `started_at` (RFC 6749 §5.1, `expires_in`).
///
/// Numbers and texts with a number in them are read, fractions are rounded down to milliseconds. What is no number cannot be read;
/// what is negative, longer than [`MAX_LIFETIME`], or would be an instant of these days if it counted from 1970, cannot be right. One
/// of more than ten years is a deviation.
pub fn seconds(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| lifetime(Number::read(value)?.milliseconds(1000)?, started_at))
}

/// A lifetime in milliseconds, counted from `started_at`, as [`seconds`].
pub fn milliseconds(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| lifetime(Number::read(value)?.milliseconds(1)?, started_at))
}

/// A lifetime as text, counted from `started_at`: `1h`, `90m`, `1:00:00`, `PT1H` (ISO 8601), as [`seconds`]. A number that is no text
/// is one of seconds. Months and years have no fixed length and are not read.
pub fn duration(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| {
        let milliseconds = match value.as_str() {
            Some(text) => length(text.trim_ascii())?,
            None => Number::read(value)?.milliseconds(1000)?,
        };
        lifetime(milliseconds, started_at)
    })
}

/// An instant in seconds since 1970 (UTC). What is negative, more than [`MAX_LIFETIME`] after `started_at` or more than a day
/// before cannot be right.
pub fn unix_seconds(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| instant(Number::read(value)?.milliseconds(1000)?, started_at))
}

/// An instant in milliseconds since 1970 (UTC), as [`unix_seconds`].
pub fn unix_milliseconds(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| instant(Number::read(value)?.milliseconds(1)?, started_at))
}

/// An instant as a text with an offset: `2026-11-21T10:00:00Z` (RFC 3339), as [`unix_seconds`].
pub fn rfc3339(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| date(value.as_str()?.trim_ascii(), None, started_at))
}

/// A date and a time without an offset, by a clock that is so many seconds `ahead` of UTC: `2026-11-21 10:00:00`. A text with an offset
/// of its own is read by that. As [`unix_seconds`].
pub fn date_time(value: Json<'_>, ahead: i32, started_at: SystemTime) -> Told {
    told(value, |value| date(value.as_str()?.trim_ascii(), Some(ahead), started_at))
}

/// An instant as HTTP writes it: `Sat, 21 Nov 2026 10:00:00 GMT` (RFC 9110 §5.6.7, the obsolete forms included), as [`unix_seconds`].
pub fn http_date(value: Json<'_>, started_at: SystemTime) -> Told {
    told(value, |value| {
        let end = httpdate::parse_http_date(value.as_str()?.trim_ascii()).ok()?;
        let since_1970 = end.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        instant(u64::try_from(since_1970.as_millis()).ok()?, started_at)
    })
}

/// The end that a token says itself, see [`jwt`](super::jwt).
pub fn own(token: &str) -> Told {
    super::jwt(token).map_or(Told::NOTHING, Told::end)
}

/// What is here, by its reader, which knows nothing of what it cannot read.
fn told<'a>(value: Json<'a>, read: impl FnOnce(Json<'a>) -> Option<Told>) -> Told {
    if value.is_absent() { Told::NOTHING } else { read(value).unwrap_or(Told::UNREADABLE) }
}

/// The end of a lifetime of so many milliseconds.
fn lifetime(milliseconds: u64, started_at: SystemTime) -> Option<Told> {
    let lifetime = Duration::from_millis(milliseconds);
    if lifetime.is_zero() {
        return Some(Told::ZERO);
    }
    let since_1970 = SystemTime::UNIX_EPOCH.checked_add(lifetime)?;
    if lifetime > MAX_LIFETIME || is_within(since_1970, started_at, SOON) {
        return None;
    }
    let end = Told::end(Expiry::At(started_at.checked_add(lifetime)?));
    Some(if lifetime > LONG { end.but(Deviation::ExpiryFarAhead) } else { end })
}

/// The instant so many milliseconds after 1970.
fn instant(milliseconds: u64, started_at: SystemTime) -> Option<Told> {
    if milliseconds == 0 {
        return Some(Told::ZERO);
    }
    let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))?;
    is_within(end, started_at, MAX_LIFETIME).then_some(Told::end(Expiry::At(end)))
}

/// Whether an instant lies less than a day before `started_at`, or so far ahead at most.
fn is_within(instant: SystemTime, started_at: SystemTime, most: Duration) -> bool {
    match instant.duration_since(started_at) {
        Ok(ahead) => ahead <= most,
        Err(behind) => behind.duration() <= MAX_PAST,
    }
}

/// The milliseconds of a text such as `1h`.
fn length(text: &str) -> Option<u64> {
    let span: Span = text.parse().ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    u64::try_from(length.as_millis()).ok().filter(|_| !length.is_negative())
}

/// A date with an offset, or by a clock that is so many seconds ahead of UTC.
fn date(text: &str, ahead: Option<i32>, started_at: SystemTime) -> Option<Told> {
    // What databases and languages write for no date at all.
    if text.starts_with("0000-00-00") || text.starts_with("0001-01-01") {
        return Some(Told::ZERO);
    }
    let end = match text.parse::<Timestamp>() {
        Ok(end) => end,
        Err(_) => {
            let zone = Offset::from_seconds(ahead?).ok()?;
            // A day alone says nothing of the hour.
            let clock: DateTime = text.parse().ok().filter(|_| text.contains(':'))?;
            zone.to_timestamp(clock).ok()?
        }
    };
    instant(u64::try_from(end.as_millisecond()).ok()?, started_at)
}
