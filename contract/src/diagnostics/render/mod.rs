//! Diagnostics for people and for programs.

mod human;
mod json;
mod summary;

use std::borrow::Cow;

/// Whether a terminal would not show this character, but do what it says: control characters, and those that turn the direction of
/// a text or hide in it. Specs, their names and what is said about them hold whatever somebody wrote.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0x061c | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff
        )
}

/// A text with each such character as an escape.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let shown = |character: char| match is_unseen(character) {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    Cow::Owned(text.chars().map(shown).collect())
}

pub use human::human;
pub use json::json;
