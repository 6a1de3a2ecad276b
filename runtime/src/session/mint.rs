//! Where an exchange spends no token, and brings one by the client's settings alone: what its requests may do to earlier tokens, how
//! many of them the provider takes, and when it is asked again after it has refused. No I/O, no clock.

use std::error::Error as _;
use std::time::Duration;

use super::provider::Renewable;

use crate::error::{Class, Error, ErrorKind};
use crate::facts::{Facts, MintEnds, MintLimit};
use crate::grant::Grant;
use crate::store::{Key, Rate};
use crate::transport::{Sent, TransportError};

/// How long a provider that has refused the client is not asked again, unless somebody says so or a process has started since: some
/// lock an account after a few attempts within minutes.
const REFUSED_FOR: Duration = Duration::from_secs(60 * 60);
/// How much later one request may arrive than it was sent, and another not: refreshes are as much farther apart than they must be.
const ARRIVES_WITHIN: Duration = Duration::from_millis(250);
/// Records keep whole milliseconds, and the clocks of machines differ by more.
const SAME_TIME: Duration = Duration::from_secs(2);

/// What is said of the next exchange of this grant: where it holds nothing to spend, of what brings tokens without that.
pub(super) fn facts_for<P: Renewable>(grant: &Grant) -> Facts {
    match P::FACTS.minting() {
        Some(minting) if P::credential(grant).is_none() => minting,
        _ => P::FACTS,
    }
}

/// Whether a refusal says, or may say, that what was sent is dead: then something else brings tokens, where the contract says so.
pub(super) fn is_superfluous(facts: &Facts, error: &Error) -> bool {
    let is_dead = matches!(error.class(), Class::Reauthenticate(_));
    facts.fallback.is_some() && (is_dead || error.perhaps_gone().is_some())
}

/// Whether so many requests of one exchange, each of which may have arrived, may have ended the access token that was there before them:
/// then that token is served no more. What else a refresh does to it is for the provider to say, by refusing it. Where several tokens live at a time, the first request ends none: see [`ends_others`].
pub(super) fn may_end(facts: &Facts, requests: u32) -> bool {
    match facts.mint.map(|mint| mint.ends) {
        // Where a refresh brings it, each may have brought another.
        None => facts.most_alive.is_some_and(|kept| requests >= kept.max(1)),
        Some(MintEnds::Nothing) => false,
        Some(MintEnds::Previous | MintEnds::Unknown) => requests > 0,
        Some(MintEnds::OldestOf(kept)) => requests >= kept.max(1),
    }
}

/// Whether mints of this contract end earlier tokens at all, however many requests that takes: then a request that may be under way stays on
/// record, and no token that comes later is safe from it. Whether the token before it is still good is what [`may_end`] says.
pub(super) fn ends_others(facts: &Facts) -> bool {
    facts.mint.is_some() && may_end(facts, u32::MAX)
}

/// Whether a request that failed like this may have brought a token all the same: it may have left, and no answer says that it brought none.
/// What such a token does to others depends on the contract: see [`ends_others`].
pub(super) fn may_have_minted(error: &Error) -> bool {
    if error.step().is_some() {
        return error.is_behind_credential();
    }
    let failure = error.source().and_then(|source| source.downcast_ref::<TransportError>());
    match (failure, error.kind(), error.class()) {
        (Some(failure), ..) => failure.was_sent() == Sent::Maybe,
        // There was no request: these are the failures to make one, whatever their class.
        (
            None,
            ErrorKind::NoRandomness
            | ErrorKind::InvalidCredential { .. }
            | ErrorKind::InvalidUrl { .. }
            | ErrorKind::Expired
            | ErrorKind::TooEarly
            | ErrorKind::NoRequest,
            _,
        ) => false,
        (
            None,
            _,
            Class::ClientMisconfigured | Class::RateLimited { .. } | Class::Reauthenticate(_),
        ) => false,
        (None, _, Class::ContractViolation | Class::Transient | Class::InDoubt) => true,
    }
}

