//! One exchange, from the request that was built to the fate of the credential in it.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::response::Parts;

use crate::error::{Class, Error, ErrorKind};
use crate::fate::{Doubtful, Fate, RefreshError};
use crate::retry_after::retry_after;
use crate::transport::{Sent, TransportError};
use crate::verdict::{ClassRule, CredentialAfter, Failure, UNDESCRIBED};

/// What the contract says about sending the same credential twice. It follows from [`Facts`](crate::Facts).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// The credential can be sent any number of times: a lost answer costs nothing.
    pub reusable: bool,
    /// The credential is single-use, and yet accepted again for so long after the exchange began.
    pub window: Option<Duration>,
}

impl Replay {
    /// The credential can be sent any number of times.
    pub const REUSABLE: Self = Self { reusable: true, window: None };
    /// The credential is single-use.
    pub const NEVER: Self = Self { reusable: false, window: None };

    /// The credential is single-use, and yet accepted again for `window` after the exchange began.
    pub const fn within(window: Duration) -> Self {
        Self { reusable: false, window: Some(window) }
    }
}

/// An exchange under way: it holds the credential until an answer, or its absence, decides what became of it.
pub struct Pending<C> {
    provider: &'static str,
    credential: C,
    started_at: SystemTime,
    replay: Replay,
}

impl<C> Pending<C> {
    /// An exchange that begins at `started_at`, from which lifetimes count.
    pub fn new(
        provider: &'static str,
        credential: C,
        started_at: SystemTime,
        replay: Replay,
    ) -> Self {
        Self { provider, credential, started_at, replay }
    }

    /// When the exchange began.
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// The credential that the request holds.
    pub fn credential(&self) -> &C {
        &self.credential
    }

    /// The provider's name.
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// The credential itself: for an answer that kept it in force.
    pub fn into_credential(self) -> C {
        self.credential
    }

    /// The same before the credential is sent, in a request that brings what the next one needs: whatever becomes of it, the credential
    /// is unspent.
    #[must_use]
    pub fn without_credential(self) -> Self {
        Self { replay: Replay::REUSABLE, ..self }
    }

    /// The same with the credential that an answer has left, as long as nothing says more of it.
    pub(crate) fn with_credential<D>(self, make: impl FnOnce(C) -> D) -> Pending<D> {
        let Self { provider, credential, started_at, replay } = self;
        Pending { provider, credential: make(credential), started_at, replay }
    }

    /// A failure of a request behind the one that held the credential: that one alone says what became of it. `replaced` where the
    /// credential took the place of the one that was sent.
    pub(crate) fn failed_behind(
        self,
        replaced: bool,
        fails: impl FnOnce(Self) -> RefreshError<C>,
    ) -> RefreshError<C> {
        let replay = self.replay;
        let (provider, started_at) = (self.provider, self.started_at);
        let RefreshError { error, fate } = fails(self.without_credential());
        let fate = match fate {
            Fate::Unspent(credential) if replaced => Fate::Spent { replacement: Some(credential) },
            Fate::Unspent(credential) => {
                Self { provider, credential, started_at, replay }.fate_after_sending()
            }
            other => other,
        };
        RefreshError { error, fate }
    }

    /// The answer is an error, by a rule of the contract.
    ///
    /// The rule may say what became of the credential. Otherwise a [`Class::Reauthenticate`] ends it;
    /// [`Class::ClientMisconfigured`] and [`Class::RateLimited`] leave it unspent; after anything else a single-use one is in doubt.
    pub fn refused(self, failure: Failure, response: &Parts) -> RefreshError<C> {
        let error = self.refusal(failure, response);
        self.refused_with(error, failure)
    }

    /// What the answer says, by a rule of the contract.
    pub(crate) fn refusal(&self, failure: Failure, response: &Parts) -> Error {
        // Who says it twice is not asked again before both are over.
        let after = retry_after(&response.headers, self.started_at).max(failure.retry_after);
        let class = failure.class.with_retry_after(after);
        Error::new(class, refusal(failure, response.status))
            .with_status(response.status)
            .with_retry_after(after)
            .by_rule(failure.rule)
            .or_reauthenticate(failure.perhaps_gone)
            .for_provider(self.provider)
    }

    /// [`refused`](Self::refused), with the error that says it.
    pub(crate) fn refused_with(self, error: Error, failure: Failure) -> RefreshError<C> {
        let implied = match error.class() {
            Class::Reauthenticate(_) => CredentialAfter::Spent,
            Class::ClientMisconfigured | Class::RateLimited { .. } => CredentialAfter::Unspent,
            Class::ContractViolation | Class::Transient | Class::InDoubt => {
                CredentialAfter::Unknown
            }
        };
        let fate = match failure.credential.unwrap_or(implied) {
            CredentialAfter::Spent => Fate::Spent { replacement: None },
            CredentialAfter::Unspent => Fate::Unspent(self.credential),
            CredentialAfter::Unknown => self.fate_after_sending(),
        };
        RefreshError { error, fate }
    }

    /// The answer claims success and cannot be read.
    ///
    /// `replacement` is the new refresh token, if at least that was in it: then nothing is lost.
    pub fn unusable(
        self,
        error: Error,
        status: StatusCode,
        replacement: Option<C>,
    ) -> RefreshError<C> {
        let error = error.with_status(status).for_provider(self.provider);
        let fate = match replacement {
            Some(replacement) => Fate::Spent { replacement: Some(replacement) },
            None => self.fate_after_sending(),
        };
        RefreshError { error, fate }
    }

    /// There is no answer.
    ///
    /// What was certainly not sent is unspent. What may have been sent is in doubt, unless it is reusable.
    pub fn transport(self, failure: TransportError) -> RefreshError<C> {
        let class = match failure.was_sent() {
            // Asking again would fail in the same way.
            Sent::No if failure.kind().is_misconfiguration() => Class::ClientMisconfigured,
            Sent::Maybe if !self.replay.reusable => Class::InDoubt,
            Sent::No | Sent::Maybe => Class::Transient,
        };
        let sent = failure.was_sent();
        let error = Error::transport(class, failure).for_provider(self.provider);
        let fate = match sent {
            Sent::No => Fate::Unspent(self.credential),
            Sent::Maybe => self.fate_after_sending(),
        };
        RefreshError { error, fate }
    }

    fn fate_after_sending(self) -> Fate<C> {
        if self.replay.reusable {
            Fate::Unspent(self.credential)
        } else {
            Fate::InDoubt(Doubtful::new(self.credential, self.started_at, self.replay.window))
        }
    }
}

/// What kind of refusal an answer is.
fn refusal(failure: Failure, status: StatusCode) -> ErrorKind {
    match failure.class {
        _ if status.is_redirection() => ErrorKind::Redirect,
        _ if failure.rule == UNDESCRIBED => ErrorKind::UnexpectedStatus,
        ClassRule::ContractViolation if !status.is_success() => ErrorKind::UnexpectedStatus,
        _ => ErrorKind::Refused,
    }
}

impl<C> fmt::Debug for Pending<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("provider", &self.provider)
            .field("started_at", &self.started_at)
            .field("replay", &self.replay)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
