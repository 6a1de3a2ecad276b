//! From answers to a spec that checks: that of a plain provider of RFC 6749.

use super::answer::Answer;
use super::draft::Draft;
use super::meaning::parameter;
use super::wire::{Body, Wire, split_url};
use super::{Imported, Problem, TODO, document, written};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What was answered, by the names of the flags.
pub type Facts = BTreeMap<&'static str, String>;

/// A JWT that ends an hour after the example begins. Nobody signed it.
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3OTU4NTY0MDB9.c3ludGhldGlj";
/// When it ends.
const JWT_ENDS: &str = "2026-11-28T09:00:00Z";

/// The spec of the provider `id`. What was not answered is still to do.
///
/// # Errors
///
/// Where the request line is none, or the id no name.
pub fn new(id: &str, facts: &Facts) -> Result<Imported, Problem> {
    if parameter(id) != id {
        return Err(Problem::new(
            "the id is no name in `snake_case`",
            "it names the file and the module: `acme`, `acme_bank`",
        ));
    }
    let fact = |name: &str| facts.get(name).map_or(TODO, |answer| answer.trim());
    let (auth, mints) = (fact("auth"), fact("operation") == "client_credentials");
    let mut draft = Draft::of(&wire(fact("request"), auth, mints)?)?;
    if auth == TODO {
        draft.auth = Some(TODO.into());
    }
    let answer = answer(&draft, fact("expires"), fact("rotation"))?;
    let source =
        json!({ "title": fact("title"), "url": fact("page"), "retrieved": fact("retrieved") });
    let mut document = document(&draft, Some(&answer), source);
    document.shift_remove("response");
    // The profile has those of RFC 6749.
    document.shift_remove("errors");
    let expires = match fact("expires") {
        field if field.starts_with('/') => json!({ "seconds": field }),
        word => json!(word),
    };
    let mut access = Map::new();
    let say = |of: &mut Map<String, Value>, key: &str, value: Value, unsaid: &str| {
        if value != unsaid {
            of.insert(key.to_owned(), value);
        }
    };
    say(&mut access, "expires", expires, "undeclared");
    say(&mut access, "after_refresh", fact("after-refresh").into(), "unknown");
    say(&mut access, "sent_as", fact("sent-as").into(), "unknown");
    let mut tokens = Map::new();
    tokens.insert("access".to_owned(), access.into());
    if !mints {
        let mut refresh = Map::new();
        say(&mut refresh, "use", fact("use").into(), "");
        say(&mut refresh, "rotation", fact("rotation").into(), "");
        say(&mut refresh, "spent", fact("spent").into(), "");
        say(&mut refresh, "reuse", fact("reuse").into(), "unknown");
        tokens.insert("refresh".to_owned(), refresh.into());
    }
    document.insert("tokens".to_owned(), tokens.into());
    if let Some(example) = document.get_mut("examples").and_then(|examples| examples.get_mut(0)) {
        ends(example, fact("expires"));
    }
    Ok(Imported { id: id.to_owned(), text: written(&document) })
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
    let (url, mut query) = split_url(url.trim());
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
        body: Body::Form(fields.iter().map(owned).collect()),
        basic: auth == "basic",
        form_encoded: true,
        certificate: auth == "mutual_tls",
        signed: signed.map(|method| (method, None)),
        ..Wire::default()
    })
}

/// The answer of RFC 6749 section 5.1, as far as it follows from the facts.
fn answer(draft: &Draft, expires: &str, rotation: &str) -> Result<Answer, Problem> {
    let mut body = json!({ "access_token": "a", "token_type": "Bearer" });
    let member = expires.strip_prefix('/').filter(|member| !member.contains('/'));
    if let (Some(member), Some(members)) = (member, body.as_object_mut()) {
        members.insert(member.to_owned(), 3600.into());
    }
    if draft.refresh && !["never", "unknown", TODO].contains(&rotation) {
        body["refresh_token"] = "b".into();
    }
    Answer::of(&body, 200, (rotation == "echo").then_some("b"))
}

/// Says in an example when its access token ends.
fn ends(example: &mut Value, expires: &str) {
    let end = match expires {
        "jwt" => {
            if let Some(token) = example.pointer_mut("/response/json/access_token") {
                *token = JWT.into();
            }
            example["expect"]["access_token"] = JWT.into();
            JWT_ENDS
        }
        "never" | "undeclared" => expires,
        field if field.starts_with('/') => {
            let mut place = &mut example["response"]["json"];
            for member in field.split('/').skip(1) {
                if !place.is_object() {
                    *place = json!({});
                }
                place = &mut place[member];
            }
            *place = 3600.into();
            JWT_ENDS
        }
        _ => return,
    };
    example["expect"]["access_expires"] = end.into();
}
