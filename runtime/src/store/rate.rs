//! A rate that all machines keep together.

use std::time::Duration;

/// The shortest time between two exchanges: stores count microseconds.
const SHORTEST: Duration = Duration::from_micros(1);

/// How many exchanges may be begun in a time, by all processes that share a store.
///
/// ```
/// use std::time::Duration;
/// use rekindle_runtime::store::Rate;
///
/// // Ten a second, evenly, and up to five at once after a rest.
/// let rate = Rate::per(10, Duration::from_secs(1)).with_burst(5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    every: Duration,
    burst: u32,
}

impl Rate {
    /// So many exchanges in this time, evenly spaced: at least one in the time, and at most one each microsecond.
    pub fn per(exchanges: u32, time: Duration) -> Self {
        Self { every: (time / exchanges.max(1)).max(SHORTEST), burst: 1 }
    }

    /// The same, where so many may begin at once after a time in which none did; 1 unless said.
    #[must_use]
    pub fn with_burst(mut self, burst: u32) -> Self {
        self.burst = burst.max(1);
        self
    }

    /// The time between two exchanges.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// For how long exchanges that were not begun still count.
    pub fn slack(&self) -> Duration {
        self.every.saturating_mul(self.burst - 1)
    }

    /// Reserves the next exchange at `now`, where the one after the last reserved may begin at `next`: how long it must wait, and when the
    /// one after it may begin. Times are those of one clock.
    pub(crate) fn reserve(self, next: Duration, now: Duration) -> (Duration, Duration) {
        let begins = next.max(now.saturating_sub(self.slack()));
        (begins.saturating_sub(now), begins.saturating_add(self.every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn exchanges_are_spaced_after_a_burst() {
        let rate = Rate::per(4, 2 * SECOND).with_burst(3);
        assert_eq!((rate.every(), rate.slack()), (SECOND / 2, SECOND));
        let (mut next, now) = (Duration::ZERO, 100 * SECOND);
        let waits: Vec<u128> = std::iter::repeat_with(|| {
            let (wait, after) = rate.reserve(next, now);
            next = after;
            wait.as_millis()
        })
        .take(5)
        .collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000]);
        assert_eq!(rate.reserve(next, now + 100 * SECOND).0, Duration::ZERO);
    }

    #[test]
    fn no_rate_is_endless_or_never() {
        assert_eq!(Rate::per(0, SECOND).every(), SECOND);
        assert_eq!(Rate::per(u32::MAX, Duration::ZERO).with_burst(0).every(), SHORTEST);
        let slow = Rate::per(1, Duration::MAX).with_burst(u32::MAX);
        assert_eq!(slow.reserve(Duration::MAX, SECOND).1, Duration::MAX);
    }
}
