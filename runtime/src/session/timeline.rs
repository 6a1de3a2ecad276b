//! What time it is for the provider.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::DATE;

use crate::clock::Clock;
use crate::expiry::Expiry;
use crate::facts::Ends;

/// A `Date` has whole seconds: a smaller difference says nothing about the clocks (RFC 9110 section 5.6.7).
const RESOLUTION: Duration = Duration::from_secs(2);

/// The provider's time, by the `Date` of its answers and the monotonic clock; the machine's wall clock until the first answer.
///
/// Once an answer has said the time, a wall clock that is wrong, or set while the process runs, changes nothing.
#[derive(Debug, Default)]
pub(crate) struct Timeline(Mutex<Option<Anchor>>);

/// The provider's time at one moment of the monotonic clock.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    monotonic: Duration,
    provider: SystemTime,
}

/// A moment on both clocks, taken together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub monotonic: Duration,
    wall: SystemTime,
}

impl Moment {
    pub fn now(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall: clock.wall() }
    }
}

impl Timeline {
    /// What time it is for the provider.
    pub fn at(&self, moment: Moment) -> SystemTime {
        match self.anchor() {
            None => moment.wall,
            Some(anchor) => anchor.at(moment.monotonic),
        }
    }

    /// Learns from the `Date` of an answer, unless by that date the token that came with it has already ended: then it is the
    /// `Date` that is wrong.
    pub fn learn(&self, date: Option<ServerDate>, expiry: Expiry, ends: Ends) {
        let Some(date) = date else {
            return;
        };
        let now = date.ended.monotonic;
        let believed = self.at(date.ended);
        let has_ended = matches!(
            (expiry, ends),
            (Expiry::At(end), Ends::AtInstant) if end > believed && end <= date.anchor.at(now)
        );
        if !has_ended {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date.anchor);
        }
    }

    fn anchor(&self) -> Option<Anchor> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the `Date` of an answer says about the provider's time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerDate {
    anchor: Anchor,
    ended: Moment,
}

impl ServerDate {
    /// The `Date` of an answer, if it has one, to an exchange that lasted from `began` to `ended`.
    pub fn of(headers: &HeaderMap, began: Moment, ended: Moment) -> Option<Self> {
        let text = headers.get(DATE)?.to_str().ok()?;
        let date = httpdate::parse_http_date(text).ok()?;
        let lasted = ended.monotonic.saturating_sub(began.monotonic);
        let middle = began.wall + lasted / 2;
        let agrees = apart(middle, date) <= RESOLUTION + lasted / 2;
        let anchor = Anchor {
            monotonic: began.monotonic + lasted / 2,
            // Half a second more: the header has the second that has begun.
            provider: if agrees { middle } else { date + Duration::from_millis(500) },
        };
        Some(Self { anchor, ended })
    }
}

impl Anchor {
    fn at(self, monotonic: Duration) -> SystemTime {
        let moved = if monotonic >= self.monotonic {
            self.provider.checked_add(monotonic - self.monotonic)
        } else {
            self.provider.checked_sub(self.monotonic - monotonic)
        };
        moved.unwrap_or(self.provider)
    }
}

fn apart(a: SystemTime, b: SystemTime) -> Duration {
    a.duration_since(b).or_else(|_| b.duration_since(a)).unwrap_or_default()
}

/// An end that was counted from `assumed`, the provider's time as it was believed when the exchange began, for the time that
/// it is known to have been.
///
/// Lifetimes count from the exchange, so they move with it; an instant by the provider's own clock stays.
pub(crate) fn corrected(
    expiry: Expiry,
    ends: Ends,
    assumed: SystemTime,
    known: SystemTime,
) -> Expiry {
    let (Expiry::At(end), Ends::AfterLifetime) = (expiry, ends) else {
        return expiry;
    };
    let moved = match known.duration_since(assumed) {
        Ok(ahead) => end.checked_add(ahead),
        Err(behind) => end.checked_sub(behind.duration()),
    };
    Expiry::At(moved.unwrap_or(end))
}
