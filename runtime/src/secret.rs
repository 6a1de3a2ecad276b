//! Text that must not be seen: tokens, client secrets, passwords.

use std::fmt;
use std::hint::black_box;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

use crate::error::Error;

/// A credential: its text is wiped when it is dropped and never printed.
///
/// `Debug` prints `Secret(..)` and there is no `Display`, so neither a log line nor a panic message can hold it. Wiping
/// reaches what this crate holds; the bytes that a transport copies to its own buffers are beyond it.
///
/// ```
/// use rekindle_runtime::Secret;
///
/// let secret = Secret::new("hunter2");
/// assert_eq!(secret.expose(), "hunter2");
/// assert_eq!(format!("{secret:?}"), "Secret(..)");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes over a text. Spare capacity is not carried along, and a text that must be copied is wiped.
    pub fn new(text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.capacity() == text.len() {
            return Self(text.into_boxed_str().into());
        }
        // Shrinking in place may move the text and leave its old bytes behind: copy, then wipe.
        let exact: Box<str> = text.as_str().into();
        text.zeroize();
        Self(exact.into())
    }

    /// The text itself. Keep what you do with it short.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Whether the text is the given one, in a time that depends on the lengths alone.
    pub fn matches(&self, other: &str) -> bool {
        let (ours, theirs) = (self.expose().as_bytes(), other.as_bytes());
        ours.len() == theirs.len()
            && ours.iter().zip(theirs).fold(0, |seen, (a, b)| black_box(seen | (a ^ b))) == 0
    }

    /// Refuses what cannot be a credential: nothing at all, or text with a line break or a NUL in it.
    ///
    /// `what` names the credential in the error ("refresh token").
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential), of the class
    /// [`Class::ClientMisconfigured`](crate::Class::ClientMisconfigured).
    pub fn check(&self, what: &'static str) -> Result<(), Error> {
        rekindle_syntax::credential(self.expose())
            .map_err(|problem| Error::invalid_credential(what, problem.words()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text() {
        let secret = Secret::new("canary-7f3a");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(..) Some(Secret(..))");
    }

    #[test]
    fn spare_capacity_is_dropped_and_the_text_survives() {
        let mut text = String::with_capacity(100);
        text.push_str("abc");
        assert_eq!(Secret::new(text).expose(), "abc");
    }

    /// R33: in a time that depends on the lengths alone, by construction.
    #[test]
    fn matching_is_exact() {
        let secret = Secret::new("abc");
        assert!(secret.matches("abc"));
        assert!(!secret.matches("abd"));
        // Differences do not make up for each other.
        assert!(!secret.matches("bac"));
        assert!(!secret.matches("ab"));
        assert!(!secret.matches(""));
        assert!(Secret::new("").matches(""));
    }

    #[test]
    fn only_no_text_at_all_is_empty() {
        assert!(Secret::new("").is_empty());
        assert!(!Secret::new(" ").is_empty());
    }

    #[test]
    fn check_says_what_is_wrong() {
        let words = |text: &str| {
            Secret::new(text).check("refresh token").map_err(|error| error.to_string())
        };
        assert_eq!(words("fine token!"), Ok(()));
        assert_eq!(words(""), Err("the refresh token is empty".to_owned()));
        assert_eq!(words("abc\n"), Err("the refresh token ends with a line break".to_owned()));
        assert_eq!(words("abc\r\n"), Err("the refresh token ends with a line break".to_owned()));
        assert_eq!(words("a\r\nX-Evil: 1"), Err("the refresh token holds a line break".to_owned()));
        assert_eq!(words("a\0b"), Err("the refresh token holds a NUL character".to_owned()));
    }
}
