//! How the client proves who it is.

use super::JwtAuth;
use serde::Deserialize;

/// How the client proves who it is: a method's name, or a mapping with the method's name as its one key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a spec")]
pub enum AuthSpec {
    /// A method with its usual names: `basic`.
    Named(AuthMethod),
    /// A method with names of its own: `header: { name: x-client-secret }`.
    Detailed(AuthDetail),
}

/// A way to prove who the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Not at all.
    None,
    /// HTTP Basic over `${client.client_id}` and `${client.client_secret}`, each form-encoded first (RFC 6749 section 2.3.1).
    Basic,
    /// `client_id` and `client_secret` as fields of the body.
    Body,
    /// `client_id` alone as a field of the body: a public client has no secret.
    Public,
    /// `client_id` and `client_secret` in the URL's query. Secrets in a URL end in logs: only where the provider demands it.
    Query,
    /// A token signed with the key `${client.key}`, by `RS256` (RFC 7523 section 2.2).
    PrivateKeyJwt,
    /// A token signed with `${client.client_secret}`, by `HS256` (RFC 7523 section 2.2).
    ClientSecretJwt,
    /// A client certificate, and `client_id` as a field of the body (RFC 8705 section 2). The transport has the certificate.
    MutualTls,
}

/// A method with names of its own. Exactly one key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(extend("minProperties" = 1, "maxProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct AuthDetail {
    /// HTTP Basic with other parts or another encoding.
    pub basic: Option<BasicAuth>,
    /// Fields of the body with other names.
    pub body: Option<PairNames>,
    /// The client's id alone, under another name.
    pub public: Option<IdName>,
    /// A header of the provider's own.
    pub header: Option<HeaderAuth>,
    /// Parameters of the query with other names.
    pub query: Option<PairNames>,
    /// A token signed with a private key (RFC 7523 section 2.2).
    pub private_key_jwt: Option<JwtAuth>,
    /// A token signed with the client's secret (RFC 7523 section 2.2).
    pub client_secret_jwt: Option<JwtAuth>,
    /// A client certificate (RFC 8705 section 2), and how the client says who it is beside it.
    pub mutual_tls: Option<MutualTls>,
}

/// How a client with a certificate says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MutualTls {
    /// `client_id` as a field of the body.
    Body,
    /// The certificate alone.
    None,
}

/// The parts of HTTP Basic.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// The user part. `${client.client_id}` unless said.
    pub username: Option<String>,
    /// The password part, `""` where it is empty. `${client.client_secret}` unless said.
    pub password: Option<String>,
    /// Whether both parts are form-encoded before base64. `form` unless said.
    #[serde(default)]
    pub encoding: BasicEncoding,
    /// The word in front of the base64, where it is the provider's own: `{ basic: { scheme: Api-Key, encoding: raw } }` sends
    /// `authorization: Api-Key aWQ6c2VjcmV0`. `Basic` unless said.
    pub scheme: Option<String>,
}

/// What happens to both parts of HTTP Basic before base64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BasicEncoding {
    /// `application/x-www-form-urlencoded` (RFC 6749 section 2.3.1).
    #[default]
    Form,
    /// Nothing: the provider wants them as they are.
    Raw,
}

/// Names for an id and a secret.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PairNames {
    /// The name under which `${client.client_id}` is sent. `client_id` unless said.
    pub client_id: Option<String>,
    /// The name under which `${client.client_secret}` is sent. `client_secret` unless said.
    pub client_secret: Option<String>,
}

/// A name for an id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct IdName {
    /// The name under which `${client.client_id}` is sent. `client_id` unless said.
    pub client_id: Option<String>,
}

/// A header of the provider's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeaderAuth {
    /// The header's name.
    pub name: String,
    /// Its value. `${client.client_secret}` unless said; `Key ${client.api_key}` for a scheme of its own.
    pub value: Option<String>,
}
