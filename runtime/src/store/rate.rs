//! A rate that all machines keep together.

use std::time::Duration;

/// The shortest time between two exchanges: stores count microseconds.
const SHORTEST: Duration = Duration::from_micros(1);

/// A clock that shows so much less than at the last reservation was put back. Those of machines that share a store differ by less.
pub(crate) const PUT_BACK: Duration = Duration::from_secs(60);

/// What is kept of a rate from one reservation to the next. Times are those of one clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reserved {
    /// When the next exchange may begin.
    pub next: Duration,
    /// When the last one was reserved.
    pub at: Duration,
}

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

    /// Reserves the next exchange at `now`: how long it must wait, and what is kept.
    pub(crate) fn reserve(self, kept: Reserved, now: Duration) -> (Duration, Reserved) {
        // Reserved by a clock that was a year ahead, nothing could begin for a year: what lies before the next exchange stays as long as it
        // was.
        let was_put_back = kept.at > now.saturating_add(PUT_BACK);
        let ahead = kept.next.saturating_sub(kept.at);
        let next = if was_put_back { now.saturating_add(ahead) } else { kept.next };
        let begins = next.max(now.saturating_sub(self.slack()));
        let next = begins.saturating_add(self.every);
        (begins.saturating_sub(now), Reserved { next, at: now })
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
        let (mut kept, now) = (Reserved::default(), 100 * SECOND);
        let waits: Vec<u128> = std::iter::repeat_with(|| {
            let (wait, reserved) = rate.reserve(kept, now);
            kept = reserved;
            wait.as_millis()
        })
        .take(5)
        .collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000]);
        assert_eq!(rate.reserve(kept, now + 100 * SECOND).0, Duration::ZERO);
    }

    #[test]
    fn no_rate_is_endless_or_never() {
        assert_eq!(Rate::per(0, SECOND).every(), SECOND);
        assert_eq!(Rate::per(u32::MAX, Duration::ZERO).with_burst(0).every(), SHORTEST);
        let slow = Rate::per(1, Duration::MAX).with_burst(u32::MAX);
        let last = Reserved { next: Duration::MAX, at: SECOND };
        assert_eq!(slow.reserve(last, SECOND).1.next, Duration::MAX);
    }

    /// However far the clock leaps, and wherever to, what was reserved is as far ahead as it was, or over.
    #[test]
    fn a_clock_that_leaps_holds_nothing_up() {
        let rate = Rate::per(1, 10 * SECOND);
        let day = 24 * 60 * 60 * SECOND;
        let begun = 1000 * day;
        let (_, kept) = rate.reserve(Reserved::default(), begun);
        let (ahead, kept) = rate.reserve(kept, begun + 365 * day);
        let (back, kept) = rate.reserve(kept, begun + SECOND);
        let (then, _) = rate.reserve(kept, begun + SECOND);
        assert_eq!([ahead, back, then], [0, 10, 20].map(|seconds| seconds * SECOND));
        // Another machine's clock may be a little behind: what was reserved by this one still counts.
        let (_, kept) = rate.reserve(Reserved::default(), begun);
        assert_eq!(rate.reserve(kept, begun - 5 * SECOND).0, 15 * SECOND);
    }
}
