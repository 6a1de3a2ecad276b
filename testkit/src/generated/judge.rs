//! Judges values, as a provider does that has nothing but the request and what was registered.

use super::{Filling, LEEWAY, decode, encode, jwt, key, make};
use jiff::Timestamp;
use rekindle_contract::contract::{Contract, Generated, Slot, Template, TextEncoding, TimeFormat};

/// The texts that a request has for each place.
type Sent<'a> = dyn Fn(&Slot) -> Vec<&'a str> + 'a;

/// What is wrong with a value, in words that show none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not of its kind, not the same wherever it stands, or does not follow from the others.
    Wrong(String),
    /// It tells another time.
    Stale(String),
    /// It is not signed, or not by whom it should be.
    Signature(String),
    /// It says something else than it should.
    Claims(String),
}

/// What is thought of each value, by name: what of it may come once only, or what is wrong with it.
pub(crate) type Judged = Vec<(String, Result<Option<String>, Fault>)>;

/// Judges the values of a request that arrives at `now`. Gives those back that may come once only, and fills in what is known.
pub(crate) fn judge(
    contract: &Contract,
    filling: &mut Filling<'_>,
    sent: &Sent<'_>,
    now: Timestamp,
) -> Judged {
    let mut judged = Vec::new();
    for (name, value) in &contract.request.values {
        let texts = sent(&Slot::Value(name.clone()));
        // What is in no place of its own may be in another value, which then tells.
        let Some(first) = texts.first() else { continue };
        let verdict = if texts.iter().all(|text| text == first) {
            one(contract, value, first, filling, now)
        } else {
            Err(Fault::Wrong("there are two different texts for it".to_owned()))
        };
        filling.values.insert(name.clone(), (*first).to_owned());
        judged.push((name.clone(), verdict));
    }
    judged
}

/// Whether a provider can judge a value: the request, or the registration, holds all that it is made of.
pub(crate) fn is_judged(contract: &Contract, value: &Generated) -> bool {
    value.templates().into_iter().flat_map(Template::slots).all(|slot| match slot {
        // What a step brought came from the provider.
        Slot::Client(_) | Slot::Taken(_) | Slot::TokenUrl => true,
        slot => contract.request.sends(slot),
    })
}

