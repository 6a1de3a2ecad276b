//! What a worker tells its supervisor, a line each.

use std::fmt;
use std::time::{Duration, SystemTime};

/// What a worker has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// It has opened its session.
    Ready,
    /// It has a token of this generation.
    Reached {
        /// Which one.
        generation: u64,
        /// Whether it has refreshed itself.
        own: bool,
    },
    /// Something failed: the kind in one word, and the error.
    Failed {
        /// The kind.
        kind: String,
        /// The error.
        error: String,
    },
    /// It has handed out a token, at this time by a clock that is right or later.
    Served {
        /// When it was asked for it.
        at: SystemTime,
        /// The token.
        token: String,
    },
    /// It has ended in good order.
    Done,
}

impl Message {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let (word, first, rest) = (words.next()?, words.next(), words.next());
        match (word, first) {
            ("ready", _) => Some(Self::Ready),
            ("done", _) => Some(Self::Done),
            ("reached", Some(generation)) => Some(Self::Reached {
                generation: generation.parse().ok()?,
                own: rest == Some("own"),
            }),
            ("served", Some(micros)) => Some(Self::Served {
                at: SystemTime::UNIX_EPOCH + Duration::from_micros(micros.parse().ok()?),
                token: rest?.to_owned(),
            }),
            ("failed", Some(kind)) => Some(Self::Failed {
                kind: kind.to_owned(),
                error: rest.unwrap_or_default().to_owned(),
            }),
            _ => None,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Reached { generation, own } => {
                write!(f, "reached {generation} {}", if *own { "own" } else { "adopted" })
            }
            Self::Served { at, token } => {
                let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                write!(f, "served {} {token}", since.as_micros())
            }
            Self::Failed { kind, error } => write!(f, "failed {kind} {error}"),
            Self::Done => f.write_str("done"),
        }
    }
}
