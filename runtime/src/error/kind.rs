//! What exactly went wrong.

use std::fmt;

use crate::transport::TransportErrorKind;

/// What exactly went wrong. No variant holds a byte of an answer, a URL or a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The provider answered with an error that the contract knows.
    Refused,
    /// A required value is missing, `null` or empty.
    Missing {
        /// The value, in words ("access token").
        what: &'static str,
    },
    /// A value has another JSON type than the contract says.
    WrongType {
        /// The value, in words.
        what: &'static str,
        /// The type that was found ("a number").
        found: &'static str,
    },
    /// The body is not JSON.
    NotJson,
    /// The body is not XML, or declares what XML answers may not.
    NotXml,
    /// The body, which should be the token itself, is empty, is not UTF-8, or is a page or a sentence.
    NotText,
    /// A token is a text that no header can carry: control characters are in it, or white space is around it.
    UnusableToken {
        /// The token, in words.
        what: &'static str,
    },
    /// The body is larger than is read.
    BodyTooLarge {
        /// How much is read, in bytes.
        limit: usize,
    },
    /// The token is of a type that the contract does not know (RFC 6749 §7.1).
    UnknownTokenType,
    /// The contract knows no answer with this status.
    UnexpectedStatus,
    /// The provider answered with a redirect. It was not followed: it would carry the credential elsewhere.
    Redirect,
    /// A credential or a setting cannot be sent as it is.
    InvalidCredential {
        /// The credential, in words ("client secret").
        what: &'static str,
        /// What is wrong with it, as the rest of a sentence ("ends with a line break").
        problem: &'static str,
    },
    /// A URL, or a part of one, cannot be used.
    InvalidUrl {
        /// What is wrong with it, as a whole clause ("the URL has no host").
        problem: &'static str,
    },
    /// The access token has expired, and the provider renews none that has. Nothing was sent.
    Expired,
    /// The provider accepts a refresh only later. Nothing was sent.
    TooEarly,
    /// The client makes its tokens itself, and no request brings one. Nothing was sent.
    NoRequest,
    /// The machine has no random numbers to give. Nothing was sent.
    NoRandomness,
    /// The transport failed.
    Transport(TransportErrorKind),
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("the provider refused the exchange"),
            Self::Missing { what } => write!(f, "the answer has no {what}"),
            Self::WrongType { what, found } => write!(f, "the answer's {what} is {found}"),
            Self::NotJson => f.write_str("the answer is not JSON"),
            Self::NotXml => f.write_str("the answer is not XML"),
            Self::NotText => f.write_str("the answer is not a token in plain text"),
            Self::UnusableToken { what } => {
                write!(f, "the answer's {what} is a text that no header can carry")
            }
            Self::BodyTooLarge { limit } => write!(f, "the answer is larger than {limit} bytes"),
            Self::UnknownTokenType => f.write_str("the answer's token type is unknown"),
            Self::UnexpectedStatus => f.write_str("the contract knows no such answer"),
            Self::Redirect => {
                f.write_str("the provider answered with a redirect, which was not followed")
            }
            Self::InvalidCredential { what, problem } => write!(f, "the {what} {problem}"),
            Self::InvalidUrl { problem } => f.write_str(problem),
            Self::Expired => {
                f.write_str("the access token has expired and can no longer be renewed")
            }
            Self::TooEarly => f.write_str("the provider does not accept a refresh this early"),
            Self::NoRequest => {
                f.write_str("the client makes its tokens itself: no request brings one")
            }
            Self::NoRandomness => f.write_str("the machine has no random numbers to give"),
            Self::Transport(kind) => kind.fmt(f),
        }
    }
}