/// Whether a request may have left for the provider, whatever came of it.
pub(super) fn may_have_left(error: &Error) -> bool {
    error.status().is_some() || may_have_minted(error)
}

/// Whether the provider has looked at the client's settings and refuses them: it would refuse them again.
pub(super) fn is_refusal(error: &Error) -> bool {
    let refuses = matches!(error.class(), Class::ClientMisconfigured | Class::Reauthenticate(_));
    refuses && error.status().is_some()
}

/// Whether a refusal that was recorded so long ago still holds for a process that has run for so long: one that has started since may
/// have other settings.
pub(super) fn is_still_refused(recorded_ago: Duration, running_for: Duration) -> bool {
    recorded_ago < REFUSED_FOR && recorded_ago <= running_for.saturating_add(SAME_TIME)
}

/// How requests are spaced so that no more than the provider takes begin in any time of that length: one half of them may begin at
/// once, and two wherever it takes two, since a request whose answer is lost is sent again while a window is open. A twentieth more than
/// that length is left, since some requests take longer to arrive than others.
pub(super) fn rate(limit: MintLimit) -> Rate {
    let at_most = limit.at_most.max(1);
    // With a burst of b, and then one after each 1.05 / (at_most - b + 1) of the time, b + floor((at_most - b + 1) / 1.05) begin in the time
    // at most; that is at_most.
    let burst = at_most.div_ceil(2).max(2).min(at_most);
    let time = limit.per.saturating_add(limit.per / 20);
    Rate::per(at_most - burst + 1, time).with_burst(burst)
}

/// How the requests for one grant are spaced, where the contract says how many the provider takes: those of a client that mints, or those
/// that refresh one grant.
pub(super) fn rate_of_grant(facts: &Facts) -> Option<Rate> {
    let limit = facts.mint.map_or(facts.limit, |mint| mint.limit);
    let refreshed = facts.at_most_every.map(|apart| {
        let arrives = (apart / 20).max(ARRIVES_WITHIN);
        Rate::per(1, apart.saturating_add(arrives))
    });
    limit.map(rate).or(refreshed)
}

/// By which name a store knows the rate of one grant's mints, or of its refreshes: each grant has the settings of a client of its own. The
/// subject does not stand in it, since what is kept of a rate outlives the grant.
pub(super) fn rate_name(key: &Key, mints: bool) -> String {
    // FNV-1a, which is the same in every build.
    let mixed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = key.subject().bytes().fold(0xcbf2_9ce4_8422_2325, mixed);
    let of = if mints { "" } else { "refresh#" };
    format!("{}#{of}{hash:016x}", key.provider())
}

#[cfg(test)]
mod tests {
    use super::super::schedule::tests::FACTS;
    use super::*;
    use crate::error::SignIn;
    use crate::facts::Mint;
    use crate::store::Reserved;
    use crate::transport::TransportErrorKind;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn minting(ends: MintEnds) -> Facts {
        Facts { mint: Some(Mint { ends, limit: None }), ..FACTS }
    }

    #[test]
    fn so_many_requests_end_the_token_before_them() {
        for (ends, first) in [
            (MintEnds::Nothing, None),
            (MintEnds::Previous, Some(1)),
            (MintEnds::Unknown, Some(1)),
            (MintEnds::OldestOf(0), Some(1)),
            (MintEnds::OldestOf(3), Some(3)),
        ] {
            let facts = minting(ends);
            let found = (0..9).find(|requests| may_end(&facts, *requests));
            assert_eq!(found, first, "{ends:?}");
            assert_eq!(ends_others(&facts), first.is_some(), "{ends:?}");
        }
        assert!(!ends_others(&FACTS));
    }

