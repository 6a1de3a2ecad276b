//! Private keys, in the forms in which people hold them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use zeroize::Zeroizing;

use super::Algorithm;
use crate::kit::values::{from_base64, from_hex};
use crate::{Document, Error, Secret};

/// A private key: as PEM (PKCS#8, PKCS#1, SEC 1), as JWK (RFC 7517), or one of these, or its DER, in base64 or hexadecimal digits. For
/// `EdDSA` also the 32 bytes of its seed. It is read for the algorithm of the contract, when a client is made. `Debug` shows
/// nothing of it.
#[derive(Clone)]
pub struct SigningKey {
    text: Secret,
    // A key that could be read. A failure is not kept: it is that of one algorithm, and the clones may be asked for another.
    read: Arc<OnceLock<Pair>>,
}

/// A key that signs.
pub(super) enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Whether it is a key for this algorithm. `name` is that of the setting.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential).
    pub fn check(&self, name: &'static str, algorithm: Algorithm) -> Result<(), Error> {
        self.pair(name, algorithm).map(drop)
    }

    pub(super) fn pair(&self, name: &'static str, algorithm: Algorithm) -> Result<&Pair, Error> {
        let pair = self.read.get().or_else(|| {
            let pair = read(self.text.expose(), algorithm)?;
            Some(self.read.get_or_init(|| pair))
        });
        let problem = match (algorithm, pair) {
            (Algorithm::Rs256 | Algorithm::Ps256, Some(pair @ Pair::Rsa(_)))
            | (Algorithm::Es256, Some(pair @ Pair::P256(_)))
            | (Algorithm::EdDsa, Some(pair @ Pair::Ed25519(_))) => return Ok(pair),
            (Algorithm::Rs256 | Algorithm::Ps256, _) => {
                "is no RSA private key of 2048 bits or more, as PEM, JWK, base64 or hex"
            }
            (Algorithm::Es256, _) => "is no P-256 private key, as PEM, JWK, base64 or hex",
            (Algorithm::EdDsa, _) => "is no Ed25519 private key, as PEM, JWK, base64 or hex",
            (Algorithm::Hs256, _) => "is a private key, and HS256 signs with a secret",
        };
        Err(Error::invalid_credential(name, problem))
    }

    pub(super) fn sign(
        &self,
        name: &'static str,
        algorithm: Algorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let random = SystemRandom::new();
        match self.pair(name, algorithm)? {
            Pair::Rsa(pair) => {
                let padding: &'static dyn RsaEncoding = match algorithm {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(padding, &random, message, &mut signature);
                signed.map(|()| signature).map_err(|_| Error::no_randomness())
            }
            Pair::P256(pair) => {
                let signed = pair.sign(&random, message);
                signed
                    .map(|signature| signature.as_ref().to_vec())
                    .map_err(|_| Error::no_randomness())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// The key in a text.
fn read(text: &str, algorithm: Algorithm) -> Option<Pair> {
    let text = text.trim();
    plain(text, algorithm).or_else(|| {
        let packed = packed(text);
        let key = |bytes: Zeroizing<Vec<u8>>| {
            let inner = std::str::from_utf8(&bytes).ok().map(str::trim);
            inner.and_then(|text| plain(text, algorithm)).or_else(|| der(&bytes, algorithm))
        };
        from_hex(&packed).and_then(key).or_else(|| from_base64(&packed).and_then(key))
    })
}

/// The text without white space.
fn packed(text: &str) -> Zeroizing<String> {
    let mut packed = Zeroizing::new(String::with_capacity(text.len()));
    packed.extend(text.split_ascii_whitespace());
    packed
}

/// PEM or JWK.
fn plain(text: &str, algorithm: Algorithm) -> Option<Pair> {
    if text.starts_with('{') {
        return jwk(text, algorithm);
    }
    pem(text, algorithm)
}

/// The first private key in PEM (RFC 7468), whichever of its kinds its label says. It is read here, since the readers of PEM that there are
/// wipe neither the base64 nor the DER that they collect.
fn pem(text: &str, algorithm: Algorithm) -> Option<Pair> {
    let (before, rest) = text.split_once("PRIVATE KEY-----")?;
    let (_, kind) = before.rsplit_once("-----BEGIN ")?;
    let (content, _) = rest.split_once("-----END ")?;
    let is_label = matches!(kind, "" | "RSA " | "EC ");
    der(&from_base64(&packed(content)).filter(|_| is_label)?, algorithm)
}

/// DER of any kind, and the seed of Ed25519 as it is.
fn der(bytes: &[u8], algorithm: Algorithm) -> Option<Pair> {
    pkcs8(bytes, algorithm).or_else(|| match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => RsaKeyPair::from_der(bytes).ok().map(Pair::Rsa),
        Algorithm::Es256 => sec1(bytes),
        Algorithm::EdDsa => Ed25519KeyPair::from_seed_unchecked(bytes).ok().map(Pair::Ed25519),
        Algorithm::Hs256 => None,
    })
}

/// PKCS#8 (RFC 5208), where the kind of the key is the algorithm's.
fn pkcs8(der: &[u8], algorithm: Algorithm) -> Option<Pair> {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => RsaKeyPair::from_pkcs8(der).ok().map(Pair::Rsa),
        Algorithm::Es256 => p256(der),
        // Many programs write no public key into it.
        Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Pair::Ed25519),
        Algorithm::Hs256 => None,
    }
}

