//! Synthetic values that examples share.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A synthetic value: a text, or a JWT made from its claims.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum SampleSpec {
    /// The value itself.
    Text(String),
    /// A JWT with the claims that matter and a signature that is none.
    Jwt(JwtSample),
}

/// A JWT with the claims that matter and a signature that is none.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JwtSample {
    /// The claims. `iat`, `nbf` and `exp` may be written as RFC 3339 instants: `exp: 2026-11-22T08:00:00Z`.
    pub jwt: BTreeMap<String, serde_json::Value>,
    /// The algorithm in its header. `HS256` unless said.
    pub alg: Option<String>,
}
