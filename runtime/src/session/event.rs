//! The events of sessions.

use std::fmt;
use std::time::SystemTime;

use tokio::sync::broadcast;

use super::error::SessionError;
use crate::deviation::Deviation;
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::readable::Readable;
use crate::store::Key;

/// Something that happened to a grant, or to the grants of a provider as a whole.
#[derive(Debug, Clone)]
pub struct Event {
    /// Which grant; `None` where it is about all grants of the provider. Only a pool tells of those.
    pub key: Option<Key>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened. Its text is the message of a log line: it says why, and what to do.
#[derive(Clone)]
#[non_exhaustive]
pub enum EventKind {
    /// New tokens are stored.
    Refreshed {
        /// The generation of the new tokens.
        generation: u64,
        /// When the new access token ends.
        expiry: Expiry,
    },
    /// A refresh has brought another value of an output, or its first one. Of what another process has brought [`Adopted`](Self::Adopted)
    /// tells.
    OutputChanged {
        /// The output's name.
        name: Box<str>,
    },
    /// Another process, or another session on the same store, had refreshed: this session serves its tokens now.
    Adopted {
        /// The generation of those tokens.
        generation: u64,
    },
    /// A refresh failed. Sent once for each attempt.
    Failed(SessionError),
    /// The answer was usable, and not what the contract promises.
    Deviation(Deviation),
    /// There are new tokens that the store did not take. The session writes them again before it does anything else.
    SaveFailed(SessionError),
    /// Tokens that the store did not take before are stored now.
    Saved {
        /// The generation of the tokens.
        generation: u64,
    },
    /// The store may not hold the last state of the grant: it has shown a later one before, or another server has taken over since the
    /// record was written. What is stored may be spent, so it is in doubt and is not sent, unless an exchange spends nothing.
    StoreWentBack {
        /// The generation that the store holds.
        stored: u64,
        /// The generation that it has shown before, if it has shown a later one.
        known: Option<u64>,
    },
    /// The refresh token ends soon, and no refresh prolongs it: the person has to sign in again by then.
    RefreshTokenEnding(SystemTime),
    /// The grant has ended. Sent once.
    SignInNeeded {
        /// How to sign in again.
        how: SignIn,
        /// Why: the provider's refusal, by its status, its code and the rule of the contract.
        error: SessionError,
    },
    /// The outcome of an exchange is unknown, and the session may not send it again.
    InDoubt {
        /// When it was begun.
        since: SystemTime,
        /// Why it is in doubt.
        error: SessionError,
    },
    /// The provider says of many different grants within minutes that they have ended. It is not believed: from here on no grant
    /// is ended because of it, each is kept and tried again later. See [`Pool::believe_endings`](super::Pool::believe_endings).
    /// Sent once.
    EndingsHeld {
        /// How many grants it has refused lately. Those before this one were ended.
        refused: usize,
    },
    /// The provider is believed again when it says that a grant has ended: refreshes succeed, or an operator has said so.
    EndingsBelieved,
    /// The store could not be asked for due grants: those that no session holds are not refreshed meanwhile. Sent when it begins or
    /// its kind changes, and then at growing intervals; each failure counts as a metric.
    SweepFailed(SessionError),
    /// The store can be asked for due grants again.
    SweepRecovered,
    /// Grants are due for longer than they should be. Sent when it begins, and then at growing intervals.
    Behind {
        /// How many are due.
        due: u64,
        /// When the first of them was due, or was put off to after a failure.
        oldest: SystemTime,
    },
    /// No grant is due for longer than it should be any more.
    CaughtUp,
}

impl EventKind {
    /// The failure behind it, if it tells of one.
    pub fn error(&self) -> Option<&SessionError> {
        match self {
            Self::Failed(error)
            | Self::SaveFailed(error)
            | Self::SweepFailed(error)
            | Self::SignInNeeded { error, .. }
            | Self::InDoubt { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed(error) => return write!(f, "a refresh failed: {error}"),
            Self::Deviation(deviation) => {
                return write!(f, "the answer was not what the contract promises: {deviation}");
            }
            Self::SaveFailed(error) => {
                return write!(f, "new tokens could not be stored: {error}");
            }
            Self::RefreshTokenEnding(end) => {
                let end = Readable(*end);
                return write!(f, "the refresh token ends at {end}: a sign-in is needed by then");
            }
            Self::SignInNeeded { error, .. } => {
                return write!(f, "a sign-in is needed: {error}");
            }
            Self::InDoubt { error, .. } => {
                return write!(f, "an exchange is in doubt: {error}");
            }
            Self::SweepFailed(error) => {
                return write!(f, "the store cannot be asked for due grants: {error}");
            }
            Self::Behind { due, oldest } => {
                let oldest = Readable(*oldest);
                return write!(
                    f,
                    "{due} grants are due for longer than they should be, the first since {oldest}"
                );
            }
            Self::OutputChanged { name } => {
                return write!(f, "the output `{name}` has another value");
            }
            Self::Refreshed { .. } => "new tokens are stored",
            Self::Adopted { .. } => "tokens of another process are served now",
            Self::Saved { .. } => "the tokens are stored at last",
            Self::StoreWentBack { .. } => {
                "the store may not hold the last state of the grant: its tokens are in doubt"
            }
            Self::EndingsHeld { .. } => {
                "the provider says of many grants that they have ended: no more are ended"
            }
            Self::EndingsBelieved => {
                "the provider is believed again when it says that a grant has ended"
            }
            Self::SweepRecovered => "the store can be asked for due grants again",
            Self::CaughtUp => "no grant is due for longer than it should be any more",
        })
    }
}

/// Shows its text: there is no instant in it that people cannot read.
impl fmt::Debug for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EventKind").field(&format_args!("{self}")).finish()
    }
}

/// The events of one session, or of all sessions of a provider, from the moment of asking for them.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
    only: Option<Key>,
}

impl Events {
    pub(crate) fn new(receiver: broadcast::Receiver<Event>, only: Option<Key>) -> Self {
        Self { receiver, only }
    }

    /// The next event; `None` once there are no sessions any more. A listener that is 256 events late misses the oldest.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.receiver.recv().await {
                Ok(event) if self.is_ours(&event) => return Some(event),
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    /// The next event that has already happened, if there is one.
    pub fn try_next(&mut self) -> Option<Event> {
        loop {
            match self.receiver.try_recv() {
                Ok(event) if self.is_ours(&event) => return Some(event),
                Ok(_) | Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(_) => return None,
            }
        }
    }

    fn is_ours(&self, event: &Event) -> bool {
        self.only.as_ref().is_none_or(|key| event.key.as_ref() == Some(key))
    }
}
