//! What an exchange ends in.

use super::error::SessionError;
use super::in_doubt_policy::Repeat;
use crate::error::Class;

/// What came of an exchange that has not failed.
pub(super) enum ExchangeOutcome {
    /// New tokens are stored and served.
    Renewed,
    /// Its answer is lost.
    InDoubt {
        error: SessionError,
        /// When it is sent again.
        repeat: Repeat,
    },
    /// What was spent is of no use any more, and tokens are to be brought without it.
    LaidDown,
    /// The stored token is refused, and the one that it replaced may still be good (R38).
    Superseded,
}

impl ExchangeOutcome {
    /// The outcome in one word, for telemetry.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Renewed => "renewed",
            Self::InDoubt { .. } => Class::InDoubt.name(),
            Self::LaidDown => "laid_down",
            Self::Superseded => "superseded",
        }
    }
}
