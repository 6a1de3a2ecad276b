//! Anchors, aliases and tags: refused by name.
//!
//! `serde_yaml` resolves them without a word, so the parser is asked a trick question: what if every `&`, `*` and `!` that
//! could begin one were an `@`, which no token may begin with? Where that makes the parser stop, there was one; in
//! quotes, in comments and in block texts nothing changes. So there are no false positives, whatever a text holds.

use crate::diagnostics::{Code, shape};
use crate::place::Places;
use crate::problems::Problems;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What no token may begin with.
const RESERVED: u8 = b'@';

/// How many are reported at once, each once. Finding one takes a pass over the text.
const MOST: usize = 10;

/// Refuses anchors, aliases and tags.
pub(super) fn check(text: &str, places: &Places<'_>, problems: &mut Problems<'_>) {
    let candidates = candidates(text);
    if candidates.is_empty() {
        return;
    }
    let mut probe = text.as_bytes().to_vec();
    for candidate in &candidates {
        set(&mut probe, *candidate, RESERVED);
    }
    // Each round finds one and takes it out of the way of the next, wherever else it is used.
    for _ in 0..MOST {
        let Some(found) =
            first_refusal(&probe).filter(|found| candidates.binary_search(found).is_ok())
        else {
            return;
        };
        report(text, found, places, problems);
        let same = candidates.iter().filter(|other| token(text, **other) == token(text, found));
        same.for_each(|other| remove(&mut probe, text, *other));
    }
}

/// The bytes that could begin an anchor, an alias or a tag: those where a token could begin.
fn candidates(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut candidates = Vec::new();
    let mut before = b'\n';
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(byte, b'&' | b'*' | b'!')
            && (before.is_ascii_whitespace() || b"[{,:?".contains(&before))
        {
            candidates.push(index);
        }
        before = *byte;
    }
    candidates
}

/// Where the parser stops, if it does.
fn first_refusal(probe: &[u8]) -> Option<usize> {
    let document = serde_yaml::Deserializer::from_slice(probe)
        .find_map(|document| IgnoredAny::deserialize(document).err());
    Some(document?.location()?.index())
}

/// The anchor, alias or tag at `start`, with its first character.
fn token(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest
        .find(|next: char| next.is_whitespace() || ",[]{}".contains(next))
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest)
}

fn report(text: &str, start: usize, places: &Places<'_>, problems: &mut Problems<'_>) {
    let token = token(text, start);
    let (code, message, hint): (Code, _, _) = match token.as_bytes().first() {
        Some(b'&') => (
            shape::ANCHOR,
            format!("`{token}` is a YAML anchor, and specs have none"),
            format!("write the value where it is used; if `{token}` is meant as text, quote it"),
        ),
        Some(b'*') => (
            shape::ANCHOR,
            format!("`{token}` is a YAML alias, and specs have none"),
            format!("write the value itself; if `{token}` is meant as text, quote it"),
        ),
        _ => (
            shape::TAG,
            format!("`{token}` is a YAML tag, and specs have none"),
            format!(
                "delete it: a value has the type that it looks like; if `{token}` is meant as text, quote it"
            ),
        ),
    };
    problems.place(code, places.span(start, start + token.len()), message, None, Some(&hint));
}

/// Takes a found token out of the probe: an alias becomes a text, the others blanks, as they stand before a value.
fn remove(probe: &mut [u8], text: &str, start: usize) {
    let alias = text.as_bytes().get(start) == Some(&b'*');
    for index in start..start + token(text, start).len() {
        set(probe, index, if alias { b'x' } else { b' ' });
    }
}

fn set(bytes: &mut [u8], index: usize, byte: u8) {
    if let Some(place) = bytes.get_mut(index) {
        *place = byte;
    }
}
