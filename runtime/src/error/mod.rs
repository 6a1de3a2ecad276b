//! Failures: what went wrong ([`ErrorKind`]) and what it asks of the caller ([`Class`]).

mod class;
mod detail;
mod kind;
mod make;

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::transport::TransportError;

pub use class::{Class, SignIn};
pub(crate) use detail::{Detail, pointer};
pub use kind::ErrorKind;

/// A failure to get tokens.
///
/// Its text says what happened, at which status, by which rule of the contract, and what to do. Of an answer it shows the media type, the
/// provider's error code, the host of a redirect and the place where a token was found: each bounded, and only where it has a shape that no
/// token has. Neither `Display` nor `Debug` ever shows a credential or anything else of a body, a header or a URL. A transport's failure
/// is its [`source`](std::error::Error::source).
pub struct Error(Box<Inner>);

struct Inner {
    class: Class,
    kind: ErrorKind,
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    provider: Option<&'static str>,
    rule: Option<&'static str>,
    step: Option<&'static str>,
    /// Whether the request that holds the credential was answered before.
    behind: bool,
    perhaps_gone: Option<SignIn>,
    detail: Detail,
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

    /// The transport's failure, where there was no answer.
    #[cfg(feature = "tracing")]
    pub(crate) fn lost(&self) -> Option<&TransportError> {
        self.0.source.as_ref()
    }

    /// The rule of the contract that decided: `errors[2]: status 401`.
    pub fn rule(&self) -> Option<&'static str> {
        self.0.rule
    }

    /// The provider's own code of the error (RFC 6749 section 5.2: `error`), where the answer has one that may be shown: of at most 64
    /// characters, and not of the shape of a token.
    pub fn code(&self) -> Option<&str> {
        self.0.detail.code.as_deref()
    }

    /// The step of the exchange that failed, where it was not the request that holds the credential: nothing was spent by it.
    pub fn step(&self) -> Option<&'static str> {
        self.0.step
    }

    /// Whether it happened in a step behind the request that holds the credential: that one was answered before.
    pub fn is_behind_credential(&self) -> bool {
        self.0.behind
    }

    /// How to sign in again, where the provider gives the same answer to wrong settings and to a grant that is gone. The class is then
    /// [`Class::ClientMisconfigured`]: keep the grant, have a person check the settings, and sign in again if they are right.
    pub fn perhaps_gone(&self) -> Option<SignIn> {
        self.0.perhaps_gone
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { class, kind, status, provider, rule, step, perhaps_gone, detail, .. } =
            &*self.0;
        if let Some(provider) = provider {
            write!(f, "{provider}: ")?;
        }
        if let Some(step) = step {
            write!(f, "the step `{step}` of the exchange failed: ")?;
        }
        kind.fmt(f)?;
        if let Some(status) = status {
            write!(f, " (status {}", status.as_u16())?;
            detail.facts(f)?;
            f.write_str(")")?;
        }
        if let Some(reason) = &detail.reason {
            write!(f, ": {reason}")?;
        }
        // An answer that the contract does not describe is decided by no rule of it.
        if let Some(rule) = rule
            && !matches!(kind, ErrorKind::UnexpectedStatus | ErrorKind::Redirect)
        {
            write!(f, ", by the rule `{rule}`")?;
        }
        if let Some(how) = perhaps_gone {
            let again = Class::Reauthenticate(*how);
            return write!(
                f,
                "; {class} or the grant is gone, and the answer does not say which: check the settings first, then {again}"
            );
        }
        // For the other kinds the class says nothing that the kind has not said.
        match (class, kind) {
            (Class::ContractViolation, _) if status.is_some() => f.write_str(
                "; the spec or the provider has changed: `rekindle test` says where they differ",
            ),
            (_, ErrorKind::Refused | ErrorKind::Expired | ErrorKind::Transport(_)) => {
                write!(f, "; {class}")
            }
            _ => Ok(()),
        }
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
            .field("detail", &self.0.detail)
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
            "Xellar: the provider refused the exchange (status 401), by the rule `errors[0]: status 401`; \
             sign in again with a one-time password"
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
