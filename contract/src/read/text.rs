//! From bytes to text: size, encoding, characters that no spec needs.

use crate::diagnostics::{Span, shape};
use crate::place::Places;
use crate::problems::Problems;

/// The largest spec that is read, in bytes. A real one takes a few thousand.
pub(crate) const LARGEST: usize = 256 * 1024;

/// The deepest nesting that the parser is given: far more than it reads, few enough to be quick.
const DEEPEST: usize = 2_000;

/// A byte order mark, which some editors put first.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Refuses a file that is too large.
pub(super) fn check_size(bytes: &[u8], problems: &mut Problems<'_>) {
    if bytes.len() > LARGEST {
        let message = format!(
            "this file takes {} KiB, and a spec may take {} KiB",
            bytes.len().div_ceil(1024),
            LARGEST / 1024
        );
        let hint = "a spec describes one endpoint of one provider, with short synthetic examples";
        problems.place(
            shape::FILE_TOO_LARGE,
            Places::new("", 0).span(0, 0),
            message,
            None,
            Some(hint),
        );
    }
}

/// Keys of which every spec has one at the beginning of a line, whatever else is wrong with it.
const MARKS: [&str; 3] = ["rekindle", "provider", "refresh"];

/// Refuses a file that nobody meant as a spec, without a word of what it holds: it may be anything, `specs/acme.yaml` a link to a
/// file of passwords, and diagnostics end in the logs of builds. A file of a spec's is told from it by one key.
pub(super) fn check_meant(bytes: &[u8], problems: &mut Problems<'_>) {
    let text = String::from_utf8_lossy(bytes);
    let is_mark = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '\u{feff}', '{', '-', '?', '"', '\'', ',']);
        let rest = MARKS.iter().find_map(|mark| line.strip_prefix(mark));
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']).starts_with(':'))
    };
    let mut lines = text.split(['\n', '\r']);
    let is_blank = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '\u{feff}', '{', '}', '[', ']', '-', '.']);
        line.trim().is_empty() || line.starts_with('#')
    };
    // What is no text at all is told by that, and a file without a word by its emptiness.
    if bytes.contains(&0) || lines.clone().all(is_blank) || lines.any(is_mark) {
        return;
    }
    let hint = "a spec has the line `rekindle: 1`; nothing of what is in this file is shown, as it may be anything";
    problems.place(
        shape::EMPTY_FILE,
        Places::new("", 0).span(0, 0),
        "this file holds no spec",
        None,
        Some(hint),
    );
}

/// The bytes as text, up to the first that is no UTF-8, which is reported.
pub(super) fn decode<'a>(bytes: &'a [u8], problems: &mut Problems<'_>) -> &'a str {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error,
    };
    let text = bytes
        .get(..error.valid_up_to())
        .and_then(|valid| std::str::from_utf8(valid).ok())
        .unwrap_or_default();
    let places = Places::new(text, 0);
    let (span, message, hint) =
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            (
                places.span(0, 0),
                "this file is UTF-16, and a spec is UTF-8",
                "save it as UTF-8 in your editor",
            )
        } else if bytes.contains(&0) {
            (places.span(0, 0), "this is a binary file", "a spec is a text in UTF-8")
        } else {
            let place = places.span(text.len(), text.len());
            let end = place.start + error.error_len().unwrap_or(1).min(bytes.len() - text.len());
            (
                Span { end, width: 1, ..place },
                "this is not UTF-8",
                "save the file as UTF-8 in your editor",
            )
        };
    problems.place(shape::NOT_UTF8, span, message, None, Some(hint));
    text
}

/// The text after a byte order mark, and how many bytes that takes.
pub(super) fn without_mark(text: &str) -> (&str, usize) {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (rest, BYTE_ORDER_MARK.len()),
        None => (text, 0),
    }
}

/// Refuses characters that cannot be seen.
pub(super) fn check_characters(text: &str, places: &Places<'_>, problems: &mut Problems<'_>) {
    for (index, character) in text.char_indices().filter(|(_, character)| is_suspect(*character)) {
        let Some(name) = unseen(character, text.get(index + 1..).unwrap_or_default()) else {
            continue;
        };
        if problems.only_counts() {
            continue;
        }
        let message = format!("{name} (U+{:04X}) does not belong in a spec", u32::from(character));
        let hint = format!(
            "delete it, or write it as an escape in double quotes: \"{}\"",
            escape(character)
        );
        problems.place(
            shape::CONTROL_CHARACTER,
            places.character(index),
            message,
            None,
            Some(&hint),
        );
    }
}

/// A quick look: whether `unseen` is worth a call.
fn is_suspect(character: char) -> bool {
    (character < ' ' && character != '\n' && character != '\t') || character >= '\u{7f}'
}

/// What to call a character that cannot be seen, if it is one. `rest`: what follows it.
fn unseen(character: char, rest: &str) -> Option<&'static str> {
    Some(match character {
        '\r' if rest.starts_with('\n') => return None,
        '\r' => "a carriage return without a line feed",
        '\0' => "a NUL byte",
        '\u{85}' | '\u{2028}' | '\u{2029}' => "a Unicode line break",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "an invisible change of text direction"
        }
        '\u{200b}' | '\u{2060}' => "an invisible space",
        '\u{feff}' => "a byte order mark after the beginning",
        '\u{fffe}' | '\u{ffff}' => "a character that is none",
        _ if character.is_control() => "a control character",
        _ => return None,
    })
}

/// A character as YAML writes it in double quotes.
fn escape(character: char) -> String {
    match u32::from(character) {
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code => format!("\\u{code:04x}"),
    }
}

/// Refuses nesting so deep that parsing it would take seconds: brackets in brackets, and `- - - -`.
pub(super) fn check_depth(text: &str, places: &Places<'_>, problems: &mut Problems<'_>) {
    let (mut depth, mut dashes, mut indentation) = (0_usize, 0_usize, true);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => (dashes, indentation) = (0, true),
            b'-' | b'?' if indentation => dashes += 1,
            b' ' => {}
            b'[' | b'{' => (depth, indentation) = (depth + 1, false),
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => indentation = false,
        }
        if depth > DEEPEST || dashes > DEEPEST {
            return too_deep(places.character(index), problems);
        }
    }
}

/// Reports nesting that is too deep.
pub(super) fn too_deep(span: Span, problems: &mut Problems<'_>) {
    problems.place(
        shape::TOO_DEEP,
        span,
        "this is nested too deeply",
        None,
        Some("no spec needs more than a dozen levels"),
    );
}
