//! A key of the right kind for each signature, and a private key for nothing else.

use super::Facts;
use crate::contract::{
    ASSERTION, Algorithm, ClientAuth, Generated, Jwt, KeyEncoding, ParameterKind, Part, Request,
    Slot, Template,
};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_CLAIM, BAD_SIGNING_KEY};
use crate::path::Path;
use crate::spec::AuthSpec;
use std::collections::BTreeMap;

pub(super) fn check(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (name, value) in &facts.contract.request.values {
        if let Generated::Jwt(jwt) = value {
            let path = place(facts, name);
            private_key(facts, jwt, &path, found);
            token_url(facts, jwt, &path, found);
        }
    }
    secret_keys(facts, found);
    keys_elsewhere(facts, found);
    two_algorithms(facts, found);
}

/// Where a signed token was declared.
pub(super) fn place(facts: Facts<'_>, name: &str) -> Path {
    let place = facts.value(name);
    match &facts.spec.refresh.auth {
        Some(AuthSpec::Detailed(detail)) if name != ASSERTION => {
            place.key(if detail.private_key_jwt.is_some() {
                "private_key_jwt"
            } else {
                "client_secret_jwt"
            })
        }
        _ => place,
    }
}

fn is_signing_key(facts: Facts<'_>, slot: &Slot) -> bool {
    matches!(slot, Slot::Client(name) if facts.contract.client.get(name).is_some_and(|it| it.kind == ParameterKind::SigningKey))
}

/// What signs with a private key has one, whole.
fn private_key(facts: Facts<'_>, jwt: &Jwt, path: &Path, found: &mut Vec<Finding>) {
    let alg = jwt.alg;
    let is_private =
        matches!(jwt.key.text.parts.as_slice(), [Part::Slot(only)] if is_signing_key(facts, only));
    if alg != Algorithm::Hs256 && !is_private {
        let message = format!("`{alg}` signs with a private key, and this is none");
        let hint = "use a parameter with `{ secret: true, type: signing_key }` and nothing beside it: `${client.key}`";
        found.push(Finding::value(BAD_SIGNING_KEY, path.key("key"), message).hint(hint));
    }
}

/// The keys that both sides know, of `HS256` and of `hmac_sha256`: each is secret, and can be read in one way.
fn secret_keys(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let mut read = BTreeMap::new();
    for (name, value) in &facts.contract.request.values {
        let (what, path) = match value {
            Generated::HmacSha256 { .. } => ("hmac_sha256", facts.value(name)),
            Generated::Jwt(jwt) if jwt.alg == Algorithm::Hs256 => ("HS256", place(facts, name)),
            _ => continue,
        };
        let Some(key) = value.key() else { continue };
        let encoding = key.encoding;
        let only = match key.text.parts.as_slice() {
            [Part::Slot(Slot::Client(name))] => Some(name),
            _ => None,
        };
        let (place, message, hint) = if key.text.slots().any(|slot| is_signing_key(facts, slot)) {
            let message = format!(
                "`{what}` signs with a secret that both sides know, and this is a private key"
            );
            (
                "key",
                message,
                "leave `type: signing_key` out, or sign by an `alg` with a private key",
            )
        } else if !key.text.slots().any(|slot| facts.is_secret(slot)) {
            let message = "this key is not secret: anyone could sign".to_owned();
            ("key", message, "use a parameter with `secret: true`")
        } else if encoding != KeyEncoding::Text && only.is_none() {
            let message = "a key in an encoding is one parameter, and this is more".to_owned();
            ("key", message, "leave `key_encoding` out, or what stands beside the parameter")
        } else if let Some(only) = only
            && *read.entry(only).or_insert(encoding) != encoding
        {
            let message = format!("another key reads `{only}` in another encoding");
            ("key_encoding", message, ONE_ENCODING)
        } else {
            continue;
        };
        found.push(Finding::value(BAD_SIGNING_KEY, path.key(place), message).hint(hint));
    }
}

