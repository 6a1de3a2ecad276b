//! How fast a real provider is asked: with a pause where one is wanted, and later where it says so.

// A real provider keeps real time, and so does whoever waits for it.
#![allow(clippy::disallowed_methods)]

use super::signals::Signals;
use rekindle_runtime::http::header::RETRY_AFTER;
use rekindle_runtime::http::{Response, StatusCode};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// The longest that a provider which takes no more requests is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a wait looks for a signal.
const LOOK: Duration = Duration::from_millis(100);

/// When the next request may be sent.
pub(super) struct Pace<'a> {
    pause: Duration,
    signals: &'a Signals,
    last: Cell<Option<Instant>>,
}

impl<'a> Pace<'a> {
    pub(super) fn new(pause: Duration, signals: &'a Signals) -> Self {
        Self { pause, signals, last: Cell::new(None) }
    }

    /// Waits until the last request is as long ago as is wanted.
    pub(super) fn keep(&self) {
        if let Some(last) = self.last.replace(Some(Instant::now())) {
            self.wait(self.pause.saturating_sub(last.elapsed()));
            self.last.set(Some(Instant::now()));
        }
    }

    /// Waits where an answer refuses a request for a while, which spends nothing (RFC 6585 section 4): whether it may be sent again.
    pub(super) fn waits_for(&self, answer: &Response<Vec<u8>>) -> bool {
        let Some(wait) = wait(answer).filter(|wait| *wait <= PATIENCE) else {
            return false;
        };
        self.wait(wait);
        self.last.set(Some(Instant::now()));
        self.signals.noted().is_none()
    }

    /// Waits, unless a signal comes.
    fn wait(&self, by: Duration) {
        let begun = Instant::now();
        while self.signals.noted().is_none() {
            let left = by.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}

/// For how many seconds an answer says that too much was asked.
fn wait(answer: &Response<Vec<u8>>) -> Option<Duration> {
    if answer.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_testkit::answer;

    #[test]
    fn a_provider_that_wants_a_moment_gets_it_and_no_more() {
        let (signals, begun) = (Signals::default(), Instant::now());
        let pace = Pace::new(Duration::from_millis(30), &signals);
        pace.keep();
        assert!(begun.elapsed() < Duration::from_millis(30), "nothing is waited for first");
        pace.keep();
        assert!(begun.elapsed() >= Duration::from_millis(30));
        let table = [
            (429, "0", true),
            (429, "61", false),
            (429, "soon", false),
            (503, "0", false),
            (200, "0", false),
        ];
        for (status, after, waited) in table {
            let answer = answer(status).header("retry-after", after).empty();
            assert_eq!(pace.waits_for(&answer), waited, "{status}, {after}");
        }
        assert!(!pace.waits_for(&answer(429).empty()));
    }
}
