//! Tokens that a client signs: JWTs (RFC 7519) in the compact form (RFC 7515 section 3.1).

mod key;

use std::time::{Duration, SystemTime};

use http::Request;
use zeroize::Zeroizing;

pub use key::SigningKey;

use super::values::{KeyEncoding, base64url, unix_seconds};
use crate::Error;
use crate::request::json_string;

/// How a token is signed (RFC 7518 section 3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256, under a secret that both sides know.
    Hs256,
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    Rs512,
    /// RSA PSS with SHA-256.
    Ps256,
    /// RSA PSS with SHA-384.
    Ps384,
    /// RSA PSS with SHA-512.
    Ps512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// As the `alg` of a header says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A token in the making.
pub struct Jwt {
    /// Members of the header behind `alg` and `typ`.
    header: Vec<u8>,
    claims: Zeroizing<Vec<u8>>,
}

impl Jwt {
    /// A token that is issued at `at` and lives for `lives`, in whole seconds: its `iat` and `exp`.
    pub fn new(at: SystemTime, lives: Duration) -> Self {
        let ends = at.checked_add(lives).unwrap_or(at);
        let (issued, ends) = (unix_seconds(at), unix_seconds(ends));
        let claims = format!("\"iat\":{issued},\"exp\":{ends}");
        Self { header: Vec::new(), claims: Zeroizing::new(claims.into_bytes()) }
    }

    /// With an `nbf`, the instant before which it is not good.
    #[must_use]
    pub fn not_before(self, at: SystemTime) -> Self {
        self.claim_json("nbf", &unix_seconds(at))
    }

    /// With a text in its header: `kid`, `x5t`, `x5t#S256`.
    #[must_use]
    pub fn header(mut self, name: &str, text: &str) -> Self {
        member(&mut self.header, name);
        json_string(&mut self.header, text);
        self
    }

    /// With a claim that is a text.
    #[must_use]
    pub fn claim(mut self, name: &str, text: &str) -> Self {
        member(&mut self.claims, name);
        json_string(&mut self.claims, text);
        self
    }

    /// With a claim that is a text, where there is one.
    #[must_use]
    pub fn claim_if_given(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.claim(name, text),
            None => self,
        }
    }

    /// With a claim that is this JSON.
    #[must_use]
    pub fn claim_json(mut self, name: &str, json: &str) -> Self {
        member(&mut self.claims, name);
        self.claims.extend_from_slice(json.as_bytes());
        self
    }

    /// With a claim that is the JSON that `write` puts to the end.
    #[must_use]
    pub fn claim_of(mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        member(&mut self.claims, name);
        write(&mut self.claims);
        self
    }

    /// The token, signed with a private key. `name` is that of the setting that holds it.
    ///
    /// # Errors
    /// The key is none for this algorithm, or the machine has no random numbers to give.
    pub fn sign(
        self,
        algorithm: Algorithm,
        name: &'static str,
        key: &SigningKey,
    ) -> Result<Zeroizing<String>, Error> {
        self.signed(algorithm, |message| key.sign(name, algorithm, message))
    }

    /// The token, signed by `HS256` with a secret that both sides know. `name` is that of the setting that holds it.
    ///
    /// # Errors
    /// The secret is not in this encoding.
    pub fn sign_with_secret(
        self,
        name: &'static str,
        secret: &str,
        encoding: KeyEncoding,
    ) -> Result<Zeroizing<String>, Error> {
        let secret = encoding.decode(name, secret)?;
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        self.signed(Algorithm::Hs256, |message| {
            Ok(ring::hmac::sign(&key, message).as_ref().to_vec())
        })
    }

    fn signed(
        self,
        algorithm: Algorithm,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>,
    ) -> Result<Zeroizing<String>, Error> {
        let mut header = format!("{{\"alg\":\"{}\",\"typ\":\"JWT\"", algorithm.name()).into_bytes();
        header.extend_from_slice(&self.header);
        header.push(b'}');
        let mut claims = Zeroizing::new(Vec::with_capacity(self.claims.len() + 2));
        claims.push(b'{');
        claims.extend_from_slice(&self.claims);
        claims.push(b'}');
        let (header, claims) = (base64url(&header), base64url(&*claims));
        let mut token = Zeroizing::new(String::with_capacity(header.len() + claims.len() + 512));
        token.push_str(&header);
        token.push('.');
        token.push_str(&claims);
        let signature = base64url(&sign(token.as_bytes())?);
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }
}

/// Shows nothing of what it says.
impl std::fmt::Debug for Jwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Jwt(..)")
    }
}

/// Begins a further member of an object.
fn member(into: &mut Vec<u8>, name: &str) {
    into.push(b',');
    json_string(into, name);
    into.push(b':');
}

/// The URL of a request without its query: the `aud` of a token by which a client proves itself (RFC 7523 section 3).
pub fn token_url(request: &Request<Vec<u8>>) -> String {
    let url = request.uri().to_string();
    url.split_once('?').map_or(url.as_str(), |(url, _)| url).to_owned()
}

#[cfg(test)]
mod tests;
