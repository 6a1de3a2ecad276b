//! What a generated `classify` answers: did the exchange succeed, and if not, what kind of failure is it.

use std::time::Duration;

use crate::error::{Class, SignIn};

/// The reading of one answer, by status and body, before anything else is read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer holds tokens.
    Success,
    /// The answer is an error.
    Failure(Failure),
}

/// An answer that is an error, and the rule of the contract that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The class that the rule gives.
    pub class: ClassRule,
    /// The rule, as the contract numbers it: `errors[2]: status 401`.
    pub rule: &'static str,
    /// How to sign in again, where the grant may be gone as well and the answer does not tell.
    pub perhaps_gone: Option<SignIn>,
    /// What became of the credential, where the contract says otherwise than the class implies.
    pub credential: Option<CredentialAfter>,
    /// How long the body asks to wait, where the contract says that it does.
    pub retry_after: Option<Duration>,
}

/// What became of the credential that a refused request held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialAfter {
    /// It was not spent.
    Unspent,
    /// It is spent.
    Spent,
    /// It may be spent, where it is good for one exchange.
    Unknown,
}

/// A [`Class`] as a rule names it: what an answer adds (`Retry-After`) is not in it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassRule {
    /// The grant is gone: sign in again.
    Reauthenticate(SignIn),
    /// The client's own settings are wrong.
    ClientMisconfigured,
    /// The provider does not do what the contract says.
    ContractViolation,
    /// Too many requests.
    RateLimited,
    /// A later attempt may succeed.
    Transient,
    /// Whether the credential was spent is unknown.
    InDoubt,
}

/// The rule of an answer that no rule describes.
pub(crate) const UNDESCRIBED: &str = "default: an answer that the contract does not describe";

impl Verdict {
    /// The answer holds tokens.
    pub const SUCCESS: Self = Self::Success;

    /// The grant is gone; `how` says how to get a new one.
    pub const fn reauthenticate(how: SignIn, rule: &'static str) -> Self {
        Self::failure(ClassRule::Reauthenticate(how), rule)
    }

    /// The client's own settings are wrong.
    pub const fn client_misconfigured(rule: &'static str) -> Self {
        Self::failure(ClassRule::ClientMisconfigured, rule)
    }

    /// The provider does not do what the contract says.
    pub const fn contract_violation(rule: &'static str) -> Self {
        Self::failure(ClassRule::ContractViolation, rule)
    }

    /// Too many requests.
    pub const fn rate_limited(rule: &'static str) -> Self {
        Self::failure(ClassRule::RateLimited, rule)
    }

    /// A later attempt may succeed.
    pub const fn transient(rule: &'static str) -> Self {
        Self::failure(ClassRule::Transient, rule)
    }

    /// Whether the credential was spent is unknown.
    pub const fn in_doubt(rule: &'static str) -> Self {
        Self::failure(ClassRule::InDoubt, rule)
    }

    /// What an answer means that no rule of a contract describes: nothing is lost, and no grant is dropped.
    pub fn undescribed(status: u16) -> Self {
        match status {
            429 => Self::rate_limited("default: too many requests"),
            408 | 425 | 500..=599 => Self::transient("default: a passing failure"),
            _ => Self::contract_violation(UNDESCRIBED),
        }
    }

    /// The same, where the answer may as well mean that the grant is gone: a caller keeps it, and a person finds out which it is.
    #[must_use]
    pub const fn or_reauthenticate(self, how: SignIn) -> Self {
        match self {
            Self::Failure(failure) => Self::Failure(Failure { perhaps_gone: Some(how), ..failure }),
            Self::Success => self,
        }
    }

    /// The same, at a provider that has not spent the credential by then.
    #[must_use]
    pub const fn unspent(self) -> Self {
        self.leaves(CredentialAfter::Unspent)
    }

    /// The same, at a provider that has spent the credential by then.
    #[must_use]
    pub const fn spent(self) -> Self {
        self.leaves(CredentialAfter::Spent)
    }

    /// The same, at a provider of which it is not known whether it has spent the credential by then.
    #[must_use]
    pub const fn unknown(self) -> Self {
        self.leaves(CredentialAfter::Unknown)
    }

    /// The same, where the body may ask to wait for so long.
    #[must_use]
    pub const fn retry_after(self, wait: Option<Duration>) -> Self {
        match self {
            Self::Failure(failure) => Self::Failure(Failure { retry_after: wait, ..failure }),
            Self::Success => self,
        }
    }

    const fn leaves(self, credential: CredentialAfter) -> Self {
        match self {
            Self::Failure(failure) => {
                Self::Failure(Failure { credential: Some(credential), ..failure })
            }
            Self::Success => self,
        }
    }

    const fn failure(class: ClassRule, rule: &'static str) -> Self {
        Self::Failure(Failure {
            class,
            rule,
            perhaps_gone: None,
            credential: None,
            retry_after: None,
        })
    }
}

impl ClassRule {
    /// The class, with how long the answer asks to wait.
    pub(crate) fn with_retry_after(self, after: Option<Duration>) -> Class {
        match self {
            Self::Reauthenticate(how) => Class::Reauthenticate(how),
            Self::ClientMisconfigured => Class::ClientMisconfigured,
            Self::ContractViolation => Class::ContractViolation,
            Self::RateLimited => Class::RateLimited { after },
            Self::Transient => Class::Transient,
            Self::InDoubt => Class::InDoubt,
        }
    }
}
