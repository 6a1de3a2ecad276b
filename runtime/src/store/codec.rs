//! How a record becomes bytes, and back: the same in every store.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[cfg(feature = "file")]
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[cfg(feature = "seal")]
use super::seal::{self, SealKey};
use super::{Key, Record, StoreError, StoreErrorKind};
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::grant::{Grant, Token};
use crate::json::Text;
use crate::output::Output;

/// The version of the form below. A reader refuses a later one by name.
const VERSION: u32 = 1;

/// How a store writes records: as plain JSON, or sealed.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Codec {
    /// The first seals, and all open; none where records are plain.
    #[cfg(feature = "seal")]
    keys: Vec<SealKey>,
}

impl Codec {
    /// Records as plain JSON: anyone who can read the store can read the tokens.
    pub fn plain() -> Self {
        Self::default()
    }

    /// Records sealed with XChaCha20-Poly1305 under this key. A record opens only as that of the grant that it was written for.
    ///
    /// Generation, journal and due stay in clear beside it. What the seal does not stop is an older record of the same grant
    /// put back by an attacker who can write to the store.
    ///
    /// ```
    /// use rekindle_runtime::store::{Codec, SealKey};
    ///
    /// # let (new, old) = ([1; 32], [2; 32]);
    /// let codec = Codec::sealed(SealKey::from_bytes(new)).and_opens(SealKey::from_bytes(old));
    /// ```
    #[cfg(feature = "seal")]
    pub fn sealed(key: SealKey) -> Self {
        Self { keys: vec![key] }
    }

    /// The same, which also opens what this key sealed: for the time in which a new key takes over.
    #[cfg(feature = "seal")]
    #[must_use]
    pub fn and_opens(mut self, key: SealKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Whether what it writes cannot be changed without notice.
    #[cfg(feature = "file")]
    pub(super) fn is_sealed(&self) -> bool {
        #[cfg(feature = "seal")]
        return !self.keys.is_empty();
        #[cfg(not(feature = "seal"))]
        false
    }

    /// The bytes of a record.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`] when a time in it is beyond what can be written; [`StoreErrorKind::Unavailable`] when it is
    /// to be sealed and the system gives no random bytes.
    #[cfg_attr(
        not(feature = "seal"),
        expect(unused_variables, reason = "only a seal is bound to its grant")
    )]
    pub fn encode(&self, key: &Key, record: &Record) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let plain = encode_plain(record)?;
        #[cfg(feature = "seal")]
        if let Some(first) = self.keys.first() {
            return seal::seal(first, key, &plain);
        }
        Ok(plain)
    }

    /// The bytes of a record as a JSON value: the plain record, or a string of what is sealed (base64).
    #[cfg(feature = "file")]
    pub(super) fn encode_text(
        &self,
        key: &Key,
        record: &Record,
    ) -> Result<Zeroizing<String>, StoreError> {
        let mut bytes = self.encode(key, record)?;
        #[cfg(feature = "seal")]
        if !self.keys.is_empty() {
            return Ok(quoted(&bytes));
        }
        // Moved, not copied: nothing is left to wipe but the string.
        String::from_utf8(std::mem::take(&mut *bytes))
            .map(Zeroizing::new)
            .map_err(|_| StoreErrorKind::Refused.into())
    }

    /// The record of such a JSON value.
    #[cfg(feature = "file")]
    pub(super) fn decode_text(&self, key: &Key, text: &str) -> Result<Record, StoreError> {
        match unquoted(text) {
            Some(sealed) => self.decode(key, &from_base64(sealed)?),
            None => self.decode(key, text.as_bytes()),
        }
    }

    /// The bytes of the same record under the first key, where another one has sealed them; `None` where nothing is to be done. For
    /// stores that do [`Store::reseal`](super::Store::reseal).
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`], [`StoreErrorKind::Newer`]; [`StoreErrorKind::Unavailable`] when the system gives no random bytes.
    #[cfg_attr(
        not(feature = "seal"),
        expect(unused_variables, reason = "only what is sealed is sealed anew")
    )]
    pub fn resealed(
        &self,
        key: &Key,
        bytes: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        #[cfg(feature = "seal")]
        if !self.keys.is_empty() {
            return seal::anew(&self.keys, key, bytes);
        }
        match bytes.first() {
            Some(1..=8) => Err(without_key()),
            _ => Ok(None),
        }
    }

    /// The same of a JSON value.
    #[cfg(feature = "file")]
    pub(super) fn resealed_text(
        &self,
        key: &Key,
        text: &str,
    ) -> Result<Option<Zeroizing<String>>, StoreError> {
        let Some(sealed) = unquoted(text) else {
            // It says what is wrong with a record that is not sealed.
            return Ok(self.resealed(key, text.as_bytes())?.map(|bytes| quoted(&bytes)));
        };
        Ok(self.resealed(key, &from_base64(sealed)?)?.map(|bytes| quoted(&bytes)))
    }

    /// The record of these bytes.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`], [`StoreErrorKind::Newer`].
    #[cfg_attr(
        not(feature = "seal"),
        expect(unused_variables, reason = "only a seal is bound to its grant")
    )]
    pub fn decode(&self, key: &Key, bytes: &[u8]) -> Result<Record, StoreError> {
        #[cfg(feature = "seal")]
        if !self.keys.is_empty() {
            return decode_plain(&seal::open(&self.keys, key, bytes)?);
        }
        match bytes.first() {
            Some(1..=8) => Err(without_key()),
            _ => decode_plain(bytes),
        }
    }
}

