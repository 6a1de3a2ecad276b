//! Values that the client makes anew for each request: what each is, and in which order they can be made.

use super::template::{self, Scope};
use super::{duration, jwt, names};
use crate::contract::{ASSERTION, Generated, Key, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_VALUE, CIRCULAR_VALUE};
use crate::path::Path;
use crate::spec::{AssertionSpec, TextEncoding, ValueDetail, ValueName, ValueSpec};
use std::collections::BTreeMap;

/// The values of `refresh.values` and the assertion, each behind those that it needs.
pub(super) fn resolve(
    written: &BTreeMap<String, ValueSpec>,
    assertion: Option<&AssertionSpec>,
    scope: &Scope,
    found: &mut Vec<Finding>,
) -> Vec<(String, Generated)> {
    let path = Path::of("refresh.values");
    let mut values = BTreeMap::new();
    for (name, written) in written {
        let path = path.key(name);
        names::value(name, &path, found);
        values.insert(name.clone(), (one(written, scope, &path, found), path));
    }
    if let Some(assertion) = assertion {
        let value = Generated::Jwt(jwt::assertion(assertion, scope, found));
        values.insert(ASSERTION.to_owned(), (value, Path::of("assertion")));
    }
    ordered(values, found)
}

/// Each value behind those that it needs. Of a circle each one is refused.
fn ordered(
    mut left: BTreeMap<String, (Generated, Path)>,
    found: &mut Vec<Finding>,
) -> Vec<(String, Generated)> {
    let mut ordered = Vec::new();
    loop {
        let is_ready = |value: &Generated| {
            value.templates().into_iter().flat_map(Template::slots).all(|slot| match slot {
                Slot::Value(name) => !left.contains_key(name),
                _ => true,
            })
        };
        let ready: Vec<String> = left
            .iter()
            .filter(|(_, (value, _))| is_ready(value))
            .map(|(name, _)| name.clone())
            .collect();
        if ready.is_empty() {
            break;
        }
        for name in ready {
            ordered.extend(left.remove(&name).map(|(value, _)| (name, value)));
        }
    }
    for (name, (_, path)) in left {
        let message =
            format!("`{name}` cannot be made: it needs itself, or values that need each other");
        let hint = "let one of them hold no placeholder that leads back to it";
        found.push(Finding::key(CIRCULAR_VALUE, path, message).hint(hint));
    }
    ordered
}

fn one(written: &ValueSpec, scope: &Scope, path: &Path, found: &mut Vec<Finding>) -> Generated {
    match written {
        ValueSpec::Named(ValueName::Uuid) => Generated::Uuid,
        ValueSpec::Detailed(detail) => detailed(detail, scope, path, found),
    }
}

fn detailed(
    written: &ValueDetail,
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Generated {
    let ValueDetail {
        now,
        plus,
        sha256,
        hmac_sha256,
        base64,
        base64url,
        hex,
        key,
        key_encoding,
        written: as_,
    } = written;
    let kinds = [
        ("now", now.is_some()),
        ("sha256", sha256.is_some()),
        ("hmac_sha256", hmac_sha256.is_some()),
        ("base64", base64.is_some()),
        ("base64url", base64url.is_some()),
        ("hex", hex.is_some()),
    ];
    let mut named = kinds.into_iter().filter(|(_, named)| *named).map(|(kind, _)| kind);
    let Some(kind) = named.next() else {
        let message = "this says how a value is written, and not what it is";
        let hint = "write one of `now`, `sha256`, `hmac_sha256`, `base64`, `base64url`, `hex`";
        found.push(Finding::value(BAD_VALUE, path.clone(), message).hint(hint));
        return Generated::Uuid;
    };
    if let Some(second) = named.next() {
        let message = format!("a value is one thing: `{kind}` or `{second}`");
        let hint = "make two values of it: one may hold the other as `${value.NAME}`";
        found.push(Finding::key(BAD_VALUE, path.key(second), message).hint(hint));
    }
    let is_keyed = hmac_sha256.is_some();
    let is_hash = is_keyed || sha256.is_some();
    let out_of_place = [
        (
            "plus",
            plus.is_some() && now.is_none(),
            "`plus` is how long after `now`, and this is another value",
        ),
        ("key", key.is_some() && !is_keyed, "`hmac_sha256` alone has a key"),
        ("key_encoding", key_encoding.is_some() && !is_keyed, "`hmac_sha256` alone has a key"),
        ("as", as_.is_some() && !is_hash, "`as` says how a hash is written, and this is none"),
    ];
    for (key, _, message) in out_of_place.into_iter().filter(|(_, wrong, _)| *wrong) {
        found.push(Finding::key(BAD_VALUE, path.key(key), message).hint("leave it out"));
    }
    if is_keyed && key.is_none() {
        let message = "`hmac_sha256` needs a `key`";
        let hint = "write `key: ${client.client_secret}`";
        found.push(Finding::value(BAD_VALUE, path.clone(), message).hint(hint));
    }
    let plus = plus.as_deref().map(|text| duration::resolve(text, path.key("plus"), found));
    let mut text = |text: &str, key: &str| template::resolve(text, scope, &path.key(key), found);
    let hash = as_.unwrap_or(TextEncoding::Hex);
    match (now, sha256, hmac_sha256) {
        (Some(format), _, _) => Generated::Now { format: *format, plus: plus.unwrap_or_default() },
        (_, Some(of), _) => Generated::Sha256 { of: text(of, "sha256"), written: hash },
        (_, _, Some(of)) => Generated::HmacSha256 {
            of: text(of, "hmac_sha256"),
            key: Key {
                text: text(key.as_deref().unwrap_or_default(), "key"),
                encoding: key_encoding.unwrap_or_default(),
            },
            written: hash,
        },
        _ => {
            let encodings = [
                (base64, TextEncoding::Base64),
                (base64url, TextEncoding::Base64Url),
                (hex, TextEncoding::Hex),
            ];
            let (of, written) = encodings
                .into_iter()
                .find_map(|(of, written)| Some((of.as_deref()?, written)))
                .unwrap_or(("", TextEncoding::Hex));
            Generated::Encoded { of: text(of, written.name()), written }
        }
    }
}
