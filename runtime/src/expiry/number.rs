//! A number of an answer, read without loss and without panic.

use crate::json::{Json, Node};

/// How a number was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// A whole one.
    Whole(u64),
    /// Any other: finite or not, negative or not.
    Float(f64),
}

impl Number {
    /// Reads a JSON number, or a text that holds one: `3600`, `3600.0`, `"3600"` and `"3600.0"` agree.
    pub(crate) fn read(value: Json<'_>) -> Option<Self> {
        match value.node()? {
            Node::Unsigned(value) => Some(Self::Whole(*value)),
            Node::Signed(value) => Some(Self::Float(*value as f64)),
            Node::Float(value) => Some(Self::Float(*value)),
            Node::Text(text) => Self::parse(text.as_str().trim_ascii()),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Ok(value) = text.parse() {
            return Some(Self::Whole(value));
        }
        // Rust reads "NaN" and "infinity" as numbers. Here they are words.
        let numeric = |byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        if text.bytes().all(numeric) { text.parse().ok().map(Self::Float) } else { None }
    }

    /// The number of whole milliseconds, rounded down, if one unit is so many. `None` when it is negative, not finite, or
    /// beyond any clock.
    pub(crate) fn milliseconds(self, unit: u64) -> Option<u64> {
        match self {
            Self::Whole(value) => value.checked_mul(unit),
            Self::Float(value) => {
                let milliseconds = value * unit as f64;
                // False for NaN. The cast below is exact: doubles hold whole numbers up to 2^53.
                let fits = (0.0..=9_007_199_254_740_992.0).contains(&milliseconds);
                fits.then_some(milliseconds as u64)
            }
        }
    }
}
