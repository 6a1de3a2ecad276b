//! Records sealed with a key, so that reading the store reveals no token.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{AeadInOut, Generate};
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

use super::{Key, StoreError, StoreErrorKind};

/// The first byte of sealed bytes. JSON never begins with it.
pub(super) const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;

/// A key that seals and opens records: 32 random bytes. Never shown, wiped when dropped.
#[derive(Clone)]
pub struct SealKey(Arc<Zeroizing<[u8; 32]>>);

impl SealKey {
    /// The key of these bytes, which come from a random generator and not from a password.
    pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
        let key = Self(Arc::new(Zeroizing::new(bytes)));
        bytes.zeroize();
        key
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&**self.0).into())
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// What the seal holds together with the record: it opens for the grant that it was made for, and no other.
fn bound_to(key: &Key) -> Vec<u8> {
    let provider = u8::try_from(key.provider().len()).unwrap_or(u8::MAX);
    let mut bound = b"rekindle record".to_vec();
    bound.extend([VERSION, provider]);
    bound.extend(key.as_str().as_bytes());
    bound
}

/// Seals with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a random nonce: `version, nonce, tag, ciphertext`.
pub(super) fn seal(
    with: &SealKey,
    key: &Key,
    plain: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let nonce = XNonce::try_generate().map_err(|_| {
        StoreError::new(StoreErrorKind::Unavailable).with_detail("the system gives no random bytes")
    })?;
    let start = 1 + NONCE + TAG;
    // Grown once: until it is sealed, it holds the tokens.
    let mut sealed = Zeroizing::new(Vec::with_capacity(start + plain.len()));
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.resize(start, 0);
    sealed.extend_from_slice(plain);
    let tag = with
        .cipher()
        .encrypt_inout_detached(&nonce, &bound_to(key), (&mut sealed[start..]).into())
        .map_err(|_| StoreErrorKind::Refused)?;
    sealed[1 + NONCE..start].copy_from_slice(&tag);
    Ok(sealed)
}

/// Opens with whichever of the keys fits.
pub(super) fn open(
    keys: &[SealKey],
    key: &Key,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    opened(keys, key, sealed).map(|(_, plain)| plain)
}

/// The same bytes under the first of the keys; `None` where it has sealed them.
pub(super) fn anew(
    keys: &[SealKey],
    key: &Key,
    sealed: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    match (opened(keys, key, sealed)?, keys.first()) {
        ((1.., plain), Some(first)) => seal(first, key, &plain).map(Some),
        _ => Ok(None),
    }
}

/// The place of the key that fits, and what it opens.
fn opened(
    keys: &[SealKey],
    key: &Key,
    sealed: &[u8],
) -> Result<(usize, Zeroizing<Vec<u8>>), StoreError> {
    let unreadable = |hint: &str| StoreError::new(StoreErrorKind::Unreadable).with_detail(hint);
    match sealed.first() {
        Some(&VERSION) => {}
        Some(b'{') => {
            return Err(unreadable("it is not sealed, and a key is set: put it again"));
        }
        Some(2..=8) => return Err(StoreErrorKind::Newer.into()),
        _ => return Err(unreadable("it is neither sealed nor plain")),
    }
    let cut = || unreadable("the sealed bytes are cut off");
    let (nonce, rest) = sealed[1..].split_at_checked(NONCE).ok_or_else(cut)?;
    let (tag, text) = rest.split_at_checked(TAG).ok_or_else(cut)?;
    let nonce = XNonce::try_from(nonce).map_err(|_| cut())?;
    let tag = Tag::try_from(tag).map_err(|_| cut())?;
    for (place, with) in keys.iter().enumerate() {
        let mut plain = Zeroizing::new(text.to_vec());
        let buffer = plain.as_mut_slice().into();
        let opened = with.cipher().decrypt_inout_detached(&nonce, &bound_to(key), buffer, &tag);
        if opened.is_ok() {
            return Ok((place, plain));
        }
    }
    Err(unreadable("no key that is set opens it: it was sealed with another, or changed since"))
}