fn p256(pkcs8: &[u8]) -> Option<Pair> {
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random);
    pair.ok().map(Pair::P256)
}

/// SEC 1 (RFC 5915), as the key of a PKCS#8 around it: all lengths are of one or two bytes.
fn sec1(der: &[u8]) -> Option<Pair> {
    /// `version 0`, `ecPublicKey`, `prime256v1` (RFC 5480 section 2.1.1).
    const HEAD: &[u8] = &[
        0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
        0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ];
    let mut inner = Zeroizing::new(HEAD.to_vec());
    inner.extend_from_slice(&tagged(0x04, der)?);
    p256(&tagged(0x30, &inner)?)
}

fn tagged(tag: u8, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let length = u8::try_from(content.len()).ok()?;
    let mut der = Zeroizing::new(vec![tag]);
    der.extend((length > 0x7f).then_some(0x81));
    der.push(length);
    der.extend_from_slice(content);
    Some(der)
}

/// A JWK (RFC 7518 section 6, RFC 8037 section 2).
fn jwk(text: &str, algorithm: Algorithm) -> Option<Pair> {
    let document = Document::parse(text.as_bytes()).ok()?;
    let root = document.root();
    let part = |name: &str| from_base64(root.at(&[name]).required_token("key").ok()?);
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => {
            use ring::rsa::{KeyPairComponents, PublicKeyComponents};
            let parts = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(part);
            let [Some(n), Some(e), Some(d), Some(p), Some(q), Some(dp), Some(dq), Some(qi)] =
                &parts
            else {
                return None;
            };
            let components = KeyPairComponents {
                public_key: PublicKeyComponents { n, e },
                d,
                p,
                q,
                dP: dp,
                dQ: dq,
                qInv: qi,
            };
            RsaKeyPair::from_components(&components).ok().map(Pair::Rsa)
        }
        Algorithm::Es256 => {
            // A point that is not compressed (SEC 1 section 2.3.3).
            let public = [&[4], part("x")?.as_slice(), part("y")?.as_slice()].concat();
            let pair = EcdsaKeyPair::from_private_key_and_public_key(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &part("d")?,
                &public,
                &SystemRandom::new(),
            );
            pair.ok().map(Pair::P256)
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&part("d")?, &part("x")?);
            pair.ok().map(Pair::Ed25519)
        }
        Algorithm::Hs256 => None,
    }
}

impl<T: Into<Secret>> From<T> for SigningKey {
    fn from(text: T) -> Self {
        Self { text: text.into(), read: Arc::default() }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}
