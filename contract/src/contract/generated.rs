//! Values that the client makes anew for each request.

use super::{Contract, JsonTemplate, ParameterKind, Part, Slot, Template};
pub use crate::spec::{Algorithm, KeyEncoding, TextEncoding, TimeFormat};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The name of the value that `${assertion}` stands for.
pub const ASSERTION: &str = "assertion";
/// The name of the value by which the client proves itself (RFC 7523 section 2.2).
pub const CLIENT_ASSERTION: &str = "client_assertion";

/// A value that the client makes anew for each request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Generated {
    /// A random UUID of version 4.
    Uuid,
    /// The start of the request, or an instant after it.
    Now {
        /// How it is written.
        format: TimeFormat,
        /// How long after the start.
        #[serde(default, skip_serializing_if = "Duration::is_zero")]
        plus: Duration,
    },
    /// A text, written otherwise.
    Encoded {
        /// The text.
        of: Template,
        /// How it is written.
        written: TextEncoding,
    },
    /// A SHA-256 hash.
    Sha256 {
        /// Of this text.
        of: Template,
        /// How it is written.
        written: TextEncoding,
    },
    /// An HMAC-SHA256.
    HmacSha256 {
        /// Of this text.
        of: Template,
        /// Under this key.
        key: Key,
        /// How it is written.
        written: TextEncoding,
    },
    /// A signed token.
    Jwt(Jwt),
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its text. That of an asymmetric key is the place of one parameter.
    pub text: Template,
    /// How the text holds a symmetric key.
    pub encoding: KeyEncoding,
}

/// A token that the client signs: a JWT (RFC 7519) in the compact form (RFC 7515 section 3.1), with `iat` and `exp`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Jwt {
    /// How it is signed.
    pub alg: Algorithm,
    /// With this key.
    pub key: Key,
    /// What its header says of the key, by parameter: `kid`, `x5t`, `x5t#S256`.
    pub header: Vec<(String, Template)>,
    /// From `iat` to `exp`, in whole seconds.
    pub lives: Duration,
    /// Whether it holds a random `jti`.
    pub jti: bool,
    /// Whether it holds `nbf`, the same as its `iat`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nbf: bool,
    /// What else it says, sorted by name.
    pub claims: Vec<(String, JsonTemplate)>,
}

impl Generated {
    /// Its templates, the key's included.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Uuid | Self::Now { .. } => Vec::new(),
            Self::Encoded { of, .. } | Self::Sha256 { of, .. } => vec![of],
            Self::HmacSha256 { of, key, .. } => vec![of, &key.text],
            Self::Jwt(jwt) => jwt.templates(),
        }
    }

    /// The key under which it is made.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::HmacSha256 { key, .. } => Some(key),
            Self::Jwt(jwt) => Some(&jwt.key),
            Self::Uuid | Self::Now { .. } | Self::Encoded { .. } | Self::Sha256 { .. } => None,
        }
    }

    /// Whether it is made by chance.
    pub fn is_random(&self) -> bool {
        match self {
            Self::Uuid => true,
            Self::Jwt(jwt) => jwt.jti,
            _ => false,
        }
    }

    /// Whether the same one would be right again but for having come before. What holds what a step gave out is another one each time.
    pub fn may_recur(&self) -> bool {
        let mut slots = self.templates().into_iter().flat_map(Template::slots);
        self.is_random() && !slots.any(|slot| matches!(slot, Slot::Taken(_)))
    }
}

impl Jwt {
    /// The parameter that holds the private key; `None` where a secret signs, or where the key is no place of a parameter alone.
    pub fn private_key(&self) -> Option<&str> {
        match self.key.text.parts.as_slice() {
            [Part::Slot(Slot::Client(name))] if self.alg != Algorithm::Hs256 => Some(name),
            _ => None,
        }
    }

    /// Its templates, that of the key first.
    pub fn templates(&self) -> Vec<&Template> {
        let mut all = vec![&self.key.text];
        all.extend(self.header.iter().map(|(_, text)| text));
        all.extend(self.claim_templates());
        all
    }

    /// The templates of its claims.
    pub fn claim_templates(&self) -> impl Iterator<Item = &Template> {
        self.claims.iter().flat_map(|(_, claim)| claim.templates())
    }
}

/// What kind of key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A secret that both sides know.
    Secret,
    /// An RSA private key.
    Rsa,
    /// A private key on the curve P-256.
    P256,
    /// A private key on the curve P-384.
    P384,
    /// A private key of Ed25519.
    Ed25519,
}

impl Algorithm {
    /// What kind of key signs by it.
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::Hs256 => KeyKind::Secret,
            Self::Rs256 | Self::Rs384 | Self::Rs512 => KeyKind::Rsa,
            Self::Ps256 | Self::Ps384 | Self::Ps512 => KeyKind::Rsa,
            Self::Es256 => KeyKind::P256,
            Self::Es384 => KeyKind::P384,
            Self::EdDsa => KeyKind::Ed25519,
        }
    }

    /// A private key for examples and tests, as PEM; for `HS256` `None`, where any text is one. It is published: it keeps nothing secret.
    pub const fn synthetic_key(self) -> Option<&'static str> {
        match self.key_kind() {
            KeyKind::Secret => None,
            KeyKind::Rsa => Some(include_str!("keys/rsa.pem")),
            KeyKind::P256 => Some(include_str!("keys/p256.pem")),
            KeyKind::P384 => Some(include_str!("keys/p384.pem")),
            KeyKind::Ed25519 => Some(include_str!("keys/ed25519.pem")),
        }
    }
}

impl Contract {
    /// The algorithm of the private key that a parameter holds.
    pub fn signs_with(&self, parameter: &str) -> Option<Algorithm> {
        if self.client.get(parameter)?.kind != ParameterKind::SigningKey {
            return None;
        }
        self.generated().find_map(|value| match value {
            Generated::Jwt(jwt) => {
                jwt.private_key().filter(|name| *name == parameter).map(|_| jwt.alg)
            }
            _ => None,
        })
    }

    /// A key for examples and tests where a parameter holds one that can be read in one way only: `None` where any text is one. It is
    /// published: it keeps nothing secret.
    pub fn synthetic_key(&self, parameter: &str) -> Option<String> {
        if let Some(alg) = self.signs_with(parameter) {
            return alg.synthetic_key().map(str::to_owned);
        }
        let whole = Template::slot(Slot::Client(parameter.to_owned()));
        let mut keys = self.generated().filter_map(Generated::key);
        match keys.find(|key| key.text == whole)?.encoding {
            KeyEncoding::Text => None,
            KeyEncoding::Hex => Some("73796e746865746963206b6579".to_owned()),
            KeyEncoding::Base64 => Some("c3ludGhldGljIGtleQ==".to_owned()),
        }
    }
}
