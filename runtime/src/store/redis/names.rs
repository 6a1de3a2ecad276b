//! The keys in the server.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, percent_decode, utf8_percent_encode};

use crate::store::Key;

/// What would make two keys one, or a key end too early, in a provider's id.
const SEPARATORS: &AsciiSet = &AsciiSet::EMPTY.add(b'%').add(b'/');

/// The names under one prefix.
///
/// The prefix is a hash tag, so that all of them would be in one slot of a cluster.
pub(super) struct Names {
    prefix: String,
}

impl Names {
    /// `None` where the prefix is no hash tag: it is empty or has braces.
    pub(super) fn under(prefix: &str) -> Option<Self> {
        let possible = !prefix.is_empty() && !prefix.contains(['{', '}']);
        possible.then(|| Self { prefix: format!("{{{prefix}}}") })
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The hash of a grant.
    pub(super) fn grant(&self, member: &str) -> String {
        format!("{}:grant:{member}", self.prefix)
    }

    /// The pattern of the hashes of all grants of a provider, as `SCAN` reads patterns.
    pub(super) fn grants(&self, provider: &str) -> String {
        let mut pattern = String::new();
        for letter in self.grant(&format!("{}/", escaped(provider))).chars() {
            if matches!(letter, '*' | '?' | '[' | ']' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern + "*"
    }

    /// The hash of what is known about takeovers.
    pub(super) fn takeovers(&self) -> String {
        format!("{}:takeovers", self.prefix)
    }

    /// The sorted set of what is due of a provider.
    pub(super) fn due(&self, provider: &str) -> String {
        format!("{}:due:{}", self.prefix, escaped(provider))
    }
}

/// A grant in the set of what is due: `provider/subject`.
pub(super) fn member(key: &Key) -> String {
    format!("{}/{}", escaped(key.provider()), key.subject())
}

fn escaped(provider: &str) -> Cow<'_, str> {
    utf8_percent_encode(provider, SEPARATORS).into()
}

/// The grant of this [`member`]; `None` where it is none.
pub(super) fn key(member: &str) -> Option<Key> {
    let (provider, subject) = member.split_once('/')?;
    let provider = percent_decode(provider.as_bytes()).decode_utf8().ok()?;
    Some(Key::new(&provider, subject))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn grants_are_kept_apart(provider in "[a/%2F\0\u{1F511}]{0,9}", subject in "[a/%2F]{0,9}") {
            let one = Key::new(&provider, &subject);
            prop_assert_eq!(key(&member(&one)), Some(one));
        }
    }

    #[test]
    fn a_prefix_is_a_hash_tag() {
        let names = Names::under("app").expect("a prefix");
        let one = Key::new("example", "one");
        assert_eq!(names.grant(&member(&one)), "{app}:grant:example/one");
        assert_eq!(names.due("example"), "{app}:due:example");
        for prefix in ["", "}", "{", "a{b}"] {
            assert!(Names::under(prefix).is_none(), "{prefix}");
        }
    }
}
