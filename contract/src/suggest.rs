//! What someone who mistyped a word meant.

/// How many words are looked at: where there are more, a guess is worth little.
const MOST: usize = 500;

/// The word that is most like `written`, if one is like it at all.
pub fn nearest<'a>(written: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(written);
    let length = plain.chars().count();
    let limit = (length / 3).max(1);
    let scored = words.into_iter().take(MOST).filter_map(|word| {
        let candidate = self::plain(word);
        // Words are no nearer than their lengths.
        if candidate.chars().count().abs_diff(length) > limit {
            return None;
        }
        Some((strsim::damerau_levenshtein(&plain, &candidate), word))
    });
    let (distance, word) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= limit && written.len() <= 64).then_some(word)
}

/// A word without the things that people write differently: `accessToken`, `Access-Token`, `access_token`.
fn plain(word: &str) -> String {
    let parts = word.chars().filter(|character| !matches!(character, '_' | '-' | ' '));
    parts.flat_map(char::to_lowercase).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const WORDS: [&str; 4] = ["access_token", "refresh_token", "secret", "doc"];

    #[test]
    fn finds_other_spellings() {
        assert_eq!(nearest("accessToken", WORDS), Some("access_token"));
        assert_eq!(nearest("Refresh-Token", WORDS), Some("refresh_token"));
        assert_eq!(nearest("sceret", WORDS), Some("secret"));
        assert_eq!(nearest("docs", WORDS), Some("doc"));
        assert_eq!(nearest("clinet.rs.j2", ["lib.rs.j2", "client.rs.j2"]), Some("client.rs.j2"));
        assert_eq!(nearest("rk0101", ["RK0101", "RK0102"]), Some("RK0101"));
    }

    #[test]
    fn does_not_guess_wildly() {
        assert_eq!(nearest("banana", WORDS), None);
        assert_eq!(nearest("", WORDS), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), WORDS), None);
    }
}
