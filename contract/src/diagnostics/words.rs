//! Words of messages that have to stay short and quick to make, however many things there are to name.

use super::Finding;
use crate::suggest::nearest;

/// How many names a message lists.
const MOST_NAMES: usize = 12;

/// How many findings are worth a guess at what was meant. Of one file no more are shown, and a guess looks at many words.
const MOST_GUESSES: usize = 100;

/// Names, each as code: `` `a`, `b` ``; the first ones where there are many.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let first: Vec<String> =
        names.by_ref().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The name that was meant by `written`, if one is near and a reader gets to see it. `found`: what was found before.
pub(crate) fn meant<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
    found: &[Finding],
) -> Option<&'a str> {
    if found.len() < MOST_GUESSES { nearest(written, names) } else { None }
}
