//! From answers to a spec that checks: that of a plain provider of RFC 6749.

use super::answer::Answer;
use super::draft::Draft;
use super::lifetime::AT;
use super::wire::{Address, Body, Wire, split_url};
use super::{Imported, Problem, TODO, address, document, provider, refuse_no_id, written};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What was answered, by the names of the flags.
pub type Facts = BTreeMap<&'static str, String>;

/// A JWT that ends an hour after the example begins. Nobody signed it.
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3OTU4NTY0MDB9.c3ludGhldGlj";
/// When it ends.
const JWT_ENDS: &str = "2026-11-28T09:00:00Z";

/// A refresh token of an answer: one that is taken for a token, and not for a word in the place of one.
const REFRESH_TOKEN: &str = "synthetic-7f3a9c";

/// What may be traded for an access token.
pub(crate) const OPERATIONS: &[&str] = &["refresh_token", "client_credentials"];
/// HTTP Basic whose id and secret are not form-encoded first.
pub(crate) const RAW_BASIC: &str = "{ basic: { encoding: raw } }";
/// How a client may prove who it is: the words of the schema's `AuthMethod`, and the mapping that many providers want.
const METHODS: &[&str] = &[
    "none",
    "basic",
    RAW_BASIC,
    "body",
    "public",
    "query",
    "private_key_jwt",
    "client_secret_jwt",
    "mutual_tls",
];
/// Facts of an access token, by the names of their flags, each with the word that says as much as leaving the key out does.
pub(crate) const OF_ACCESS: &[(&str, &str)] =
    &[("expires", ""), ("after-refresh", "unknown"), ("sent-as", "")];
/// The same of a refresh token.
pub(crate) const OF_REFRESH: &[(&str, &str)] = &[
    ("use", "unknown"),
    ("rotation", ""),
    ("refresh-expires", "undeclared"),
    ("idle-limit", "undeclared"),
    ("spent", ""),
    ("reuse", "unknown"),
];

/// The spec of the provider `id`. What every spec has to say and was not answered is still to do; any other key is left out then, and the
/// profile holds.
///
/// # Errors
///
/// Where the request line is none, the id no name, a word for the operation or the client's proof not one of those that there are,
/// or where facts of a refresh token are given and none is traded.
pub fn new(id: &str, facts: &Facts) -> Result<Imported, Problem> {
    refuse_no_id(id)?;
    let fact = |name: &str, unless: &'static str| facts.get(name).map_or(unless, |it| it.trim());
    let (request, operation) = (fact("request", TODO), fact("operation", "refresh_token"));
    refuse_unknown("operation", operation, OPERATIONS)?;
    let auth = method(fact("auth", "body"))?;
    let mints = operation == "client_credentials";
    if let Some((flag, _)) = OF_REFRESH.iter().find(|(flag, _)| mints && facts.contains_key(flag)) {
        return Err(Problem::new(
            format!(
                "`--{flag}` says something of a refresh token, and `client_credentials` trades none"
            ),
            "leave it out, or say `--operation refresh_token`",
        ));
    }
    // What is made of a request that is not known yet is replaced below.
    let line = if request == TODO { "POST https://provider.example/token" } else { request };
    let draft = Draft::of(&wire(line, auth, mints)?)?;
    // What the profile says of an answer that nobody described.
    let rotation = fact("rotation", "sometimes");
    let expires = end(fact("expires", "/expires_in"))?;
    let refresh_expires = end(fact("refresh-expires", "undeclared"))?;
    let answer = answer(&draft, &expires, rotation)?;
    let source = json!({
        "title": fact("title", TODO),
        "url": address(fact("page", TODO)),
        "retrieved": fact("retrieved", TODO),
    });
    let provider = provider(facts.get("name").map(String::as_str), source);
    let mut document = document(&draft, Vec::new(), Some(&answer), provider);
    if request == TODO {
        document.insert("environments".to_owned(), TODO.into());
    }
    if let Some(Value::Object(refresh)) = document.get_mut("refresh") {
        for (key, answer) in [("request", request), ("operation", operation)] {
            if answer == TODO {
                refresh.insert(key.to_owned(), TODO.into());
            }
        }
    }
    document.shift_remove("response");
    // The profile has those of RFC 6749.
    document.shift_remove("errors");
    document.insert("tokens".to_owned(), tokens(facts)?.into());
    let example = document.get_mut("examples").and_then(|examples| examples.get_mut(0));
    let fits = example.is_some_and(|example| {
        // It follows from the facts alone: no page shows it.
        example["id"] = if mints { "token" } else { "refresh" }.into();
        // A lifetime counts from when a token was issued, or from the sign-in: of one that stays, the example does not know when.
        let stays = !["always", "sometimes"].contains(&rotation)
            || refresh_expires.get("since").is_some_and(|since| since == "sign_in");
        let stays = stays && refresh_expires.get("constant").is_some();
        ends(example, "access", &expires)
            && (mints || stays || ends(example, "refresh", &refresh_expires))
    });
    if !fits || !mints && rotation == TODO {
        document.insert("examples".to_owned(), TODO.into());
    }
    // An empty block says nothing; it held its place before the examples until here.
    document
        .retain(|key, block| key != "tokens" || block.as_object().is_none_or(|it| !it.is_empty()));
    Ok(Imported { id: id.to_owned(), text: written(&document) })
}

