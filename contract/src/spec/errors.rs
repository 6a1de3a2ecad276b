//! What each refusal means.

use super::{OneOrMany, Scalar, StatusSpec};
use crate::words::words;
use serde::Deserialize;

/// What a refusal means. A rule matches when all that it names match.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorRuleSpec {
    /// The status, or any of several. `4xx` unless said: an error code inside a 5xx answer is no verdict. With the class
    /// `reauthenticate`, `4xx` leaves out 429: a rate limit is no verdict either.
    pub status: Option<OneOrMany<StatusSpec>>,
    /// The field to look at: `/error`.
    pub field: Option<String>,
    /// The value of `field`, or any of several. Types count: `0` is not `"0"`, save in forms, which hold texts alone; where
    /// answers come with either, list both. Without it and `not`, `field` must only be there and not be `null`.
    pub equals: Option<OneOrMany<Scalar>>,
    /// The value that `field` must not have, or several of which it must have none: `0`, `[0, "0"]`. It must be there and not
    /// be `null`. Types count: `not: 0` takes `"0"` for another value. In place of `equals`.
    pub not: Option<OneOrMany<Scalar>>,
    /// The text of a body that is no JSON object, such as a sentence or a page.
    pub text: Option<TextMatch>,
    /// The body as a whole.
    pub body: Option<BodyMatch>,
    /// What the refusal means.
    pub class: ErrorClassSpec,
    /// What else it may mean, where the provider answers both in the same way. Only beside `client_misconfigured`.
    pub or: Option<OtherMeaning>,
    /// What became of the credential, where this provider does otherwise than the class implies: `unspent` where it fails before
    /// it looks at the token. Unless said, `reauthenticate` has spent it; `client_misconfigured` and `rate_limited` have not; after
    /// the others it is not known.
    pub credential: Option<CredentialAfter>,
    /// The field of the body that says how long to wait before another request, where one does: `{ milliseconds: /retry_after_ms }`. A
    /// `Retry-After` header is heeded without a word here (RFC 9110 section 10.2.3); where both say it, the longer wait counts. Not
    /// beside a class after which nobody asks again, `reauthenticate` and `client_misconfigured`.
    pub retry_after: Option<RetryAfterSpec>,
    /// How the person signs in again; only where the refusal means `reauthenticate`. `unspecified` unless said.
    pub sign_in: Option<SignInSpec>,
    /// What the page says about it.
    pub doc: Option<String>,
}

/// Where a body says how long to wait, counted from the start of the request. Exactly one key. A number is read, or a text that holds
/// one; what is negative or more than ten years is not believed, and a session waits for an hour at most before it asks again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(extend("minProperties" = 1, "maxProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct RetryAfterSpec {
    /// The field that holds seconds: `/retry_after`.
    pub seconds: Option<String>,
    /// The field that holds milliseconds: `/retry_after_ms`.
    pub milliseconds: Option<String>,
}

/// The body as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BodyMatch {
    /// Nothing, or white space alone.
    Empty,
}

/// The text of a body that is no JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TextMatch {
    /// A text that stands somewhere in the first 16,384 bytes of the body, or any of several. Case counts, nothing is a pattern.
    pub contains: OneOrMany<String>,
}

/// What else a refusal may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OtherMeaning {
    /// The grant may be gone. It is kept, the error says both, and a session sends nothing more until it is told to.
    Reauthenticate,
}

words! {
    /// What became of the credential that a refused request held.
    pub enum CredentialAfter {
        /// It was not spent: the same can be sent again.
        Unspent = "unspent", "not spent";
        /// It is spent: the same is of no use any more.
        Spent = "spent", "spent";
        /// It may be spent.
        Unknown = "unknown", "perhaps spent";
    }
}

words! {
    /// What a refusal means.
    pub enum ErrorClassSpec as "Class" {
        /// The grant is gone: sign in again. The only class that may make a caller drop a grant.
        Reauthenticate = "reauthenticate";
        /// The client's own settings are wrong: its id, its secret, its parameters. The grant is untouched.
        ClientMisconfigured = "client_misconfigured";
        /// The provider did something that this contract does not describe.
        ContractViolation = "contract_violation";
        /// Too many requests: wait, then try again.
        RateLimited = "rate_limited";
        /// The provider failed for now: try again.
        Transient = "transient";
        /// It cannot be known whether the exchange took place.
        InDoubt = "in_doubt";
    }
}

words! {
    /// How a person signs in again.
    pub enum SignInSpec as "SignIn" {
        /// With a password.
        Password = "password", "password";
        /// With a one-time password.
        Otp = "otp", "one-time password";
        /// With a new authorization code (RFC 6749 section 4.1).
        AuthorizationCode = "authorization_code", "authorization code";
        /// With a device code (RFC 8628).
        DeviceCode = "device_code", "device code";
        /// With single sign-on.
        Sso = "sso", "single sign-on";
        /// The client asks again with its own credentials (RFC 6749 section 4.4).
        ClientCredentials = "client_credentials", "client credentials";
        /// The page does not say how.
        Unspecified = "unspecified", "not documented";
    }
}
