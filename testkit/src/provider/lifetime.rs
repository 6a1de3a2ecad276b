//! When tokens really die, and what clients are told about it.

use crate::clock::http_date;
use crate::held::End;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rekindle_contract::contract::{Contract, Expiry};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a new access token lives; `None` for ever.
pub(super) fn of_access(contract: &Contract) -> Option<Duration> {
    (contract.access.expires != Expiry::Never).then(|| contract.assumed_lifetime())
}

/// How long the tokens of one answer live, where that is not as long as those of others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lives {
    pub(super) access: Option<Duration>,
    pub(super) refresh: Option<Duration>,
}

impl Lives {
    /// Those of signing in.
    pub(super) fn first(contract: &Contract) -> Self {
        let refresh = contract.refresh.as_ref();
        Self {
            access: contract.access.first_lifetime,
            refresh: refresh.and_then(|refresh| refresh.first_lifetime),
        }
    }
}

/// How long a refresh token lives without being used; `None` where disuse does not end it.
pub(super) fn unused(contract: &Contract) -> Option<Duration> {
    contract.refresh.as_ref()?.idle_limit
}

/// When a refresh token that was last used then dies of disuse.
pub(super) fn disuse(contract: &Contract, last: Timestamp) -> Option<Timestamp> {
    last.checked_add(unused(contract)?).ok()
}

/// From when on the life of a refresh token counts that is issued `now`, of a grant that began `since` then.
pub(super) fn begins(expiry: &Expiry, since: Timestamp, now: Timestamp) -> Timestamp {
    if matches!(expiry, Expiry::SinceSignIn(_)) { since } else { now }
}

/// When a token whose life begins `now` dies, as exactly as its expiry can say it.
pub(super) fn end(
    expiry: &Expiry,
    lifetime: Option<Duration>,
    now: Timestamp,
) -> Option<Timestamp> {
    let end = now.checked_add(lifetime?).ok()?;
    match expiry {
        Expiry::UnixSeconds(_) | Expiry::HttpDate(_) | Expiry::Jwt => {
            Timestamp::from_second(end.as_second()).ok()
        }
        Expiry::UnixMilliseconds(_) | Expiry::Rfc3339(_) | Expiry::DateTime { .. } => {
            Timestamp::from_millisecond(end.as_millisecond()).ok()
        }
        Expiry::Seconds(_)
        | Expiry::Milliseconds(_)
        | Expiry::Duration(_)
        | Expiry::Constant(_)
        | Expiry::SinceSignIn(_)
        | Expiry::Never
        | Expiry::Undeclared => Some(end),
    }
}

/// What a client is told of the end of a token.
pub(super) fn told(expiry: &Expiry, token: &str, end: Option<Timestamp>) -> End {
    match expiry {
        Expiry::Never => End::Never,
        Expiry::Undeclared => End::Undeclared,
        // Where no JWT fits, the token says nothing.
        Expiry::Jwt if !token.contains('.') => End::Undeclared,
        _ => end.map_or(End::Undeclared, End::At),
    }
}

/// What stands in the field of an answer that tells when a token dies; `None` where there is no field.
pub(super) fn field(expiry: &Expiry, end: Timestamp, now: Timestamp) -> Option<Value> {
    let left = end.duration_since(now).max(SignedDuration::ZERO).as_millis() as i64;
    match expiry {
        // Whole, and never more than there is.
        Expiry::Seconds(_) => Some(json!(left / 1000)),
        Expiry::Milliseconds(_) => Some(json!(left)),
        Expiry::Duration(_) => {
            let seconds = SignedDuration::from_secs(left / 1000);
            // In each of the ways in which providers write it, by turns.
            Some(match seconds.as_secs() % 3 {
                0 => json!(format!("{seconds:#}")),
                1 => json!(seconds.to_string()),
                _ => json!(clock_face(left / 1000)),
            })
        }
        Expiry::UnixSeconds(_) => Some(json!(end.as_second())),
        Expiry::UnixMilliseconds(_) => Some(json!(end.as_millisecond())),
        Expiry::Rfc3339(_) => Some(json!(end.to_string())),
        Expiry::DateTime { told: _, zone } => {
            let clock = Offset::from_seconds(*zone).ok()?.to_datetime(end);
            Some(json!(clock.to_string().replace('T', " ")))
        }
        Expiry::HttpDate(_) => Some(json!(http_date(end, Duration::ZERO))),
        Expiry::Constant(_)
        | Expiry::SinceSignIn(_)
        | Expiry::Jwt
        | Expiry::Never
        | Expiry::Undeclared => None,
    }
}

/// So many seconds as a clock shows them: `1:00:00`.
fn clock_face(seconds: i64) -> String {
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
