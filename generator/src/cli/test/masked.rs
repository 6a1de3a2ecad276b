//! Bodies for people: what may be a secret has a mask in its place, by its name, by its look, or because nothing says what it is.

use rekindle_syntax::is_word;
use serde_json::{Map, Value};

/// What stands in the place of what may be a secret.
pub(super) const MASK: &str = "***";

/// How members are called that say what another one holds, and how that one is called.
const NAMES: [&str; 8] = ["name", "key", "field", "id", "k", "parameter", "param", "label"];
const VALUES: [&str; 6] = ["value", "val", "v", "text", "content", "data"];

/// What the place of a value says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It has a name that no secret has.
    Open,
    /// Nothing: it is all there is, or an item of a list that is.
    Unnamed,
    /// It has the name of a secret, or is below one that has.
    Secret,
}

/// A value of JSON without what may be a secret.
pub(super) fn json(value: Value) -> Value {
    masked(value, Place::Unnamed)
}

fn masked(value: Value, place: Place) -> Value {
    match value {
        Value::String(_) | Value::Number(_) if place != Place::Open => MASK.into(),
        Value::String(text) => word(&text).into(),
        // A token may be a number.
        Value::Number(number) if word(&number.to_string()) == MASK => MASK.into(),
        Value::Array(items) => list(items, place),
        Value::Object(members) => object(members, place),
        other => other,
    }
}

fn list(items: Vec<Value>, place: Place) -> Value {
    match <[Value; 2]>::try_from(items) {
        Ok([Value::String(name), value]) if is_of_secret(&name) => {
            Value::Array(vec![word(&name).into(), masked(value, Place::Secret)])
        }
        Ok(two) => two.into_iter().map(|item| masked(item, place)).collect(),
        Err(items) => items.into_iter().map(|item| masked(item, place)).collect(),
    }
}

fn object(members: Map<String, Value>, place: Place) -> Value {
    let names_secret = members.iter().any(|(name, value)| {
        NAMES.contains(&&*name.to_ascii_lowercase()) && value.as_str().is_some_and(is_of_secret)
    });
    let below = match place {
        Place::Secret => Place::Secret,
        Place::Open | Place::Unnamed => Place::Open,
    };
    let masked = members.into_iter().map(|(name, value)| {
        let place = match below {
            _ if is_of_secret(&name) || names_secret && is_value(&name) => Place::Secret,
            // What is wrong with it is none of it.
            Place::Secret if tells_of_secret(&name) || name.starts_with("error") => Place::Open,
            below => below,
        };
        (word(&name), masked(value, place))
    });
    Value::Object(masked.collect())
}

/// The pairs of a form or a query.
pub(super) fn pairs(text: &str) -> String {
    let split = || text.split('&').map(|pair| (pair, pair.split_once('=')));
    let names_secret = split().any(|(_, pair)| {
        pair.is_some_and(|(name, value)| NAMES.contains(&name) && is_of_secret(value))
    });
    let pairs = split().map(|(whole, pair)| match pair {
        Some((name, _)) if names_secret && is_value(name) => format!("{name}={MASK}"),
        Some((name, value)) => format!("{}={}", word(name), value_of(name, value)),
        None => word(whole),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The value of a member that may be shown, or the mask: what is called a token is none, whatever it looks like.
pub(super) fn value_of(name: &str, value: &str) -> String {
    if is_of_secret(name) { MASK.to_owned() } else { word(value) }
}

/// A text that may be shown, or the mask.
pub(super) fn word(text: &str) -> String {
    if is_word(text) { text.to_owned() } else { MASK.to_owned() }
}

fn is_value(name: &str) -> bool {
    VALUES.contains(&&*name.to_ascii_lowercase())
}

/// Whether a member of this name holds a token or a secret.
fn is_of_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = [
        "token",
        "secret",
        "password",
        "passphrase",
        "assertion",
        "jwt",
        "code_verifier",
        "session",
        "cookie",
        "credential",
        "bearer",
        "api_key",
        "apikey",
        "private_key",
        "privatekey",
    ];
    let whole = ["refresh", "access"];
    let is_secret = parts.iter().any(|part| name.contains(part)) || whole.contains(&&*name);
    is_secret && !tells_of_secret(&name)
}

/// Whether a member of this name says something of a token that is none itself: its type, its end, what it is for.
fn tells_of_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = ["type", "scope", "scopes", "ttl", "lifetime", "status"];
    let is_end = name.contains("expires") || name.contains("expiry");
    is_end || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A word that could be a token is masked wherever its name, or no name, says that it may be one.
    #[test]
    fn what_is_below_a_secret_name_is_masked_whatever_its_kind() {
        let words = ["silver_spoon", "green_lemon"];
        let table = [
            (
                json!({ "refresh_token": { "value": words[0], "n": 7, "live": true, "expires_in": 3600, "error": "none" } }),
                json!({ "refresh_token": { "value": MASK, "n": MASK, "live": true, "expires_in": 3600, "error": "none" } }),
            ),
            (
                json!({ "tokens": { "a": { "b": [words[0], { "c": words[1] }] }, "token_type": "bearer" } }),
                json!({ "tokens": { "a": { "b": [MASK, { "c": MASK }] }, "token_type": "bearer" } }),
            ),
            (
                json!([{ "name": "refresh_token", "value": words[0] }, { "Key": "access", "V": 7 }]),
                json!([{ "name": "refresh_token", "value": MASK }, { "Key": "access", "V": MASK }]),
            ),
            (
                json!({ "fields": [["refresh_token", words[0]], ["scope", "read"]] }),
                json!({ "fields": [["refresh_token", MASK], ["scope", "read"]] }),
            ),
            (json!({ "refresh": words[0], "ttl": 60 }), json!({ "refresh": MASK, "ttl": 60 })),
            (json!({ "new_credential": words[0] }), json!({ "new_credential": MASK })),
            (json!([words[0], [words[1]], 7]), json!([MASK, [MASK], MASK])),
            (json!(words[0]), json!(MASK)),
        ];
        for (body, shown) in table {
            assert_eq!(super::json(body.clone()), shown, "{body}");
        }
        assert_eq!(pairs("name=refresh_token&value=silver_spoon"), "name=refresh_token&value=***");
    }

    /// What says why a refresh is refused is shown.
    #[test]
    fn what_is_no_secret_is_shown() {
        for body in [
            json!({ "error": "invalid_grant", "error_description": "token is expired", "n": 7 }),
            json!({ "error": { "code": "invalid_token", "type": "refresh_token" } }),
            json!({ "errors": [{ "field": "refresh_token", "message": "expired" }] }),
            json!([{ "name": "scope", "value": "read" }]),
            json!({ "scopes": ["read", "write"], "refresh_token_expires_in": 5 }),
        ] {
            assert_eq!(super::json(body.clone()), body);
        }
    }
}
