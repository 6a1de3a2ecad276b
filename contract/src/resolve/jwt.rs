//! Tokens that the client signs: the assertion of a grant, and the one by which a client proves itself.

use super::template::{self, Scope};
use super::{body, duration, standard};
use crate::contract::{Algorithm, JsonTemplate, Jwt, Key, Slot, Template};
use crate::diagnostics::Finding;
use crate::diagnostics::meaning::{BAD_CLAIM, BAD_SIGNING_KEY};
use crate::path::Path;
use crate::spec::{AssertionSpec, JwtAuth, KeyEncoding};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an assertion of a client lives unless said.
const LIVES: Duration = Duration::from_secs(300);

/// Claims that the client writes itself.
const OWN: &[(&str, &str)] = &[
    ("iat", "it is the start of the request"),
    ("exp", "`lives` says how long after `iat` it is"),
    ("jti", "write `jti: true` for a random one"),
    ("nbf", "write `nbf: true` for the same instant as `iat`"),
];

/// Claims by which a client proves itself.
const PROOF: &[(&str, &str)] = &[
    ("iat", "it is the start of the request"),
    ("exp", "`lives` says how long after `iat` it is"),
    ("jti", "it is a random one"),
    ("nbf", "write `nbf: true` for the same instant as `iat`"),
    ("iss", "it is the client's id"),
    ("sub", "it is the client's id"),
    ("aud", "write it as `audience`"),
];

/// The assertion of a grant (RFC 7523 section 2.1).
pub(super) fn assertion(written: &AssertionSpec, scope: &Scope, found: &mut Vec<Finding>) -> Jwt {
    let AssertionSpec { alg, key, key_encoding, kid, x5t, x5t_s256, lives, jti, nbf, claims } =
        written;
    let path = Path::of("assertion");
    let claims = self::claims(claims, OWN, scope, &path, found);
    let lives = lifetime(lives, path.key("lives"), found);
    let key = template::resolve(key, scope, &path.key("key"), found);
    Jwt {
        alg: *alg,
        key: self::key(*alg, key, *key_encoding, &path, found),
        header: header([kid, x5t, x5t_s256], scope, &path, found),
        lives,
        jti: *jti,
        nbf: *nbf,
        claims,
    }
}

/// What a token says besides the claims in `own`, which the client writes itself.
fn claims(
    written: &BTreeMap<String, Value>,
    own: &[(&str, &str)],
    scope: &Scope,
    token: &Path,
    found: &mut Vec<Finding>,
) -> Vec<(String, JsonTemplate)> {
    let inner = scope.in_claims();
    let mut claim = |(name, value): (&String, &Value)| {
        let path = token.key("claims").key(name);
        let own = own.iter().find(|(own, _)| own == name);
        if let Some((name, hint)) = own {
            let message = format!("the client writes the claim `{name}` itself");
            found.push(Finding::key(BAD_CLAIM, path.clone(), message).hint(*hint));
        }
        (name.clone(), body::value(value, &inner, &path, found))
    };
    written.iter().map(&mut claim).collect()
}

/// The token by which a client proves itself (RFC 7523 section 3): it is about the client, from the client, for the provider, and
/// no two are alike.
pub(super) fn client(
    written: &JwtAuth,
    usual: (Algorithm, &str),
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Jwt {
    let JwtAuth { alg, key, key_encoding, kid, x5t, x5t_s256, audience, lives, nbf, claims } =
        written;
    let (usual_alg, usual_key) = usual;
    let alg = alg.unwrap_or(usual_alg);
    let text = match key {
        Some(key) => template::resolve(key, scope, &path.key("key"), found),
        None => standard::template(usual_key, scope, path, found),
    };
    let key = self::key(alg, text, *key_encoding, path, found);
    let id = standard::template(standard::ID, scope, path, found);
    let audience = match audience.as_deref() {
        None | Some("token_url") => Template::slot(Slot::TokenUrl),
        Some(text) => template::resolve(text, &scope.in_claims(), &path.key("audience"), found),
    };
    let lives = lives.as_deref().map_or(LIVES, |text| lifetime(text, path.key("lives"), found));
    let proof = [("aud", audience), ("iss", id.clone()), ("sub", id)];
    let proof = proof.map(|(name, text)| (name.to_owned(), JsonTemplate::Text(text)));
    let mut all: BTreeMap<String, JsonTemplate> =
        self::claims(claims, PROOF, scope, path, found).into_iter().collect();
    all.extend(proof);
    Jwt {
        alg,
        key,
        header: header([kid, x5t, x5t_s256], scope, path, found),
        lives,
        jti: true,
        nbf: *nbf,
        claims: all.into_iter().collect(),
    }
}

/// What the header says of the key (RFC 7515 sections 4.1.4, 4.1.7 and 4.1.8).
fn header(
    texts: [&Option<String>; 3],
    scope: &Scope,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Vec<(String, Template)> {
    let names = [("kid", "kid"), ("x5t", "x5t"), ("x5t_s256", "x5t#S256")];
    let written =
        names.into_iter().zip(texts).filter_map(|(names, text)| Some((names, text.as_deref()?)));
    let resolved = written.map(|((key, name), text)| {
        (name.to_owned(), template::resolve(text, scope, &path.key(key), found))
    });
    resolved.collect()
}

/// `iat` and `exp` are whole seconds.
fn lifetime(text: &str, path: Path, found: &mut Vec<Finding>) -> Duration {
    let lives = duration::resolve(text, path.clone(), found);
    if lives.subsec_nanos() != 0 {
        let message = "a signed token lives for whole seconds";
        found.push(Finding::value(BAD_CLAIM, path, message).hint("round it down"));
    }
    lives
}

/// A key of which this is the text. What signs with a private key tells how it is written.
fn key(
    alg: Algorithm,
    text: Template,
    encoding: Option<KeyEncoding>,
    path: &Path,
    found: &mut Vec<Finding>,
) -> Key {
    if encoding.is_some() && alg != Algorithm::Hs256 {
        let message = format!("the key of `{alg}` says itself how it is written");
        let hint =
            "leave `key_encoding` out: PEM, JWK, base64 and hexadecimal digits are told apart";
        found.push(Finding::key(BAD_SIGNING_KEY, path.key("key_encoding"), message).hint(hint));
    }
    Key { text, encoding: encoding.unwrap_or_default() }
}
