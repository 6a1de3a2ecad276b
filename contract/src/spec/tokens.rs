//! What the tokens are.

use super::{OneOrMany, PlaceSpec, Scalar, StatusSpec};
use crate::words::words;
use serde::Deserialize;

/// What the tokens are: how often each may be used, how long it lives, what a refresh does to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokensSpec {
    /// The access token.
    #[serde(default)]
    pub access: AccessTokenSpec,
    /// The refresh token. Left out where the access token renews itself, or nothing is spent.
    pub refresh: Option<RefreshTokenSpec>,
}

/// The access token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessTokenSpec {
    /// The provider's own name for it, in `snake_case`: `wallet_token`. `access_token` unless said.
    pub name: Option<String>,
    /// How often it may be used. `many` unless said.
    pub r#use: Option<AccessUse>,
    /// When it dies. `undeclared` unless said.
    pub expires: Option<ExpirySpec>,
    /// How long tokens of this provider usually live, where that is known but not what `expires` reads: `30d`. Shown in the
    /// documentation and in the client's facts, and held against the examples; it never makes an expiry.
    pub usual_lifetime: Option<String>,
    /// What becomes of the old access token when a new one is issued. `unknown` unless said.
    pub after_refresh: Option<OldAccessToken>,
    /// How many live at a time, of one grant or, where no token is spent, of the client, where the oldest of more is revoked: `30`. At
    /// least 2: where only the newest lives, write `after_refresh: revoked`.
    pub most_alive: Option<u32>,
    /// How requests carry it afterwards. `unknown` unless said: then no code is made for it.
    pub sent_as: Option<SentAsSpec>,
    /// How the provider's other endpoints answer a request whose access token has expired or is revoked: with a status, `401`, or
    /// with a field beside a status that other answers have as well, `{ status: 200, field: /error, equals: token_expired }`; or in
    /// any of several ways. `401` unless said (RFC 6750 section 3.1). Such an answer makes a refresh worth its while.
    pub refused_with: Option<OneOrMany<AccessRefusalSpec>>,
    /// What it is for.
    pub doc: Option<String>,
}

words! {
    /// How often an access token may be used.
    #[derive(Default)]
    pub enum AccessUse {
        /// Until it expires.
        #[default]
        Many = "many";
        /// Once: the first use spends it.
        Once = "once" => "The first use spends it, so it cannot be cloned.";
    }
}

words! {
    /// What becomes of the old access token when a new one is issued.
    #[derive(Default)]
    pub enum OldAccessToken as "OldAccessToken" {
        /// It stays good until it expires.
        Valid = "valid" => "A refresh leaves the old one good until it expires.";
        /// It is revoked at once.
        Revoked = "revoked" => "A refresh revokes the old one at once.";
        /// It is revoked when the new one is first used.
        RevokedOnFirstUse = "revoked_on_first_use"
            => "The old one is revoked when the new one is first used.";
        /// The page does not say.
        #[default]
        Unknown = "unknown" => "What a refresh does to the old one is not documented.";
    }
}

/// How requests carry the access token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum SentAsSpec {
    /// A word.
    Named(SentAsName),
    /// A scheme, a header, a cookie or a parameter of its own.
    Detailed(SentAsDetail),
}

/// How requests carry the access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SentAsName {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer,
    /// `Authorization: …`, the token alone.
    Raw,
    /// The page does not say.
    Unknown,
}

/// A place of its own for the access token. Exactly one key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(extend("minProperties" = 1, "maxProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct SentAsDetail {
    /// `Authorization` with this scheme: `SSWS`.
    pub scheme: Option<String>,
    /// A header of the provider's own, the token alone.
    pub header: Option<String>,
    /// The cookie of this name, the token alone: `session`.
    pub cookie: Option<String>,
    /// The query's parameter of this name: `access_token` (RFC 6750 section 2.3). URLs end in logs: prefer a header where the
    /// provider takes both.
    pub query: Option<String>,
}

/// How a dead access token is refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum AccessRefusalSpec {
    /// With this status, whatever the body.
    Status(RefusalStatus),
    /// With a status, and a field of the body.
    Field(AccessRefusalDetail),
}

/// A status, and a field of a body of at most 16,384 bytes whose `Content-Type` is JSON. No other body is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessRefusalDetail {
    /// The status, or any of several: `200`, `[200, 400]`, `4xx`.
    pub status: OneOrMany<StatusSpec>,
    /// The field that must hold one of the values of `equals`: `/error`.
    pub field: String,
    /// The value, or any of several, that says that the token is dead, and nothing else. Types count: `0` is not `"0"`.
    pub equals: OneOrMany<Scalar>,
}

/// A status that refuses a request, 400 to 499: `401`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RefusalStatus(
    #[cfg_attr(any(test, feature = "schema"), schemars(range(min = 100, max = 599)))] pub u64,
);

/// When a token dies: a word, or what says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "a spec has few of them")]
pub enum ExpirySpec {
    /// A word.
    Named(ExpiryName),
    /// A field of the answer, or a constant.
    Detailed(ExpiryDetail),
}

