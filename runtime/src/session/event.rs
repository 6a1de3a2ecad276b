//! The events of sessions.

use std::time::SystemTime;

use tokio::sync::broadcast;

use super::error::SessionError;
use crate::deviation::Deviation;
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::store::Key;

/// Something that happened to a grant.
#[derive(Debug, Clone)]
pub struct Event {
    /// Which grant.
    pub key: Key,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to a grant.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventKind {
    /// New tokens are stored.
    Refreshed {
        /// The generation of the new tokens.
        generation: u64,
        /// When the new access token ends.
        expiry: Expiry,
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
    /// The store holds an older state of the grant than it has shown before: a backup was restored, or a server took over that lacks
    /// the last writes. What is stored may be spent, so it is in doubt and is not sent.
    StoreWentBack {
        /// The generation that the store holds.
        stored: u64,
        /// The generation that it has shown before.
        known: u64,
    },
    /// The refresh token ends soon, and no refresh prolongs it: the person has to sign in again by then.
    RefreshTokenEnding(SystemTime),
    /// The grant has ended. Sent once.
    SignInNeeded(SignIn),
    /// The outcome of an exchange is unknown, and the session may not send it again.
    InDoubt {
        /// When it was begun.
        since: SystemTime,
    },
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
        self.only.as_ref().is_none_or(|key| *key == event.key)
    }
}
