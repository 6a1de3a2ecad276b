//! The name of a grant's files.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::store::Key;

/// The longest name, without its ending: file systems take 255 bytes.
const LONGEST: usize = 200;

/// What stands for itself in a name. Upper case does not: some file systems take it for lower case. Nothing beyond ASCII does:
/// some file systems spell it anew.
const PROVIDER: &AsciiSet = &upper_case(NON_ALPHANUMERIC.remove(b'-').remove(b'_'));
const SUBJECT: &AsciiSet = &PROVIDER.remove(b'.');

const fn upper_case(mut set: AsciiSet) -> AsciiSet {
    let mut letter = b'A';
    while letter <= b'Z' {
        set = set.add(letter);
        letter += 1;
    }
    set
}

/// `provider@subject`, percent-encoded; where that is too long, its beginning, `~`, and the SHA-256 of the whole.
///
/// Two grants never have one name: the encoding can be undone, and holds neither `~` nor another `@`.
pub(super) fn of(key: &Key) -> String {
    let provider = utf8_percent_encode(key.provider(), PROVIDER);
    let subject = utf8_percent_encode(key.subject(), SUBJECT);
    let mut name = format!("{provider}@{subject}");
    if name.len() > LONGEST {
        let digest = Sha256::digest(name.as_bytes());
        // ASCII throughout: any place is between two characters.
        name.truncate(LONGEST - 65);
        name.push('~');
        for byte in digest {
            let _ = write!(name, "{byte:02x}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_safe_and_never_shared() {
        assert_eq!(of(&Key::new("spark", "user-7")), "spark@user-7");
        assert_eq!(of(&Key::new("spark", "Bob@a.b")), "spark@%42ob%40a.b");
        assert_eq!(of(&Key::new("a", "../\0")), "a@..%2F%00");
        assert_eq!(of(&Key::new(".writing", "")), "%2Ewriting@");
        assert_ne!(of(&Key::new("a", "b")), of(&Key::new("a", "B")));
        assert_ne!(of(&Key::new("a@b", "c")), of(&Key::new("a", "b@c")));
        let long = |end: &str| of(&Key::new("p", &format!("{}{end}", "\u{1F511}".repeat(999))));
        assert_ne!(long("1"), long("2"));
        assert_eq!(long("1").len(), LONGEST);
        assert!(long("1").starts_with("p@%F0%9F%94%91"));
    }
}
