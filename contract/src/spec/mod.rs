//! A spec *as written*: one type for each part of the YAML, in the order in which a person reads it.
//!
//! These types are the language: `serde` reads them, `schemars` turns them and their doc comments into the JSON Schema
//! that editors show on hover. Nothing here has a meaning yet: `resolve` gives it one.

mod auth;
mod errors;
mod example;
mod notes;
mod output;
mod parameter;
mod place;
mod provider;
mod refresh;
mod response;
mod sample;
mod sequence;
mod step;
mod tokens;
mod values;

pub use auth::*;
pub use errors::*;
pub use example::*;
pub use notes::*;
pub use output::*;
pub use parameter::*;
pub use place::*;
pub use provider::*;
pub use refresh::*;
pub use response::*;
pub use sample::*;
pub use sequence::*;
pub use step::*;
pub use tokens::*;
pub use values::*;

use crate::path::Path;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A refresh contract: how one provider trades a refresh token for a new access token.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The version of the language. Always `1`.
    pub rekindle: Version,
    /// Who the provider is, and which page this contract was read from. It may be left out: the file's name names it.
    #[serde(default)]
    pub provider: ProviderSpec,
    /// The id of another spec of the same run, whose facts hold here unless this spec says otherwise: `like: google`. Mappings are
    /// merged, lists and texts take the place of the other's, and `null` takes one away. Hosts take the place of all of the
    /// other's hosts. Its names, examples, samples and allowed lints stay its own.
    pub like: Option<String>,
    /// Several contracts at one provider, by name, where the integrator's settings there decide between them: `variants: { code: {},
    /// pkce: { refresh: { auth: public } } }`. What stands outside of `variants` holds for each, and each says what differs, merged
    /// as `like` merges: mappings are merged, lists and texts take the place of those outside, `null` takes one away. Each
    /// becomes a client of its own, named after the file and the variant: `acme_code`, `acme_pkce`.
    #[serde(default)]
    pub variants: BTreeMap<String, VariantSpec>,
    /// `rfc6749` fills in what a plain OAuth 2.0 token endpoint does: a form body with `grant_type=refresh_token`, the
    /// client's id and secret in the body, the answer's standard members and error codes, an access token that lives for
    /// `/expires_in` and is sent as `bearer`, and a refresh token that some answers replace, `rotation: sometimes`. Whatever the
    /// spec says itself wins.
    pub profile: Option<Profile>,
    /// The hosts that the provider documents, by name: `production: https://auth.example.com`. A URL may hold
    /// `${client.NAME}` in its host. An only one may stand in `refresh.request` instead.
    #[serde(default)]
    pub environments: BTreeMap<String, EnvironmentSpec>,
    /// `integrator`: the base URL is not on the page, the integrator brings it. Where `refresh.request` is a method alone, `request:
    /// POST`, what the integrator brings is the whole URL, its query included.
    ///
    /// `output.NAME`: each answer may tell where the next refresh goes, in the output of that name, a `url` with `hosts`: `base_url:
    /// output.instance_url`. The first refresh goes to the value that came with signing in, or where there is none, to the environment
    /// or to what the integrator brings. An address that `hosts` do not allow is a deviation: the tokens of that answer are kept, and
    /// requests go where they went before.
    pub base_url: Option<String>,
    /// What the integrator brings: client id, client secret, tenant, region. Each becomes a setting of the client and may be used as
    /// `${client.NAME}`. One that must be given, and stands in the hosts of some environments and nowhere else, becomes a part of these
    /// environments: `Environment::Region { region }`.
    #[serde(default)]
    pub client: BTreeMap<String, ParameterSpec>,
    /// A token that the client signs anew for each request, `${assertion}` in it; with `operation: local` the access token itself.
    pub assertion: Option<AssertionSpec>,
    /// Up to two requests before the one under `refresh`, in order, each of which may use what an earlier one brought.
    #[serde(default)]
    pub steps: Vec<StepRequestSpec>,
    /// The request that refreshes.
    pub refresh: RefreshSpec,
    /// How to read the answer.
    pub response: Option<ResponseSpec>,
    /// What the tokens are: how often each may be used, how long it lives, what a refresh does to it.
    pub tokens: Option<TokensSpec>,
    /// What each refusal means, first match first. What no rule matches falls to the language's defaults: 429 is
    /// `rate_limited`; 408, 425 and 5xx are `transient`; everything else is a `contract_violation`.
    #[serde(default)]
    pub errors: Vec<ErrorRuleSpec>,
    /// Synthetic values that examples share, as `${sample.NAME}`: a text, or a JWT made from its claims.
    #[serde(default)]
    pub samples: BTreeMap<String, SampleSpec>,
    /// Documented exchanges, with synthetic tokens. The conformance tests expect exactly what they say.
    #[serde(default)]
    pub examples: Vec<ExampleSpec>,
    /// Where each fact comes from. What is not named here is documented on the source page.
    pub provenance: Option<ProvenanceSpec>,
    /// Lints that do not apply here, by name, each with the reason: `get_request: The page documents GET.`
    #[serde(default)]
    pub allow: BTreeMap<String, String>,
}

/// What differs in one variant: any keys of a spec but `rekindle`, `like`, `variants` and `provider.id`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(transparent))]
#[serde(transparent)]
pub struct VariantSpec(
    #[cfg_attr(
        any(test, feature = "schema"),
        schemars(with = "serde_json::Map<String, serde_json::Value>")
    )]
    pub serde_yaml::Mapping,
);

/// The version of the contract language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(transparent))]
pub struct Version(
    #[cfg_attr(any(test, feature = "schema"), schemars(range(min = 1, max = 1)))] pub u64,
);

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Version)
    }
}

/// A named set of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The refresh request and answer of RFC 6749 (sections 5 and 6).
    Rfc6749,
}

/// One value or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// Just one.
    One(T),
    /// Any of several.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// The values, however they were written.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// Each value with its path, where all stand at `path`.
    pub fn each(&self, path: &Path) -> impl Iterator<Item = (Path, &T)> {
        let many = matches!(self, Self::Many(_));
        let place = move |index| if many { path.index(index) } else { path.clone() };
        self.as_slice().iter().enumerate().map(move |(index, value)| (place(index), value))
    }
}
