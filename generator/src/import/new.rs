//! From answers to a spec that checks: that of a plain provider of RFC 6749.

use super::answer::{AT, Answer};
use super::draft::Draft;
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

/// What may be traded for an access token.
pub(crate) const OPERATIONS: &[&str] = &["refresh_token", "client_credentials"];
/// How a client may prove who it is: the words of the schema's `AuthMethod`.
const METHODS: &[&str] = &[
    "none",
    "basic",
    "body",
    "public",
    "query",
    "private_key_jwt",
    "client_secret_jwt",
    "mutual_tls",
];
/// Facts of a refresh token, by the names of their flags.
const OF_REFRESH: &[&str] = &["use", "rotation", "refresh-expires", "spent", "reuse"];

/// The spec of the provider `id`. What was not answered is still to do.
///
/// # Errors
///
/// Where the request line is none, the id no name, a word for the operation or the client's proof not one of those that there are,
/// or where facts of a refresh token are given and none is traded.
pub fn new(id: &str, facts: &Facts) -> Result<Imported, Problem> {
    refuse_no_id(id)?;
    let fact = |name: &str| facts.get(name).map_or(TODO, |answer| answer.trim());
    let (request, operation, auth) = (fact("request"), fact("operation"), fact("auth"));
    refuse_unknown("operation", operation, OPERATIONS)?;
    refuse_unknown("auth", auth, METHODS)?;
    let mints = operation == "client_credentials";
    if let Some(flag) = OF_REFRESH.iter().find(|flag| mints && facts.contains_key(**flag)) {
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
    let (expires, refresh_expires) = (end(fact("expires"))?, end(fact("refresh-expires"))?);
    let answer = answer(&draft, &expires, fact("rotation"))?;
    let source = json!({ "title": fact("title"), "url": address(fact("page")), "retrieved": fact("retrieved") });
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
    let mut access = Map::new();
    let say = |of: &mut Map<String, Value>, key: &str, value: Value, unsaid: &str| {
        if value != unsaid {
            of.insert(key.to_owned(), value);
        }
    };
    say(&mut access, "expires", expires.clone(), "undeclared");
    say(&mut access, "after_refresh", said(fact("after-refresh"))?, "unknown");
    say(&mut access, "sent_as", said(fact("sent-as"))?, "unknown");
    let mut tokens = Map::new();
    tokens.insert("access".to_owned(), access.into());
    if !mints {
        let mut refresh = Map::new();
        say(&mut refresh, "use", said(fact("use"))?, "");
        say(&mut refresh, "rotation", said(fact("rotation"))?, "");
        say(&mut refresh, "expires", refresh_expires.clone(), "undeclared");
        say(&mut refresh, "spent", said(fact("spent"))?, "");
        say(&mut refresh, "reuse", said(fact("reuse"))?, "unknown");
        tokens.insert("refresh".to_owned(), refresh.into());
    }
    document.insert("tokens".to_owned(), tokens.into());
    let example = document.get_mut("examples").and_then(|examples| examples.get_mut(0));
    let fits = example.is_some_and(|example| {
        // It follows from the facts alone: no page shows it.
        example["id"] = if mints { "token" } else { "refresh" }.into();
        // A lifetime counts from when a token was issued: of one that stays, the example does not know when.
        let stays = !["always", "sometimes"].contains(&fact("rotation"))
            && refresh_expires.get("constant").is_some();
        ends(example, "access", &expires)
            && (mints || stays || ends(example, "refresh", &refresh_expires))
    });
    if !fits || !mints && fact("rotation") == TODO {
        document.insert("examples".to_owned(), TODO.into());
    }
    Ok(Imported { id: id.to_owned(), text: written(&document) })
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
        basic: auth == "basic",
        form_encoded: true,
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
        body["refresh_token"] = "b".into();
    }
    Answer::of(&body, 200, (rotation == "echo").then_some("b"))
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
