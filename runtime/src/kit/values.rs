//! Values that a request holds besides what the integrator gave: the time, encodings, hashes.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use zeroize::Zeroizing;

/// Whole seconds since 1970.
pub fn unix_seconds(at: SystemTime) -> String {
    instant(at).as_second().to_string()
}

/// Whole milliseconds since 1970.
pub fn unix_milliseconds(at: SystemTime) -> String {
    instant(at).as_millisecond().to_string()
}

/// RFC 3339 in UTC, to the second: `2026-11-21T08:00:00Z`.
pub fn rfc3339(at: SystemTime) -> String {
    instant(at).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An HTTP date (RFC 9110 section 5.6.7): `Sat, 21 Nov 2026 08:00:00 GMT`.
pub fn http_date(at: SystemTime) -> String {
    instant(at).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A date and a time in UTC, to the second: `2026-11-21T08:00:00`.
pub fn date_time(at: SystemTime) -> String {
    instant(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The date in UTC: `2026-11-21`.
pub fn date(at: SystemTime) -> String {
    instant(at).strftime("%Y-%m-%d").to_string()
}

/// So long after an instant; the instant itself where no clock reaches that far.
pub fn later(at: SystemTime, by: Duration) -> SystemTime {
    at.checked_add(by).unwrap_or(at)
}

/// The instant; the nearest that there is where no calendar holds it.
fn instant(at: SystemTime) -> Timestamp {
    let end = if at < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(at).unwrap_or(end)
}

/// Texts behind one another, where one of them is secret: made in one piece, so that no part of it stays behind unwiped.
pub fn joined(texts: &[&str]) -> Zeroizing<String> {
    Zeroizing::new(texts.concat())
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Zeroizing<String> {
    let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap_or_default();
    let bytes = bytes.as_ref();
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    text
}

/// Base64 with padding (RFC 4648 section 4).
pub fn base64(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Zeroizing<String> {
    Zeroizing::new(BASE64_STANDARD.encode(bytes))
}

/// Base64url without padding (RFC 4648 section 5).
pub fn base64url(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Zeroizing<String> {
    Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 hash of a text.
#[cfg(feature = "hashes")]
pub fn sha256(text: &str) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(text).into()
}

/// The HMAC-SHA256 (RFC 2104) of a text. `name` is that of the setting that holds the key.
///
/// # Errors
/// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential): the key is not in the encoding that the contract says.
#[cfg(feature = "hashes")]
pub fn hmac_sha256(
    text: &str,
    name: &'static str,
    key: &str,
    encoding: KeyEncoding,
) -> Result<[u8; 32], crate::Error> {
    use hmac::{KeyInit, Mac};
    let key = encoding.decode(name, key)?;
    // A key of any length is one.
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key)
        .map_err(|_| crate::Error::invalid_credential(name, "is no key"))?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().into())
}

/// How a text holds a symmetric key.
#[cfg(any(feature = "hashes", feature = "signing"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    /// The key is the bytes of the text.
    Text,
    /// In hexadecimal digits.
    Hex,
    /// In base64 or base64url, padded or not.
    Base64,
}

#[cfg(any(feature = "hashes", feature = "signing"))]
impl KeyEncoding {
    /// The key in a text. `name` is that of the setting.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCredential`](crate::ErrorKind::InvalidCredential): the text is not so encoded.
    pub fn decode(
        self,
        name: &'static str,
        text: &str,
    ) -> Result<Zeroizing<Vec<u8>>, crate::Error> {
        let (key, problem) = match self {
            Self::Text => (Some(Zeroizing::new(text.as_bytes().to_vec())), ""),
            Self::Hex => (from_hex(text), "is not in hexadecimal digits"),
            Self::Base64 => (from_base64(text), "is not in base64"),
        };
        let key = key.filter(|key| !key.is_empty());
        key.ok_or_else(|| crate::Error::invalid_credential(name, problem))
    }
}

#[cfg(any(feature = "hashes", feature = "signing"))]
pub(super) fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    // A vector that grows leaves behind what it held before.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for pair in text.as_bytes().chunks(2) {
        let [high, low] = *pair else { return None };
        bytes.push(u8::try_from(digit(high)? << 4 | digit(low)?).ok()?);
    }
    Some(bytes)
}

#[cfg(any(feature = "hashes", feature = "signing"))]
pub(super) fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim_end_matches('=');
    let mut url = Zeroizing::new(Vec::with_capacity(text.len()));
    url.extend(text.bytes().map(|byte| match byte {
        b'+' => b'-',
        b'/' => b'_',
        byte => byte,
    }));
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(url.len())]);
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(&*url, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_in_each_format() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_248_000_987);
        assert_eq!(unix_seconds(at), "1795248000");
        assert_eq!(unix_milliseconds(at), "1795248000987");
        assert_eq!(rfc3339(at), "2026-11-21T08:00:00Z");
        assert_eq!(http_date(at), "Sat, 21 Nov 2026 08:00:00 GMT");
        assert_eq!(date_time(at), "2026-11-21T08:00:00");
        assert_eq!(date(later(at, Duration::from_secs(7 * 86_400))), "2026-11-28");
        assert_eq!(later(at, Duration::MAX), at);
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        assert!(rfc3339(far).starts_with("9999-12-"));
    }

    /// RFC 4648 section 10, and a byte that the two alphabets write differently.
    #[test]
    fn bytes_in_each_encoding() {
        assert_eq!(*hex("fo\u{f}"), "666f0f");
        assert_eq!((base64("fo").as_str(), base64url("fo").as_str()), ("Zm8=", "Zm8"));
        assert_eq!((base64(&[251]).as_str(), base64url(&[251]).as_str()), ("+w==", "-w"));
    }

    /// RFC 4231 section 4.3, and FIPS 180-2 appendix B.1.
    #[cfg(feature = "hashes")]
    #[test]
    fn hashes_are_those_of_the_standards() {
        let sum = sha256("abc");
        assert!(hex(&sum).starts_with("ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"));
        let data = "what do ya want for nothing?";
        for (key, encoding) in [
            ("Jefe", KeyEncoding::Text),
            ("4a656665", KeyEncoding::Hex),
            ("SmVmZQ==", KeyEncoding::Base64),
            ("SmVmZQ", KeyEncoding::Base64),
        ] {
            let mac = hmac_sha256(data, "key", key, encoding).unwrap();
            assert!(hex(&mac).starts_with("5bdcc146bf60754e6a042426089575c75a003f089d273983"));
        }
    }

    #[cfg(feature = "hashes")]
    #[test]
    fn a_key_that_cannot_be_read_is_refused_and_not_shown() {
        for (key, encoding) in [
            ("", KeyEncoding::Text),
            ("4a6", KeyEncoding::Hex),
            ("zz", KeyEncoding::Hex),
            ("a b", KeyEncoding::Base64),
        ] {
            let error = hmac_sha256("", "api key", key, encoding).unwrap_err();
            let text = error.to_string();
            assert!(text.contains("api key") && (key.is_empty() || !text.contains(key)), "{text}");
        }
    }
}
