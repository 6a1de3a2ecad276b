//! The time that a fake provider goes by.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A clock that stands still until it is told to advance, or that follows the machine's, faster or slower. Its copies show the
/// same time.
///
/// ```
/// use rekindle_testkit::Clock;
/// use std::time::Duration;
///
/// let clock = Clock::standing("2026-11-21T08:00:00Z".parse().unwrap());
/// clock.advance(Duration::from_secs(365 * 24 * 60 * 60));
/// assert_eq!(clock.now().to_string(), "2027-11-21T08:00:00Z");
/// ```
#[derive(Debug, Clone)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// What it showed when `since` was read.
    shown: Timestamp,
    /// When that was, and how many seconds pass here for each of the machine's; `None` where the clock stands.
    runs: Option<(Instant, f64)>,
}

impl Clock {
    /// A clock that shows `now` until it is told otherwise.
    pub fn standing(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { shown: now, runs: None })))
    }

    /// A clock that shows the machine's time now and runs `speed` times as fast from here. Whoever sets the machine's clock
    /// does not move it.
    pub fn running(speed: f64) -> Self {
        let (now, since) = machine();
        Self(Arc::new(Mutex::new(State { shown: now, runs: Some((since, speed)) })))
    }

    /// Whether the other is a copy of this one.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now()
    }

    /// Waits on this thread for so long, by the machine's clock: for a provider that wants requests to be apart.
    #[expect(clippy::disallowed_methods, reason = "beside `pause` the one place that waits")]
    pub fn wait(&self, by: Duration) {
        std::thread::sleep(by);
    }

    /// Lets time pass. Time ends with the year 9999.
    pub fn advance(&self, by: Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.shown = state.shown.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl State {
    fn now(&self) -> Timestamp {
        let Some((since, speed)) = self.runs else {
            return self.shown;
        };
        let passed = machine().1.saturating_duration_since(since).as_secs_f64() * speed;
        let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
        self.shown.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

/// The machine's clock, and the one that nobody sets.
///
/// Invariant: this is the only place of the testkit that asks what time it is.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for the time, for people who wait for it"
)]
fn machine() -> (Timestamp, Instant) {
    let now = Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::MAX);
    (now, Instant::now())
}

/// An instant as HTTP writes it (RFC 9110 section 5.6.7). Time ends with the year 9999.
pub(crate) fn http_date(now: Timestamp, later: Duration) -> String {
    let instant = now.saturating_add(later).unwrap_or(Timestamp::MAX);
    DateTimePrinter::new().timestamp_to_rfc9110_string(&instant).unwrap_or_default()
}

/// Lets real time pass for a client that waits: a server may be late on purpose.
///
/// Invariant: nothing but this and [`Clock::wait`] sleeps in the testkit.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that waits, for people and clients that are to be kept waiting"
)]
pub(crate) async fn pause(by: Duration) {
    tokio::time::sleep(by).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_show_the_same_time() {
        let clock = Clock::standing(Timestamp::UNIX_EPOCH);
        let copy = clock.clone();
        clock.advance(Duration::from_millis(1500));
        assert_eq!(copy.now(), Timestamp::from_millisecond(1500).unwrap());
        assert!(copy.is(&clock));
        assert!(!copy.is(&Clock::standing(Timestamp::UNIX_EPOCH)));
    }

    #[test]
    fn dates_are_those_of_http() {
        let day = Duration::from_secs(24 * 60 * 60);
        let begin = "2026-11-21T08:00:00Z".parse().unwrap();
        assert_eq!(http_date(begin, day), "Sun, 22 Nov 2026 08:00:00 GMT");
        assert!(http_date(Timestamp::MAX, day).ends_with(" 9999 22:00:00 GMT"));
    }

    #[test]
    fn time_has_an_end() {
        let clock = Clock::standing(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn a_running_clock_can_be_advanced() {
        let clock = Clock::running(0.0);
        let before = clock.now();
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now().duration_since(before).as_secs(), 60);
    }
}
