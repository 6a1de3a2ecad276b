//! Sequences of exchanges.

use super::{ErrorClassSpec, SignInSpec};
use crate::words::words;
use serde::{Deserialize, Serialize};

/// A step of a sequence: exactly one of `refresh`, `use`, `wait` and `revoke`, and what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Refreshes, or mints where no token is spent, and says how that ends.
    pub refresh: Option<EndingName>,
    /// Uses an access token, and says whether the provider accepts it.
    pub r#use: Option<UseName>,
    /// Lets time pass: `25h`.
    pub wait: Option<String>,
    /// The provider revokes what it has issued, as when the person withdraws their consent. Where no token is spent, another one may be
    /// minted all the same.
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

words! {
    /// How a refresh of a sequence ends.
    pub enum EndingName {
        /// With new tokens.
        Tokens = "tokens";
        /// With the grant gone: sign in again.
        Reauthenticate = "reauthenticate";
        /// With the client's own settings found wrong.
        ClientMisconfigured = "client_misconfigured";
        /// With an answer that the contract does not describe.
        ContractViolation = "contract_violation";
        /// With a rate limit.
        RateLimited = "rate_limited";
        /// With a passing failure.
        Transient = "transient";
        /// With nobody knowing whether the exchange took place.
        InDoubt = "in_doubt";
        /// With nothing sent: the client knows that the provider does not accept it now.
        Unsent = "unsent";
    }
}

impl EndingName {
    /// The class of the error; `None` where there is none, or none that an answer has.
    pub fn class(self) -> Option<ErrorClassSpec> {
        ErrorClassSpec::named(self.name())
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

words! {
    /// Which of the tokens that were held one after the other.
    #[derive(Default)]
    pub enum Generation {
        /// The one that is held now.
        #[default]
        Current = "current";
        /// The one that was held before the last refresh that brought tokens.
        Previous = "previous";
        /// The one that signing in brought.
        First = "first";
    }
}

words! {
    /// What becomes of the credential of a refresh.
    pub enum Fate {
        /// It was certainly not spent.
        Unspent = "unspent", "unspent";
        /// It is spent, or worth nothing any more.
        Spent = "spent", "spent";
        /// It is spent, and the answer, of no other use, brought its successor.
        Replaced = "replaced", "replaced";
        /// It may be spent.
        InDoubt = "in_doubt", "in doubt";
    }
}

words! {
    /// What goes wrong on the way of a refresh.
    pub enum Fault {
        /// No connection can be made: nothing is sent.
        Unreachable = "unreachable", "no connection can be made";
        /// The connection is reset before the provider has processed the request.
        ResetBefore = "reset_before", "the connection is reset before the request is processed";
        /// The provider processes the request, then the connection is reset: the token is spent, the answer is lost.
        ResetAfter = "reset_after", "the request is processed, and the answer is lost to a reset";
        /// The provider processes the request and never answers.
        NoAnswer = "no_answer", "the request is processed, and no answer comes";
        /// The answer comes when nobody waits for it any more.
        LateAnswer = "late_answer", "the answer comes too late";
        /// The answer's head comes byte by byte and does not end in time.
        SlowHead = "slow_head", "the answer's head comes byte by byte";
        /// The connection ends in the middle of the answer's body.
        PartialAnswer = "partial_answer", "the answer ends in the middle";
        /// The answer's body does not end.
        EndlessBody = "endless_body", "the answer does not end";
        /// The answer comes twice on the same connection.
        AnsweredTwice = "answered_twice", "the answer comes twice";
        /// 429, with `Retry-After` in seconds; nothing is processed.
        RateLimited = "rate_limited", "there are too many requests, for some seconds";
        /// 429, with `Retry-After` as a date; nothing is processed.
        RateLimitedUntil = "rate_limited_until", "there are too many requests, until a date";
        /// 502 from a gateway, with a page for people; nothing is processed.
        BadGateway = "bad_gateway", "a gateway answers for the provider, with a page";
        /// 307 to another origin; nothing is processed.
        Redirect = "redirect", "a redirect leads to another origin";
        /// The answer is right, but says that it is HTML.
        WrongContentType = "wrong_content_type", "the answer says that it is HTML";
        /// A status of success over an error: nothing is processed.
        ErrorInSuccess = "error_in_success", "an error has a status of success";
        /// The access token's expiry is `null`.
        ExpiryNull = "expiry_null", "the expiry is null";
        /// The access token's expiry is an empty text.
        ExpiryEmpty = "expiry_empty", "the expiry is empty";
        /// The access token's expiry is the right number, as a text.
        ExpiryText = "expiry_text", "the expiry is a text";
        /// The access token's expiry is the right number, with a fraction.
        ExpiryFloat = "expiry_float", "the expiry has a fraction";
        /// The access token's expiry is a thousand times the right number, as if in another unit.
        ExpiryInOtherUnit = "expiry_in_other_unit", "the expiry is in another unit";
        /// The access token's expiry is an instant where a lifetime is declared, or the other way round.
        ExpiryInOtherKind = "expiry_in_other_kind", "the expiry is of another kind";
        /// The access token's expiry is beyond belief.
        ExpiryAbsurd = "expiry_absurd", "the expiry is beyond belief";
        /// The answer's `Date` is a day off.
        DateSkew = "date_skew", "the answer's date is a day off";
        /// The answer holds a second pair of tokens, in members that the contract does not name.
        SecondPair = "second_pair", "the answer holds a second pair of tokens";
        /// The answer replaces a refresh token that the contract says stays the same.
        UnexpectedRotation = "unexpected_rotation", "the answer replaces a refresh token that should stay";
    }
}
