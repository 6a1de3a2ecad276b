//! Keys: what signs, and what tells whether somebody else signed.

use super::{decode, encode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rekindle_contract::contract::{Algorithm, KeyEncoding, KeyKind, TextEncoding};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair, UnparsedPublicKey};
use ring::{digest, hmac};

/// A key that signs by one algorithm.
pub(super) enum Key {
    Secret(hmac::Key),
    Rsa(RsaKeyPair, Algorithm),
    Ecdsa(EcdsaKeyPair, Algorithm),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// The key in a text: PEM of PKCS#8 or PKCS#1, or a secret; `None` where it is none for this algorithm.
    pub(super) fn read(alg: Algorithm, text: &str, encoding: KeyEncoding) -> Option<Self> {
        if alg == Algorithm::Hs256 {
            return Some(Self::Secret(secret(text, encoding)?));
        }
        let der = der(text)?;
        let rng = SystemRandom::new();
        Some(match alg.key_kind() {
            KeyKind::Secret => return None,
            KeyKind::Rsa => Self::Rsa(
                RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).ok()?,
                alg,
            ),
            KeyKind::P256 => {
                let fixed = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
                Self::Ecdsa(EcdsaKeyPair::from_pkcs8(fixed, &der, &rng).ok()?, alg)
            }
            KeyKind::P384 => {
                let fixed = &signature::ECDSA_P384_SHA384_FIXED_SIGNING;
                Self::Ecdsa(EcdsaKeyPair::from_pkcs8(fixed, &der, &rng).ok()?, alg)
            }
            KeyKind::Ed25519 => {
                Self::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok()?)
            }
        })
    }

    /// The signature of a message.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let rng = SystemRandom::new();
        Some(match self {
            Self::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
            Self::Rsa(pair, alg) => {
                let padding: &dyn signature::RsaEncoding = match alg {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signed = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &rng, message, &mut signed).ok()?;
                signed
            }
            Self::Ecdsa(pair, _) => pair.sign(&rng, message).ok()?.as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        })
    }

    /// Whether this is the signature of a message, as who has the public key alone can tell.
    pub(super) fn verify(&self, message: &[u8], signed: &[u8]) -> bool {
        let public = |by: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(by, key).verify(message, signed).is_ok()
        };
        match self {
            Self::Secret(key) => hmac::verify(key, message, signed).is_ok(),
            Self::Rsa(pair, alg) => {
                let by = match alg {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                public(by, pair.public_key().as_ref())
            }
            Self::Ecdsa(pair, Algorithm::Es384) => {
                public(&signature::ECDSA_P384_SHA384_FIXED, pair.public_key().as_ref())
            }
            Self::Ecdsa(pair, _) => {
                public(&signature::ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
            }
            Self::Ed25519(pair) => public(&signature::ED25519, pair.public_key().as_ref()),
        }
    }
}

/// What stands between the lines of a PEM.
fn der(pem: &str) -> Option<Vec<u8>> {
    let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    BASE64_STANDARD.decode(lines.collect::<String>()).ok()
}

fn secret(text: &str, encoding: KeyEncoding) -> Option<hmac::Key> {
    let bytes = match encoding {
        KeyEncoding::Text => text.as_bytes().to_vec(),
        KeyEncoding::Hex => decode(text, TextEncoding::Hex)?,
        KeyEncoding::Base64 => {
            let url = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
            decode(&url, TextEncoding::Base64Url)?
        }
    };
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

/// The HMAC of a text; `None` where the key cannot be read.
pub(super) fn hmac_of(
    text: &str,
    key: &str,
    encoding: KeyEncoding,
    written: TextEncoding,
) -> Option<String> {
    let key = secret(key, encoding)?;
    Some(encode(hmac::sign(&key, text.as_bytes()).as_ref(), written))
}

/// The SHA-256 hash of a text.
pub(super) fn sha256_of(text: &str, written: TextEncoding) -> String {
    encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref(), written)
}
