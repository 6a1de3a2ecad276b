//! Failures: what went wrong ([`ErrorKind`]) and what it asks of the caller ([`Class`]).

mod class;
mod kind;
mod make;

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::transport::TransportError;

pub use class::{Class, SignIn};
pub use kind::ErrorKind;

/// A failure to get tokens.
///
/// Its text is one sentence in plain words. Neither `Display` nor `Debug` ever holds a byte of a body, a header, a URL or a
/// credential. A transport's failure is its [`source`](std::error::Error::source).
pub struct Error(Box<Inner>);

struct Inner {
    class: Class,
    kind: ErrorKind,
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    provider: Option<&'static str>,
    rule: Option<&'static str>,
    step: Option<&'static str>,
    perhaps_gone: Option<SignIn>,
    source: Option<TransportError>,
}

impl Error {
    /// What the failure asks of the caller.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// What exactly went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The answer's status, where there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// How long the answer asks to wait, whatever its class, counted from the start of the exchange.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The provider's name.
    pub fn provider(&self) -> Option<&'static str> {
        self.0.provider
    }

    /// The rule of the contract that decided: `errors[2]: status 401`.
    pub fn rule(&self) -> Option<&'static str> {
        self.0.rule
    }

    /// The step of the exchange that failed, where it was not the request that holds the credential: nothing was spent.
    pub fn step(&self) -> Option<&'static str> {
        self.0.step
    }

    /// How to sign in again, where the provider gives the same answer to wrong settings and to a grant that is gone. The class is then
    /// [`Class::ClientMisconfigured`]: keep the grant, have a person check the settings, and sign in again if they are right.
    pub fn perhaps_gone(&self) -> Option<SignIn> {
        self.0.perhaps_gone
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { class, kind, status, provider, step, perhaps_gone, .. } = &*self.0;
        if let Some(provider) = provider {
            write!(f, "{provider}: ")?;
        }
        if let Some(step) = step {
            write!(f, "the step `{step}` before the exchange failed: ")?;
        }
        kind.fmt(f)?;
        if let Some(status) = status {
            write!(f, " (status {})", status.as_u16())?;
        }
        if let Some(how) = perhaps_gone {
            let again = Class::Reauthenticate(*how);
            return write!(
                f,
                "; {class} or the grant is gone, and the answer does not say which: check the settings first, then {again}"
            );
        }
        // For the other kinds the class says nothing that the kind has not said.
        if matches!(kind, ErrorKind::Refused | ErrorKind::Expired | ErrorKind::Transport(_)) {
            write!(f, "; {class}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("class", &self.0.class)
            .field("kind", &self.0.kind)
            .field("status", &self.0.status)
            .field("retry_after", &self.0.retry_after)
            .field("provider", &self.0.provider)
            .field("rule", &self.0.rule)
            .field("step", &self.0.step)
            .field("perhaps_gone", &self.0.perhaps_gone)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::TransportErrorKind;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn the_text_is_a_sentence() {
        let error = Error::new(Class::Reauthenticate(SignIn::Otp), ErrorKind::Refused)
            .with_status(StatusCode::UNAUTHORIZED)
            .for_provider("Xellar")
            .by_rule("errors[0]: status 401");
        assert_eq!(
            error.to_string(),
            "Xellar: the provider refused the exchange (status 401); sign in again with a one-time password"
        );
        assert_eq!(error.rule(), Some("errors[0]: status 401"));
        assert_eq!(Error::missing("access token").to_string(), "the answer has no access token");
    }

    #[test]
    fn debug_names_what_is_known() {
        let error = Error::new(Class::Transient, ErrorKind::Refused)
            .with_status(StatusCode::BAD_GATEWAY)
            .with_retry_after(Some(Duration::from_secs(7)))
            .for_provider("Xellar")
            .by_rule("default: a passing failure");
        let shown = format!("{error:?}");
        for part in [
            "class: Transient",
            "kind: Refused",
            "status: Some(502)",
            "retry_after: Some(7s)",
            "provider: Some(\"Xellar\")",
            "rule: Some(\"default: a passing failure\")",
            "source: None",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn the_source_is_the_transports_failure() {
        use std::error::Error as _;

        let failure = TransportError::not_sent(TransportErrorKind::Connect, "no route");
        let error = Error::transport(Class::Transient, failure);
        let source = error.source().expect("the transport's failure");
        assert_eq!(source.to_string(), "the provider cannot be reached");
        assert!(Error::not_json().source().is_none());
    }
}
