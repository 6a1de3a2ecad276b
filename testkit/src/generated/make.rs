//! Makes values, as a client does.

use super::{Filling, encode, jwt, key};
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Generated, TimeFormat};
use std::hash::{BuildHasher as _, RandomState};

/// Makes each value that is not known yet, for a request at `now`. One that cannot be made is left out.
pub(crate) fn make(contract: &Contract, filling: &mut Filling<'_>, now: Timestamp) {
    for (name, value) in &contract.request.values {
        if filling.values.contains_key(name) {
            continue;
        }
        let made = match value {
            Generated::Uuid => Some(uuid()),
            Generated::Now { format, plus } => {
                now.checked_add(*plus).ok().map(|at| time(*format, at))
            }
            Generated::Encoded { of, written } => {
                filling.text(of).map(|text| encode(text.as_bytes(), *written))
            }
            Generated::Sha256 { of, written } => {
                filling.text(of).map(|text| key::sha256_of(&text, *written))
            }
            Generated::HmacSha256 { of, key, written } => {
                let texts = filling.text(of).zip(filling.text(&key.text));
                texts.and_then(|(text, k)| key::hmac_of(&text, &k, key.encoding, *written))
            }
            Generated::Jwt(jwt) => jwt::make(contract, jwt, filling, now, &uuid()),
        };
        filling.values.extend(made.map(|made| (name.clone(), made)));
    }
}

/// A UUID of version 4, by chance: a provider that runs for longer than this process knows those of other processes too.
pub(super) fn uuid() -> String {
    // Each has keys of its own, which the standard library draws.
    let (high, low) = (RandomState::new().hash_one(0), RandomState::new().hash_one(0));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

pub(super) fn time(format: TimeFormat, at: Timestamp) -> String {
    match format {
        TimeFormat::UnixSeconds => at.as_second().to_string(),
        TimeFormat::UnixMilliseconds => at.as_millisecond().to_string(),
        TimeFormat::Rfc3339 => at.strftime("%FT%TZ").to_string(),
        TimeFormat::HttpDate => at.strftime("%a, %d %b %Y %T GMT").to_string(),
        TimeFormat::DateTime => at.strftime("%FT%T").to_string(),
        TimeFormat::Date => at.strftime("%F").to_string(),
    }
}