fn one(
    contract: &Contract,
    value: &Generated,
    text: &str,
    filling: &Filling<'_>,
    now: Timestamp,
) -> Result<Option<String>, Fault> {
    let wrong = |why: &str| Err(Fault::Wrong(why.to_owned()));
    // Where what it is made of is not known, any text of its length may be right.
    let follows = |made: Option<String>, why: &str| match made {
        Some(made) if made != text => wrong(why),
        _ => Ok(None),
    };
    match value {
        Generated::Uuid if is_uuid(text) => Ok(Some(text.to_owned())),
        Generated::Uuid => wrong("it is no UUID of version 4"),
        Generated::Now { format, plus } => {
            time(*format, text, now.saturating_add(*plus).unwrap_or(now)).map(|()| None)
        }
        Generated::Encoded { of, written } => {
            let made = filling.text(of).map(|text| encode(text.as_bytes(), *written));
            follows(made, "it is not the text that it should be, in its encoding")
        }
        Generated::Sha256 { of, written } => {
            let made = filling.text(of).map(|text| key::sha256_of(&text, *written));
            follows(made, "it is not the hash that it should be")
        }
        Generated::HmacSha256 { of, key, written } => {
            let texts = filling.text(of).zip(filling.text(&key.text));
            let made = texts.and_then(|(text, k)| key::hmac_of(&text, &k, key.encoding, *written));
            follows(made, "it is not the signature that it should be")
        }
        Generated::Jwt(jwt) => jwt::judge(contract, jwt, text, filling, now),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let digits = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
    lengths == [8, 4, 4, 4, 12]
        && text.chars().all(digits)
        && text.as_bytes().get(14) == Some(&b'4')
        && text.as_bytes().get(19).is_some_and(|variant| b"89ab".contains(variant))
}

/// Whether a text may be this value by its form alone: where two stand side by side, that tells where the first one ends.
pub(crate) fn has_form(value: &Generated, text: &str) -> bool {
    match value {
        Generated::Uuid => is_uuid(text),
        Generated::Now { format, .. } => is_time(*format, text),
        Generated::Encoded { written, .. } => decode(text, *written).is_some(),
        Generated::Sha256 { written, .. } | Generated::HmacSha256 { written, .. } => {
            decode(text, *written).is_some_and(|hash| hash.len() == 32)
        }
        Generated::Jwt(_) => {
            let part =
                |part: &str| !part.is_empty() && decode(part, TextEncoding::Base64Url).is_some();
            text.split('.').count() == 3 && text.split('.').all(part)
        }
    }
}

/// Whether a text is an instant of our time in its format. Each takes as many characters as any other.
fn is_time(format: TimeFormat, text: &str) -> bool {
    let digits = |count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match format {
        TimeFormat::UnixSeconds => digits(10),
        TimeFormat::UnixMilliseconds => digits(13),
        _ => instant(format, text).is_some(),
    }
}

/// Whether a text is an instant near `now`, in its format.
fn time(format: TimeFormat, text: &str, now: Timestamp) -> Result<(), Fault> {
    let Some(instant) = instant(format, text) else {
        return Err(Fault::Wrong(format!("it is no instant as {}", format.label())));
    };
    // A date is that of any instant near.
    let day = |at: Timestamp| make::time(TimeFormat::Date, at);
    let near = match format {
        TimeFormat::Date => (day(now.saturating_sub(LEEWAY).unwrap_or(now))
            ..=day(now.saturating_add(LEEWAY).unwrap_or(now)))
            .contains(&day(instant)),
        _ => instant.duration_since(now).abs() <= LEEWAY,
    };
    if !near {
        return Err(Fault::Stale(format!("it says {instant}, and it is {now}")));
    }
    Ok(())
}

/// The instant that a text is in its format.
fn instant(format: TimeFormat, text: &str) -> Option<Timestamp> {
    let number = || text.parse::<i64>().ok();
    let instant = match format {
        TimeFormat::UnixSeconds => Timestamp::from_second(number()?).ok(),
        TimeFormat::UnixMilliseconds => Timestamp::from_millisecond(number()?).ok(),
        TimeFormat::Rfc3339 => text.parse().ok(),
        TimeFormat::HttpDate => jiff::fmt::rfc2822::parse(text).ok().map(|it| it.timestamp()),
        TimeFormat::DateTime | TimeFormat::Date => in_utc(text),
    };
    instant.filter(|instant| make::time(format, *instant) == text)
}

/// The instant of a date in UTC, at its beginning unless a time stands beside it.
fn in_utc(text: &str) -> Option<Timestamp> {
    let at: jiff::civil::DateTime = text.parse().ok()?;
    jiff::tz::Offset::UTC.to_timestamp(at).ok()
}

/// What a value that can be read holds of the places that it is made of: templates, each with its text.
pub(crate) fn read_off<'a>(value: &'a Generated, text: &str) -> Vec<(&'a Template, String)> {
    match value {
        Generated::Encoded { of, written } => {
            let bytes = decode(text, *written);
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            text.map(|text| (of, text)).into_iter().collect()
        }
        Generated::Jwt(jwt) => jwt::read_off(jwt, text),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_uuid_is_of_version_4() {
        assert!(is_uuid("01234567-89ab-4def-8123-456789abcdef"));
        for other in [
            "",
            "01234567-89ab-1def-8123-456789abcdef",
            "01234567-89ab-4def-c123-456789abcdef",
            "01234567-89AB-4def-8123-456789abcdef",
            "0123456789ab4def8123456789abcdef",
            "01234567-89ab-4def-8123-456789abcdeé",
        ] {
            assert!(!is_uuid(other), "{other}");
        }
    }

    #[test]
    fn an_instant_is_near_and_in_its_format() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        for (format, right) in [
            (TimeFormat::UnixSeconds, "1795248000"),
            (TimeFormat::UnixMilliseconds, "1795248000000"),
            (TimeFormat::Rfc3339, "2026-11-21T08:00:00Z"),
            (TimeFormat::HttpDate, "Sat, 21 Nov 2026 08:00:00 GMT"),
            (TimeFormat::DateTime, "2026-11-21T08:00:00"),
        ] {
            assert_eq!(time(format, right, now), Ok(()));
            let later = now + SignedDuration::from_mins(6);
            assert!(matches!(time(format, right, later), Err(Fault::Stale(_))));
            for other in ["", "x", "01795248000", "2026-11-21T09:00:00+01:00", "1795248000.0"] {
                assert!(matches!(time(format, other, now), Err(Fault::Wrong(_))), "{other}");
            }
        }
    }
}