fn without_key() -> StoreError {
    StoreError::new(StoreErrorKind::Unreadable).with_detail("it is sealed, and no key is set")
}

/// Sealed bytes as a JSON value.
#[cfg(feature = "file")]
fn quoted(sealed: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(format!("\"{}\"", BASE64.encode(sealed)))
}

#[cfg(feature = "file")]
fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"'))
}

#[cfg(feature = "file")]
fn from_base64(sealed: &str) -> Result<Vec<u8>, StoreError> {
    BASE64.decode(sealed).map_err(|_| {
        StoreError::new(StoreErrorKind::Unreadable).with_detail("what is sealed is damaged")
    })
}

/// A record as JSON. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
struct Written<'a> {
    version: u32,
    generation: u64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    access_token: Option<WrittenToken<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<WrittenToken<'a>>,
    issued_at: u64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    ended: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<u64>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    predecessor: Option<WrittenToken<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    sign_in: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "BTreeMap::is_empty")]
    outputs: BTreeMap<Cow<'a, str>, WrittenOutput<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WrittenOutput<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    secret: bool,
}

#[derive(Serialize, Deserialize)]
struct WrittenToken<'a> {
    #[serde(borrow)]
    token: Text<'a>,
    expires: WrittenExpiry,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenExpiry {
    At(u64),
    Never,
    Undeclared,
}

/// Reads JSON of a `version` up to this one, and refuses a later one by name.
///
/// Neither serde's words nor its places are passed on: they can quote what they read.
pub(super) fn read_versioned<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    version: u32,
) -> Result<T, StoreError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let damaged = |_| StoreError::new(StoreErrorKind::Unreadable).with_detail("it is damaged");
    if serde_json::from_slice::<Versioned>(bytes).map_err(damaged)?.version > version {
        return Err(StoreErrorKind::Newer.into());
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

/// The JSON of a record, wiped when dropped.
///
/// # Errors
/// [`StoreErrorKind::Refused`] when a time in it lies before 1970.
pub fn encode_plain(record: &Record) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let written = Written {
        version: VERSION,
        generation: record.generation,
        access_token: record.grant.access_token().map(write_token).transpose()?,
        refresh_token: record.grant.refresh_token().map(write_token).transpose()?,
        issued_at: to_millis(record.issued_at)?,
        ended: record.ended.map(|how| Cow::Borrowed(sign_in_name(how))),
        ended_at: record.ended_at.map(to_millis).transpose()?,
        due: record.due.map(to_millis).transpose()?,
        predecessor: record.predecessor.as_ref().map(write_token).transpose()?,
        sign_in: record.sign_in.map(|id| Cow::Owned(id.to_string())),
        outputs: record.grant.outputs().map(write_output).collect(),
    };
    // Room for every character as an escape: the buffer never grows, so no copy of a token is left behind.
    let tokens =
        [record.grant.access_token(), record.grant.refresh_token(), record.predecessor.as_ref()];
    let tokens = tokens.into_iter().flatten().map(|token| token.expose().len());
    let outputs = record.grant.outputs();
    let outputs = outputs.map(|(name, output)| 8 + name.len() + output.expose().len());
    let room = tokens.chain(outputs).sum::<usize>() * 6;
    let mut bytes = Zeroizing::new(Vec::with_capacity(512 + room));
    serde_json::to_writer(&mut *bytes, &written)
        .map_err(|error| StoreError::caused(StoreErrorKind::Refused, error))?;
    Ok(bytes)
}

