//! When to refresh: what follows from the contract, the tokens' ends and the user's settings.

use std::time::{Duration, SystemTime};

use super::settings::{Settings, Upkeep};
use super::timeline::Clocks;
use crate::expiry::Expiry;
use crate::facts::{Ends, Facts, RefreshWindow, Rotation};
use crate::grant::{Grant, Token};
use crate::store::Record;

/// The longest margin where the settings name none.
const LONGEST_MARGIN: Duration = Duration::from_secs(5 * 60);
/// The share of an access token's life that margin and jitter together may take: one in four (R29).
const MARGIN_SHARE: u32 = 4;
/// A request takes time: a token is not handed out in its last moments, this long or a twentieth of its life.
const LAST_MOMENTS: Duration = Duration::from_secs(2);
/// What ends is renewed after four fifths of its life: the rest is for failures.
const RENEW_AFTER: f64 = 0.8;
/// Nothing is renewed more often than this, and no end lies farther away than the next, by which arithmetic stays in bounds.
const LEAST_LIFE: Duration = Duration::from_secs(1);
const LONGEST_LIFE: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
/// How long a token is served that seems to have ended before it was issued: the clocks disagree, and refreshing at once would
/// never stop.
const ENDED_WHEN_ISSUED: Duration = Duration::from_secs(5);

/// Ends have whole seconds, and clocks differ: of two refreshes within this time it is unknown whether the second put the end
/// off.
const SAME_TIME: Duration = Duration::from_secs(5);

/// In its last hour, an end that the last refresh did not put off is no reason to refresh.
const LAST_HOUR: Duration = Duration::from_secs(60 * 60);

/// How long from now an access token is served without a refresh, and at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    pub fresh_for: Duration,
    pub valid_for: Duration,
}

impl Validity {
    pub const NONE: Self = Self { fresh_for: Duration::ZERO, valid_for: Duration::ZERO };
    const FOR_EVER: Self = Self { fresh_for: Duration::MAX, valid_for: Duration::MAX };
}

/// How long the access token of `record` is served from now on. `jitter` is from 0 to 1.
pub(crate) fn validity(
    facts: &Facts,
    settings: &Settings,
    record: &Record,
    now: Clocks,
    jitter: f64,
) -> Validity {
    let Some(token) = record.grant.access_token() else {
        return Validity::NONE;
    };
    let age = until(now.machine, record.issued_at);
    let (life, left) = match (token.expiry(), facts.usual_lifetime) {
        (Expiry::At(end), _) if facts.access_token_ends == Ends::AtInstant => {
            let issued_at = now.told_by(record.issued_at, Ends::AtInstant);
            (until(end, issued_at), until(end, now.provider))
        }
        (Expiry::At(end), _) => {
            let life = until(end, record.issued_at);
            (life, life.saturating_sub(age))
        }
        (Expiry::Never, _) | (Expiry::Undeclared, None) => return Validity::FOR_EVER,
        // No end is declared, but such tokens usually live so long: it is replaced by then, and served until it is refused.
        (Expiry::Undeclared, Some(usual)) => {
            let ahead = ahead(facts, settings, usual, jitter);
            let fresh_for = usual.saturating_sub(age).saturating_sub(ahead);
            return Validity { fresh_for, valid_for: Duration::MAX };
        }
    };
    let last_moments = match facts.window {
        // The provider refuses a refresh until the token has ended: there is nothing better to hand out.
        RefreshWindow::AfterExpiry => Duration::ZERO,
        _ => LAST_MOMENTS.min(life / 20),
    };
    let valid_for = left.saturating_sub(last_moments);
    Validity {
        fresh_for: valid_for.saturating_sub(ahead(facts, settings, life, jitter)),
        valid_for,
    }
}

/// The same for tokens that have just been issued: they are served for a moment, even if the clocks say that they have
/// ended.
pub(crate) fn validity_of_new(validity: Validity) -> Validity {
    if validity.valid_for.is_zero() {
        Validity { fresh_for: ENDED_WHEN_ISSUED, valid_for: ENDED_WHEN_ISSUED }
    } else {
        validity
    }
}

/// How long before its last moments an access token is refreshed ahead.
fn ahead(facts: &Facts, settings: &Settings, life: Duration, jitter: f64) -> Duration {
    let margin = settings.margin.unwrap_or_else(|| (life / 10).min(LONGEST_MARGIN));
    let most = match facts.window {
        RefreshWindow::AfterExpiry => return Duration::ZERO,
        RefreshWindow::NearExpiry(window) => (life / MARGIN_SHARE).min(window * 4 / 5),
        _ => life / MARGIN_SHARE,
    };
    margin.min(life).min(LONGEST_LIFE).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 2.0).min(most)
}

/// When the grant of `record` needs its next refresh, asked for or not, by the machine's clock; `None` where it never does. `before` is
/// the record that it follows.
pub(crate) fn next_due(
    facts: &Facts,
    settings: &Settings,
    record: &Record,
    before: Option<&Record>,
    now: Clocks,
    jitter: f64,
) -> Option<SystemTime> {
    let kept_alive = keep_alive(facts, settings, record, before, now, jitter);
    if settings.upkeep != Upkeep::Always || record.ended.is_some() {
        return kept_alive;
    }
    // On record, so that a process that has not opened the grant knows it as well.
    let validity = validity_of_new(validity(facts, settings, record, now, jitter));
    let fresh_until = record.issued_at.checked_add(validity.fresh_for);
    [kept_alive, fresh_until].into_iter().flatten().min()
}

