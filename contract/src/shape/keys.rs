//! Where in the language a key belongs.

use super::compile::{Key, Rest, ShapeId, Shapes};
use crate::spec::FROM_LAST_USE;

/// What to do about several ways in which a client may prove who it is.
pub(super) const ONE_WAY: &str = "name one: where a client is registered for one of several, each is a contract of its own, below `variants`";

/// Names that other languages have for what a spec says in another key: the keys of the mapping that they stand in, the names, and
/// where their value belongs, and the key in which.
const ELSEWHERE: &[(&[&str], &[&str], &str, &str)] = &[
    (
        &["request", "form"],
        &["method", "verb", "http_method"],
        "it is the first word of `request`: `request: POST /oauth/token`",
        "request",
    ),
    (
        &["request", "form"],
        &["url", "uri", "path", "endpoint", "token_url", "token_endpoint", "base_url", "host"],
        "it belongs in `request`, behind the method: `request: POST https://auth.example.com/oauth/token`",
        "request",
    ),
    (
        &["request", "form"],
        &["body", "data", "payload", "params", "parameters", "fields"],
        "the fields of the body belong in `form` or in `json`",
        "form",
    ),
    (
        &["request", "form"],
        &["grant_type", "refresh_token", "access_token"],
        "a field of the request belongs in `form` or in `json`",
        "form",
    ),
    (
        &["request", "form"],
        &["content_type"],
        "it follows from `form` or `json`; another one belongs in `headers`: `headers: { Content-Type: … }`",
        "headers",
    ),
    (&["basic", "private_key_jwt"], &["one_of", "any_of", "either"], ONE_WAY, "basic"),
    (
        &["class", "equals"],
        &["error", "error_code", "reason"],
        "it belongs in `field` and `equals`: `field: /error, equals: invalid_grant`",
        "equals",
    ),
    (
        &["expires", "use"],
        &["expires_in", "lifetime", "ttl", "expiry", "valid_for"],
        "it belongs in `expires`: `{ seconds: /expires_in }` where the answer says it, `{ constant: 1h }` where the page does",
        "expires",
    ),
    (
        &["rotation", "reuse"],
        &["usual_lifetime"],
        "a refresh token has its life in `expires`: `{ constant: 180d }` where the page says how long",
        "expires",
    ),
    (
        &["provider", "refresh", "tokens"],
        &["auth", "request", "form", "json", "headers", "query", "url", "method"],
        "it belongs in `refresh`, which is the request",
        "refresh",
    ),
];

/// Keys that mean what another key of the same mapping says: two keys of the mapping, the name, and the key.
const SAME: &[([&str; 2], &str, &str)] = &[(["error", "sign_in"], "class", "error")];

/// The key among these that says what is called `name` elsewhere.
pub(super) fn same(name: &str, among: &[Key]) -> Option<&'static str> {
    let has = |key: &&str| among.iter().any(|other| other.name == **key);
    let same = SAME.iter().find(|(keys, theirs, _)| *theirs == name && keys.iter().all(has));
    same.map(|(.., ours)| *ours)
}

/// Words that others have for what is another word here, or a key of the mapping that may stand in its place.
const WORDS: &[(&str, &str)] = &[
    ("client_secret_basic", "basic"),
    ("client_secret_post", "body"),
    ("grace", "good_for"),
    ("grace_period", "good_for"),
    ("login_required", "reauthenticate"),
    ("nonce", "uuid"),
    ("random", "uuid"),
    ("reauth", "reauthenticate"),
    ("retry", "transient"),
    ("timestamp", "now"),
];

/// The word or key of these that others call `written`.
pub(super) fn word_of_others(written: &str, words: &[&str]) -> Option<&'static str> {
    let mut known = WORDS.iter().filter(|(theirs, _)| *theirs == written);
    known.find(|(_, ours)| words.contains(ours)).map(|(_, ours)| *ours)
}

/// Words for what another key says: the words that are due, theirs, and what to do.
const WORDS_ELSEWHERE: &[(&[&str], &[&str], &str)] = &[(
    &["issue", "sign_in"],
    &["last_use", "use", "last_used", "idle", "activity"],
    FROM_LAST_USE,
)];

/// What to do about a word that says what belongs in another key.
pub(super) fn word_of_elsewhere(written: &str, words: &[&str]) -> Option<&'static str> {
    let mut known = WORDS_ELSEWHERE.iter().filter(|(_, theirs, _)| theirs.contains(&written));
    known.find(|(due, ..)| due.iter().all(|word| words.contains(word))).map(|(.., hint)| *hint)
}

/// Where a key belongs that stands among these.
pub(super) fn elsewhere(name: &str, among: &[Key]) -> Option<(&'static str, &'static str)> {
    let has = |key: &&str| among.iter().any(|other| other.name == **key);
    ELSEWHERE
        .iter()
        .find(|(keys, names, ..)| names.contains(&name) && keys.iter().all(has))
        .map(|(.., hint, of)| (*hint, *of))
}

/// The mappings that have a key called `name`, as paths: `tokens.refresh`, `examples[].expect`.
pub(super) fn homes(shapes: &Shapes, name: &str) -> Vec<String> {
    let mut homes = Vec::new();
    visit(shapes, shapes.root(), &mut Vec::new(), &mut String::new(), &mut |path, key| {
        if key == name && !homes.iter().any(|home| home == path) {
            homes.push(path.to_owned());
        }
    });
    homes
}

/// Calls `see` with each mapping's path and each of its keys. `above` holds the shapes on the way, to stop at a circle.
fn visit(
    shapes: &Shapes,
    id: ShapeId,
    above: &mut Vec<ShapeId>,
    path: &mut String,
    see: &mut impl FnMut(&str, &str),
) {
    let Some(shape) = shapes.get(id).filter(|_| !above.contains(&id)) else {
        return;
    };
    above.push(id);
    for key in &shape.keys {
        see(path, &key.name);
        let separator = if path.is_empty() { "" } else { "." };
        below(path, &format!("{separator}{}", key.name), |path| {
            visit(shapes, key.shape, above, path, see)
        });
    }
    if let Rest::Of(rest) = shape.rest {
        below(path, ".NAME", |path| visit(shapes, rest, above, path, see));
    }
    if let Some(items) = shape.items {
        below(path, "[]", |path| visit(shapes, items, above, path, see));
    }
    for branch in &shape.branches {
        visit(shapes, *branch, above, path, see);
    }
    above.pop();
}

/// Runs `visit` with `step` at the end of the path.
fn below(path: &mut String, step: &str, visit: impl FnOnce(&mut String)) {
    let length = path.len();
    path.push_str(step);
    visit(path);
    path.truncate(length);
}
