//! What an answer says of a token's end, and what it means that it does not.

use super::Expiry;
use crate::deviation::Deviation;

/// What an answer says of a token's end. Each of the readers beside it gives one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Told {
    end: Expiry,
    deviation: Option<Deviation>,
    is_zero: bool,
}

impl Told {
    /// Nothing.
    pub(super) const NOTHING: Self = Self::open(Deviation::ExpiryMissing);
    /// Something that cannot be read, or cannot be right.
    pub(super) const UNREADABLE: Self = Self::open(Deviation::ExpiryUnreadable);
    /// The zero of its kind: providers write that for a token without an end, and never for one that has ended.
    pub(super) const ZERO: Self = Self { is_zero: true, ..Self::UNREADABLE };

    const fn open(deviation: Deviation) -> Self {
        Self { end: Expiry::Undeclared, deviation: Some(deviation), is_zero: false }
    }

    /// This end.
    pub(super) const fn end(end: Expiry) -> Self {
        Self { end, deviation: None, is_zero: false }
    }

    /// The same, doubted.
    pub(super) const fn but(self, deviation: Deviation) -> Self {
        Self { deviation: Some(deviation), ..self }
    }

    /// What a zero means, where the contract says it.
    pub fn zero_is(self, end: Expiry) -> Self {
        if self.is_zero { Self::end(end) } else { self }
    }

    /// The end where the answer does not say it, or not so that it can be read. The latter stays a deviation.
    pub fn or(self, end: Expiry) -> Self {
        match self.deviation {
            Some(Deviation::ExpiryMissing) => Self::end(end),
            Some(Deviation::ExpiryUnreadable) => Self { end, is_zero: false, ..self },
            _ => self,
        }
    }

    /// The end, whatever is wrong with it.
    pub const fn expiry(&self) -> Expiry {
        self.end
    }

    /// The end. What is wrong with it is a deviation: it does not cost the token.
    pub fn settle(self, deviations: &mut Vec<Deviation>) -> Expiry {
        deviations.extend(self.deviation);
        self.end
    }
}