/// `${token_url}` is known before the values are made where no token, no secret and no value is in the URL.
fn token_url(facts: Facts<'_>, jwt: &Jwt, path: &Path, found: &mut Vec<Finding>) {
    let uses = |template: &Template| template.slots().any(|slot| *slot == Slot::TokenUrl);
    let request = &facts.contract.request;
    let query = match &request.auth {
        ClientAuth::Query(fields) => fields.as_slice(),
        _ => &[],
    };
    let query = request.query.iter().chain(query).flat_map(|(_, template)| template.slots());
    let mut in_url = request.path.slots().chain(query);
    let late = in_url
        .find(|slot| facts.is_secret(slot) || matches!(slot, Slot::Value(_) | Slot::Taken(_)));
    if let Some(slot) = late.filter(|_| jwt.claim_templates().any(uses)) {
        let message =
            format!("the URL of the request holds `{slot}`, so no claim can hold the URL");
        let hint = "write the audience as a text";
        found.push(Finding::value(BAD_CLAIM, path.clone(), message).hint(hint));
    }
}

/// A private key that a request held would be no secret any more. What keys may hold is said above.
fn keys_elsewhere(facts: Facts<'_>, found: &mut Vec<Finding>) {
    let request = &facts.contract.request;
    let values = request.values.iter().flat_map(|(_, value)| {
        let key = value.key().map(|key| &key.text);
        let is_key =
            move |template: &&Template| key.is_some_and(|key| std::ptr::eq(key, *template));
        value.templates().into_iter().filter(move |template| !is_key(template))
    });
    let sent: Vec<&Slot> =
        request.sent_templates().chain(values).flat_map(Template::slots).collect();
    for (name, parameter) in &facts.contract.client {
        let slot = Slot::Client(name.clone());
        if parameter.kind == ParameterKind::SigningKey && sent.contains(&&slot) {
            let message = format!("`{slot}` is a private key, and the request would hold it");
            let hint = "use it as the `key` of `assertion` or of `auth` alone";
            let path = Path::of("client").key(name).key("type");
            found.push(Finding::value(BAD_SIGNING_KEY, path, message).hint(hint));
        }
    }
}

/// One key is of one kind, and is read in one way, also where two requests sign with it: `first`, and the one that `facts` are about.
pub(super) fn with_keys_of(first: &Request, facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (name, value) in &facts.contract.request.values {
        let Some(key) = value.key() else { continue };
        let path = place(facts, name);
        let mut others = first.values.iter().map(|(_, other)| other);
        if let Generated::Jwt(jwt) = value
            && let Some(private) = jwt.private_key()
        {
            let other = others.find_map(|other| match other {
                Generated::Jwt(other) if other.private_key() == Some(private) => Some(other.alg),
                _ => None,
            });
            let other = other.filter(|other| other.key_kind() != jwt.alg.key_kind());
            found.extend(other.map(|other| two_kinds(other, jwt.alg, &path)));
        } else if let [Part::Slot(Slot::Client(only))] = key.text.parts.as_slice()
            && others
                .filter_map(Generated::key)
                .any(|other| other.text == key.text && other.encoding != key.encoding)
        {
            let message = format!("another key reads `{only}` in another encoding");
            found.push(
                Finding::value(BAD_SIGNING_KEY, path.key("key_encoding"), message)
                    .hint(ONE_ENCODING),
            );
        }
    }
}

const ONE_ENCODING: &str =
    "write the same `key_encoding` for both, or give each a parameter of its own";

fn two_kinds(first: Algorithm, second: Algorithm, signed: &Path) -> Finding {
    let message = format!("one key cannot sign by `{first}` and by `{second}`");
    let hint = "give each a parameter of its own";
    Finding::value(BAD_SIGNING_KEY, signed.key("alg"), message).hint(hint)
}

/// One key is of one kind.
fn two_algorithms(facts: Facts<'_>, found: &mut Vec<Finding>) {
    for (name, value) in &facts.contract.request.values {
        let Generated::Jwt(jwt) = value else { continue };
        let first = jwt.private_key().and_then(|key| facts.contract.signs_with(key));
        if let Some(first) = first.filter(|first| first.key_kind() != jwt.alg.key_kind()) {
            found.push(two_kinds(first, jwt.alg, &place(facts, name)));
        }
    }
}
