//! An answer that is usable and yet not what the contract promised.

use std::fmt;
use std::time::Duration;

/// A way in which a usable answer differed from its contract.
///
/// A deviation is never an error: the tokens are good. It is worth a log line, because the contract, or the provider, has
/// changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deviation {
    /// The contract says that each answer brings a new refresh token; this one did not. The old one is kept
    /// (RFC 6749 §6).
    RefreshTokenMissing,
    /// The same, and a member of its name stands elsewhere in the answer. Nothing is sent on a guess: the old token is kept, and may be
    /// dead. The contract should be mended soon.
    RefreshTokenElsewhere,
    /// The contract says that answers bring no refresh token; this one did. The new one replaces the old.
    RefreshTokenUnexpected,
    /// The contract says that the refresh token rotates; the answer repeated the old one.
    RefreshTokenUnchanged,
    /// The refresh token is no text, or one that no header can carry. The old one, which is good for many exchanges, is kept.
    RefreshTokenUnreadable,
    /// The refresh token is longer than the contract says it can be.
    RefreshTokenTooLong,
    /// The contract says that answers tell when the access token expires; this one did not.
    ExpiryMissing,
    /// The answer says when a token expires in another kind than the contract says, or in a way that cannot be right: a lifetime of
    /// nothing, or of centuries. The end counts as not told.
    ExpiryUnreadable,
    /// The answer says that a token lives for more than ten years. Some do, and the end counts; but a life of days in another unit looks
    /// so, too.
    ExpiryFarAhead,
    /// The access token's life differs from the usual one by a factor of a hundred or more, as that of a number in another unit. What the
    /// answer says counts.
    LifetimeUnusual {
        /// What the answer says.
        told: Duration,
        /// What the contract calls usual.
        usual: Duration,
    },
    /// The answer is JSON, and its `Content-Type` says something else.
    ContentTypeUnusual,
    /// A byte order mark stands before the answer (RFC 8259 section 8.1 forbids it).
    ByteOrderMark,
    /// A member `error` stands beside the tokens. They count.
    ErrorBesideTokens,
    /// The answer's `token_type` is none that the contract expects. Where the contract demands one, that is an error.
    TokenTypeUnknown,
    /// The answer's scope is neither a text nor a list of them. It counts as not told, which is unchanged.
    ScopeUnreadable,
    /// The answer has no `token_type` (RFC 6749 §5.1 requires one).
    TokenTypeMissing,
    /// The answer lacks the output of this name, which the contract expects. The value of an earlier answer is kept.
    OutputMissing(&'static str),
    /// The output of this name is of another type than the contract says. The value of an earlier answer is kept.
    OutputUnreadable(&'static str),
    /// The output of this name is an address that the contract does not allow. It is never used, and the value of an earlier answer is
    /// kept. Where it is the base URL, requests go where they went before: see who made the answer.
    OutputElsewhere(&'static str),
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::OutputMissing(name) => return write!(f, "the answer lacks the output `{name}`"),
            Self::OutputUnreadable(name) => {
                return write!(f, "the output `{name}` is of another type than the contract says");
            }
            Self::OutputElsewhere(name) => {
                return write!(
                    f,
                    "the output `{name}` is an address that the contract does not allow"
                );
            }
            Self::LifetimeUnusual { told, usual } => return lifetime(*told, *usual, f),
            Self::ContentTypeUnusual => {
                "the answer is JSON, and its content type says something else"
            }
            Self::ByteOrderMark => "a byte order mark stands before the answer",
            Self::ErrorBesideTokens => "a member `error` stands beside the tokens of the answer",
            Self::RefreshTokenMissing => {
                "the answer lacks the new refresh token that the contract promises"
            }
            Self::RefreshTokenElsewhere => {
                "the answer lacks the new refresh token at its place and has a member of that name elsewhere: the old one is kept and may be dead; `rekindle test` says where the new one is"
            }
            Self::RefreshTokenUnexpected => {
                "the answer brought a refresh token that the contract does not expect"
            }
            Self::RefreshTokenUnchanged => {
                "the answer repeated the refresh token that should have been replaced"
            }
            Self::RefreshTokenUnreadable => "the answer's refresh token cannot be used",
            Self::RefreshTokenTooLong => "the refresh token is longer than the contract allows",
            Self::ExpiryMissing => {
                "the answer does not say when the access token expires, or not where and how the contract has it: `rekindle test` looks for it elsewhere"
            }
            Self::ExpiryUnreadable => {
                "the answer says when a token expires in a way that cannot be read or be right: correct `tokens.access.expires` or `tokens.refresh.expires` in the spec, its field or its unit, or what `zero` and `else` say there; `rekindle test` shows what the provider sends"
            }
            Self::ExpiryFarAhead => {
                "the answer says that a token lives for more than ten years, as if in another unit"
            }
            Self::TokenTypeUnknown => "the answer's token type is not the expected one",
            Self::ScopeUnreadable => "the answer's scope is neither a text nor a list of them",
            Self::TokenTypeMissing => "the answer has no token type",
        };
        f.write_str(words)
    }
}

fn lifetime(told: Duration, usual: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (told, usual) = (told.as_secs(), usual.as_secs().max(1));
    write!(f, "the access token lives {told} s by the answer, and usually {usual} s")?;
    let is_thousand = |large: u64, small: u64| (300..3000).contains(&(large / small.max(1)));
    if is_thousand(told, usual) {
        f.write_str(": it looks like milliseconds where seconds are declared")
    } else if is_thousand(usual, told) {
        f.write_str(": it looks like seconds where milliseconds are declared")
    } else {
        f.write_str(": it may be in another unit")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deviation_says_what_differs() {
        let lifetime = |told, usual| Deviation::LifetimeUnusual {
            told: Duration::from_secs(told),
            usual: Duration::from_secs(usual),
        };
        let table = [
            (Deviation::RefreshTokenMissing, "lacks the new refresh token"),
            (Deviation::RefreshTokenElsewhere, "has a member of that name elsewhere"),
            (Deviation::RefreshTokenUnexpected, "brought a refresh token"),
            (Deviation::RefreshTokenUnchanged, "repeated the refresh token"),
            (Deviation::RefreshTokenUnreadable, "refresh token cannot be used"),
            (Deviation::RefreshTokenTooLong, "longer than the contract"),
            (Deviation::ExpiryMissing, "when the access token expires"),
            (Deviation::ExpiryUnreadable, "in a way that cannot be read"),
            (Deviation::ExpiryFarAhead, "more than ten years"),
            (lifetime(3_600_000, 3600), "looks like milliseconds"),
            (lifetime(3, 3600), "looks like seconds"),
            (lifetime(360_000, 3600), "another unit"),
            (Deviation::ContentTypeUnusual, "content type"),
            (Deviation::ByteOrderMark, "byte order mark"),
            (Deviation::ErrorBesideTokens, "`error` stands beside"),
            (Deviation::TokenTypeUnknown, "not the expected one"),
            (Deviation::ScopeUnreadable, "neither a text nor"),
            (Deviation::TokenTypeMissing, "no token type"),
            (Deviation::OutputMissing("instance_url"), "lacks the output `instance_url`"),
            (Deviation::OutputUnreadable("id_token"), "`id_token` is of another type"),
            (Deviation::OutputElsewhere("api"), "`api` is an address that the contract does not"),
        ];
        for (deviation, words) in table {
            let said = deviation.to_string();
            assert!(said.contains(words), "{deviation:?}: {said}");
        }
    }
}
