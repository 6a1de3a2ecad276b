//! Sequences of exchanges.

use super::{ErrorClassSpec, SignInSpec};
use serde::{Deserialize, Serialize};

/// A step of a sequence: exactly one of `refresh`, `use`, `wait` and `revoke`, and what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Refreshes, and says how that ends.
    pub refresh: Option<EndingName>,
    /// Uses an access token, and says whether the provider accepts it.
    pub r#use: Option<UseName>,
    /// Lets time pass: `25h`.
    pub wait: Option<String>,
    /// The provider revokes what it has issued, as when the person withdraws their consent.
    pub revoke: Option<RevokeName>,
    /// Which token a `refresh` sends or a `use` shows. `current` unless said.
    pub token: Option<Generation>,
    /// What goes wrong on the way of a `refresh`.
    pub fault: Option<Fault>,
    /// How the person signs in again, where a `refresh` ends in `reauthenticate`. As the contract says unless said.
    pub sign_in: Option<SignInSpec>,
    /// What becomes of the credential of a `refresh`. As its ending implies unless said.
    pub fate: Option<Fate>,
}

/// How a refresh of a sequence ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndingName {
    /// With new tokens.
    Tokens,
    /// With the grant gone: sign in again.
    Reauthenticate,
    /// With the client's own settings found wrong.
    ClientMisconfigured,
    /// With an answer that the contract does not describe.
    ContractViolation,
    /// With a rate limit.
    RateLimited,
    /// With a passing failure.
    Transient,
    /// With nobody knowing whether the exchange took place.
    InDoubt,
    /// With nothing sent: the client knows that the provider does not accept it now.
    Unsent,
}

impl EndingName {
    /// The class of the error; `None` where there is none, or none that an answer has.
    pub fn class(self) -> Option<ErrorClassSpec> {
        Some(match self {
            Self::Tokens | Self::Unsent => return None,
            Self::Reauthenticate => ErrorClassSpec::Reauthenticate,
            Self::ClientMisconfigured => ErrorClassSpec::ClientMisconfigured,
            Self::ContractViolation => ErrorClassSpec::ContractViolation,
            Self::RateLimited => ErrorClassSpec::RateLimited,
            Self::Transient => ErrorClassSpec::Transient,
            Self::InDoubt => ErrorClassSpec::InDoubt,
        })
    }
}

/// Whether the provider accepts an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum UseName {
    /// It does.
    Accepted,
    /// It does not.
    Refused,
}

/// What the provider revokes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RevokeName {
    /// The whole grant: every token of it.
    Grant,
}

/// Which of the tokens that were held one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// The one that is held now.
    #[default]
    Current,
    /// The one that was held before the last refresh that brought tokens.
    Previous,
    /// The one that signing in brought.
    First,
}

/// What becomes of the credential of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was certainly not spent.
    Unspent,
    /// It is spent, or worth nothing any more.
    Spent,
    /// It is spent, and the answer, of no other use, brought its successor.
    Replaced,
    /// It may be spent.
    InDoubt,
}

/// What goes wrong on the way of a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// No connection can be made: nothing is sent.
    Unreachable,
    /// The connection is reset before the provider has processed the request.
    ResetBefore,
    /// The provider processes the request, then the connection is reset: the token is spent, the answer is lost.
    ResetAfter,
    /// The provider processes the request and never answers.
    NoAnswer,
    /// The answer comes when nobody waits for it any more.
    LateAnswer,
    /// The answer's head comes byte by byte and does not end in time.
    SlowHead,
    /// The connection ends in the middle of the answer's body.
    PartialAnswer,
    /// The answer's body does not end.
    EndlessBody,
    /// The answer comes twice on the same connection.
    AnsweredTwice,
    /// 429, with `Retry-After` in seconds; nothing is processed.
    RateLimited,
    /// 429, with `Retry-After` as a date; nothing is processed.
    RateLimitedUntil,
    /// 502 from a gateway, with a page for people; nothing is processed.
    BadGateway,
    /// 307 to another origin; nothing is processed.
    Redirect,
    /// The answer is right, but says that it is HTML.
    WrongContentType,
    /// A status of success over an error: nothing is processed.
    ErrorInSuccess,
    /// The access token's expiry is `null`.
    ExpiryNull,
    /// The access token's expiry is an empty text.
    ExpiryEmpty,
    /// The access token's expiry is the right number, as a text.
    ExpiryText,
    /// The access token's expiry is the right number, with a fraction.
    ExpiryFloat,
    /// The access token's expiry is a thousand times the right number, as if in another unit.
    ExpiryInOtherUnit,
    /// The access token's expiry is an instant where a lifetime is declared, or the other way round.
    ExpiryInOtherKind,
    /// The access token's expiry is beyond belief.
    ExpiryAbsurd,
    /// The answer's `Date` is a day off.
    DateSkew,
    /// The answer holds a second pair of tokens, in members that the contract does not name.
    SecondPair,
    /// The answer replaces a refresh token that the contract says stays the same.
    UnexpectedRotation,
}
