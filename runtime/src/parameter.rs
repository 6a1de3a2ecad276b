//! What an integrator gives: of its kind, and one of the values allowed.

use crate::error::Error;

/// Refuses a setting that is empty, holds a control character, or has white space around it. `name` is that of the setting.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential).
pub fn text(name: &'static str, text: &str) -> Result<(), Error> {
    rekindle_syntax::parameter(text)
        .map_err(|problem| Error::invalid_credential(name, problem.words()))
}

/// Refuses a text that the contract does not list.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential).
pub fn one_of(name: &'static str, text: &str, allowed: &[&str]) -> Result<(), Error> {
    if allowed.contains(&text) {
        return Ok(());
    }
    Err(Error::invalid_credential(name, "is not one of the values that the contract allows"))
}

/// Refuses a token longer than the provider documents.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential).
pub fn max_length(name: &'static str, text: &str, bytes: usize) -> Result<(), Error> {
    if text.len() <= bytes {
        return Ok(());
    }
    Err(Error::invalid_credential(name, "is longer than the provider accepts"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn problem(error: &Error) -> &'static str {
        match error.kind() {
            ErrorKind::InvalidCredential { problem, .. } => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_is_something_on_one_line() {
        assert!(text("tenant", "acme").is_ok());
        assert!(problem(&text("tenant", "").unwrap_err()).contains("empty"));
        assert!(problem(&text("tenant", "a\r\nb").unwrap_err()).contains("line break"));
        // What a copied secret ends with is told when the client is built, wherever it goes.
        for copied in ["secret ", "secret\u{a0}", " secret", "secret\u{200b}"] {
            assert!(problem(&text("secret", copied).unwrap_err()).contains("white space"));
        }
    }

    #[test]
    fn bounds_hold_at_their_edge() {
        assert!(max_length("refresh token", "abc", 3).is_ok());
        assert!(max_length("refresh token", "abcd", 3).is_err());
        assert!(one_of("region", "eu", &["eu", "us"]).is_ok());
        assert!(one_of("region", "EU", &["eu", "us"]).is_err());
    }
}
