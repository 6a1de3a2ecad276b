//! What each refusal means.

use super::{FieldMatch, StatusRange};
pub use crate::spec::{ErrorClassSpec as ErrorClass, SignInSpec as SignIn};
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
    /// How the person signs in again; [`SignIn::Unspecified`] where the class is not `reauthenticate`.
    pub sign_in: SignIn,
    /// What the page says about it.
    pub doc: Option<String>,
    /// Its name in diagnostics and errors: `errors[2]: status 401`, `rfc6749: invalid_grant`, `default: too many requests`.
    pub name: String,
}

impl ErrorRule {
    /// What begins the names of the language's own rules.
    pub const DEFAULT: &'static str = "default: ";

    /// The rules of the language: what an answer means that no rule of a spec matches and that is no success.
    pub fn defaults() -> Vec<Self> {
        let rule = |name: &str, status: Vec<StatusRange>, class| ErrorRule {
            status,
            body: BodyCondition::Any,
            class,
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

    /// Whether it is a rule of the language: it is asked after success, where all others are asked before.
    pub fn is_default(&self) -> bool {
        self.name.starts_with(Self::DEFAULT)
    }
}

/// What a rule asks of the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum BodyCondition {
    /// Nothing.
    Any,
    /// Nothing but white space in it.
    Empty,
    /// A field with one of some values.
    Field(FieldMatch),
}

impl BodyCondition {
    /// A body that meets it.
    pub fn sample(&self) -> String {
        match self {
            Self::Any => "{}".to_owned(),
            Self::Empty => String::new(),
            Self::Field(field) => field.sample().to_string(),
        }
    }
}
