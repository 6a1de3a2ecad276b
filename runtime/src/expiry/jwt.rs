//! The end of a token that says so itself.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::Expiry;
use super::number::Number;
use crate::json::Document;

/// base64url, with or without padding (RFC 7515 §2 says without; some add it).
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// 2001-09-09 and the end of the year 9999, in milliseconds: an `exp` outside is in another unit.
const PLAUSIBLE: RangeInclusive<u64> = 1_000_000_000_000..=253_402_300_799_999;

/// When a JWT ends: the `exp` of its payload (RFC 7519 §4.1.4), in seconds since 1970.
///
/// The signature is not checked: this is a hint about one's own token, no proof of anything. `None` when the token is no
/// JWT, has no `exp`, or one that is not plausible (before 2001, after 9999).
///
/// ```
/// use rekindle_runtime::expiry;
///
/// let token = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3NjM3MTkyMDB9.";
/// assert!(expiry::jwt(token).is_some());
/// assert!(expiry::jwt("an opaque token").is_none());
/// ```
pub fn jwt(token: &str) -> Option<Expiry> {
    let payload = payload(token)?;
    let body = Zeroizing::new(BASE64URL.decode(payload).ok()?);
    let claims = Document::parse(&body).ok()?;
    let number = Number::read(claims.root().at(&["exp"]))?;
    let milliseconds = number.milliseconds(1000).filter(|end| PLAUSIBLE.contains(end))?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).map(Expiry::At)
}

/// The middle of three parts.
fn payload(token: &str) -> Option<&str> {
    let mut parts = token.trim_ascii().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(payload)
}
