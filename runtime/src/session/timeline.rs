//! What time it is for the provider, where that matters: for ends that are told as an instant of the provider's own clock.
//!
//! Lifetimes need none of this: they are measured by the clock of the store that keeps them. A `Date`
//! is a witness and no authority (R39): a single one moves time by two hours at most, and what it says is forgotten after a day.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::DATE;

use crate::clock::Clock;
use crate::expiry::Expiry;
use crate::facts::Ends;

/// A `Date` has whole seconds: a smaller difference says nothing about the clocks (RFC 9110 section 5.6.7).
const RESOLUTION: Duration = Duration::from_secs(2);
/// By how much one `Date` alone moves the provider's time: more than a wrong zone of summer time, less than a day.
const BOUND: Duration = Duration::from_secs(2 * 60 * 60);
/// How well the `Date` of a second answer must agree with one that was beyond the bound.
const AGREEMENT: Duration = Duration::from_secs(2 * 60);
/// How long a `Date` is evidence: a day later the machine's own clock may have been set.
const EVIDENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the store's time is gone by before it is asked for again: in that time, clocks drift by less than a second.
const ASK_STORE: Duration = Duration::from_secs(10 * 60);

/// The store's time, as it was told, and the provider's, by the `Date` of its answers. The monotonic clock carries both on; where
/// nothing was told in the last day, the machine's wall clock stands for them.
#[derive(Debug, Default)]
pub(crate) struct Timeline(Mutex<Witnesses>);

#[derive(Debug, Default, Clone, Copy)]
struct Witnesses {
    /// The store's time, which takes the place of the machine's wall clock.
    store: Option<Anchor>,
    /// When the store was asked for it last.
    store_asked: Option<Duration>,
    /// What is gone by.
    accepted: Option<Anchor>,
    /// A date beyond the bound, which a second answer may confirm.
    unconfirmed: Option<Anchor>,
}

/// The time of another clock at one moment of the monotonic one.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    monotonic: Duration,
    shows: SystemTime,
}

/// A moment on both clocks, taken together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub monotonic: Duration,
    pub wall: SystemTime,
}

impl Moment {
    pub fn now(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall: clock.wall() }
    }
}

/// A moment on the clock of what is stored and on the provider's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clocks {
    /// The store's, where it has one, which is the same for all machines; else the machine's. What is stored is told by it, but for the
    /// provider's own instants.
    pub machine: SystemTime,
    /// The provider's, as far as it is known.
    pub provider: SystemTime,
}

impl Clocks {
    /// The clock by which an end was told.
    pub fn by(self, ends: Ends) -> SystemTime {
        if ends == Ends::AtInstant { self.provider } else { self.machine }
    }

    /// An instant of the clock by which `ends` are told, on the machine's clock.
    pub fn to_machine(self, instant: SystemTime, ends: Ends) -> SystemTime {
        moved(instant, self.by(ends), self.machine)
    }

    /// The reverse: an instant of the machine's clock, on the clock by which `ends` are told.
    pub fn told_by(self, instant: SystemTime, ends: Ends) -> SystemTime {
        moved(instant, self.machine, self.by(ends))
    }
}

impl Timeline {
    /// What time it is at this moment, on both clocks.
    pub fn at(&self, moment: Moment) -> Clocks {
        let witnesses = *self.lock();
        let shown = |anchor: Option<Anchor>, otherwise| {
            let anchor = anchor.filter(|anchor| anchor.is_evidence_at(moment.monotonic));
            anchor.map_or(otherwise, |anchor| anchor.at(moment.monotonic))
        };
        let machine = shown(witnesses.store, moment.wall);
        Clocks { machine, provider: shown(witnesses.accepted, machine) }
    }

    /// Whether the store is to be asked for the time again.
    pub fn store_is_due(&self, now: Duration) -> bool {
        let asked = self.lock().store_asked;
        asked.is_none_or(|asked| now.saturating_sub(asked) >= ASK_STORE)
    }

    /// Learns the store's time, of which it was asked from `began` to `ended`.
    pub fn learn_store(&self, shows: Option<SystemTime>, began: Duration, ended: Duration) {
        let monotonic = began + ended.saturating_sub(began) / 2;
        let mut witnesses = self.lock();
        witnesses.store = shows.map(|shows| Anchor { monotonic, shows });
        witnesses.store_asked = Some(ended);
    }

