//! What follows a failure: how long no attempt is made. No I/O, no clock.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::error::{SessionError, SessionErrorKind};
use super::settings::{InDoubt, Settings};
use crate::error::Class;

/// The longest wait that any setting makes.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest wait that a provider makes, however long it asks for: it is asked again each hour.
pub(super) const LONGEST_ASKED: Duration = Duration::from_secs(60 * 60);
/// How long a grant that is missing, has ended or is refused is not read again for a caller: a person may sign in at another process.
const READ_AGAIN: Duration = Duration::from_secs(30);

/// How long no attempt is made after so many failures in a row, of which `error` is the last. `chance` is from 0 to 1.
pub(super) fn pause_after(
    error: &SessionError,
    failures: u32,
    settings: &Settings,
    chance: f64,
) -> Duration {
    let mut steps = ExponentialBuilder::default()
        .with_min_delay(settings.backoff)
        .with_max_delay(settings.longest_backoff)
        .with_factor(2.0)
        .without_max_times()
        .build();
    let step = usize::try_from(failures.saturating_sub(1).min(32)).unwrap_or(32);
    let wait = steps.nth(step).unwrap_or(settings.longest_backoff);
    let wait = wait.min(LONGEST_WAIT).mul_f64(1.0 + chance.clamp(0.0, 1.0) / 4.0);
    match error.kind() {
        SessionErrorKind::NoGrant
        | SessionErrorKind::SignInNeeded(_)
        | SessionErrorKind::ClientRefused => wait.min(READ_AGAIN),
        _ if error.perhaps_gone().is_some() => wait.min(READ_AGAIN),
        _ => {
            let wait = wait.max(asked_for(error).unwrap_or_default());
            error.look_again().map_or(wait, |look_again| wait.min(look_again))
        }
    }
}

/// How long the provider asked to wait, within a bound.
pub(super) fn asked_for(error: &SessionError) -> Option<Duration> {
    match error.class() {
        Class::RateLimited { after } => after.map(|asked| asked.min(LONGEST_ASKED)),
        _ => error.exchange().and_then(asked_by),
    }
}

/// The same of one exchange, whatever its class.
fn asked_by(error: &crate::Error) -> Option<Duration> {
    let asked = match error.class() {
        Class::RateLimited { after } => after,
        _ => error.retry_after(),
    };
    asked.map(|asked| asked.min(LONGEST_ASKED)).filter(|asked| !asked.is_zero())
}

/// How long the provider asks to be left alone at most: where it does not say for how long, the usual pauses are made within the bound.
pub(super) fn asked_at_most(error: &crate::Error) -> Option<Duration> {
    let is_limited = matches!(error.class(), Class::RateLimited { .. });
    asked_by(error).or_else(|| is_limited.then_some(LONGEST_ASKED))
}

/// Whether the background refresher tries a grant again by itself after this failure. Time alone does not bring back a grant that has
/// ended, makes no wrong settings right and resolves no doubt: a sign-in or the user's word does, and each of these begins anew.
pub(super) fn is_tried_again(error: &SessionError) -> bool {
    match error.kind() {
        SessionErrorKind::NoGrant
        | SessionErrorKind::SignInNeeded(_)
        | SessionErrorKind::ClientRefused
        | SessionErrorKind::Closed => false,
        SessionErrorKind::InDoubt(_) => error.look_again().is_some(),
        _ => error.perhaps_gone().is_none(),
    }
}

