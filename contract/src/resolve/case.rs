//! Names as Rust and as people write them.

/// The digits at the front as words: `7g` is `seven_g`.
pub(super) fn in_words(name: &str) -> String {
    const WORDS: [&str; 10] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let mut words: Vec<&str> = name[..digits]
        .bytes()
        .filter_map(|digit| WORDS.get(usize::from(digit - b'0')).copied())
        .collect();
    let rest = name[digits..].trim_start_matches('_');
    if !rest.is_empty() {
        words.push(rest);
    }
    words.join("_")
}

/// `name` as near to `snake_case` as it gets.
pub(crate) fn snake_case(name: &str) -> String {
    let mut words = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            words.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        words.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    words.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// `acme_bank` as people would write it: `Acme Bank`.
pub(crate) fn title_case(id: &str) -> String {
    let mut title = String::new();
    for word in id.split('_').filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        title.extend((!title.is_empty()).then_some(' '));
        title.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        title.push_str(letters.as_str());
    }
    title
}