    #[test]
    fn a_refusal_mints_nothing_and_a_lost_answer_may_have() {
        let transport = |sent| {
            let failure = TransportError::bare(TransportErrorKind::Io, sent);
            Error::transport(Class::Transient, failure)
        };
        let answered = |class| {
            Error::new(class, ErrorKind::Refused).with_status(http::StatusCode::BAD_REQUEST)
        };
        for (error, minted, refused) in [
            (transport(Sent::Maybe), true, false),
            (transport(Sent::No), false, false),
            (answered(Class::Transient), true, false),
            (Error::not_json(), true, false),
            (answered(Class::RateLimited { after: None }), false, false),
            (answered(Class::ClientMisconfigured), false, true),
            (answered(Class::Reauthenticate(SignIn::Password)), false, true),
            // Nobody was asked.
            (Error::invalid_url("the base URL is no URL"), false, false),
            (Error::invalid_credential("signing key", "is no key"), false, false),
            (Error::no_randomness(), false, false),
        ] {
            assert_eq!(may_have_minted(&error), minted, "{error}");
            assert_eq!(is_refusal(&error), refused, "{error}");
        }
    }

    #[test]
    fn a_refusal_holds_for_an_hour_and_for_those_that_ran_by_then() {
        for (recorded_ago, running_for, holds) in [
            (Duration::ZERO, Duration::ZERO, true),
            (HOUR / 2, HOUR, true),
            (HOUR / 2, HOUR / 4, false),
            (HOUR, 2 * HOUR, false),
        ] {
            assert_eq!(is_still_refused(recorded_ago, running_for), holds, "{recorded_ago:?}");
        }
    }

    #[test]
    fn refreshes_are_farther_apart_than_they_must_be() {
        let apart = |apart| {
            let facts = Facts { at_most_every: apart, ..FACTS };
            rate_of_grant(&facts).map(|rate| (rate.every(), rate.slack()))
        };
        assert_eq!(apart(None), None);
        assert_eq!(apart(Some(SECOND)), Some((Duration::from_millis(1250), Duration::ZERO)));
        assert_eq!(apart(Some(HOUR)), Some((HOUR + HOUR / 20, Duration::ZERO)));
        let limit = MintLimit { at_most: 10, per: HOUR };
        let limited = Facts { limit: Some(limit), ..FACTS };
        assert_eq!(rate_of_grant(&limited), Some(rate(limit)));
    }

    #[test]
    fn of_two_that_live_two_more_end_the_first() {
        let facts = Facts { most_alive: Some(2), ..FACTS };
        assert_eq!(
            [0, 1, 2, 3].map(|requests| may_end(&facts, requests)),
            [false, false, true, true]
        );
        assert!(!ends_others(&facts), "a refresh is no mint");
    }

    #[test]
    fn no_time_of_that_length_has_more_requests() {
        let few = (0..24).map(|at_most| (at_most, 60));
        for (at_most, seconds) in few.chain([(3, 1), (10, 600), (2000, 86_400)]) {
            let limit = MintLimit { at_most, per: seconds * SECOND };
            let rate = rate(limit);
            let rested = rate.reserve(Reserved::default(), 10 * limit.per);
            let again = rate.reserve(rested.1, 10 * limit.per);
            assert_eq!(again.0.is_zero(), at_most > 1, "a lost answer of {at_most} waits");
            let (mut kept, mut now) = (Reserved::default(), 10 * limit.per);
            // As many as are let, and each as soon as it may.
            let begun: Vec<Duration> = (0..3 * at_most.max(1))
                .map(|_| {
                    let (wait, reserved) = rate.reserve(kept, now);
                    (kept, now) = (reserved, now + wait);
                    now
                })
                .collect();
            let most = begun.iter().enumerate().map(|(first, at)| {
                begun[first..].iter().take_while(|other| **other < *at + limit.per).count()
            });
            let most = most.max().unwrap_or_default();
            assert!(most <= at_most.max(1) as usize, "{most} of {at_most}");
        }
    }
}