/// For how long the store leaves a grant out that was due, that no session holds open, and that could not be refreshed. It goes for
/// every process, and none remembers how often it has failed: so it is the longest pause. `chance` is from 0 to 1.
pub(super) fn postponed_for(error: &SessionError, settings: &Settings, chance: f64) -> Duration {
    // The process that may still store its answer makes the grant due anew with that; none does for an exchange of our own.
    let waits_for_holder = matches!(error.kind(), SessionErrorKind::InDoubt(_))
        && settings.in_doubt == InDoubt::Keep
        && error.exchange().is_none();
    if is_tried_again(error) && !waits_for_holder {
        pause_after(error, u32::MAX, settings, chance)
    } else {
        LONGEST_WAIT
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::error::SignIn;

    const SECOND: Duration = Duration::from_secs(1);

    fn in_doubt(look_again: Option<Duration>) -> SessionError {
        SessionError::waiting(SystemTime::UNIX_EPOCH, look_again)
    }

    fn lost() -> SessionError {
        let error = crate::Error::new(Class::Transient, crate::ErrorKind::Refused);
        SessionError::in_doubt(SystemTime::UNIX_EPOCH, Some(error))
    }

    fn pause(error: &SessionError, failures: u32) -> Duration {
        pause_after(error, failures, &Settings::default(), 0.0)
    }

    #[test]
    fn waits_grow_and_are_bounded() {
        let error = SessionError::busy();
        let pauses: Vec<_> = [1, 2, 3, 9, 10, u32::MAX].map(|n| pause(&error, n).as_secs()).into();
        assert_eq!(pauses, [1, 2, 4, 256, 300, 300]);
        assert_eq!(pause_after(&error, 1, &Settings::default(), 1.0), SECOND * 5 / 4);
    }

    #[test]
    fn a_provider_is_asked_again_within_the_hour() {
        let year = Duration::from_secs(365 * 24 * 60 * 60);
        for (asked, expected) in [(90 * SECOND, 90 * SECOND), (year, LONGEST_ASKED)] {
            assert_eq!(pause(&SessionError::held_off(asked), 1), expected);
        }
    }

    #[test]
    fn what_time_does_not_mend_is_read_for_callers_and_not_tried_by_itself() {
        let ended = SessionError::sign_in_needed(SignIn::Unspecified, None);
        let either = crate::Error::new(Class::ClientMisconfigured, crate::ErrorKind::Refused);
        let either = SessionError::exchange_failed(either.or_reauthenticate(Some(SignIn::Otp)));
        let refused = SessionError::client_refused(None);
        for error in [&ended, &SessionError::no_grant(), &either, &refused] {
            assert_eq!(pause(error, 30), READ_AGAIN);
            assert!(!is_tried_again(error));
        }
        assert!(!is_tried_again(&in_doubt(None)));
        let waiting = in_doubt(Some(17 * SECOND));
        assert!(is_tried_again(&waiting));
        assert_eq!(pause(&waiting, 30), 17 * SECOND);
        assert_eq!(pause(&waiting, 1), SECOND);
        let not_yet = SessionError::not_yet(17 * SECOND);
        assert!(is_tried_again(&not_yet));
        assert_eq!(pause(&not_yet, 30), 17 * SECOND);
        assert!(is_tried_again(&SessionError::busy()));
    }

    /// Whether or not the exchange is in doubt for the caller: where something else brings tokens it is not.
    #[test]
    fn a_wait_that_the_provider_asks_for_ends_before_the_window_does() {
        let asking = || {
            crate::Error::new(Class::Transient, crate::ErrorKind::Refused)
                .with_retry_after(Some(LONGEST_ASKED))
        };
        for error in [
            SessionError::in_doubt(SystemTime::UNIX_EPOCH, Some(asking())),
            SessionError::exchange_failed(asking()),
        ] {
            assert_eq!(pause(&error, 1), LONGEST_ASKED);
            let error = error.looking_again(17 * SECOND);
            assert!(is_tried_again(&error));
            assert_eq!(pause(&error, 1), 17 * SECOND);
            assert_eq!(postponed_for(&error, &Settings::default(), 0.0), 17 * SECOND);
        }
    }

    #[test]
    fn what_is_put_off_for_every_process_is_put_off_for_long() {
        let keeping = Settings::default();
        let gambling = Settings { in_doubt: InDoubt::Gamble, ..Settings::default() };
        for (settings, error, expected) in [
            (&keeping, SessionError::busy(), keeping.longest_backoff),
            // Its holder stores the answer, or the user decides.
            (&keeping, in_doubt(Some(17 * SECOND)), LONGEST_WAIT),
            // Its own exchange can be repeated.
            (&keeping, lost().looking_again(17 * SECOND), 17 * SECOND),
            (&keeping, lost(), LONGEST_WAIT),
            // The policy allows more by then.
            (&gambling, in_doubt(Some(17 * SECOND)), 17 * SECOND),
            (&gambling, in_doubt(None), LONGEST_WAIT),
            (&keeping, SessionError::no_grant(), LONGEST_WAIT),
        ] {
            assert_eq!(postponed_for(&error, settings, 0.0), expected, "{error}");
        }
    }
}
