//! Diagnostics for people and for programs.

mod human;
mod json;
mod sarif;
mod summary;
mod workflow;

use super::Diagnostic;
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

/// All that is said about a problem where there is room for a text alone, line by line.
fn full_message(diagnostic: &Diagnostic) -> String {
    let label = diagnostic.label.as_ref().map(|label| format!(": {label}"));
    let hint = diagnostic.hint.as_ref().map(|hint| format!("\nhint: {hint}"));
    let [label, hint] = [label, hint].map(Option::unwrap_or_default);
    format!("{}{label}{hint}", diagnostic.message)
}

pub use human::human;
pub use json::json;
pub use sarif::sarif;
pub use workflow::workflow_commands;
