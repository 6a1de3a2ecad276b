//! Documented exchanges.

use super::{ErrorClassSpec, SignInSpec, StepSpec};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A documented exchange: what goes in (`given`), what is on the wire (`request`), what comes back (`response`) and what the
/// client makes of it (`expect`). Or a sequence of exchanges: `steps`. Tokens are synthetic.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExampleSpec {
    /// A name in `kebab-case`, unique in this spec: `documented-refresh`. It becomes the name of the test.
    pub id: String,
    /// What it shows, and where it comes from.
    pub doc: Option<String>,
    /// What the integrator holds when the exchange begins.
    pub given: Option<GivenSpec>,
    /// What the page shows on the wire. Left out where an example is about the answer alone.
    pub request: Option<ExampleRequestSpec>,
    /// What the page shows coming back.
    pub response: Option<ExampleResponseSpec>,
    /// What the client makes of it.
    pub expect: Option<ExpectSpec>,
    /// What happens over time, instead of one exchange: steps that begin right after signing in, at a provider that keeps this
    /// contract.
    pub steps: Option<Vec<StepSpec>>,
}

impl ExampleSpec {
    /// Whether it is a whole exchange, and no sequence.
    pub fn is_exchange(&self) -> bool {
        self.given.is_some() && self.response.is_some() && self.expect.is_some()
    }
}

/// What the integrator holds when an exchange begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GivenSpec {
    /// The environment, by its name.
    pub environment: Option<String>,
    /// The base URL, where the integrator brings it.
    pub base_url: Option<String>,
    /// A value for each parameter of `client` that has no default.
    #[serde(default)]
    pub client: BTreeMap<String, String>,
    /// The access token held, where the exchange needs one.
    pub access_token: Option<String>,
    /// The refresh token held, where the exchange needs one.
    pub refresh_token: Option<String>,
    /// What the client makes for this request, by the names of `refresh.values`, where the example shows it: a UUID, a hash, a signature.
    /// What a step took is called `challenge.nonce`.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What the page shows of the answers to the steps before the request, as JSON, by the name of the step:
    /// `{ challenge: { nonce: n-1, ttl: 60 } }`. It holds what the step takes, and `values` need not say that again.
    #[serde(default)]
    pub answers: BTreeMap<String, serde_json::Value>,
    /// When the request starts, as RFC 3339: `2026-11-21T08:00:00Z`. That instant unless said.
    pub at: Option<String>,
}

/// What is on the wire.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExampleRequestSpec {
    /// The method.
    pub method: String,
    /// The whole URL, compared byte for byte; the parameters of its query may come in any order.
    pub url: String,
    /// Headers that must be there, with exactly these values. Names have no case.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that must not be there.
    #[serde(default)]
    pub absent_headers: Vec<String>,
    /// The body's form fields, in any order, and no others.
    pub form: Option<BTreeMap<String, String>>,
    /// The body as JSON, compared by structure.
    pub json: Option<serde_json::Value>,
    /// The body as XML, compared by structure: the texts of elements and attributes, wherever there is white space around them.
    pub xml: Option<String>,
    /// The body byte for byte, where bytes matter. Without `form`, `json`, `xml` and `text` the body must be empty.
    pub text: Option<String>,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExampleResponseSpec {
    /// The status.
    #[cfg_attr(any(test, feature = "schema"), schemars(range(min = 100, max = 599)))]
    pub status: u16,
    /// Headers. One that is there several times, such as `set-cookie`, has a line of text for each.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body as form fields.
    pub form: Option<BTreeMap<String, String>>,
    /// The body as JSON.
    pub json: Option<serde_json::Value>,
    /// The body as XML.
    pub xml: Option<String>,
    /// The body as text. Without `form`, `json`, `xml` and `text` it is empty.
    pub text: Option<String>,
}

/// What the client makes of an answer: tokens, or an error.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExpectSpec {
    /// The new access token.
    pub access_token: Option<String>,
    /// When it dies: an RFC 3339 instant, `never` or `undeclared`.
    pub access_expires: Option<String>,
    /// The refresh token to hold from now on: the new one, or the old one where the answer kept it.
    pub refresh_token: Option<String>,
    /// When that one dies: an RFC 3339 instant, `never` or `undeclared`.
    pub refresh_expires: Option<String>,
    /// The scope in the answer.
    pub scope: Option<String>,
    /// Outputs in the answer, by name. Those that are not named are not compared.
    #[serde(default)]
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// The class of the error, where the answer is one.
    pub error: Option<ErrorClassSpec>,
    /// How to sign in again, where the class is `reauthenticate`.
    pub sign_in: Option<SignInSpec>,
}
