//! Values that the client makes anew for each request, and what it signs.

use crate::words::words;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A value that the client makes anew for each request: a word, or a mapping. It is the same wherever the request holds it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ValueSpec {
    /// A word: `uuid`.
    Named(ValueName),
    /// The time, a hash, a signature or an encoding: `{ now: unix_seconds }`.
    Detailed(ValueDetail),
}

/// A value that needs no more than its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueName {
    /// A random UUID (RFC 9562 version 4), as a nonce or the id of a request.
    Uuid,
}

/// The time, a hash, a signature or an encoding. One of `now`, `sha256`, `hmac_sha256`, `base64`, `base64url`, `hex`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[cfg_attr(any(test, feature = "schema"), schemars(extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct ValueDetail {
    /// When the request starts, in this format.
    pub now: Option<TimeFormat>,
    /// With `now`: how long after the start of the request, `7d`, where the request says until when something shall hold.
    pub plus: Option<String>,
    /// The SHA-256 hash of this text, which may hold placeholders.
    pub sha256: Option<String>,
    /// The HMAC-SHA256 (RFC 2104) of this text, which may hold placeholders, under `key`.
    pub hmac_sha256: Option<String>,
    /// This text in base64 with padding (RFC 4648 section 4).
    pub base64: Option<String>,
    /// This text in base64url without padding (RFC 4648 section 5).
    pub base64url: Option<String>,
    /// This text in lower-case hexadecimal digits.
    pub hex: Option<String>,
    /// The key of `hmac_sha256`: `${client.client_secret}`.
    pub key: Option<String>,
    /// How the key is written. `text` unless said: its bytes are those of the text.
    pub key_encoding: Option<KeyEncoding>,
    /// How the hash is written. `hex` unless said.
    #[serde(rename = "as")]
    pub written: Option<TextEncoding>,
}

words! {
    /// How an instant is written.
    pub enum TimeFormat {
        /// Seconds since 1970: `1795248000`.
        UnixSeconds = "unix_seconds", "seconds since 1970";
        /// Milliseconds since 1970: `1795248000000`.
        UnixMilliseconds = "unix_milliseconds", "milliseconds since 1970";
        /// RFC 3339 in UTC, to the second: `2026-11-21T08:00:00Z`.
        Rfc3339 = "rfc3339", "RFC 3339";
        /// An HTTP date (RFC 9110 section 5.6.7): `Sat, 21 Nov 2026 08:00:00 GMT`.
        HttpDate = "http_date", "an HTTP date";
        /// A date and a time in UTC without an offset: `2026-11-21T08:00:00`.
        DateTime = "date_time", "a date and a time";
        /// The date in UTC: `2026-11-21`.
        Date = "date", "a date";
    }
}

words! {
    /// How bytes are written as text.
    pub enum TextEncoding {
        /// Lower-case hexadecimal digits.
        Hex = "hex", "hex";
        /// Base64 with padding (RFC 4648 section 4).
        Base64 = "base64", "base64";
        /// Base64url without padding (RFC 4648 section 5).
        Base64Url = "base64url", "base64url";
    }
}

words! {
    /// How a symmetric key is written.
    #[derive(Default)]
    pub enum KeyEncoding {
        /// As it is: the key is the bytes of the text.
        #[default]
        Text = "text";
        /// In hexadecimal digits.
        Hex = "hex";
        /// In base64 or base64url, padded or not.
        Base64 = "base64";
    }
}

words! {
    /// How a token is signed (RFC 7518 section 3.1, RFC 8037).
    pub enum Algorithm {
        /// HMAC with SHA-256, under a secret that both sides know.
        Hs256 = "HS256", "HS256";
        /// RSA PKCS#1 v1.5 with SHA-256.
        Rs256 = "RS256", "RS256";
        /// RSA PKCS#1 v1.5 with SHA-384.
        Rs384 = "RS384", "RS384";
        /// RSA PKCS#1 v1.5 with SHA-512.
        Rs512 = "RS512", "RS512";
        /// RSA PSS with SHA-256.
        Ps256 = "PS256", "PS256";
        /// RSA PSS with SHA-384.
        Ps384 = "PS384", "PS384";
        /// RSA PSS with SHA-512.
        Ps512 = "PS512", "PS512";
        /// ECDSA over P-256 with SHA-256.
        Es256 = "ES256", "ES256";
        /// ECDSA over P-384 with SHA-384.
        Es384 = "ES384", "ES384";
        /// Ed25519.
        EdDsa = "EdDSA", "EdDSA";
    }
}

/// A token that the client signs anew for each request (RFC 7519, RFC 7515): `${assertion}`. It holds `iat`, the start of the request,
/// `exp`, and the claims.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssertionSpec {
    /// How it is signed.
    pub alg: Algorithm,
    /// The key: `${client.key}`, a parameter of `type: signing_key`; for `HS256` any secret.
    pub key: String,
    /// How the key of `HS256` is written. `text` unless said.
    pub key_encoding: Option<KeyEncoding>,
    /// The id of the key, the `kid` of the header.
    pub kid: Option<String>,
    /// The SHA-1 thumbprint of the certificate in base64url, the `x5t` of the header.
    pub x5t: Option<String>,
    /// Its SHA-256 thumbprint in base64url, the `x5t#S256` of the header.
    pub x5t_s256: Option<String>,
    /// How long it lives: `1h`. `exp` is so long after `iat`.
    pub lives: String,
    /// Whether it holds a random `jti`, so that the provider can tell one from another.
    #[serde(default)]
    pub jti: bool,
    /// Whether it holds `nbf`, before which the provider does not take it: the same instant as `iat`.
    #[serde(default)]
    pub nbf: bool,
    /// What else it says: `iss: "${client.email}"`. `${token_url}` is the URL of the request without its query. A list or
    /// an object may hold placeholders in its texts: `aud: ["${client.audience}", "https://example.com"]`. A claim, or a member of one, that
    /// is an optional parameter and nothing else is left out where that is not given.
    #[serde(default)]
    pub claims: BTreeMap<String, serde_json::Value>,
}

/// A client that proves itself with a token that it signs (RFC 7523 section 2.2).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JwtAuth {
    /// How it is signed. `RS256` unless said for `private_key_jwt`, `HS256` for `client_secret_jwt`.
    pub alg: Option<Algorithm>,
    /// The key. `${client.key}` unless said for `private_key_jwt`, `${client.client_secret}` for `client_secret_jwt`.
    pub key: Option<String>,
    /// How the key of `HS256` is written. `text` unless said.
    pub key_encoding: Option<KeyEncoding>,
    /// The id of the key, the `kid` of the header.
    pub kid: Option<String>,
    /// The SHA-1 thumbprint of the certificate in base64url, the `x5t` of the header.
    pub x5t: Option<String>,
    /// Its SHA-256 thumbprint in base64url, the `x5t#S256` of the header.
    pub x5t_s256: Option<String>,
    /// Whom it is for, its `aud`: `token_url`, the URL of the request without its query, or a text. `token_url` unless said.
    pub audience: Option<String>,
    /// How long it lives. `5m` unless said.
    pub lives: Option<String>,
    /// Whether it holds `nbf`, before which the provider does not take it: the same instant as `iat`.
    #[serde(default)]
    pub nbf: bool,
    /// What it says besides `iss`, `sub`, `aud`, `iat`, `exp` and `jti`: `{ tenant: "${client.tenant}" }`. Lists and objects may
    /// hold placeholders in their texts. A claim, or a member of one, that is an optional parameter and nothing else is left out where that is
    /// not given.
    #[serde(default)]
    pub claims: BTreeMap<String, serde_json::Value>,
}
