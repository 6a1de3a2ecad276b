//! What an integrator gives to a builder: present, of its kind, and one of the values allowed.

use crate::error::Error;
use crate::secret::Secret;

/// A text that was given, or the contract's default.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential) when there is none, or when it is empty or holds a
/// control character. `name` is the builder's method.
pub fn text(
    name: &'static str,
    given: Option<String>,
    default: Option<&str>,
) -> Result<String, Error> {
    let Some(text) = given.or_else(|| default.map(str::to_owned)) else {
        return Err(missing(name));
    };
    check(name, &text)?;
    Ok(text)
}

/// A secret that was given.
///
/// # Errors
/// As [`text`].
pub fn secret(name: &'static str, given: Option<Secret>) -> Result<Secret, Error> {
    let secret = given.ok_or_else(|| missing(name))?;
    check(name, secret.expose())?;
    Ok(secret)
}

fn check(name: &'static str, text: &str) -> Result<(), Error> {
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

fn missing(name: &'static str) -> Error {
    Error::invalid_credential(name, "is missing: give it to the builder")
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
    fn a_default_stands_in_for_what_is_not_given() {
        assert_eq!(text("tenant", None, Some("common")).unwrap(), "common");
        assert_eq!(text("tenant", Some("acme".into()), Some("common")).unwrap(), "acme");
        assert!(problem(&text("tenant", None, None).unwrap_err()).contains("missing"));
        assert!(problem(&text("tenant", Some(String::new()), None).unwrap_err()).contains("empty"));
        assert!(
            problem(&text("tenant", Some("a\r\nb".into()), None).unwrap_err())
                .contains("line break")
        );
    }

    #[test]
    fn bounds_hold_at_their_edge() {
        assert!(max_length("refresh token", "abc", 3).is_ok());
        assert!(max_length("refresh token", "abcd", 3).is_err());
        assert!(one_of("region", "eu", &["eu", "us"]).is_ok());
        assert!(one_of("region", "EU", &["eu", "us"]).is_err());
        assert!(secret("client_secret", None).is_err());
    }
}
