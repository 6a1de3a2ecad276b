//! What passes between a client under test and the kit.

use jiff::Timestamp;
use rekindle_contract::contract::{ErrorClass, ExpectedExpiry, Fate, Fault, SignIn, Trouble};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::SystemTime;

/// What the holder of a grant holds. `Debug` shows no token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The access token.
    pub access_token: String,
    /// When it dies, as far as the client is told.
    pub access_expires: End,
    /// The refresh token; `None` where the access token renews itself.
    pub refresh_token: Option<String>,
    /// When that one dies, as far as the client is told.
    pub refresh_expires: End,
    /// The base URL that the last answer to tell one has told, where the contract says that refreshes go there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// When a token dies, as far as the client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// At this instant.
    At(Timestamp),
    /// Never.
    Never,
    /// Nobody says.
    Undeclared,
}

impl Held {
    /// The refresh token; empty where there is none.
    pub fn refresh_text(&self) -> &str {
        self.refresh_token.as_deref().unwrap_or_default()
    }
}

impl End {
    /// At this instant. One that no calendar holds is never.
    pub fn at(instant: SystemTime) -> Self {
        Timestamp::try_from(instant).map_or(Self::Never, Self::At)
    }

    /// The instant, where there is one.
    pub fn instant(self) -> Option<SystemTime> {
        match self {
            Self::At(instant) => Some(instant.into()),
            Self::Never | Self::Undeclared => None,
        }
    }
}

impl From<ExpectedExpiry> for End {
    fn from(expiry: ExpectedExpiry) -> Self {
        match expiry {
            ExpectedExpiry::At(instant) => Self::At(instant),
            ExpectedExpiry::Never => Self::Never,
            ExpectedExpiry::Undeclared => Self::Undeclared,
        }
    }
}

/// What a client makes of one refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has new tokens, and holds these from now on.
    Tokens(Held),
    /// It has none.
    Failed(Failure),
}

/// Why a client has no new tokens, and what became of the credential. `Debug` shows no token.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the failure asks of the caller.
    pub class: ErrorClass,
    /// How to sign in again; [`SignIn::Unspecified`] where the class is not `reauthenticate`.
    pub sign_in: SignIn,
    /// What became of the credential.
    pub fate: Fate,
    /// The new refresh token that an unusable answer brought: there where the fate is [`Fate::Replaced`].
    pub replacement: Option<String>,
    /// Until when the same credential may be sent again, where it is in doubt and the contract declares such a window.
    pub replay_until: Option<SystemTime>,
    /// Whether the request was made at all.
    pub sent: bool,
}

/// There is no answer. `Debug` shows nothing of what came.
#[derive(Clone, PartialEq, Eq)]
pub enum Lost {
    /// No connection was made: the request certainly did not leave.
    NotSent,
    /// No secure connection was made: the request certainly did not leave.
    NotSecure,
    /// The provider's certificate is not valid: the request certainly did not leave.
    Certificate,
    /// The connection broke, and the request may have left.
    Broken,
    /// Something came that is no HTTP.
    NotHttp,
    /// The answer had begun, and the connection broke.
    Cut {
        /// Its status.
        status: u16,
        /// What came of its body.
        part: Vec<u8>,
    },
    /// The time was over, and the request may have left.
    TimedOut,
    /// The answer was longer than anybody reads.
    TooLarge {
        /// What was read of its body.
        part: Vec<u8>,
    },
}

impl Lost {
    /// Whether the request may have left.
    pub fn was_sent(&self) -> bool {
        !matches!(self, Self::NotSent | Self::NotSecure | Self::Certificate)
    }

    /// What came of a body, in which there may be tokens.
    pub fn part(&self) -> &[u8] {
        match self {
            Self::Cut { part, .. } | Self::TooLarge { part } => part,
            _ => &[],
        }
    }
}

impl fmt::Debug for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lost({self})")
    }
}

/// Why there is no answer, in words.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "no connection can be made",
            Self::NotSecure => "no secure connection can be made (TLS)",
            Self::Certificate => "the provider's certificate is not valid",
            Self::Broken => "the connection broke, and there is no answer",
            Self::NotHttp => "something came that is no HTTP",
            Self::Cut { status, part } => {
                let bytes = part.len();
                return write!(f, "status {status} came, and its body was cut after {bytes} bytes");
            }
            Self::TimedOut => "no answer came in time",
            Self::TooLarge { .. } => "the answer is larger than anybody reads",
        })
    }
}

/// A refresh that a client is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What the client holds.
    pub held: &'a Held,
    /// When the exchange begins.
    pub now: Timestamp,
    /// What is in the way of it. A client cannot know; what carries its request may need to.
    pub trouble: Option<Trouble>,
}

impl Ask<'_> {
    /// When the exchange begins.
    pub fn started_at(&self) -> SystemTime {
        self.now.into()
    }

    /// Whether no answer comes in time: over sockets one need not wait for long.
    pub fn is_in_vain(&self) -> bool {
        let faults = [Fault::NoAnswer, Fault::LateAnswer, Fault::SlowHead];
        faults.iter().any(|fault| self.meets(*fault))
    }

    /// Whether no connection can be made: over sockets, a port where nobody listens.
    pub fn is_unreachable(&self) -> bool {
        self.meets(Fault::Unreachable)
    }

    fn meets(&self, fault: Fault) -> bool {
        self.trouble == Some(Trouble::Fault(fault))
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("access_expires", &self.access_expires)
            .field("has_refresh_token", &self.refresh_token.is_some())
            .field("refresh_expires", &self.refresh_expires)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("class", &self.class)
            .field("sign_in", &self.sign_in)
            .field("fate", &self.fate)
            .field("replay_until", &self.replay_until)
            .field("sent", &self.sent)
            .finish_non_exhaustive()
    }
}
