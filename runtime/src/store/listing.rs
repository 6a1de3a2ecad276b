//! The grants of a provider, page by page.

use super::Key;

/// Where a listing goes on. Each store writes its own, and reads no other's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// A page of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The grants of this page. There may be none, and more on the next.
    pub keys: Vec<Key>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Cursor>,
}

impl Page {
    /// A page of these grants.
    pub fn new(keys: Vec<Key>, next: Option<Cursor>) -> Self {
        Self { keys, next }
    }

    /// The first `at_most` of these, which come in the order of their subjects and after the cursor; the cursor is the last one's
    /// subject.
    pub(super) fn in_order(keys: impl Iterator<Item = Key>, at_most: usize) -> Self {
        // One more than asked for, to see whether another page follows.
        let mut keys: Vec<Key> = keys.take(at_most.saturating_add(1)).collect();
        let more = keys.len() > at_most;
        keys.truncate(at_most);
        let next = keys.last().filter(|_| more).map(|last| Cursor(last.subject().to_owned()));
        Self { keys, next }
    }
}

/// The subject after which the page begins, for stores whose cursor it is.
pub(super) fn after(from: Option<&Cursor>) -> Option<&str> {
    from.map(|cursor| cursor.0.as_str())
}
