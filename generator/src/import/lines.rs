//! What a line of a page is by itself: the beginning of a command or an option of one, a label, JSON with its end.

use super::meaning::squashed;

/// How deep an answer may nest.
pub(super) const MOST_LEVELS: usize = 64;
/// Methods by which a token is asked for.
pub(super) const METHODS: &[&str] = &["DELETE", "GET", "PATCH", "POST", "PUT"];
/// What one letter stands for among the options of curl.
pub(super) const LETTERS: &[(char, &str)] = &[
    ('X', "request"),
    ('H', "header"),
    ('d', "data"),
    ('u', "user"),
    ('G', "get"),
    ('F', "form"),
    ('b', "cookie"),
    ('I', "head"),
    ('A', "user-agent"),
    ('e', "referer"),
    ('o', "output"),
    ('m', "max-time"),
    ('w', "write-out"),
    ('x', "proxy"),
    ('U', "proxy-user"),
    ('c', "cookie-jar"),
    ('D', "dump-header"),
    ('E', "cert"),
    ('T', "upload-file"),
    ('K', "config"),
    ('r', "range"),
    ('s', "silent"),
    ('S', "show-error"),
    ('L', "location"),
    ('k', "insecure"),
    ('i', "include"),
    ('v', "verbose"),
    ('f', "fail"),
    ('g', "globoff"),
    ('0', "http1.0"),
    ('1', "tlsv1"),
    ('2', "http2"),
    ('4', "ipv4"),
    ('6', "ipv6"),
    ('#', "progress-bar"),
    ('N', "no-buffer"),
    ('n', "netrc"),
    ('O', "remote-name"),
    ('J', "remote-header-name"),
    ('q', "disable"),
    ('j', "junk-session-cookies"),
    ('Z', "parallel"),
    ('3', "sslv3"),
];

/// Whether a word is the command itself.
pub(super) fn is_curl(word: &str) -> bool {
    let word = word.trim_start_matches(['$', '(', '`']);
    ["curl", "curl.exe"].contains(&word) || word.ends_with("=$(curl") || word.ends_with("/curl")
}

/// Whether a word, or a line by its first, is an option: `--data`, `-d`, `-XPOST`, `-H'…'`.
pub(super) fn is_option(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    if let Some(name) = word.strip_prefix("--") {
        return name.starts_with(|c: char| c.is_ascii_lowercase());
    }
    let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
    let is_known =
        letters.next().is_some_and(|first| LETTERS.iter().any(|(known, _)| *known == first));
    let rest = letters.as_str();
    is_known
        && (rest.starts_with(['\'', '"', '$'])
            || rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a field is the grant type, which only a request holds.
pub(super) fn is_grant(name: &str) -> bool {
    squashed(name) == "granttype"
}

/// Whether a line that nothing reads is missed: not where it is empty, or says what stands below it, `Response:`.
pub(super) fn is_unread(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !is_label(line)
}

/// Whether a line says what stands below it.
pub(super) fn is_label(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('#') || line.ends_with(':') && !line.contains(['=', '{', '&', '"'])
}

/// The length of the brackets with which JSON begins and what is in them, comments included.
pub(super) fn extent(json: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped, mut comment) = (0_usize, false, false, false);
    for (at, c) in json.char_indices() {
        match c {
            '\n' => comment = false,
            _ if comment => {}
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '/' => comment = json[at..].starts_with("//"),
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 1 => return Some(at + 1),
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth > MOST_LEVELS {
            return None;
        }
    }
    None
}

/// How deep the brackets of a text lie in one another, those in quotes included.
pub(super) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Whether only an answer holds a member of this name.
pub(super) fn is_of_answer(name: &str) -> bool {
    let name = squashed(name);
    ["tokentype", "error"].contains(&name.as_str())
        || name.ends_with("expiresin")
        || name.ends_with("expiresat")
}
