//! Private keys for tests and examples, as PEM, by the algorithm that they sign by. They are published: they keep nothing secret.

use rekindle_contract::contract::Algorithm;

/// For `RS256`: 2048 bits.
pub const RS256: &str = key(Algorithm::Rs256);
/// For `PS256`: that of [`RS256`].
pub const PS256: &str = key(Algorithm::Ps256);
/// For `ES256`: on the curve P-256.
pub const ES256: &str = key(Algorithm::Es256);
/// For `EdDSA`: of Ed25519.
pub const EDDSA: &str = key(Algorithm::EdDsa);

const fn key(algorithm: Algorithm) -> &'static str {
    match algorithm.synthetic_key() {
        Some(key) => key,
        None => panic!("any text is a key for it"),
    }
}
