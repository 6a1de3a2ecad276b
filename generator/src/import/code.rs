//! A line that trades a code for the first tokens → the refresh that it suggests.

use super::draft::is_idle;
use super::meaning::{is_field, is_known, squashed};
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

/// Makes the request that trades a code one that trades a refresh token, and says so. `None` where it trades none. `all_read`: whether
/// no other request was left that may be the refresh.
pub(super) fn refresh_instead(wire: &mut Wire, all_read: bool) -> Option<String> {
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
    let dropped: Vec<String> = texts
        .iter()
        .filter(|(name, _)| !stays(name) && *name != key && squashed(name) != "code")
        .filter(|(name, _)| is_field(name))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    retain(wire, stays);
    let kept: Vec<String> = names(wire)
        .iter()
        .filter(|name| {
            is_field(name) && !is_known(name) && !squashed(name).starts_with("clientassertion")
        })
        .map(|name| format!("`{name}`"))
        .collect();
    match &mut wire.body {
        Body::Form(fields) if !in_query => fields.extend(traded),
        Body::Json(Value::Object(members)) if !in_query => {
            members.extend(traded.map(|(name, value)| (name, value.into())));
        }
        _ => wire.query.extend(traded),
    }
    wire.traded_code = true;
    let dropped = match dropped.is_empty() {
        true => String::new(),
        false => format!(" With the code these are left out: {}.", dropped.join(", ")),
    };
    let kept = match kept.is_empty() {
        true => String::new(),
        false => format!(
            " Taken over from the trade of the code, which a refresh may not take: {}.",
            kept.join(", ")
        ),
    };
    let bearer = without_bearer(wire);
    let shows =
        if all_read { "shows no refresh" } else { "no refresh is among what is read of it" };
    Some(format!(
        "The source trades a code ({what}) and {shows}. This is the refresh that it suggests; assumed: the same endpoint and \
         auth, grant_type=refresh_token, an answer with the same members. Hold it against the page.{dropped}{kept}{bearer}"
    ))
}

/// Leaves fields out of the query and the body.
fn retain(wire: &mut Wire, stays: impl Fn(&str) -> bool) {
    wire.query.retain(|(name, _)| stays(name));
    match &mut wire.body {
        Body::Form(fields) => fields.retain(|(name, _)| stays(name)),
        Body::Json(Value::Object(members)) => members.retain(|name, _| stays(name)),
        Body::Json(_) | Body::Empty | Body::Unknown { .. } => {}
    }
}

/// The names of the fields in the query and the body.
fn names(wire: &Wire) -> Vec<String> {
    let query = wire.query.iter().map(|(name, _)| name.clone());
    match &wire.body {
        Body::Form(fields) => query.chain(fields.iter().map(|(name, _)| name.clone())).collect(),
        Body::Json(Value::Object(members)) => query.chain(members.keys().cloned()).collect(),
        Body::Json(_) | Body::Empty | Body::Unknown { .. } => query.collect(),
    }
}

/// Leaves what belongs to a code out of a request that says `grant_type=refresh_token` and holds no refresh token, and says so: pages
/// copy one request from the other.
pub(super) fn without_code(wire: &mut Wire) -> Option<String> {
    let texts = wire.texts();
    let is_refresh =
        texts.iter().any(|(name, value)| squashed(name) == "granttype" && value == "refresh_token");
    let in_head = wire.headers.iter().any(|(name, value)| {
        squashed(name).contains("token") || value.to_ascii_lowercase().starts_with("bearer")
    });
    if !is_refresh || in_head || super::sent(wire).is_some() || !wire.keys.is_empty() {
        return None;
    }
    let of_code = |name: &str| OF_CODE.contains(&squashed(name).as_str());
    let dropped: Vec<String> =
        names(wire).iter().filter(|name| of_code(name)).map(|name| format!("`{name}`")).collect();
    retain(wire, |name| !of_code(name));
    (!dropped.is_empty()).then(|| {
        format!(
            "The source sends {} with grant_type=refresh_token, which belong to the trade of a code: left out.",
            dropped.join(", ")
        )
    })
}

/// Leaves out a token that only the trade of the code can have: it is no access token that a refresh would send. Says so.
fn without_bearer(wire: &mut Wire) -> &'static str {
    let is_bearer = |(name, value): &(String, String)| {
        let scheme = value.split(' ').next().unwrap_or_default();
        name.eq_ignore_ascii_case("authorization") && scheme.eq_ignore_ascii_case("bearer")
    };
    if !wire.headers.iter().any(is_bearer) {
        return "";
    }
    wire.headers.retain(|header| !is_bearer(header));
    wire.unproven = !wire.basic
        && !wire.texts().iter().any(|(name, _)| is_known(name) && squashed(name) != "refreshtoken");
    " The token in the header `Authorization` is left out: what it is to a refresh, the page has to say."
}

/// Whether the last word of a path says that tokens are issued there: `token`, `access_token`, `tokens`.
fn is_token_endpoint(word: &str) -> bool {
    ["token", "tokens", "accesstoken", "accesstokens", "oauthtoken"]
        .contains(&squashed(word).as_str())
}

/// Makes a request without a body to a token endpoint one that trades a refresh token, and says so: a page that shows the request
/// line and its headers alone leaves the fields to a table. `None` for any other.
pub(super) fn refresh_assumed(wire: &mut Wire) -> Option<String> {
    let path = wire.url.trim_end_matches('/');
    let says_nothing = |(name, value): &(String, String)| {
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        match name.as_str() {
            "authorization" => value.starts_with("basic"),
            "content-type" => !value.contains("json"),
            name => is_idle(name) || name == "accept",
        }
    };
    let is_bare = wire.body == Body::Empty && wire.query.is_empty() && wire.keys.is_empty();
    if wire.method != "POST"
        || !is_bare
        || !path.rsplit('/').next().is_some_and(is_token_endpoint)
        || !wire.headers.iter().all(says_nothing)
    {
        return None;
    }
    let basic = wire.basic
        || wire.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    wire.unproven = !basic && !wire.certificate && super::wire::user(&wire.url).is_none();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    wire.body = Body::Form(vec![
        field("grant_type", "refresh_token"),
        field("refresh_token", "<refresh_token>"),
    ]);
    Some("The source shows a request without a body; assumed: a refresh by RFC 6749 section 6, grant_type=refresh_token and refresh_token in a form. Hold it against the page.".to_owned())
}
