//! How many copies of a private key a process holds besides the key that it signs with, once its text was read.
#![cfg(all(target_os = "linux", feature = "signing"))]

mod support;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rekindle_runtime::Secret;
use rekindle_runtime::kit::{Algorithm, SigningKey};
use support::memory::{copies_of_child, wait_to_be_looked_at};
use zeroize::Zeroizing;

const FORM: &str = "REKINDLE_TEST_KEY_FORM";
const FORMS: [&str; 4] = ["base64", "hex", "PEM", "PEM in base64"];

/// A key as PKCS#8 (RFC 8410 section 7) with a seed that stands nowhere in the program, and what is looked for: its end.
fn der() -> Zeroizing<Vec<u8>> {
    let head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    let seed = (0..32_u8).map(|index| index.wrapping_mul(73) ^ 0xa5);
    let mut der = Zeroizing::new(Vec::with_capacity(48));
    der.extend(head.into_iter().chain(seed));
    der
}

/// The key in a form. Nothing else is left of it.
fn text(form: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(500));
    let der = der();
    match form {
        "hex" => {
            let digit = |digit: u8| char::from_digit(digit.into(), 16).expect("a digit");
            text.extend(der.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
        }
        "base64" => BASE64_STANDARD.encode_string(&*der, &mut text),
        "PEM" => {
            text.push_str("-----BEGIN PRIVATE KEY-----\n");
            BASE64_STANDARD.encode_string(&*der, &mut text);
            text.push_str("\n-----END PRIVATE KEY-----\n");
        }
        _ => BASE64_STANDARD.encode_string(&**self::text("PEM"), &mut text),
    }
    text
}

/// Not a test of its own: a key is read, then this waits to be looked at.
#[test]
fn child() {
    let Ok(form) = std::env::var(FORM) else { return };
    let key = SigningKey::from(Secret::new(text(&form).as_str()));
    key.check("key", Algorithm::EdDsa).expect("a key");
    drop(key);
    wait_to_be_looked_at();
}

#[test]
fn no_copy_of_a_key_is_left_when_it_is_dropped() {
    // The beginning of memory that is given back is written over by the allocator: what is looked for is the middle and the end.
    let seed = der()[20..].to_vec();
    let base64 = text("base64")[24..60].to_owned();
    let hex = text("hex")[36..].to_owned();
    let inner = text("PEM in base64")[60..96].to_owned();
    let needles = [&seed[..], base64.as_bytes(), hex.as_bytes(), inner.as_bytes()];
    for form in FORMS {
        let found = copies_of_child(&[(FORM, form)], &needles);
        assert_eq!(found, [0; 4], "{form}: copies of the seed, and in base64, hex, PEM in base64");
    }
}
