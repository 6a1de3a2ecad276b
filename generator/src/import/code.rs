//! A line that trades a code for the first tokens → the refresh that it suggests.

use super::meaning::squashed;
use super::wire::{Body, Wire};
use serde_json::Value;

/// What is sent with a code and not with a refresh token.
const OF_CODE: &[&str] = &[
    "code",
    "codeverifier",
    "redirecturi",
    "redirecturl",
    "callbackurl",
    "devicecode",
    "usercode",
    "state",
];

/// What shows that a line without a grant type trades a code, and is no login with a code of one use.
const OF_CLIENT: &[&str] = &["redirecturi", "codeverifier", "clientsecret"];
const OF_LOGIN: &[&str] = &["password", "username", "email", "phone", "refreshtoken"];

/// Makes the request that trades a code one that trades a refresh token, and says so. `None` where it trades none.
pub(super) fn refresh_instead(wire: &mut Wire) -> Option<String> {
    let texts = wire.texts();
    let has =
        |names: &[&str]| texts.iter().any(|(name, _)| names.contains(&squashed(name).as_str()));
    let grant = texts.iter().find(|(name, _)| squashed(name) == "granttype");
    let what = match grant.map(|(_, value)| value.as_str()) {
        Some("authorization_code") => "grant_type=authorization_code",
        Some("device_code" | "urn:ietf:params:oauth:grant-type:device_code") => {
            "grant_type=device_code"
        }
        Some("password") if has(&["code"]) && !has(&["password"]) => {
            "grant_type=password with a code"
        }
        None if has(&["code"]) && has(OF_CLIENT) && !has(OF_LOGIN) => "no grant_type",
        _ => return None,
    };
    let key = grant.map_or("grant_type", |(name, _)| name).to_owned();
    let token =
        if key.contains('_') || !key.contains('T') { "refresh_token" } else { "refreshToken" };
    let in_query = wire.query.iter().any(|(name, _)| *name == key || squashed(name) == "code");
    let stays = |name: &str| !OF_CODE.contains(&squashed(name).as_str()) && name != key;
    let traded = [
        (key.clone(), "refresh_token".to_owned()),
        (token.to_owned(), "<refresh_token>".to_owned()),
    ];
    wire.query.retain(|(name, _)| stays(name));
    match &mut wire.body {
        Body::Form(fields) => fields.retain(|(name, _)| stays(name)),
        Body::Json(Value::Object(members)) => members.retain(|name, _| stays(name)),
        Body::Json(_) | Body::Empty | Body::Unknown { .. } => {}
    }
    match &mut wire.body {
        Body::Form(fields) if !in_query => fields.extend(traded),
        Body::Json(Value::Object(members)) if !in_query => {
            members.extend(traded.map(|(name, value)| (name, value.into())));
        }
        _ => wire.query.extend(traded),
    }
    wire.traded_code = true;
    Some(format!(
        "The source trades a code ({what}) and shows no refresh. This is the refresh that it suggests; assumed: the same endpoint and \
         auth, grant_type=refresh_token, an answer with the same members. Hold it against the page."
    ))
}