    /// Learns from the `Date` of an answer, unless the token that came with it speaks against it: by that date it has already ended; or
    /// the date would let it live longer, although it has not ended by what was believed so far. Of two clocks that both may be right, the
    /// one by which a token ends earlier costs a refresh, and the other one a refused request.
    pub fn learn(&self, date: Option<ServerDate>, expiry: Expiry, ends: Ends) {
        let Some(date) = date else {
            return;
        };
        let now = date.ended.monotonic;
        let believed = self.at(date.ended).provider;
        let told = date.anchor.at(now);
        if let (Expiry::At(end), Ends::AtInstant) = (expiry, ends)
            && end > believed
            && (end <= told || believed.duration_since(told).is_ok_and(|back| back > RESOLUTION))
        {
            return;
        }
        let mut witnesses = self.lock();
        let confirmed = witnesses.unconfirmed.is_some_and(|first| {
            first.is_evidence_at(now) && apart(first.at(now), told) <= AGREEMENT
        });
        if confirmed || apart(believed, told) <= BOUND {
            witnesses.accepted = Some(date.anchor);
            witnesses.unconfirmed = None;
        } else {
            witnesses.unconfirmed = Some(date.anchor);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Witnesses> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let middle = began.wall.checked_add(lasted / 2)?;
        let agrees = apart(middle, date) <= RESOLUTION + lasted / 2;
        let anchor = Anchor {
            monotonic: began.monotonic + lasted / 2,
            // Half a second more: the header has the second that has begun.
            shows: if agrees { middle } else { date + Duration::from_millis(500) },
        };
        Some(Self { anchor, ended })
    }
}

impl Anchor {
    fn at(self, monotonic: Duration) -> SystemTime {
        let moved = if monotonic >= self.monotonic {
            self.shows.checked_add(monotonic - self.monotonic)
        } else {
            self.shows.checked_sub(self.monotonic - monotonic)
        };
        moved.unwrap_or(self.shows)
    }

    fn is_evidence_at(self, monotonic: Duration) -> bool {
        monotonic.saturating_sub(self.monotonic) <= EVIDENCE
    }
}

fn apart(a: SystemTime, b: SystemTime) -> Duration {
    a.duration_since(b).or_else(|_| b.duration_since(a)).unwrap_or_default()
}

/// `instant`, moved by as much as it is from `from` to `to`.
fn moved(instant: SystemTime, from: SystemTime, to: SystemTime) -> SystemTime {
    let moved = match to.duration_since(from) {
        Ok(ahead) => instant.checked_add(ahead),
        Err(behind) => instant.checked_sub(behind.duration()),
    };
    moved.unwrap_or(instant)
}

/// An end as it is kept: one that was counted from `assumed`, the time of which the client was told when the exchange began, is
/// counted from `began`, the machine's; an instant by the provider's own clock stays.
pub(crate) fn kept_end(
    expiry: Expiry,
    ends: Ends,
    assumed: SystemTime,
    began: SystemTime,
) -> Expiry {
    match (expiry, ends) {
        (Expiry::At(end), Ends::AfterLifetime) => Expiry::At(moved(end, assumed, began)),
        _ => expiry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    const START: Duration = Duration::from_secs(1_000_000);

    fn wall() -> SystemTime {
        SystemTime::UNIX_EPOCH + 20_000 * DAY
    }

    /// An answer `after` the start, whose `Date` is `days` off.
    fn answer(timeline: &Timeline, after: Duration, days: f64) {
        let now = wall() + after;
        let by = Duration::from_secs_f64(days.abs() * 86_400.0);
        let date = if days < 0.0 { now - by } else { now + by };
        let mut headers = HeaderMap::new();
        headers.insert(DATE, httpdate::fmt_http_date(date).parse().expect("a date"));
        let moment = Moment { monotonic: START + after, wall: now };
        timeline.learn(
            ServerDate::of(&headers, moment, moment),
            Expiry::Undeclared,
            Ends::AtInstant,
        );
    }

    /// By how much the provider's time is moved `after` the start.
    fn offset(timeline: &Timeline, after: Duration) -> Duration {
        let moment = Moment { monotonic: START + after, wall: wall() + after };
        let clocks = timeline.at(moment);
        apart(clocks.machine, clocks.provider)
    }

    #[test]
    fn a_date_alone_moves_time_within_a_bound() {
        for (days, moves) in
            [(0.04, true), (-0.08, true), (0.1, false), (-365.0, false), (1e5, false)]
        {
            let timeline = Timeline::default();
            answer(&timeline, SECOND, days);
            assert_eq!(offset(&timeline, 2 * SECOND) > 60 * SECOND, moves, "{days} days");
        }
    }

    #[test]
    fn two_answers_that_agree_move_it_farther_and_two_that_differ_do_not() {
        let timeline = Timeline::default();
        answer(&timeline, SECOND, 365.0);
        answer(&timeline, 60 * SECOND, -365.0);
        assert!(offset(&timeline, 60 * SECOND) < SECOND);
        answer(&timeline, 90 * SECOND, -365.0);
        assert!(offset(&timeline, 90 * SECOND) > 364 * DAY);
        // What is true again is believed again.
        answer(&timeline, 100 * SECOND, 0.0);
        answer(&timeline, 110 * SECOND, 0.0);
        assert!(offset(&timeline, 110 * SECOND) < 3 * SECOND);
    }

    #[test]
    fn a_date_is_forgotten_after_a_day() {
        let timeline = Timeline::default();
        answer(&timeline, SECOND, 0.05);
        assert!(offset(&timeline, DAY) > 60 * SECOND);
        assert!(offset(&timeline, DAY + 2 * SECOND).is_zero());
    }
}
