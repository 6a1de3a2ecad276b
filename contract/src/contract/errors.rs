//! What each refusal means.

use super::{FieldMatch, Pointer, StatusRange};
pub use crate::spec::{CredentialAfter, ErrorClassSpec as ErrorClass, SignInSpec as SignIn};
use serde::{Deserialize, Serialize};

/// What a refusal means. A rule matches when all that it names match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorRule {
    /// The statuses, never empty.
    pub status: Vec<StatusRange>,
    /// The body, looked at after the status.
    pub body: BodyCondition,
    /// What the refusal means.
    pub class: ErrorClass,
    /// Whether the grant may be gone as well, and nothing in the answer tells; only where the class is `client_misconfigured`.
    pub perhaps_gone: bool,
    /// What became of the credential, where that is not what the class implies.
    pub credential: Option<CredentialAfter>,
    /// Where the body says how long to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// How the person signs in again; [`SignIn::Unspecified`] where the refusal [ends no grant](Self::may_end_grant).
    pub sign_in: SignIn,
    /// What the page says about it.
    pub doc: Option<String>,
    /// Its name in diagnostics and errors: `errors[2]: status 401`, `rfc6749: invalid_grant`, `default: too many requests`.
    pub name: String,
}

impl ErrorRule {
    /// What begins the names of the language's own rules.
    pub const DEFAULT: &'static str = "default: ";
    /// What begins the names of the rules of the profile `rfc6749`.
    pub const PROFILE: &'static str = "rfc6749: ";

    /// The rules of the language: what an answer means that no rule of a spec matches and that is no success.
    pub fn defaults() -> Vec<Self> {
        let rule = |name: &str, status: Vec<StatusRange>, class| ErrorRule {
            status,
            body: BodyCondition::Any,
            class,
            perhaps_gone: false,
            credential: None,
            retry_after: None,
            sign_in: SignIn::Unspecified,
            doc: None,
            name: format!("{}{name}", ErrorRule::DEFAULT),
        };
        let server = StatusRange { first: 500, last: 599 };
        vec![
            rule("too many requests", vec![StatusRange::one(429)], ErrorClass::RateLimited),
            rule(
                "a passing failure",
                vec![StatusRange::one(408), StatusRange::one(425), server],
                ErrorClass::Transient,
            ),
            rule(
                "an answer that the contract does not describe",
                vec![StatusRange::ALL],
                ErrorClass::ContractViolation,
            ),
        ]
    }

    /// Whether the refusal says that the grant is gone, or that it may be.
    pub fn may_end_grant(&self) -> bool {
        self.class == ErrorClass::Reauthenticate || self.perhaps_gone
    }

    /// Whether it is a rule of the language: it is asked after success, where all others are asked before.
    pub fn is_default(&self) -> bool {
        self.name.starts_with(Self::DEFAULT)
    }

    /// Whether it is a rule of the profile `rfc6749`.
    pub fn is_of_profile(&self) -> bool {
        self.name.starts_with(Self::PROFILE)
    }
}

/// Where a body says how long to wait before another request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryAfter {
    /// In seconds.
    Seconds(Pointer),
    /// In milliseconds.
    Milliseconds(Pointer),
}

impl RetryAfter {
    /// The field.
    pub fn field(&self) -> &Pointer {
        match self {
            Self::Seconds(field) | Self::Milliseconds(field) => field,
        }
    }

    /// How many milliseconds one unit is.
    pub const fn unit(&self) -> u64 {
        match self {
            Self::Seconds(_) => 1000,
            Self::Milliseconds(_) => 1,
        }
    }

    /// Its key in specs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Seconds(_) => "seconds",
            Self::Milliseconds(_) => "milliseconds",
        }
    }
}

/// What a rule asks of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyCondition {
    /// Nothing.
    Any,
    /// Nothing but white space in it.
    Empty,
    /// A field with one of some values, or with none of them.
    Field(FieldMatch),
    /// No JSON object, and one of these texts within [its first bytes](BodyCondition::LOOKED_AT); never empty.
    Text(Vec<String>),
}

impl BodyCondition {
    /// In how many bytes of a body a text is looked for.
    pub const LOOKED_AT: usize = 16 * 1024;

    /// A body that meets it.
    pub fn sample(&self) -> String {
        match self {
            Self::Any => "{}".to_owned(),
            Self::Empty => String::new(),
            Self::Field(field) => field.sample().to_string(),
            Self::Text(texts) => texts.first().cloned().unwrap_or_default(),
        }
    }
}
