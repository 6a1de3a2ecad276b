//! The requests before the one that spends the credential.

use super::BasicAuth;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A request before the one under `refresh`, in the same exchange: it fetches what a later one needs, a challenge or an address. It holds
/// no token, so that its failure leaves the grant as it is, whatever the answer. Under `refresh.then` it is one behind that, and the last
/// of these brings the access token.
///
/// ```yaml
/// steps:
///   - id: challenge
///     request: POST /v1/challenge
///     json: { user: "${client.user}" }
///     take: { nonce: /nonce }
/// refresh:
///   request: POST /v1/token
///   json: { nonce: "${challenge.nonce}", refresh_token: "${refresh_token}" }
/// ```
///
/// Where there is an `else` under `refresh`, each of the two requests has those steps before it whose values it needs, itself or in
/// one of its steps.
///
/// Any status from 200 to 299 is its success. What else it answers is read by `errors`; rules of the classes `reauthenticate` and
/// `in_doubt` are not asked, as no token was sent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepRequestSpec {
    /// What later requests and error messages call it: `challenge`.
    pub id: String,
    /// Method and path: `GET /.well-known/openid-configuration`. It goes where the request under `refresh` goes. The path may be an
    /// address that an earlier step took, `POST ${discovery.token_endpoint}`, or begin with one: `POST ${server.url}/challenges`.
    pub request: String,
    /// How the client proves who it is: `basic`. Any other proof is a header, a cookie or a field, and is written as one. `values` of the
    /// request under `refresh` and an `assertion` are not for a step.
    pub auth: Option<StepAuth>,
    /// Further parameters of the query.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Headers. `Accept: application/json` and the body's `Content-Type` are sent unless said otherwise here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Cookies, by name, as under `refresh`: `{ device: "${client.device}" }`.
    pub cookies: Option<BTreeMap<String, String>>,
    /// A body of `application/x-www-form-urlencoded` fields.
    pub form: Option<BTreeMap<String, String>>,
    /// A JSON body of any depth.
    pub json: Option<serde_json::Value>,
    /// An XML body, as under `refresh`.
    pub xml: Option<String>,
    /// What later requests need of its answer, by name: `{ nonce: /nonce }` is `${challenge.nonce}`. An answer without one of them
    /// breaks the contract. None of it is ever shown. The last request of an exchange takes nothing.
    #[serde(default)]
    pub take: BTreeMap<String, TakeSpec>,
}

/// How the client proves who it is in a step: `basic`, or a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum StepAuth {
    /// HTTP Basic with its usual parts.
    Named(StepAuthMethod),
    /// HTTP Basic with other parts or another encoding.
    Detailed(StepAuthDetail),
}

/// A way to prove who the client is in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepAuthMethod {
    /// HTTP Basic with `client_id` and `client_secret`, each form-encoded first (RFC 6749 section 2.3.1).
    Basic,
}

/// HTTP Basic in a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StepAuthDetail {
    /// HTTP Basic with other parts or another encoding.
    pub basic: BasicAuth,
}

/// What is taken from an answer: a JSON pointer, or a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum TakeSpec {
    /// The place of a text: `/nonce`.
    At(String),
    /// A value of another type.
    Detailed(TakeDetail),
}

/// What is taken from an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeDetail {
    /// Where it is: a JSON pointer, `/token_endpoint`.
    pub field: String,
    /// What it is. `text` unless said.
    #[serde(default, rename = "type")]
    pub kind: TakenKind,
    /// For a `url`: at which hosts it may be besides the base URL's own: `["auth.example.com", "*.example.org"]`. A star is one or
    /// several labels. An address elsewhere breaks the contract, so that no answer can send a token away.
    pub hosts: Option<Vec<String>>,
}

crate::words::words! {
    /// What is taken from an answer.
    #[derive(Default)]
    pub enum TakenKind {
        /// A text, which a header could carry.
        #[default]
        Text = "text", "a text";
        /// A whole number, sent as it is written.
        Integer = "integer", "a whole number";
        /// A whole `https` address, to which a later request goes: `request: POST ${discovery.token_endpoint}`.
        Url = "url", "an address";
    }
}
