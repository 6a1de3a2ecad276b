//! What became of the credential that an exchange was to spend.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::error::{Class, Error};

/// What became of the credential.
///
/// A failed exchange hands the credential back only where it was certainly not spent. `Debug` shows the state alone.
pub enum Fate<C> {
    /// It was not spent: here it is.
    Unspent(C),
    /// It was spent, or is worth nothing any more.
    Spent {
        /// A new credential that came with an answer which was unusable as a whole. Keep it: the grant lives on.
        replacement: Option<C>,
    },
    /// Nobody knows: the request may have been processed and its answer is lost.
    InDoubt(Doubtful<C>),
}

/// A credential that may or may not be spent (RFC 9700 §4.14: replaying a spent one can revoke the whole grant).
pub struct Doubtful<C> {
    credential: C,
    started_at: SystemTime,
    window: Option<Duration>,
}

impl<C> Doubtful<C> {
    pub(crate) fn new(credential: C, started_at: SystemTime, window: Option<Duration>) -> Self {
        Self { credential, started_at, window }
    }

    /// Until when the provider accepts the same credential again, where its contract declares such a window.
    pub fn replay_until(&self) -> Option<SystemTime> {
        self.started_at.checked_add(self.window?)
    }

    /// The credential, to be sent once more, if the declared window is still open at `now`.
    ///
    /// A clock that has gone back to before the exchange proves nothing, and is refused as well. If the replay is lost too, the
    /// window is still that of the first exchange: keep its [`replay_until`](Self::replay_until) and go by the earlier one.
    ///
    /// # Errors
    /// Hands `self` back when there is no window or it is over.
    pub fn replay(self, now: SystemTime) -> Result<C, Self> {
        let open = now >= self.started_at && self.replay_until().is_some_and(|until| now < until);
        if open { Ok(self.credential) } else { Err(self) }
    }

    /// The credential, whatever may come of using it: a provider with reuse detection may revoke the grant.
    pub fn accept_risk(self) -> C {
        self.credential
    }
}

impl<C> fmt::Debug for Doubtful<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doubtful")
            .field("replay_until", &self.replay_until())
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Fate<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspent(_) => "Unspent(..)",
            Self::Spent { replacement: None } => "Spent",
            Self::Spent { replacement: Some(_) } => "Spent { replacement: .. }",
            Self::InDoubt(_) => "InDoubt(..)",
        })
    }
}

/// An exchange that failed: why, and what became of the credential.
pub struct RefreshError<C> {
    /// Why.
    pub error: Error,
    /// What became of the credential.
    pub fate: Fate<C>,
}

impl<C> RefreshError<C> {
    /// An exchange that failed before anything was sent.
    pub fn unspent(error: Error, credential: C) -> Self {
        Self { error, fate: Fate::Unspent(credential) }
    }

    /// A failure that leaves nothing of the credential.
    pub fn spent(error: Error) -> Self {
        Self { error, fate: Fate::Spent { replacement: None } }
    }

    /// What the failure asks of the caller.
    pub fn class(&self) -> Class {
        self.error.class()
    }

    /// The credential that is certainly good to use next: the one that was not spent, or the replacement that an unusable
    /// answer brought. `None` when it was spent or its fate is in doubt.
    pub fn into_credential(self) -> Option<C> {
        match self.fate {
            Fate::Unspent(credential) => Some(credential),
            Fate::Spent { replacement } => replacement,
            Fate::InDoubt(_) => None,
        }
    }

    /// The same failure for a credential of another type, as a wrapper needs it.
    pub fn map_credential<D>(self, map: impl FnOnce(C) -> D) -> RefreshError<D> {
        let fate = match self.fate {
            Fate::Unspent(credential) => Fate::Unspent(map(credential)),
            Fate::Spent { replacement } => Fate::Spent { replacement: replacement.map(map) },
            Fate::InDoubt(Doubtful { credential, started_at, window }) => {
                Fate::InDoubt(Doubtful::new(map(credential), started_at, window))
            }
        };
        RefreshError { error: self.error, fate }
    }
}

/// An exchange that spends nothing leaves nothing to say but why it failed.
impl From<RefreshError<()>> for Error {
    fn from(failed: RefreshError<()>) -> Self {
        failed.error
    }
}

impl<C> fmt::Display for RefreshError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match &self.fate {
            Fate::Unspent(_) => "the credential was not spent",
            Fate::Spent { replacement: None } => "the credential is spent",
            Fate::Spent { replacement: Some(_) } => {
                "the credential is spent and its replacement was kept"
            }
            Fate::InDoubt(_) => "the credential may be spent",
        };
        write!(f, "{}; {fate}", self.error)
    }
}

impl<C> fmt::Debug for RefreshError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshError")
            .field("error", &self.error)
            .field("fate", &self.fate)
            .finish()
    }
}

impl<C> std::error::Error for RefreshError<C> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_replay_is_possible_only_inside_the_window() {
        let doubtful = Doubtful::new("token", START + SECOND, Some(30 * SECOND));
        assert_eq!(doubtful.replay_until(), Some(START + 31 * SECOND));
        let doubtful = doubtful.replay(START + 31 * SECOND).expect_err("the window is over");
        let doubtful = doubtful.replay(START).expect_err("the clock went back");
        assert_eq!(doubtful.replay(START + 30 * SECOND).expect("the window is open"), "token");
    }

    #[test]
    fn without_a_window_there_is_no_replay_but_a_risk() {
        let doubtful = Doubtful::new("token", START, None);
        assert_eq!(doubtful.replay_until(), None);
        assert_eq!(doubtful.replay(START).expect_err("no window").accept_risk(), "token");
    }

    #[test]
    fn nothing_shows_the_credential() {
        let fates = [
            Fate::Unspent("canary"),
            Fate::Spent { replacement: Some("canary") },
            Fate::InDoubt(Doubtful::new("canary", START, None)),
        ];
        for fate in fates {
            let error = RefreshError { error: Error::not_json(), fate };
            assert!(!format!("{error:?} {error:#?} {error}").contains("canary"));
        }
        assert!(!format!("{:?}", Doubtful::new("canary", START, None)).contains("canary"));
    }

    #[test]
    fn debug_shows_the_fate_and_the_end_of_the_doubt() {
        let fates = [
            (Fate::Unspent("token"), "Unspent(..)"),
            (Fate::Spent { replacement: None }, "Spent"),
            (Fate::Spent { replacement: Some("token") }, "Spent { replacement: .. }"),
            (Fate::InDoubt(Doubtful::new("token", START, None)), "InDoubt(..)"),
        ];
        for (fate, word) in fates {
            assert_eq!(format!("{fate:?}"), word);
            let error = RefreshError { error: Error::not_json(), fate };
            let shown = format!("{error:?}");
            assert!(shown.contains("kind: NotJson"), "{shown}");
            assert!(shown.contains(&format!("fate: {word}")), "{shown}");
        }
        assert_eq!(
            format!("{:?}", Doubtful::new("token", START, None)),
            "Doubtful { replay_until: None, .. }"
        );
    }

    #[test]
    fn the_source_is_that_of_the_error() {
        use std::error::Error as _;

        use crate::transport::{TransportError, TransportErrorKind};

        let failure = TransportError::not_sent(TransportErrorKind::Timeout, "late");
        let error = Error::transport(Class::Transient, failure);
        let source_of =
            |error| RefreshError::unspent(error, "token").source().map(ToString::to_string);
        assert_eq!(source_of(error).as_deref(), Some("the provider did not answer in time"));
        assert_eq!(source_of(Error::not_json()), None);
    }
}
