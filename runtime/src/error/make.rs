//! How generated code, and the rest of this crate, make errors.

use std::time::Duration;

use http::StatusCode;

use super::{Class, Detail, Error, ErrorKind, Inner, SignIn, pointer};
use crate::transport::TransportError;

impl Error {
    /// An error of a class and a kind; everything else is unknown yet.
    pub fn new(class: Class, kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            class,
            kind,
            status: None,
            retry_after: None,
            provider: None,
            rule: None,
            step: None,
            behind: false,
            perhaps_gone: None,
            detail: Detail::default(),
            source: None,
        }))
    }

    /// A required value of the answer is missing, `null` or empty.
    pub fn missing(what: &'static str) -> Self {
        Self::violation(ErrorKind::Missing { what })
    }

    /// A value of the answer has another JSON type than the contract says.
    pub fn wrong_type(what: &'static str, found: &'static str) -> Self {
        Self::violation(ErrorKind::WrongType { what, found })
    }

    /// The body is not JSON.
    pub fn not_json() -> Self {
        Self::violation(ErrorKind::NotJson)
    }

    /// The body is not XML.
    #[cfg(feature = "xml")]
    pub(crate) fn not_xml() -> Self {
        Self::violation(ErrorKind::NotXml)
    }

    /// The body is not a token in plain text.
    pub fn not_text() -> Self {
        Self::violation(ErrorKind::NotText)
    }

    /// A token of the answer is a text that no request could carry.
    pub fn unusable_token(what: &'static str) -> Self {
        Self::violation(ErrorKind::UnusableToken { what })
    }

    /// The body is larger than `limit` bytes.
    pub fn body_too_large(limit: usize) -> Self {
        Self::violation(ErrorKind::BodyTooLarge { limit })
    }

    /// The answer's token type is unknown to the contract.
    pub fn unknown_token_type() -> Self {
        Self::violation(ErrorKind::UnknownTokenType)
    }

    /// A credential or a setting cannot be sent as it is; `problem` is the rest of the sentence.
    pub fn invalid_credential(what: &'static str, problem: &'static str) -> Self {
        Self::new(Class::ClientMisconfigured, ErrorKind::InvalidCredential { what, problem })
    }

    /// A URL cannot be used; `problem` is a whole clause and must not quote it.
    pub fn invalid_url(problem: &'static str) -> Self {
        Self::new(Class::ClientMisconfigured, ErrorKind::InvalidUrl { problem })
    }

    /// The access token has expired and the provider renews none that has: nothing is sent.
    pub fn expired(how: SignIn) -> Self {
        Self::new(Class::Reauthenticate(how), ErrorKind::Expired)
    }

    /// The provider accepts a refresh only later: nothing is sent.
    pub fn too_early() -> Self {
        Self::new(Class::ClientMisconfigured, ErrorKind::TooEarly)
    }

    /// The client makes its tokens itself: nothing is sent.
    pub fn no_request() -> Self {
        Self::new(Class::ClientMisconfigured, ErrorKind::NoRequest)
    }

    /// The machine has no random numbers to give: nothing is sent.
    pub fn no_randomness() -> Self {
        Self::new(Class::Transient, ErrorKind::NoRandomness)
    }

    /// A transport's failure, of the given class.
    pub fn transport(class: Class, source: TransportError) -> Self {
        let mut error = Self::new(class, ErrorKind::Transport(source.kind()));
        error.0.detail.reason = source.came().map(|came| came.to_string().into());
        error.0.source = Some(source);
        error
    }

    pub(crate) fn violation(kind: ErrorKind) -> Self {
        Self::new(Class::ContractViolation, kind)
    }

    /// Adds the provider's name, unless there is one.
    #[must_use]
    pub fn for_provider(mut self, name: &'static str) -> Self {
        self.0.provider.get_or_insert(name);
        self
    }

    /// Adds the answer's status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds what the answer's `Retry-After` says.
    #[must_use]
    pub fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    /// Adds that the grant may be gone as well, and how to sign in again.
    #[must_use]
    pub fn or_reauthenticate(mut self, how: Option<SignIn>) -> Self {
        self.0.perhaps_gone = how;
        self
    }

    /// Adds where in the answer the value should be.
    #[must_use]
    pub(crate) fn at(mut self, steps: &[&str]) -> Self {
        if !steps.is_empty() {
            self.0.detail.place = Some(pointer(steps).into());
        }
        self
    }

    /// Where in the answer the value should be, as a JSON pointer.
    pub(crate) fn place(&self) -> Option<&str> {
        self.0.detail.place.as_deref()
    }

    /// Adds what else is known of the answer.
    #[must_use]
    pub(crate) fn with_detail(mut self, detail: Detail) -> Self {
        let place = self.0.detail.place.take();
        self.0.detail = Detail { place, ..detail };
        self
    }

    /// Adds the step in which it happened.
    #[must_use]
    pub fn in_step(mut self, step: &'static str) -> Self {
        self.0.step = Some(step);
        self
    }

    /// Adds that the request which holds the credential was answered before.
    #[must_use]
    pub(crate) fn behind_credential(mut self) -> Self {
        self.0.behind = true;
        self
    }

    /// Adds the rule of the contract that decided.
    #[must_use]
    pub fn by_rule(mut self, rule: &'static str) -> Self {
        self.0.rule = Some(rule);
        self
    }
}
