//! What a failure asks of the caller.

use std::fmt;
use std::time::Duration;

/// How the holder of a grant gets a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignIn {
    /// A user name and a password.
    Password,
    /// A code that was sent to the user.
    Otp,
    /// The authorization code grant, in a browser (RFC 6749 §4.1).
    AuthorizationCode,
    /// The device authorization grant (RFC 8628).
    DeviceCode,
    /// The organisation's single sign-on.
    Sso,
    /// The client's own credentials, without a user (RFC 6749 §4.4).
    ClientCredentials,
    /// The contract does not say.
    Unspecified,
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "a password",
            Self::Otp => "a one-time password",
            Self::AuthorizationCode => "an authorization code",
            Self::DeviceCode => "a device code",
            Self::Sso => "single sign-on",
            Self::ClientCredentials => "the client's credentials",
            Self::Unspecified => "any way of signing in",
        })
    }
}

/// What a failure asks of the caller: the whole list, so that a `match` can be complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The grant is gone. Sign in again; this is the only class at which a grant may be dropped.
    Reauthenticate(SignIn),
    /// The client's own settings or credentials are wrong: a person must change something. The grant is untouched.
    ClientMisconfigured,
    /// The provider did not do what the contract says. The grant is not known to be gone.
    ContractViolation,
    /// Too many requests.
    RateLimited {
        /// How long the provider asks to wait, counted from the start of the exchange (`Retry-After`, RFC 9110 §10.2.3).
        after: Option<Duration>,
    },
    /// A later attempt may succeed.
    Transient,
    /// The request may have been processed and its answer is lost: a single-use credential may be spent.
    InDoubt,
}

impl Class {
    /// Whether a caller may forget the grant: true of [`Class::Reauthenticate`] alone.
    pub const fn may_drop_grant(&self) -> bool {
        matches!(self, Self::Reauthenticate(_))
    }

    /// The name of the class in contracts and metrics, in snake case.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reauthenticate(_) => "reauthenticate",
            Self::ClientMisconfigured => "client_misconfigured",
            Self::ContractViolation => "contract_violation",
            Self::RateLimited { .. } => "rate_limited",
            Self::Transient => "transient",
            Self::InDoubt => "in_doubt",
        }
    }
}

/// What the class asks for, in words.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reauthenticate(SignIn::Unspecified) => f.write_str("sign in again"),
            Self::Reauthenticate(how) => write!(f, "sign in again with {how}"),
            Self::ClientMisconfigured => f.write_str("the client's settings are wrong"),
            Self::ContractViolation => f.write_str("the provider broke its contract"),
            Self::RateLimited { after: None } => f.write_str("too many requests, try again later"),
            Self::RateLimited { after: Some(after) } => {
                write!(f, "too many requests, try again in {} s", after.as_secs())
            }
            Self::Transient => f.write_str("a later attempt may succeed"),
            Self::InDoubt => f.write_str("the outcome is in doubt"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_class_may_drop_a_grant() {
        let classes = [
            Class::Reauthenticate(SignIn::Otp),
            Class::ClientMisconfigured,
            Class::ContractViolation,
            Class::RateLimited { after: None },
            Class::Transient,
            Class::InDoubt,
        ];
        let names: Vec<_> =
            classes.iter().filter(|class| class.may_drop_grant()).map(Class::name).collect();
        assert_eq!(names, ["reauthenticate"]);
    }
}
