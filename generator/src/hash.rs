//! Fingerprints: XXH3, 128 bits. They notice changes; they do not stop forgers.

use std::fmt;

/// A fingerprint of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hash(u128);

impl Hash {
    /// The fingerprint of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(xxhash_rust::xxh3::xxh3_128(bytes.as_ref()))
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let digits =
            text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| u128::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