/// When a token dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExpiryName {
    /// The token is a JWT and its `exp` says when (RFC 7519).
    Jwt,
    /// Never.
    Never,
    /// Nobody says. Not the same as never.
    Undeclared,
    /// An introspection endpoint says (RFC 7662). Not supported yet.
    Introspection,
}

/// A field of the answer or a constant that says when a token dies: one of them, and what else is known of it.
///
/// Where the answers differ, a field may be a list of them: `[/expires_in_sec, /expires_in]`. The first that is there counts. A header
/// may stand for a field, `{ unix_seconds: { header: X-Expires } }`, and so may what a cookie says of its own end,
/// `{ seconds: { cookie: session, attribute: max_age } }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct ExpiryDetail {
    /// The field that holds the lifetime in seconds: `/expires_in`.
    pub seconds: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the lifetime in milliseconds: `/expires_in_ms`.
    pub milliseconds: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the lifetime as a text: `1h`, `90m`, `1:00:00`, `PT1H` (ISO 8601). A number there is one of
    /// seconds. Months and years have no fixed length and are not read.
    pub duration: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the instant in seconds since 1970: `/expires_at`.
    pub unix_seconds: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the instant in milliseconds since 1970.
    pub unix_milliseconds: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the instant as RFC 3339 text: `2026-11-21T08:00:00Z`.
    pub rfc3339: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the instant as a date and a time without an offset: `2026-11-21T08:00:00`, `2026-11-21 08:00:00`.
    /// `zone` says where it is so late; a text with an offset of its own needs none.
    pub date_time: Option<OneOrMany<PlaceSpec>>,
    /// The field that holds the instant as HTTP writes it: `Sat, 21 Nov 2026 08:00:00 GMT` (RFC 9110 section 5.6.7).
    pub http_date: Option<OneOrMany<PlaceSpec>>,
    /// A lifetime that the page states: `1d`, counted from the start of the request.
    pub constant: Option<String>,
    /// With `constant`, for a refresh token: `sign_in` counts it from there, so that no refresh puts the end off. `issue` unless said.
    pub since: Option<Since>,
    /// With `constant`: how long the one lives that signing in brought, where that is not as long as those of refreshes: `8h`.
    pub first: Option<String>,
    /// With any of these: which parameter of `client` chooses the lifetime, where the request may. It brings the seconds, `"3600"`, and is
    /// sent where the provider reads it. `{ seconds: /expires_in, chosen_by: expires_in }`, with `at_least` and `at_most` where the page says so.
    pub chosen_by: Option<String>,
    /// With `chosen_by`: the shortest lifetime that the provider takes, `5m`.
    pub at_least: Option<String>,
    /// With `chosen_by`: the longest lifetime that the provider takes, `2d`.
    pub at_most: Option<String>,
    /// With `date_time`: how far the clock of those dates is ahead of UTC, `+01:00`, or `UTC`. It must be there: no date tells
    /// it by itself.
    pub zone: Option<String>,
    /// With a field: what a zero in it means: the number 0, a text of no time, 1970-01-01T00:00:00Z, 0001-01-01. Unless said it cannot
    /// be right: the end is undeclared, and that is a deviation.
    pub zero: Option<ZeroExpiry>,
    /// With a field: when the token dies where the answer does not say it, or not so that it can be read: after `1h`, counted from the
    /// start of the request, or `never`. Unless said the end is undeclared then, and that is a deviation.
    pub r#else: Option<String>,
}

words! {
    /// From when on a constant lifetime counts.
    #[derive(Default)]
    pub enum Since {
        /// From the request that brought the token.
        #[default]
        Issue = "issue";
        /// From signing in: every token of the grant ends then.
        SignIn = "sign_in";
    }
}

words! {
    /// What a zero means where the end of a token should be.
    pub enum ZeroExpiry {
        /// The token never dies.
        Never = "never";
        /// Nobody says when the token dies. Not the same as never.
        Undeclared = "undeclared";
    }
}

/// The refresh token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshTokenSpec {
    /// The provider's own name for it, in `snake_case`. `refresh_token` unless said.
    pub name: Option<String>,
    /// How often it may be used. `many` unless said where `rotation` is `never` or `echo`: the next exchange sends the same one. Else
    /// `unknown` unless said, which is treated as `once`.
    pub r#use: Option<RefreshUse>,
    /// Whether a refresh replaces it. `unknown` unless said. Whatever it says, a new token in an answer is kept.
    pub rotation: Option<Rotation>,
    /// When it dies. `undeclared` unless said.
    pub expires: Option<ExpirySpec>,
    /// How long it lives without being used: `60d`.
    pub idle_limit: Option<String>,
    /// Its greatest length in bytes, where the page states one. A longer one is never sent.
    pub max_length: Option<u32>,
    /// What a spent one is still good for. `dead` unless said.
    pub spent: Option<SpentSpec>,
    /// What the provider does when a spent one comes back. `unknown` unless said.
    pub reuse: Option<Reuse>,
    /// What it is for.
    pub doc: Option<String>,
}

