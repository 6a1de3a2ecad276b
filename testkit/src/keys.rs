//! Private keys for tests and examples, as PEM, by the algorithm that they sign by. They are published: they keep nothing secret.

use rekindle_contract::contract::Algorithm;

/// For `RS256`: 2048 bits.
pub const RS256: &str = key(Algorithm::Rs256);
/// For `RS384`: that of [`RS256`].
pub const RS384: &str = RS256;
/// For `RS512`: that of [`RS256`].
pub const RS512: &str = RS256;
/// For `PS256`: that of [`RS256`].
pub const PS256: &str = key(Algorithm::Ps256);
/// For `PS384`: that of [`RS256`].
pub const PS384: &str = RS256;
/// For `PS512`: that of [`RS256`].
pub const PS512: &str = RS256;
/// For `ES256`: on the curve P-256.
pub const ES256: &str = key(Algorithm::Es256);
/// For `ES384`: on the curve P-384.
pub const ES384: &str = key(Algorithm::Es384);
/// For `EdDSA`: of Ed25519.
pub const EDDSA: &str = key(Algorithm::EdDsa);

const fn key(algorithm: Algorithm) -> &'static str {
    match algorithm.synthetic_key() {
        Some(key) => key,
        None => panic!("any text is a key for it"),
    }
}