/// The record of this JSON.
///
/// # Errors
/// [`StoreErrorKind::Unreadable`], [`StoreErrorKind::Newer`].
pub fn decode_plain(bytes: &[u8]) -> Result<Record, StoreError> {
    let unreadable = || StoreError::new(StoreErrorKind::Unreadable);
    let written: Written<'_> = read_versioned(bytes, VERSION)?;
    let mut grant = Grant::new();
    let token = |written| read_token(written).ok_or_else(unreadable);
    let instant = |millis| from_millis(millis).ok_or_else(unreadable);
    if let Some(written) = written.access_token {
        grant = grant.with_access_token(token(written)?);
    }
    if let Some(written) = written.refresh_token {
        grant = grant.with_refresh_token(token(written)?);
    }
    for (name, WrittenOutput { text, secret }) in written.outputs {
        let text = text.as_str();
        let output = if secret { Output::secret(text) } else { Output::new(text) };
        grant = grant.with_output(&name, output);
    }
    Ok(Record {
        generation: written.generation,
        sign_in: match written.sign_in {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| unreadable())?),
        },
        grant,
        issued_at: instant(written.issued_at)?,
        ended: match written.ended {
            None => None,
            Some(name) => Some(sign_in_of(&name).ok_or_else(unreadable)?),
        },
        ended_at: written.ended_at.map(instant).transpose()?,
        due: written.due.map(instant).transpose()?,
        predecessor: written.predecessor.map(token).transpose()?,
    })
}

fn write_output<'a>((name, output): (&'a str, &'a Output)) -> (Cow<'a, str>, WrittenOutput<'a>) {
    let text = Text::Borrowed(output.expose());
    (Cow::Borrowed(name), WrittenOutput { text, secret: output.is_secret() })
}

fn write_token(token: &Token) -> Result<WrittenToken<'_>, StoreError> {
    Ok(WrittenToken {
        token: Text::Borrowed(token.expose()),
        expires: match token.expiry() {
            Expiry::At(end) => WrittenExpiry::At(to_millis(end)?),
            Expiry::Never => WrittenExpiry::Never,
            Expiry::Undeclared => WrittenExpiry::Undeclared,
        },
    })
}

fn read_token(written: WrittenToken<'_>) -> Option<Token> {
    let expiry = match written.expires {
        WrittenExpiry::At(millis) => Expiry::At(from_millis(millis)?),
        WrittenExpiry::Never => Expiry::Never,
        WrittenExpiry::Undeclared => Expiry::Undeclared,
    };
    Some(Token::new(written.token.as_str()).with_expiry(expiry))
}

/// Milliseconds since 1970, rounded down.
pub(crate) fn to_millis(instant: SystemTime) -> Result<u64, StoreError> {
    instant
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .ok_or_else(|| {
            StoreError::new(StoreErrorKind::Refused).with_detail("a time lies before 1970")
        })
}

/// The instant so many milliseconds after 1970; `None` where the machine's clock cannot hold it.
pub(crate) fn from_millis(millis: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

const SIGN_INS: [(SignIn, &str); 7] = [
    (SignIn::Password, "password"),
    (SignIn::Otp, "otp"),
    (SignIn::AuthorizationCode, "authorization_code"),
    (SignIn::DeviceCode, "device_code"),
    (SignIn::Sso, "sso"),
    (SignIn::ClientCredentials, "client_credentials"),
    (SignIn::Unspecified, "unspecified"),
];

fn sign_in_name(how: SignIn) -> &'static str {
    let known = SIGN_INS.iter().find(|(known, _)| *known == how);
    known.map_or("unspecified", |(_, name)| name)
}

fn sign_in_of(name: &str) -> Option<SignIn> {
    let known = SIGN_INS.iter().find(|(_, known)| *known == name);
    known.map(|(how, _)| *how)
}