words! {
    /// How often a refresh token may be used.
    #[derive(Default)]
    pub enum RefreshUse {
        /// Once: the exchange spends it.
        Once = "once", "once" => "An exchange spends it, so it cannot be cloned.";
        /// Until it expires: an exchange may be repeated.
        Many = "many", "many times"
            => "It may be used until it dies: an exchange may be repeated.";
        /// The page does not say. Treated as `once`.
        #[default]
        Unknown = "unknown", "once (not documented)"
            => "Whether an exchange spends it is not documented: it is treated as single-use and cannot be cloned.";
    }
}

words! {
    /// Whether a refresh replaces the refresh token.
    #[derive(Default)]
    pub enum Rotation as "Rotation" {
        /// Never: answers hold no refresh token.
        Never = "never", "never replaced" => "Answers hold none: it is never replaced.";
        /// Never: answers repeat the same one.
        Echo = "echo", "repeated" => "Answers repeat it.";
        /// Always: every answer holds a new one.
        Always = "always", "replaced" => "Every answer replaces it.";
        /// Sometimes.
        Sometimes = "sometimes", "sometimes replaced" => "Some answers replace it.";
        /// A new one each time, and the old one stays good as well.
        KeepsOld = "keeps_old", "replaced, the old one stays good"
            => "Every answer brings another, and the old one stays good.";
        /// The page does not say.
        #[default]
        Unknown = "unknown", "replacement not documented"
            => "Whether answers replace it is not documented; a new one is kept.";
    }
}

/// What a spent refresh token is still good for: a word, or a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum SpentSpec {
    /// A word.
    Named(SpentName),
    /// A while, or until something happens.
    Detailed(SpentDetail),
}

/// What a spent refresh token is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SpentName {
    /// Nothing.
    Dead,
    /// The page does not say. Treated as `dead`.
    Unknown,
}

/// How long a spent refresh token may be sent again, and what that brings. With both `good_for` and `good_until` it ends with
/// whichever comes first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpentDetail {
    /// A while: `30s`.
    pub good_for: Option<String>,
    /// Until one of its successors is first used.
    pub good_until: Option<Successor>,
    /// What the repeated request is answered with. `unknown` unless said.
    pub answer: Option<ReplayAnswer>,
    /// How many of the last spent ones are good so: with `1` the last one alone, with `2` the one before it as well, which was spent for
    /// the last. Unless said, nobody knows of any but the last.
    pub generations: Option<u32>,
}

words! {
    /// What a spent refresh token brings that is sent again in time.
    #[derive(Default)]
    pub enum ReplayAnswer {
        /// The same tokens again. A lifetime in the answer counts from the later request, so that the access token may be taken to live
        /// longer than it does, by as long as the token may come back.
        Same = "same", "the same answer" => "It brings the same tokens again.";
        /// Other tokens, which live beside the earlier ones.
        Another = "another", "another pair of tokens"
            => "Each time it brings other tokens, which live beside the earlier ones.";
        /// Other tokens, which end the earlier ones.
        Supersedes = "supersedes", "another pair, which ends the earlier one"
            => "Each time it brings other tokens, which end the earlier ones.";
        /// The page does not say.
        #[default]
        Unknown = "unknown", "an answer";
    }
}

words! {
    /// The first use of which successor ends the life of a spent refresh token.
    pub enum Successor as "Successor" {
        /// The new access token's.
        AccessTokenUsed = "access_token_used", "the new access token";
        /// The new refresh token's.
        RefreshTokenUsed = "refresh_token_used", "the new refresh token";
        /// Either one's.
        EitherUsed = "either_used", "one of the new tokens";
    }
}

words! {
    /// What the provider does when a spent refresh token comes back.
    #[derive(Default)]
    pub enum Reuse as "Reuse" {
        /// It refuses, nothing else.
        Refused = "refused" => "A spent one that comes back is refused, nothing else.";
        /// It kills the chain of tokens that followed.
        ChainRevoked = "chain_revoked"
            => "A spent one that comes back kills the chain of tokens that followed it.";
        /// It revokes the whole grant, the winner of a race included.
        GrantRevoked = "grant_revoked" => "A spent one that comes back revokes the whole grant.";
        /// The page does not say.
        #[default]
        Unknown = "unknown";
    }
}

/// What to do about a lifetime that counts from the last use, where another start is due.
pub(crate) const FROM_LAST_USE: &str = "what counts from the last use is `idle_limit: 90d` of the refresh token, in the place of `expires`";

/// What to look for on a page where a refresh token's lifetime is still to be filled in: one of two keys takes it.
pub(crate) const LIFETIME_TO_LOOK_FOR: &str = "a lifetime of the refresh token, in the text or in the answer, and whether it counts since sign-in (`{ constant: 90d, since: sign_in }`) or since the last use (`idle_limit: 90d`)";
