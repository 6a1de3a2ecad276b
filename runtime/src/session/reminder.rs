//! When something that lasts is told again: once when it begins or changes, and then at growing intervals. No I/O.

use std::time::Duration;

/// The wait before it is told again, at first and at most.
const AGAIN: (Duration, Duration) =
    (Duration::from_secs(15 * 60), Duration::from_secs(24 * 60 * 60));

/// What was told last about one condition.
#[derive(Debug)]
pub(super) struct Reminder<T> {
    told: Option<Told<T>>,
}

#[derive(Debug)]
struct Told<T> {
    what: T,
    /// On the monotonic clock.
    at: Duration,
    again_after: Duration,
}

impl<T> Default for Reminder<T> {
    fn default() -> Self {
        Self { told: None }
    }
}

impl<T: PartialEq> Reminder<T> {
    /// Whether it is to be told at `now` that `what` is the case.
    pub fn is_news(&mut self, now: Duration, what: T) -> bool {
        let (first, longest) = AGAIN;
        let again_after = match &self.told {
            Some(told) if told.what == what => {
                if now < told.at.saturating_add(told.again_after) {
                    return false;
                }
                (told.again_after * 2).min(longest)
            }
            _ => first,
        };
        self.told = Some(Told { what, at: now, again_after });
        true
    }

    /// It is over: whether it was told that it began.
    pub fn is_over(&mut self) -> bool {
        self.told.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_days_of_the_same_are_told_about_once_a_day() {
        const LOOK: Duration = Duration::from_secs(5 * 60);
        let mut reminder = Reminder::default();
        let told = (0..100 * 24 * 12).filter(|look| reminder.is_news(LOOK * *look, "refused"));
        let told: Vec<u32> = told.collect();
        // At once, after 15 minutes, then 30 minutes later, an hour later, …
        assert_eq!(told[..5], [0, 3, 9, 21, 45]);
        assert!((100..110).contains(&told.len()), "{}", told.len());
    }

    #[test]
    fn a_change_is_news() {
        let mut reminder = Reminder::default();
        let now = Duration::ZERO;
        assert!(!reminder.is_over());
        assert!(reminder.is_news(now, 1) && !reminder.is_news(now, 1));
        assert!(reminder.is_news(now, 2) && !reminder.is_news(now, 2));
        assert!(reminder.is_over() && !reminder.is_over());
        assert!(reminder.is_news(now, 2));
    }
}
