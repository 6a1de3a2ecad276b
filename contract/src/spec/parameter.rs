//! What the integrator brings.

use serde::Deserialize;

/// A value that the integrator brings: a client id, a client secret, a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ParameterSpec {
    /// `true`: never shown, never logged, wiped from memory after use. Where nothing is said, `client_secret`, `password` and `assertion`
    /// are secret, and nothing else is.
    pub secret: Option<bool>,
    /// What kind of text it is. The builder refuses a value that does not fit.
    #[serde(default, rename = "type")]
    pub kind: ParameterKind,
    /// The only values allowed.
    pub one_of: Option<Vec<String>>,
    /// The value where the integrator gives none. A secret cannot have one.
    pub default: Option<String>,
    /// `true`: the integrator may give none, and there is no default. A form field, JSON member, query parameter, header or claim whose
    /// whole value is `${client.NAME}` is then not sent at all. Absent is never empty: an empty text is refused.
    #[serde(default)]
    pub optional: bool,
    /// Where the integrator finds it.
    pub doc: Option<String>,
}

/// What kind of text a parameter is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Any text without control characters, and without white space around it. Percent-encoded in a path or a query.
    #[default]
    Text,
    /// One label of a host name: letters, digits and inner hyphens, at most 63.
    HostLabel,
    /// A whole host name, with a port if need be.
    Host,
    /// A private key for `assertion` or `auth: private_key_jwt`, as PEM (PKCS#8, PKCS#1, SEC 1), as JWK, or in base64 or hexadecimal digits.
    /// It must be secret.
    SigningKey,
}
