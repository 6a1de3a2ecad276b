//! Private keys, in the forms in which people hold them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
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
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// What kind of key signs by an algorithm.
#[derive(Clone, Copy)]
enum Kind {
    Secret,
    Rsa,
    Ecdsa(Curve),
    Ed25519,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
}

impl Kind {
    fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Hs256 => Self::Secret,
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => Self::Rsa,
            Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 => Self::Rsa,
            Algorithm::Es256 => Self::Ecdsa(Curve::P256),
            Algorithm::Es384 => Self::Ecdsa(Curve::P384),
            Algorithm::EdDsa => Self::Ed25519,
        }
    }

    fn is_of(self, pair: &Pair) -> bool {
        match pair {
            Pair::Rsa(_) => matches!(self, Self::Rsa),
            Pair::P256(_) => matches!(self, Self::Ecdsa(Curve::P256)),
            Pair::P384(_) => matches!(self, Self::Ecdsa(Curve::P384)),
            Pair::Ed25519(_) => matches!(self, Self::Ed25519),
        }
    }
}

impl Curve {
    fn signs(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        }
    }

    fn pair(self, pair: EcdsaKeyPair) -> Pair {
        match self {
            Self::P256 => Pair::P256(pair),
            Self::P384 => Pair::P384(pair),
        }
    }

    /// `version 0`, `ecPublicKey`, and the curve: `prime256v1` or `secp384r1` (RFC 5480 section 2.1.1).
    fn head(self) -> &'static [u8] {
        match self {
            Self::P256 => &[
                0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
            ],
            Self::P384 => &[
                0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
            ],
        }
    }
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
        let kind = Kind::of(algorithm);
        let pair = self.read.get().or_else(|| {
            let pair = read(self.text.expose(), kind)?;
            Some(self.read.get_or_init(|| pair))
        });
        let problem = match (kind, pair) {
            (kind, Some(pair)) if kind.is_of(pair) => return Ok(pair),
            (Kind::Secret, _) => "is a private key, and HS256 signs with a secret",
            (_, None) if is_encrypted(self.text.expose()) => {
                "is under a passphrase: write it without one by `openssl pkcs8 -in key.pem -out plain.pem`"
            }
            (Kind::Rsa, _) => {
                "is no RSA private key of 2048 bits or more, as PEM, JWK, base64 or hex"
            }
            (Kind::Ecdsa(Curve::P256), _) => "is no P-256 private key, as PEM, JWK, base64 or hex",
            (Kind::Ecdsa(Curve::P384), _) => "is no P-384 private key, as PEM, JWK, base64 or hex",
            (Kind::Ed25519, _) => "is no Ed25519 private key, as PEM, JWK, base64 or hex",
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
                    Algorithm::Ps384 => &RSA_PSS_SHA384,
                    Algorithm::Ps512 => &RSA_PSS_SHA512,
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(padding, &random, message, &mut signature);
                signed.map(|()| signature).map_err(|_| Error::no_randomness())
            }
            Pair::P256(pair) | Pair::P384(pair) => {
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
fn read(text: &str, kind: Kind) -> Option<Pair> {
    let text = text.trim();
    plain(text, kind).or_else(|| {
        let packed = packed(text);
        let key = |bytes: Zeroizing<Vec<u8>>| {
            let inner = std::str::from_utf8(&bytes).ok().map(str::trim);
            inner.and_then(|text| plain(text, kind)).or_else(|| der(&bytes, kind))
        };
        from_hex(&packed).and_then(key).or_else(|| from_base64(&packed).and_then(key))
    })
}

/// Whether the text is a key in PEM that only its passphrase opens (RFC 7468 section 11, RFC 1421 section 4.6.1.1), or the base64 of one.
fn is_encrypted(text: &str) -> bool {
    let is_marked = |text: &str| {
        text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
            || text.contains("Proc-Type: 4,ENCRYPTED")
    };
    is_marked(text)
        || from_base64(&packed(text))
            .is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(is_marked))
}

/// The text without white space.
fn packed(text: &str) -> Zeroizing<String> {
    let mut packed = Zeroizing::new(String::with_capacity(text.len()));
    packed.extend(text.split_ascii_whitespace());
    packed
}

/// PEM or JWK.
fn plain(text: &str, kind: Kind) -> Option<Pair> {
    if text.starts_with('{') {
        return jwk(text, kind);
    }
    pem(text, kind)
}

/// The first private key in PEM (RFC 7468), whichever of its kinds its label says. It is read here, since the readers of PEM that there are
/// wipe neither the base64 nor the DER that they collect.
fn pem(text: &str, kind: Kind) -> Option<Pair> {
    let (before, rest) = text.split_once("PRIVATE KEY-----")?;
    let (_, label) = before.rsplit_once("-----BEGIN ")?;
    let (content, _) = rest.split_once("-----END ")?;
    let is_label = matches!(label, "" | "RSA " | "EC ");
    der(&from_base64(&packed(content)).filter(|_| is_label)?, kind)
}

/// DER of any kind, and the seed of Ed25519 as it is.
fn der(bytes: &[u8], kind: Kind) -> Option<Pair> {
    pkcs8(bytes, kind).or_else(|| match kind {
        Kind::Rsa => RsaKeyPair::from_der(bytes).ok().map(Pair::Rsa),
        Kind::Ecdsa(curve) => sec1(bytes, curve),
        Kind::Ed25519 => Ed25519KeyPair::from_seed_unchecked(bytes).ok().map(Pair::Ed25519),
        Kind::Secret => None,
    })
}

/// PKCS#8 (RFC 5208), where the kind of the key is the algorithm's.
fn pkcs8(der: &[u8], kind: Kind) -> Option<Pair> {
    match kind {
        Kind::Rsa => RsaKeyPair::from_pkcs8(der).ok().map(Pair::Rsa),
        Kind::Ecdsa(curve) => on_curve(der, curve),
        // Many programs write no public key into it.
        Kind::Ed25519 => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok().map(Pair::Ed25519),
        Kind::Secret => None,
    }
}

fn on_curve(pkcs8: &[u8], curve: Curve) -> Option<Pair> {
    let pair = EcdsaKeyPair::from_pkcs8(curve.signs(), pkcs8, &SystemRandom::new());
    pair.ok().map(|pair| curve.pair(pair))
}

/// SEC 1 (RFC 5915), as the key of a PKCS#8 around it: all lengths are of one or two bytes.
fn sec1(der: &[u8], curve: Curve) -> Option<Pair> {
    let mut inner = Zeroizing::new(curve.head().to_vec());
    inner.extend_from_slice(&tagged(0x04, der)?);
    on_curve(&tagged(0x30, &inner)?, curve)
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
fn jwk(text: &str, kind: Kind) -> Option<Pair> {
    let document = Document::parse(text.as_bytes()).ok()?;
    let root = document.root();
    let part = |name: &str| from_base64(root.at(&[name]).required_token("key").ok()?);
    match kind {
        Kind::Rsa => {
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
        Kind::Ecdsa(curve) => {
            // A point that is not compressed (SEC 1 section 2.3.3).
            let public = [&[4], part("x")?.as_slice(), part("y")?.as_slice()].concat();
            let pair = EcdsaKeyPair::from_private_key_and_public_key(
                curve.signs(),
                &part("d")?,
                &public,
                &SystemRandom::new(),
            );
            pair.ok().map(|pair| curve.pair(pair))
        }
        Kind::Ed25519 => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&part("d")?, &part("x")?);
            pair.ok().map(Pair::Ed25519)
        }
        Kind::Secret => None,
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
