//! When a token ends.

mod jwt;
mod number;
mod read;
mod told;

use crate::readable::Readable;
use std::fmt;
use std::time::{Duration, SystemTime};

pub use jwt::jwt;
pub(crate) use number::Number;
pub use read::{
    date_time, duration, http_date, milliseconds, own, rfc3339, seconds, unix_milliseconds,
    unix_seconds,
};
pub use told::Told;

/// The longest lifetime that is believed: a hundred years of 365 days. A larger one is a number in another unit.
pub const MAX_LIFETIME: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// When a token ends, as an instant: a lifetime counts from the moment the request started.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Expiry {
    /// At this instant.
    At(SystemTime),
    /// Never, by the provider's own word.
    Never,
    /// Nobody said. That is neither "now" nor "never".
    #[default]
    Undeclared,
}

/// With instants as people read them: `At(2026-11-28T09:00:00Z)`.
impl fmt::Debug for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(end) => f.debug_tuple("At").field(&Readable(*end)).finish(),
            Self::Never => f.write_str("Never"),
            Self::Undeclared => f.write_str("Undeclared"),
        }
    }
}

impl Expiry {
    /// Whether the token has certainly ended at `now`. What is undeclared has not.
    pub fn has_passed(&self, now: SystemTime) -> bool {
        matches!(self, Self::At(end) if now >= *end)
    }

    /// How long the token lives on after `now`: zero when it has ended, `None` when no end is known.
    pub fn remaining(&self, now: SystemTime) -> Option<Duration> {
        match self {
            Self::At(end) => Some(end.duration_since(now).unwrap_or_default()),
            Self::Never | Self::Undeclared => None,
        }
    }

    /// The instant, where there is one.
    pub fn at(&self) -> Option<SystemTime> {
        match self {
            Self::At(end) => Some(*end),
            Self::Never | Self::Undeclared => None,
        }
    }
}

/// What a token says of its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnEnd {
    /// Nothing: answers, the contract or a store tell it.
    Elsewhere,
    /// Nothing: signing in has set it, and a token that replaces another has the end of that one.
    SignIn,
    /// It is a JWT and says it itself.
    Jwt,
    /// It never ends.
    Never,
}

impl OwnEnd {
    /// The end that a token's text says.
    pub(crate) fn read(self, text: &str) -> Expiry {
        match self {
            Self::Elsewhere | Self::SignIn => Expiry::Undeclared,
            Self::Jwt => jwt(text).unwrap_or_default(),
            Self::Never => Expiry::Never,
        }
    }
}

/// A lifetime that the contract states and the answer does not repeat.
///
/// One that leads beyond what the machine's clock can hold is [`Expiry::Never`].
pub fn constant(lifetime: Duration, started_at: SystemTime) -> Expiry {
    started_at.checked_add(lifetime).map_or(Expiry::Never, Expiry::At)
}

#[cfg(test)]
mod tests;
