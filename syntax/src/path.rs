//! Paths and queries.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;

/// Everything but what RFC 3986 section 2.3 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is wrong with a path, or with a text that is to be a segment of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathProblem {
    /// There is a query behind it.
    Query,
    /// There is a fragment behind it.
    Fragment,
    /// A segment is `.` or `..`, percent-encoded or not: parsers of URLs resolve it away.
    Dots,
    /// It holds a character that must be percent-encoded.
    Character(char),
    /// A `%` without two hexadecimal digits.
    Escape,
    /// There is nothing in a segment that needs something.
    Empty,
}

/// Refuses what is no path as it goes on the wire: percent-encoded where need be, without a query. It may be empty.
pub fn path(text: &str) -> Result<(), PathProblem> {
    if text.contains('#') {
        Err(PathProblem::Fragment)
    } else if text.contains('?') {
        Err(PathProblem::Query)
    } else if text.split('/').any(is_dots) {
        Err(PathProblem::Dots)
    } else if let Some(character) = text.chars().find(|character| !is_path_character(*character)) {
        Err(PathProblem::Character(character))
    } else if bad_escape(text).is_some() {
        Err(PathProblem::Escape)
    } else {
        Ok(())
    }
}

/// Refuses a text that would not stay one segment of a path once it is percent-encoded.
pub fn segment(text: &str) -> Result<(), PathProblem> {
    match text {
        "" => Err(PathProblem::Empty),
        "." | ".." => Err(PathProblem::Dots),
        _ => Ok(()),
    }
}

/// Whether a segment is `.` or `..`, its dots percent-encoded or not.
fn is_dots(segment: &str) -> bool {
    // The longest is `%2e%2e`.
    segment.len() <= 6
        && matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Whether a path may hold this character as it is (RFC 3986 section 3.3); a `%` begins an escape.
pub fn is_path_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%/".contains(character)
}

/// Whether a query may hold this character as it is (RFC 3986 section 3.4); a `%` begins an escape.
pub fn is_query_character(character: char) -> bool {
    is_path_character(character) || character == '?'
}

/// The first `%` without two hexadecimal digits behind it, with up to two characters of what follows.
pub fn bad_escape(text: &str) -> Option<&str> {
    let bad = text.match_indices('%').find(|(at, _)| {
        let digits = text.as_bytes().get(at + 1..at + 3);
        !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    let rest = &text[bad?.0..];
    let end = rest.char_indices().nth(3).map_or(rest.len(), |(end, _)| end);
    Some(&rest[..end])
}

/// A text as one segment of a path, or as a name or a value in a query: everything that RFC 3986 does not call unreserved is
/// percent-encoded, so that it can neither end the segment nor begin anything else.
pub fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

impl PathProblem {
    /// What is wrong, without a subject: `has a query`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Query => "has a query",
            Self::Fragment => "has a fragment",
            Self::Dots => "has a path with dots for segments",
            Self::Character(_) => "has a path with characters that must be percent-encoded",
            Self::Escape => "has a path with a `%` that begins no percent-encoding",
            Self::Empty => "has an empty segment in its path",
        }
    }
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_as_they_go_on_the_wire() {
        for text in
            ["", "/", "/a/b", "//", "/a%20b", "/~a!$&'()*+,;=:@", "/...", "/.a", "/%2e%2e%2e"]
        {
            assert_eq!(path(text), Ok(()), "{text}");
        }
        let refused = [
            ("/a?b", PathProblem::Query),
            ("/a#b", PathProblem::Fragment),
            ("/a/../b", PathProblem::Dots),
            ("/.", PathProblem::Dots),
            ("/%2E%2e/b", PathProblem::Dots),
            ("/.%2e", PathProblem::Dots),
            ("/a b", PathProblem::Character(' ')),
            ("\\@a", PathProblem::Character('\\')),
            ("/é", PathProblem::Character('é')),
            ("/%zz", PathProblem::Escape),
            ("/%", PathProblem::Escape),
        ];
        for (text, problem) in refused {
            assert_eq!(path(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn escapes_have_two_digits() {
        assert_eq!(bad_escape("%20%fF"), None);
        assert_eq!(bad_escape("a%2x4"), Some("%2x"));
        assert_eq!(bad_escape("a%éb"), Some("%éb"));
        assert_eq!(bad_escape("%41%"), Some("%"));
    }

    #[test]
    fn segments_and_values_are_encoded() {
        assert_eq!(percent_encode("a/b?c#d e%é~-._"), "a%2Fb%3Fc%23d%20e%25%C3%A9~-._");
        assert_eq!(percent_encode("a&b=c+d"), "a%26b%3Dc%2Bd");
        assert_eq!(segment("a.b"), Ok(()));
        for text in ["", ".", ".."] {
            assert!(segment(text).is_err());
        }
    }
}
