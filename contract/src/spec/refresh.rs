//! The request that brings a new access token.

use super::{AuthSpec, StepRequestSpec, TakeSpec, ValueSpec};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The request that brings a new access token: a refresh, or a mint, which spends no token. A text may hold `${refresh_token}`,
/// `${access_token}`, `${client.NAME}`, `${value.NAME}` and `${STEP.NAME}`, what a step before it took; in a mint the
/// last three only.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshSpec {
    /// Method and path, as on the page: `POST /oauth/token`. A query is kept: `POST /token?v=2`, a key without a `=` as it is. Where the provider has one
    /// host, the URL may stand whole, `POST https://auth.example.com/oauth/token`: it is the environment `production`. The
    /// method alone, `POST`, is for `base_url: integrator`, where the integrator brings the whole URL. An address
    /// that a step took may stand for the path: `POST ${discovery.token_endpoint}`. Every operation but `local` needs it.
    pub request: Option<String>,
    /// What is traded for the new access token. `refresh_token` unless said.
    #[serde(default)]
    pub operation: OperationSpec,
    /// With `operation: local`: the access token, which is `${assertion}`, and may be left out.
    pub token: Option<String>,
    /// How the client proves who it is. `none` unless said (`body` in the profile `rfc6749`, but for `operation: assertion`).
    pub auth: Option<AuthSpec>,
    /// Values that the client makes anew for each request, by name, for `${value.NAME}`: `{ nonce: uuid, sent: { now: unix_seconds } }`.
    #[serde(default)]
    pub values: BTreeMap<String, ValueSpec>,
    /// When the provider accepts a refresh. `any_time` unless said.
    pub when: Option<WhenSpec>,
    /// Further parameters of the query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Headers. `Accept: application/json` (`text/plain` for an answer in plain text) and the body's `Content-Type` are sent
    /// unless said otherwise here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A body of `application/x-www-form-urlencoded` fields. With a profile its fields are sent, too: `grant_type` and
    /// `refresh_token` need no line. A field of the same name takes the place of the profile's, and `null` takes it away.
    pub form: Option<BTreeMap<String, Option<String>>>,
    /// A JSON body of any depth. Constants keep their type: `true`, `2`, `"2"`. With a profile an object holds its members,
    /// too, as a form would: `json: {}` sends the profile's body as JSON. `null` in place of one of these takes it away.
    pub json: Option<serde_json::Value>,
    /// An XML body, as the page shows it. Placeholders stand in texts and in values of attributes, and what they bring is escaped:
    /// `<login><key id="${client.id}">${client.key}</key></login>`. Everything else is sent as it is written, but for white space at
    /// both ends. With a profile nothing is filled in, and an optional parameter has no place in it. `Content-Type` is
    /// `application/xml` unless said under `headers`: `text/xml`, for SOAP perhaps.
    pub xml: Option<String>,
    /// Cookies, by name: `{ session: "${refresh_token}", device: "${client.device}" }`. They are sent in one `cookie` header (RFC 6265
    /// section 5.4), sorted by name. A value that no cookie can hold, one with a semicolon perhaps, is refused before it is sent.
    pub cookies: Option<BTreeMap<String, String>>,
    /// Whether the scope is sent. `omit` unless said (RFC 6749 section 6).
    pub scope: Option<ScopeSpec>,
    /// The shortest time between two refreshes of one grant, where the provider refuses one that comes sooner: `1s`. Sessions wait
    /// for so long, in all processes that share a store. Where no token is spent, write `limit: { at_most: 1, per: 1s }`.
    pub at_most_every: Option<String>,
    /// How many of these requests the provider takes in a time, where the page says so: `{ at_most: 10, per: 10m }`. Where they spend a
    /// token, it counts those of one grant, and at least 2: where it is one in a time, write `at_most_every: 10m`. Sessions keep it, in
    /// all processes that share a store.
    pub limit: Option<LimitSpec>,
    /// What the requests under `then` need of the answer, by name: `{ bearer: /access_token }` is `${refresh.bearer}`.
    #[serde(default)]
    pub take: BTreeMap<String, TakeSpec>,
    /// Requests behind this one, where the answer does not bring the access token yet: the last of them does, and `response` says how. The
    /// refresh token is spent by then, and they hold no token but what was taken. A new refresh token, `response.refresh_token`, is read
    /// of the answer to this request, and kept whatever becomes of the others.
    ///
    /// ```yaml
    /// refresh:
    ///   request: POST /oauth/token
    ///   form: { grant_type: refresh_token, refresh_token: "${refresh_token}" }
    ///   take: { bearer: /access_token }
    ///   then:
    ///     - id: session
    ///       request: POST /api/session
    ///       headers: { authorization: "Bearer ${refresh.bearer}" }
    /// response: { access_token: /token, refresh_token: /refresh_token }
    /// ```
    #[serde(default)]
    pub then: Vec<StepRequestSpec>,
    /// What brings tokens where a refresh cannot: when the refresh token has died, and before there is any. `{ operation: sign_in, form: … }`.
    /// Unless said a person signs in.
    #[serde(rename = "else")]
    pub else_: Option<ElseSpec>,
}