/// When the grant of `record` would end without a refresh, less a margin, by the machine's clock; `None` where it never
/// does. `before` is the record that it follows.
pub(crate) fn keep_alive(
    facts: &Facts,
    settings: &Settings,
    record: &Record,
    before: Option<&Record>,
    now: Clocks,
    jitter: f64,
) -> Option<SystemTime> {
    if settings.upkeep == Upkeep::WhenAsked || record.ended.is_some() {
        return None;
    }
    let renew_within = |life: Duration| {
        // An end that has passed already says nothing.
        if life.is_zero() {
            return None;
        }
        let share = RENEW_AFTER * (1.0 - 0.1 * jitter.clamp(0.0, 1.0));
        let after = life.min(LONGEST_LIFE).mul_f64(share).max(LEAST_LIFE);
        record.issued_at.checked_add(after)
    };
    let access_end = record.grant.access_token().and_then(|token| token.expiry().at());
    let access_end = access_end.map(|end| now.to_machine(end, facts.access_token_ends));
    let renewal = match facts.window {
        RefreshWindow::BeforeExpiry => {
            access_end.and_then(|end| renew_within(until(end, record.issued_at)))
        }
        _ => None,
    };
    let idle = facts.idle_limit.and_then(renew_within);
    let end = prolonged_end(facts, record, before)
        .map(|end| now.to_machine(end, facts.refresh_token_ends))
        .and_then(|end| renew_within(until(end, record.issued_at)));
    let due = [renewal, idle, end].into_iter().flatten().min()?;
    Some(match (facts.window, access_end) {
        (RefreshWindow::AfterExpiry, Some(opens)) => due.max(opens),
        (RefreshWindow::NearExpiry(window), Some(end)) => {
            due.max(end.checked_sub(window * 4 / 5).unwrap_or(end))
        }
        _ => due,
    })
}

/// The end of the refresh token, where a refresh puts it off.
fn prolonged_end(facts: &Facts, record: &Record, before: Option<&Record>) -> Option<SystemTime> {
    let end = refresh_end(record)?;
    if facts.rotation.is_none() || end_is_final(facts) {
        return None;
    }
    // A provider that kept the end last time keeps it again: to refresh ever more often towards it would be of no use. Where it
    // replaces the refresh token now and then, the next time may be the one, a few times over.
    let kept = before.is_some_and(|before| {
        let apart = until(record.issued_at, before.issued_at);
        apart > SAME_TIME && refresh_end(before).is_some_and(|earlier| end <= earlier)
    });
    let another_may = matches!(facts.rotation, Some(Rotation::Sometimes | Rotation::Unknown));
    let left = until(end, record.issued_at);
    (!kept || (another_may && left > LAST_HOUR)).then_some(end)
}

/// The end of the refresh token, if no refresh puts it off: the user should know of it ahead of time.
pub(crate) fn final_end(facts: &Facts, record: &Record) -> Option<SystemTime> {
    refresh_end(record).filter(|_| end_is_final(facts))
}

/// Whether no refresh puts off the end of the refresh token.
pub(crate) fn end_is_final(facts: &Facts) -> bool {
    matches!(facts.rotation, Some(Rotation::Never | Rotation::Echo))
        || matches!(facts.refresh_token_ends, Ends::AfterSignIn(_))
}

/// The tokens of a sign-in at `now`, of which the contract may say when they end.
pub(crate) fn signed_in(facts: &Facts, grant: Grant, now: SystemTime) -> Grant {
    // Whoever signed in earlier knows when.
    let ending = |token: Option<&Token>, life: Option<Duration>| {
        let token = token.filter(|token| token.expiry() == Expiry::Undeclared)?;
        Some(token.clone().with_expiry(crate::expiry::constant(life?, now)))
    };
    let refresh_life = match facts.refresh_token_ends {
        Ends::AfterSignIn(life) => Some(life),
        _ => facts.first_refresh_lifetime,
    };
    let access = ending(grant.access_token(), facts.first_access_lifetime);
    let refresh = ending(grant.refresh_token(), refresh_life);
    let grant = access.into_iter().fold(grant, Grant::with_access_token);
    refresh.into_iter().fold(grant, Grant::with_refresh_token)
}

/// When the end of a refresh token is announced: a tenth of its life before it, three days at most. Where only the last refresh is
/// known and not the issue, its life is what was left then.
pub(crate) fn announced_at(facts: &Facts, end: SystemTime, issued_at: SystemTime) -> SystemTime {
    const AHEAD: Duration = Duration::from_secs(3 * 24 * 60 * 60);
    let life = match facts.refresh_token_ends {
        Ends::AfterSignIn(life) => life,
        _ => until(end, issued_at),
    };
    end.checked_sub((life / 10).min(AHEAD)).unwrap_or(end)
}

/// Whether two announced ends are one: those that answers tell as lifetimes differ by moments.
pub(crate) fn is_same_end(one: SystemTime, other: SystemTime) -> bool {
    until(one, other).max(until(other, one)) <= SAME_TIME
}

fn refresh_end(record: &Record) -> Option<SystemTime> {
    record.grant.refresh_token_ends().at()
}

/// How long it is from `now` to `end`; zero when that is over.
pub(crate) fn until(end: SystemTime, now: SystemTime) -> Duration {
    end.duration_since(now).unwrap_or_default()
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
pub(super) mod tests;
