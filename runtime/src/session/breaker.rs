//! Whether a provider that refuses many grants for good is believed. No I/O.
//!
//! A grant that has ended is a person who must sign in again. When one provider suddenly says so of many grants, the fault is
//! more likely its own: then no further grant is ended until refreshes succeed again, or an operator says that it is so.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back outcomes count.
const WINDOW: Duration = Duration::from_secs(5 * 60);
/// How many outcomes count at most: the latest.
const OUTCOMES: usize = 256;
/// Fewer refusals than this are believed, whatever their share.
const SUSPICIOUS: usize = 10;
/// So many refreshes must succeed, and more than are refused meanwhile, before refusals are believed again.
const CONVINCING: usize = 3;

/// What is known of one grant after an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Renewed,
    /// Refused for good. The number tells grants apart, so that one that is refused again and again counts once.
    Refused(u64),
}

/// What to do about a grant that its provider says has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Record that it has ended.
    Believed,
    /// Keep it, and try again later.
    Held {
        /// Whether this refusal is the one after which the provider is believed no more.
        first: bool,
        /// How many grants it has refused lately.
        refused: usize,
    },
}

/// The latest outcomes at one provider, and what follows from them. Times are those of the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    recent: VecDeque<(Duration, Outcome)>,
    holds: bool,
}

impl Breaker {
    /// An exchange brought new tokens. `true` when refusals are believed again because of it.
    pub fn renewed(&mut self, now: Duration) -> bool {
        self.count(now, Outcome::Renewed);
        let renewed = self.recent.len() - self.refusals();
        let closes = self.holds && renewed >= CONVINCING && renewed > self.refusals();
        if closes {
            self.believe();
        }
        closes
    }

    /// The provider says that the grant of this number has ended.
    pub fn refused(&mut self, now: Duration, grant: u64) -> Ending {
        let refusal = Outcome::Refused(grant);
        self.recent.retain(|(_, outcome)| *outcome != refusal);
        self.count(now, refusal);
        let refused = self.refusals();
        let first = !self.holds && refused >= SUSPICIOUS && refused * 2 > self.recent.len();
        if first {
            self.holds = true;
            // What succeeded before says nothing about what the provider does now.
            self.recent.retain(|(_, outcome)| *outcome != Outcome::Renewed);
        }
        if self.holds { Ending::Held { first, refused } } else { Ending::Believed }
    }

    /// Whether no grant is ended now.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// Begins anew: an operator says that the refusals are meant, or refreshes have succeeded. `true` when grants were held.
    pub fn believe(&mut self) -> bool {
        self.recent.clear();
        std::mem::take(&mut self.holds)
    }

    fn count(&mut self, now: Duration, outcome: Outcome) {
        let oldest = now.saturating_sub(WINDOW);
        while self.recent.len() >= OUTCOMES
            || self.recent.front().is_some_and(|(at, _)| *at < oldest)
        {
            self.recent.pop_front();
        }
        self.recent.push_back((now, outcome));
    }

    fn refusals(&self) -> usize {
        self.recent.iter().filter(|(_, outcome)| *outcome != Outcome::Renewed).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Plays outcomes, one a second: `+` is a renewal, a letter the refusal of the grant of that name. Returns how each ended:
    /// `e` ended, `h` held, `H` held for the first time; `.` a renewal, `c` one after which refusals are believed again.
    fn play(breaker: &mut Breaker, from: Duration, outcomes: &str) -> String {
        let mut now = from;
        let mut played = String::new();
        for outcome in outcomes.bytes() {
            now += SECOND;
            played.push(match outcome {
                b'+' => {
                    if breaker.renewed(now) {
                        'c'
                    } else {
                        '.'
                    }
                }
                grant => match breaker.refused(now, u64::from(grant)) {
                    Ending::Believed => 'e',
                    Ending::Held { first: true, .. } => 'H',
                    Ending::Held { first: false, .. } => 'h',
                },
            });
        }
        played
    }

    #[test]
    fn many_refusals_at_once_are_held_and_few_are_not() {
        for (outcomes, ended) in [
            // Nine are believed, even if nothing succeeds.
            ("abcdefghi", "eeeeeeeee"),
            ("abcdefghijkl", "eeeeeeeeeHhh"),
            // One grant that is refused again and again is one grant.
            ("aaaaaaaaaaaaaaaa", "eeeeeeeeeeeeeeee"),
            // At most half of what happens: people do withdraw their consent.
            ("+a+b+c+d+e+f+g+h+i+j+k", ".e.e.e.e.e.e.e.e.e.e.e"),
            ("++++abcdefghijkl", "....eeeeeeeeeHhh"),
            // Held grants are tried again, and their refusals are no news.
            ("abcdefghijjjj", "eeeeeeeeeHhhh"),
        ] {
            assert_eq!(play(&mut Breaker::default(), SECOND, outcomes), ended, "{outcomes}");
        }
    }

    #[test]
    fn refusals_are_believed_again_when_refreshes_succeed() {
        let mut breaker = Breaker::default();
        assert_eq!(play(&mut breaker, SECOND, "abcdefghijk"), "eeeeeeeeeHh");
        // Not while most are refused.
        assert_eq!(play(&mut breaker, 20 * SECOND, "+++++l"), ".....h");
        assert!(breaker.holds());
        // The old refusals no longer count.
        assert_eq!(play(&mut breaker, 400 * SECOND, "++m+n"), "..hce");
        assert!(!breaker.holds());
    }

    #[test]
    fn refusals_that_are_far_apart_are_believed() {
        let mut breaker = Breaker::default();
        for grant in 0..100 {
            let now = WINDOW / 8 * u32::try_from(grant).unwrap_or(0);
            assert_eq!(breaker.refused(now, grant), Ending::Believed);
        }
    }

    #[test]
    fn an_operator_ends_it() {
        let mut breaker = Breaker::default();
        assert!(!breaker.believe());
        play(&mut breaker, SECOND, "abcdefghij");
        assert!(breaker.believe() && !breaker.holds());
        assert_eq!(play(&mut breaker, 20 * SECOND, "k"), "e");
    }

    #[test]
    fn no_more_is_kept_than_counts() {
        let mut breaker = Breaker::default();
        for grant in 0..10_000 {
            breaker.refused(SECOND, grant);
            breaker.renewed(SECOND);
            breaker.renewed(SECOND);
        }
        assert!(breaker.recent.len() <= OUTCOMES && !breaker.holds());
    }
}
