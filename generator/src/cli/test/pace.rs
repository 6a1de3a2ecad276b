//! How fast a real provider is asked: with a pause where one is wanted, and later where it says so.

// A real provider keeps real time, and so does whoever waits for it.
#![allow(clippy::disallowed_methods)]

use super::progress;
use super::signals::Signals;
use rekindle_runtime::http::Response;
use rekindle_runtime::http::header::RETRY_AFTER;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// The longest that a provider which takes no more requests is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The longest that it is waited for in a whole run.
const PATIENCE_OF_A_RUN: Duration = Duration::from_secs(5 * 60);

/// How often a wait looks for a signal.
const LOOK: Duration = Duration::from_millis(100);

/// When the next request may be sent.
pub(super) struct Pace<'a> {
    pause: Duration,
    signals: &'a Signals,
    last: Cell<Option<Instant>>,
    /// How long the provider was waited for because it said so.
    waited: Cell<Duration>,
}

impl<'a> Pace<'a> {
    pub(super) fn new(pause: Duration, signals: &'a Signals) -> Self {
        Self { pause, signals, last: Cell::new(None), waited: Cell::default() }
    }

    /// Waits until the last request is as long ago as is wanted.
    pub(super) fn keep(&self) {
        if let Some(last) = self.last.replace(Some(Instant::now())) {
            self.wait(self.pause.saturating_sub(last.elapsed()));
            self.last.set(Some(Instant::now()));
        }
    }

    /// Waits for as long as an answer says that takes no more requests (RFC 9110 section 10.2.3): whether another may be sent then.
    pub(super) fn waits_for(&self, answer: &Response<Vec<u8>>) -> bool {
        let Some(wait) = wait(answer).filter(|wait| *wait <= PATIENCE) else {
            return false;
        };
        let waited = self.waited.get() + wait;
        if waited > PATIENCE_OF_A_RUN {
            return false;
        }
        self.waited.set(waited);
        progress::note(&format!("waiting {} s, as the provider asks", wait.as_secs()));
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

/// How long an answer asks to wait, in seconds.
fn wait(answer: &Response<Vec<u8>>) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekindle_testkit::answer;

    #[test]
    fn a_provider_that_wants_a_moment_gets_it() {
        let (signals, begun) = (Signals::default(), Instant::now());
        // Far longer than a busy machine takes for nothing.
        Pace::new(Duration::from_secs(600), &signals).keep();
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is waited for first");
        let pace = Pace::new(Duration::from_millis(30), &signals);
        pace.keep();
        let begun = Instant::now();
        pace.keep();
        pace.keep();
        assert!(begun.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn a_provider_that_asks_for_a_wait_gets_it_within_reason() {
        let signals = Signals::default();
        let pace = Pace::new(Duration::ZERO, &signals);
        let waits = |after: &str| pace.waits_for(&answer(429).header("retry-after", after).empty());
        for (after, waited) in [("0", true), ("61", false), ("soon", false), ("-1", false)] {
            assert_eq!(waits(after), waited, "{after}");
        }
        assert!(!pace.waits_for(&answer(429).empty()));
        pace.waited.set(PATIENCE_OF_A_RUN);
        assert!(!waits("1"), "the run has waited for long enough");
    }
}