/// A request that spends no token, to the same provider, whose answer is read as that of the refresh: the block `response` says how. It
/// brings what a refresh spends, a refresh token or the access token that renews itself. Sessions send it where they would ask a person to
/// sign in, and before there is any token; they ask for a sign-in only when it is refused as well.
///
/// ```yaml
/// refresh:
///   request: POST /oauth/token
///   form: { grant_type: refresh_token, refresh_token: "${refresh_token}" }
///   else:
///     operation: sign_in
///     form: { grant_type: password, username: "${client.username}", password: "${client.password}" }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ElseSpec {
    /// What brings the tokens: `sign_in`, `client_credentials` or `assertion`.
    pub operation: OperationSpec,
    /// Method and path: `POST /v1/login`. Those of the refresh unless said. Where the integrator brings the whole URL of the refresh, it
    /// is that of this request as well, and the method stands alone: `PUT`. An address that a step took may stand for the path, or for its beginning.
    pub request: Option<String>,
    /// How the client proves who it is, as for a refresh. `none` unless said (`body` in the profile `rfc6749`, but for `operation:
    /// assertion`).
    pub auth: Option<AuthSpec>,
    /// Parameters of the query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Headers, as for a refresh.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A body of `application/x-www-form-urlencoded` fields, as for a refresh. With a profile those of the operation are sent, too.
    pub form: Option<BTreeMap<String, Option<String>>>,
    /// A JSON body, as for a refresh.
    pub json: Option<serde_json::Value>,
    /// An XML body, as for a refresh.
    pub xml: Option<String>,
    /// Cookies, by name, as for a refresh: `{ device: "${client.device}" }`.
    pub cookies: Option<BTreeMap<String, String>>,
    /// How many of these requests the provider takes in a time, where the page says so: `{ at_most: 10, per: 10m }`.
    pub limit: Option<LimitSpec>,
}

/// How many requests a provider takes in a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitSpec {
    /// So many, refused ones included: `10`.
    pub at_most: u32,
    /// In any stretch of time of this length: `10m`.
    pub per: String,
}

/// What is traded for the new access token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationSpec {
    /// A refresh token (RFC 6749 section 6), with the current access token beside it where the provider wants both.
    #[default]
    RefreshToken,
    /// The current access token: it renews itself.
    AccessToken,
    /// Nothing: the client's own credentials bring a token, as often as it asks (RFC 6749 section 4.4).
    ClientCredentials,
    /// Nothing: stored sign-in secrets bring a token, such as a user name and a password (RFC 6749 section 4.3).
    SignIn,
    /// Nothing: an assertion brings a token (RFC 7521), which the integrator supplies as a parameter under `client`, or which the
    /// client signs (`assertion`).
    Assertion,
    /// Nothing, and no request is sent: the client makes and signs the access token itself. It is the token that `assertion`
    /// describes, and ends when that says. There is no `request`, no `response`, no `errors` and no host:
    /// `assertion: { alg: ES256, key: "${client.key}", lives: 20m, claims: { aud: example-v1 } }`, `refresh: { operation: local }`.
    Local,
}

/// When the provider accepts a refresh: a word, or a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum WhenSpec {
    /// A word.
    Named(WhenName),
    /// Only near the access token's expiry.
    Detailed(WhenDetail),
}

/// When the provider accepts a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhenName {
    /// Whenever the refresh token lives.
    AnyTime,
    /// Only while the access token has not expired: afterwards, sign in again.
    BeforeExpiry,
    /// Only once the access token has expired.
    AfterExpiry,
    /// The page does not say whether an expired access token is accepted.
    Unknown,
}

/// Only near the access token's expiry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhenDetail {
    /// How long before the expiry the provider begins to accept: `10m`.
    pub near_expiry: String,
}

/// Whether the scope is sent: a word, or a fixed value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ScopeSpec {
    /// A word.
    Named(ScopeName),
    /// A value of its own.
    Detailed(FixedScope),
}

/// Whether the scope is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScopeName {
    /// Not sent: the grant's scope is unchanged.
    Omit,
    /// The granted scope is sent again. Not supported yet.
    Granted,
}

/// Always the same scope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FixedScope {
    /// The scope, as one text, with places where they are needed: `read write`, `${client.scope} offline`. Sent as the body's
    /// `scope` field.
    pub fixed: String,
}
