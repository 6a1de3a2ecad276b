//! Texts as columns hold them: PostgreSQL's have no zero byte.

use std::borrow::Cow;

use crate::store::Key;

/// A text without zero bytes: they are `\0`, and a backslash is `\\`.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['\\', '\0']) {
        Cow::Owned(text.replace('\\', "\\\\").replace('\0', "\\0"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that was [`escaped`].
pub(super) fn unescaped(column: &str) -> Cow<'_, str> {
    if !column.contains('\\') {
        return Cow::Borrowed(column);
    }
    let mut text = String::with_capacity(column.len());
    let mut rest = column.chars();
    while let Some(character) = rest.next() {
        text.push(match character {
            '\\' if rest.next() == Some('0') => '\0',
            other => other,
        });
    }
    Cow::Owned(text)
}

/// The columns that name a grant.
pub(super) struct Name<'a> {
    pub provider: Cow<'a, str>,
    pub subject: Cow<'a, str>,
}

impl<'a> Name<'a> {
    pub(super) fn of(key: &'a Key) -> Self {
        Self { provider: escaped(key.provider()), subject: escaped(key.subject()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_come_back(text in "[a\\\\0\0\u{1F511}]{0,9}") {
            let column = escaped(&text);
            prop_assert!(!column.contains('\0'));
            prop_assert_eq!(&unescaped(&column), &text);
        }
    }
}
