//! What a member of an answer says of the end of a token, by its name and by how it says it.

use super::meaning::{placeholder, squashed};
use rekindle_contract::exchange::length;
use serde_json::{Map, Value};

/// When the examples take place.
pub(super) const AT: &str = "2026-11-28T08:00:00Z";
/// A lifetime for examples, in seconds.
const AN_HOUR: i64 = 3600;
/// The longest lifetime that is taken for one, in seconds, whatever stands beside it: a larger number may be one of milliseconds.
const LONGEST: i64 = 99_999_999;
/// The largest number that may be a lifetime in seconds at all: a larger one is an instant.
const LARGEST: i64 = 999_999_999;
const A_YEAR: i64 = 365 * 86_400;

/// Names of members that hold a lifetime in seconds.
const LIFETIMES: &[&str] = &["expiresin", "expirein", "expiresinsec", "expiresinseconds", "ttl"];
/// Names of members that hold an instant.
const INSTANTS: &[&str] =
    &["expiresat", "expiry", "expiration", "expires", "expireson", "validuntil", "expireat"];
/// Words in the names of members that say when something ends, in whatever way.
const ENDS: &[&str] = &["expir", "ttl", "lifetime", "validfor", "validuntil"];
/// Words of pages that name a kind of value, in the place of one.
const KINDS: &[&str] =
    &["int", "integer", "long", "number", "seconds", "string", "text", "timestamp"];
/// Words in the place of a lifetime that say something of it.
const MEANT: &[&str] =
    &["forever", "infinite", "infinity", "never", "no", "none", "null", "unlimited"];

/// The end of a token, as a member tells it.
pub(super) struct End {
    /// The word of the language for the way in which it is told.
    pub(super) kind: &'static str,
    /// When the token of the example ends.
    pub(super) instant: String,
    /// What the example shows.
    pub(super) shown: Value,
    /// Whether a placeholder stood there: that it counts seconds is taken from the name alone.
    pub(super) assumed: bool,
}

impl End {
    /// What the member `name` tells, with `beside` it. Nothing where its unit is not known.
    pub(super) fn of(name: &str, value: &Value, beside: &Map<String, Value>) -> Option<Self> {
        let name = squashed(name);
        let text = value.as_str().map(str::trim);
        let has = |names: &[&str]| names.iter().any(|end| name.ends_with(end));
        let (kind, assumed) = match number(value) {
            Some(seconds) if has(LIFETIMES) && is_seconds(seconds, &name, beside) => {
                ("seconds", false)
            }
            Some(1_000_000_000..=9_999_999_999) if has(INSTANTS) => ("unix_seconds", false),
            Some(1_000_000_000_000..=9_999_999_999_999) if has(INSTANTS) => {
                ("unix_milliseconds", false)
            }
            Some(_) => return None,
            // These say themselves what they are.
            None if is_end(&name) && text?.parse::<jiff::Timestamp>().is_ok() => ("rfc3339", false),
            None if is_end(&name) && milliseconds(text?).is_some() => ("duration", false),
            None if has(LIFETIMES) && stands_for(text?) => ("seconds", true),
            None => return None,
        };
        let lifetime = match kind {
            "seconds" | "duration" => lifetime(&name, value, beside).unwrap_or(AN_HOUR * 1000),
            _ => lifetime_beside(beside, name.contains("refresh")).unwrap_or(AN_HOUR * 1000),
        };
        let start: jiff::Timestamp = AT.parse().ok()?;
        let end = start.checked_add(jiff::SignedDuration::from_millis(lifetime)).ok()?;
        let shown = match kind {
            _ if assumed => AN_HOUR.into(),
            "seconds" | "duration" => value.clone(),
            "unix_seconds" => like(value, end.as_second()),
            "unix_milliseconds" => like(value, end.as_millisecond()),
            _ => end.to_string().into(),
        };
        Some(Self { kind, instant: end.to_string(), shown, assumed })
    }
}

/// Whether a way of telling an end needs no clock that agrees with the provider's.
pub(super) fn is_lifetime(kind: &str) -> bool {
    ["seconds", "duration"].contains(&kind)
}

/// Whether what is called so, without case and separators, says when something ends.
pub(super) fn is_end(name: &str) -> bool {
    ENDS.iter().any(|word| name.contains(word))
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The milliseconds of a text with a unit that may be a lifetime.
fn milliseconds(text: &str) -> Option<i64> {
    length(text).filter(|length| (1..=LONGEST * 1000).contains(length))
}

/// Whether a number counts seconds, by its size; where that leaves milliseconds open as well, whole years do, and a lifetime whose end
/// stands beside it: in milliseconds it would begin after these examples do.
fn is_seconds(number: i64, name: &str, beside: &Map<String, Value>) -> bool {
    let is_years = number <= 10 * A_YEAR && number % A_YEAR == 0;
    let begins_late = |end: jiff::Timestamp| {
        let start: Option<jiff::Timestamp> = AT.parse().ok();
        let span = jiff::SignedDuration::from_millis(number);
        end.checked_sub(span).ok().zip(start).is_some_and(|(begin, now)| begin > now)
    };
    let is_told = || instant_beside(beside, name.contains("refresh")).is_some_and(begins_late);
    let is_open = (1..=LARGEST).contains(&number);
    is_open && (number <= LONGEST || is_years || is_told())
}

/// The milliseconds of a lifetime, be it a number of seconds or a text with a unit.
fn lifetime(name: &str, value: &Value, beside: &Map<String, Value>) -> Option<i64> {
    let seconds = number(value).filter(|seconds| is_seconds(*seconds, name, beside));
    seconds.map(|seconds| seconds * 1000).or_else(|| milliseconds(value.as_str()?.trim()))
}

/// The lifetime of the same token that stands beside the instant at which it ends.
fn lifetime_beside(members: &Map<String, Value>, of_refresh: bool) -> Option<i64> {
    let fits = |name: &str| {
        let name = squashed(name);
        name.contains("refresh") == of_refresh && LIFETIMES.iter().any(|end| name.ends_with(end))
    };
    let (name, value) = members.iter().find(|(name, _)| fits(name))?;
    lifetime(&squashed(name), value, members)
}

/// The instant at which the same token ends that stands beside its lifetime.
fn instant_beside(members: &Map<String, Value>, of_refresh: bool) -> Option<jiff::Timestamp> {
    members.iter().find_map(|(name, value)| {
        let name = squashed(name);
        let is_own = name.contains("refresh") == of_refresh;
        match number(value).filter(|_| is_own && INSTANTS.iter().any(|end| name.ends_with(end))) {
            Some(end @ 1_000_000_000..=9_999_999_999) => jiff::Timestamp::from_second(end).ok(),
            Some(end @ 1_000_000_000_000..=9_999_999_999_999) => {
                jiff::Timestamp::from_millisecond(end).ok()
            }
            _ => value.as_str()?.trim().parse().ok().filter(|_| is_own && is_end(&name)),
        }
    })
}

/// Whether a text plainly stands for a number: a placeholder, words in capitals, or the name of a kind of value.
fn stands_for(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || b" _-".contains(&byte);
    let in_capitals = text.len() > 1 && text.bytes().all(is_capital);
    placeholder(text).is_some()
        || in_capitals && !MEANT.contains(&lower.as_str())
        || KINDS.contains(&lower.as_str())
}

/// A number as its source writes one: as a number, or as a text.
fn like(source: &Value, number: i64) -> Value {
    if source.is_number() { number.into() } else { number.to_string().into() }
}