/// Whether no exchange spends the refresh token, by what is known so far: how often it may be used follows from what replaces it.
pub(crate) fn is_never_spent(facts: &Facts) -> bool {
    let says = |flag: &str, words: &[&str]| {
        facts.get(flag).is_some_and(|answer| words.contains(&answer.trim()))
    };
    says("rotation", &["never", "echo"]) || says("use", &["many"])
}

/// The key that a fact of a token is in its block: the flag's name, but for the token in it.
pub(crate) fn key(flag: &str) -> String {
    flag.strip_prefix("refresh-").unwrap_or(flag).replace('-', "_")
}

/// The block of tokens.
fn tokens(facts: &Facts) -> Result<Map<String, Value>, Problem> {
    let mut tokens = Map::new();
    for (token, flags) in [("access", OF_ACCESS), ("refresh", OF_REFRESH)] {
        let mut block = Map::new();
        for (flag, unsaid) in flags {
            let Some(answer) = facts.get(flag).map(|answer| answer.trim()) else { continue };
            let value = if flag.ends_with("expires") { end(answer)? } else { said(answer)? };
            // Nobody asks what a spent one is good for where none is spent.
            let moot = *flag == "spent" && value == "unknown" && is_never_spent(facts);
            if value != *unsaid && !moot {
                block.insert(key(flag), value);
            }
        }
        if !block.is_empty() {
            tokens.insert(token.to_owned(), block.into());
        }
    }
    Ok(tokens)
}

/// How the client proves who it is, as [`METHODS`] has it.
fn method(auth: &str) -> Result<&str, Problem> {
    let raw = || rekindle_contract::json_of_yaml(RAW_BASIC).ok();
    if auth.starts_with('{') && rekindle_contract::json_of_yaml(auth).ok() == raw() {
        return Ok(RAW_BASIC);
    }
    refuse_unknown("auth", auth, METHODS)?;
    Ok(auth)
}

/// Refuses a word that is neither one of these nor `TODO`.
fn refuse_unknown(flag: &str, word: &str, known: &[&str]) -> Result<(), Problem> {
    if word == TODO || known.contains(&word) {
        return Ok(());
    }
    // A word that is none may be a secret in the wrong place: it is not shown.
    Err(Problem::new(
        format!("`--{flag}` does not take this word"),
        format!("it takes `{}`, or `{TODO}` for later", known.join("`, `")),
    ))
}

