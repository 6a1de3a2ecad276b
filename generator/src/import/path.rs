//! What stands in a path or a host: words of the API, placeholders without signs, ids of somebody's own.

use super::meaning::{is_field, is_plain, squashed};

/// What a segment of a path is that is in no signs of a placeholder.
pub(super) enum Segment {
    /// A word of the API.
    Word,
    /// Perhaps a word of the API: nothing says that it is somebody's.
    Doubtful,
    /// A placeholder without signs, by its name: `MYTENANT`.
    StandIn(String),
    /// An id of somebody's own.
    Own,
}

impl Segment {
    /// What it is, by its text.
    pub(super) fn of(text: &str) -> Self {
        // A word of its own, whose capitals are not those of words in one.
        let text = &*text.replace("OAuth2", "Oauth").replace("OAuth", "Oauth");
        let is_digit = |c: char| c.is_ascii_digit();
        let digits = text.chars().filter(|c| is_digit(*c)).count();
        let capitals = text.len() > 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        let known = ["REST", "OAUTH", "AUTH", "TOKEN", "LOGIN", "JSON"];
        // Such as `getV2Token`.
        let with_digit =
            || digits == 1 && text.split(is_digit).all(|it| it.len() > 2 && is_field(it));
        match stand_in(text) {
            Some(name) => Self::StandIn(name),
            None if text.is_empty() => Self::Word,
            // Signs of base64.
            None if text.contains([' ', '"', '+', '=']) => Self::Own,
            None if is_plain(text) && capitals && !known.contains(&text) => Self::Doubtful,
            None if is_plain(text) || is_field(text) && digits == 0 => Self::Word,
            None if with_digit() => Self::Doubtful,
            None => Self::Own,
        }
    }
}

/// The name of a placeholder that is one word in capitals.
pub(super) fn stand_in(text: &str) -> Option<String> {
    let kinds = [
        "tenant",
        "account",
        "realm",
        "domain",
        "subdomain",
        "org",
        "organization",
        "company",
        "customer",
        "workspace",
        "instance",
        "project",
        "team",
    ];
    if text.contains(|c: char| !c.is_ascii_uppercase() && !"_-".contains(c)) {
        return None;
    }
    let word = squashed(text);
    let word = ["your", "my"].iter().find_map(|start| word.strip_prefix(start)).unwrap_or(&word);
    kinds.iter().find_map(|kind| match word.strip_prefix(kind)? {
        "" => Some((*kind).to_owned()),
        end @ ("id" | "name" | "code") => Some(format!("{kind}_{end}")),
        _ => None,
    })
}

/// What an unnamed id in a path is called, by what stands before it: behind `accounts`, `account_id`.
pub(super) fn after(before: &str) -> String {
    let one = before
        .strip_suffix('s')
        .filter(|one| one.len() > 2 && one.bytes().all(|byte| byte.is_ascii_lowercase()));
    one.map_or_else(|| "tenant".to_owned(), |one| format!("{one}_id"))
}