#[cfg(test)]
mod tests {
    use super::super::EntryId;
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was() {
        let at = UNIX_EPOCH + Duration::from_millis(1_763_712_000_123);
        let grant = Grant::new()
            .with_access_token(Token::new("a\"\n\u{1F511}").with_expiry(Expiry::At(at)))
            .with_refresh_token(Token::new("r").with_expiry(Expiry::Never))
            .with_output("instance_url", Output::new("https://\"eu7\".example"))
            .with_output("id_token", Output::secret("i"));
        let mut record = Record::new(grant, at);
        record.generation = 7;
        record.ended = Some(SignIn::Otp);
        record.ended_at = Some(at);
        record.due = Some(at);
        record.predecessor = Some(Token::new("p"));
        record.sign_in = Some(EntryId::from_bits(1, 2));
        let bytes = encode_plain(&record).expect("bytes");
        let back = decode_plain(&bytes).expect("a record");
        assert_eq!((back.generation, back.issued_at), (7, at));
        assert_eq!((back.ended, back.ended_at), (Some(SignIn::Otp), Some(at)));
        assert_eq!(back.due, Some(at));
        assert_eq!(back.sign_in, record.sign_in);
        let access = back.grant.access_token().expect("an access token");
        assert_eq!(access.expose(), "a\"\n\u{1F511}");
        assert_eq!(access.expiry(), Expiry::At(at));
        let refresh = back.grant.refresh_token().expect("a refresh token");
        assert_eq!((refresh.expose(), refresh.expiry()), ("r", Expiry::Never));
        let outputs: Vec<_> = back.grant.outputs().collect();
        let seen = outputs.iter().map(|(name, value)| (*name, value.expose(), value.is_secret()));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [("id_token", "i", true), ("instance_url", "https://\"eu7\".example", false)]
        );
        let predecessor = back.predecessor.expect("a predecessor");
        assert_eq!((predecessor.expose(), predecessor.expiry()), ("p", Expiry::Undeclared));
        // What an earlier version has written has none.
        let before = br#"{"version":1,"generation":1,"issued_at":1}"#;
        assert!(decode_plain(before).expect("a record").predecessor.is_none());
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_shows_nothing() {
        let kind = |bytes: &[u8]| decode_plain(bytes).expect_err("an error").kind();
        assert_eq!(kind(b""), StoreErrorKind::Unreadable);
        assert_eq!(kind(b"{\"version\":1}"), StoreErrorKind::Unreadable);
        assert_eq!(kind(b"{\"version\":2}"), StoreErrorKind::Newer);
        let far = br#"{"version":1,"generation":1,"issued_at":18446744073709551616}"#;
        assert_eq!(kind(far), StoreErrorKind::Unreadable);
        let ended = br#"{"version":1,"generation":1,"issued_at":1,"ended":"by_magic"}"#;
        assert_eq!(kind(ended), StoreErrorKind::Unreadable);
        assert_eq!(kind(b"\x01"), StoreErrorKind::Unreadable);
    }

    #[cfg(feature = "seal")]
    mod sealed {
        use super::*;

        fn key(byte: u8) -> SealKey {
            SealKey::from_bytes([byte; 32])
        }

        fn record() -> Record {
            Record::new(Grant::new().with_refresh_token(Token::new("canary")), UNIX_EPOCH)
        }

        #[test]
        fn opens_with_any_of_its_keys_and_for_its_grant_alone() {
            let grant = Key::new("p", "s");
            let bytes = Codec::sealed(key(1)).encode(&grant, &record()).expect("bytes");
            let seen = bytes.windows(6).any(|window| window == b"canary");
            assert!(!seen && bytes.len() > 41);
            let rotated = Codec::sealed(key(2)).and_opens(key(1));
            let back = rotated.decode(&grant, &bytes).expect("a record");
            assert_eq!(back.grant.refresh_token().map(Token::expose), Some("canary"));
            let refused = |codec: &Codec, grant: &Key, bytes: &[u8]| {
                let error = codec.decode(grant, bytes).expect_err("an error");
                assert_eq!(error.kind(), StoreErrorKind::Unreadable);
                error.to_string()
            };
            assert!(refused(&Codec::sealed(key(2)), &grant, &bytes).contains("another"));
            assert!(refused(&Codec::plain(), &grant, &bytes).contains("no key is set"));
            for other in [Key::new("p", "t"), Key::new("q", "s")] {
                refused(&rotated, &other, &bytes);
            }
            for at in 0..bytes.len() {
                let mut changed = bytes.to_vec();
                changed[at] ^= 0x80;
                refused(&rotated, &grant, &changed);
                refused(&rotated, &grant, &bytes[..at]);
            }
            let plain = encode_plain(&record()).expect("bytes");
            assert!(refused(&rotated, &grant, &plain).contains("not sealed"));
        }

        #[test]
        fn no_nonce_comes_twice_and_no_key_is_shown() {
            let codec = Codec::sealed(key(7));
            let grant = Key::new("p", "s");
            let nonces: std::collections::BTreeSet<Vec<u8>> = (0..64)
                .map(|_| codec.encode(&grant, &record()).expect("bytes")[1..25].to_vec())
                .collect();
            assert_eq!(nonces.len(), 64);
            assert_eq!(format!("{codec:?}"), "Codec { keys: [SealKey(..)] }");
        }
    }
}