/// The request, with the names of its values in their places.
fn wire(line: &str, auth: &str, mints: bool) -> Result<Wire, Problem> {
    let (method, url) =
        line.split_once(' ').filter(|(_, url)| url.contains("://")).ok_or_else(|| {
            Problem::new(
                "the request is no method and URL",
                "write `POST https://id.acme.example/oauth/token`",
            )
        })?;
    let mut fields =
        vec![("grant_type", if mints { "client_credentials" } else { "refresh_token" })];
    if !mints {
        fields.push(("refresh_token", "<refresh_token>"));
    }
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let pair = [("client_id", "<client_id>"), ("client_secret", "<client_secret>")];
    let Address { url, mut query, keys } = split_url(url.trim())?;
    match auth {
        "body" => fields.extend(pair),
        "public" | "mutual_tls" => fields.extend(pair.first()),
        "query" => query.extend(pair.iter().map(owned)),
        _ => {}
    }
    let signed =
        ["private_key_jwt", "client_secret_jwt"].into_iter().find(|method| *method == auth);
    Ok(Wire {
        method: method.to_ascii_uppercase(),
        url,
        query,
        keys,
        unproven: auth == TODO,
        body: Body::Form(fields.iter().map(owned).collect()),
        basic: ["basic", RAW_BASIC].contains(&auth),
        form_encoded: auth != RAW_BASIC,
        certificate: auth == "mutual_tls",
        signed: signed.map(|method| (method, None)),
        ..Wire::default()
    })
}

/// When a token ends, as a spec writes it: a member of the answer, a mapping, a lifetime, or a word.
fn end(text: &str) -> Result<Value, Problem> {
    match text {
        member if member.starts_with('/') => Ok(json!({ "seconds": member })),
        time if time.starts_with(|c: char| c.is_ascii_digit()) => Ok(json!({ "constant": time })),
        other => said(other),
    }
}

/// A word, or a mapping as a spec writes one.
fn said(text: &str) -> Result<Value, Problem> {
    if !text.starts_with('{') {
        return Ok(text.into());
    }
    rekindle_contract::json_of_yaml(text).map_err(|_| {
        let hint = "write it on one line as a spec does: `{ constant: 1d }`";
        Problem::new("an answer that begins with `{` is no mapping", hint)
    })
}

/// The answer of RFC 6749 section 5.1, as far as it follows from the facts.
fn answer(draft: &Draft, expires: &Value, rotation: &str) -> Result<Answer, Problem> {
    let mut body = json!({ "access_token": "a", "token_type": "Bearer" });
    let member = seconds(expires).and_then(|place| place.strip_prefix('/'));
    let member = member.filter(|member| !member.contains('/'));
    if let (Some(member), Some(members)) = (member, body.as_object_mut()) {
        members.insert(member.to_owned(), 3600.into());
    }
    if draft.refresh && !["never", "unknown", TODO].contains(&rotation) {
        body["refresh_token"] = REFRESH_TOKEN.into();
    }
    Answer::of(&body, 200, (rotation == "echo").then_some(REFRESH_TOKEN))
}

/// The member that holds a lifetime, where nothing else is said of it.
fn seconds(end: &Value) -> Option<&str> {
    end.as_object().filter(|members| members.len() == 1)?.get("seconds")?.as_str()
}

/// The end of a lifetime that begins with the example.
fn end_of(lifetime: &str) -> Option<String> {
    let span: jiff::Span = lifetime.trim().parse().ok()?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    let start: jiff::Timestamp = AT.parse().ok()?;
    Some(start.checked_add(length).ok()?.to_string())
}

/// Says in an example when its token ends. Whether it can.
fn ends(example: &mut Value, token: &str, end: &Value) -> bool {
    let instant = match end.as_str() {
        Some("jwt") if token == "access" => {
            if let Some(token) = example.pointer_mut("/response/json/access_token") {
                *token = JWT.into();
            }
            example["expect"]["access_token"] = JWT.into();
            JWT_ENDS.to_owned()
        }
        Some(word @ ("never" | "undeclared")) if token == "access" => word.to_owned(),
        Some(word) => return [TODO, "never", "undeclared"].contains(&word),
        None => match (seconds(end), end.get("constant").and_then(Value::as_str)) {
            (Some(field), _) if field.starts_with('/') => {
                let mut place = &mut example["response"]["json"];
                for member in field.split('/').skip(1) {
                    if !place.is_object() {
                        *place = json!({});
                    }
                    place = &mut place[member];
                }
                *place = 3600.into();
                JWT_ENDS.to_owned()
            }
            (_, Some(lifetime)) if end.as_object().is_some_and(|it| it.len() == 1) => {
                match end_of(lifetime) {
                    Some(instant) => instant,
                    None => return false,
                }
            }
            _ => return false,
        },
    };
    example["expect"][format!("{token}_expires")] = instant.into();
    true
}
