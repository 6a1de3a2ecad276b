//! Paths and values of a contract as a spec writes them.

use rekindle_contract::contract::{Pointer, StatusRange, Template};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The path of a fact of a contract as a spec has it. Where several facts are one text of a spec, it is that of the text; what a profile
/// brings is below `profile`.
pub(super) fn path(path: &str) -> String {
    const WRITTEN: [(&str, &str); 26] = [
        ("base.environments", "environments"),
        ("base.output", "base_url"),
        ("base.integrator", "base_url"),
        ("base", "base_url"),
        ("request.method", "refresh.request"),
        ("request.path", "refresh.request"),
        ("request.valueless", "refresh.request"),
        ("request.body", "refresh"),
        ("request.values.assertion", "assertion"),
        ("request.values.client_assertion", "refresh.auth"),
        ("request", "refresh"),
        ("fallback.request.method", "refresh.else.request"),
        ("fallback.request.path", "refresh.else.request"),
        ("fallback.request.valueless", "refresh.else.request"),
        ("fallback.request.body", "refresh.else"),
        ("fallback.request", "refresh.else"),
        ("fallback.steps", "steps"),
        ("fallback", "refresh.else"),
        ("mint.limit", "refresh.limit"),
        ("mint", "tokens.access"),
        ("access.use_", "tokens.access.use"),
        ("access", "tokens.access"),
        ("refresh.use_", "tokens.refresh.use"),
        ("refresh", "tokens.refresh"),
        ("sequences", "examples"),
        ("", "provider"),
    ];
    if path.starts_with("provenance") {
        return path.to_owned();
    }
    let mut path = path.replacen("errors.errors[", "errors[", 1);
    if path.starts_with("request.values.") {
        path = path.replacen(".header.", ".", 1);
    }
    for of_profile in ["errors.rfc6749: ", "examples.rfc6749-"] {
        path = path.replacen(of_profile, "profile.", 1);
    }
    // What a body holds stands beside the rest of its request or its answer. That of the refresh is told apart below.
    if !["request.body", "fallback.request.body"].iter().any(|body| path.starts_with(body)) {
        path = path.replacen(".body", "", 1);
    }
    const MEMBERS: [(&str, &str); 4] = [
        (".kind", ".type"),
        (".absent_headers", ".headers"),
        (".perhaps_gone", ".or"),
        (".demanded", ""),
    ];
    for (member, written) in MEMBERS {
        // A parameter or an output may be called so.
        let owner =
            path.strip_suffix(member).filter(|it| !["client", "response.outputs"].contains(it));
        path = owner.map_or(path.clone(), |owner| format!("{owner}{written}"));
    }
    let written = WRITTEN.iter().find_map(|(fact, written)| {
        let rest = path.strip_prefix(fact)?;
        let leads = rest.is_empty() || !fact.is_empty() && rest.starts_with('.');
        leads.then(|| format!("{written}{rest}"))
    });
    written.unwrap_or(path)
}

/// The value at this path of a contract.
pub(super) fn value(path: &str, value: &Value) -> Value {
    let last = path.rsplit('.').next().unwrap_or_default();
    let is_name = path.starts_with("base.environments.") || path.starts_with("client.");
    // A body that a page shows may have a member called as a fact is.
    let is_shown = path.starts_with("examples.") || path.starts_with("provenance.");
    if last == "perhaps_gone" {
        return if *value == true { "reauthenticate".into() } else { Value::Null };
    }
    if last == "integrator" {
        return if *value == true { "integrator".into() } else { Value::Null };
    }
    if ["request.values.", "fallback.request.values."].iter().any(|it| path.starts_with(it))
        && *value == "Uuid"
    {
        return "uuid".into();
    }
    if last == "valueless" {
        let keys = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        return format!("?{}", keys.collect::<Vec<_>>().join("&")).into();
    }
    if last == "body"
        && !path.starts_with("errors")
        && let Some((kind, inner)) = value.as_object().and_then(|members| members.iter().next())
    {
        return json!({ in_snake_case(kind): written(inner) });
    }
    match value.as_str() {
        Some(word) if !is_shown && (!is_name || last == "kind") => in_words(last, word).into(),
        // Nothing is said of mints, but that there are some: this follows from the operation.
        _ if path == "mint" => Some(written(value)).filter(|it| *it != json!({})).into(),
        _ => written(value),
    }
}

/// The facts that are words; where others are texts, these may look the same.
const OF_WORDS: [&str; 20] = [
    "after_refresh",
    "algorithm",
    "auth",
    "access_token",
    "body",
    "class",
    "credential",
    "encoding",
    "expires",
    "kind",
    "operation",
    "otherwise",
    "reuse",
    "rotation",
    "sent_as",
    "sign_in",
    "spent",
    "use_",
    "when",
    "zero",
];

/// A word as a spec has it: `dead`, where the contract says `Dead`.
fn in_words(fact: &str, word: &str) -> String {
    let is_word = OF_WORDS.contains(&fact) && word.bytes().all(|it| it.is_ascii_alphanumeric());
    match word {
        "WholeBody" => "body".to_owned(),
        _ if is_word => in_snake_case(word),
        _ => word.to_owned(),
    }
}

fn in_snake_case(word: &str) -> String {
    let mut text = String::new();
    for letter in word.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

fn written(value: &Value) -> Value {
    match value {
        Value::Array(items) => match items.iter().map(written).collect::<Vec<_>>() {
            // One status of what may be several.
            mut one if one.len() == 1 && items[0].get("first").is_some() => one.remove(0),
            items => items.into(),
        },
        Value::Object(members) => text(value).unwrap_or_else(|| object(members)),
        other => other.clone(),
    }
}

/// What a spec writes as one text or number: a text with places, a pointer, a length of time, statuses.
fn text(value: &Value) -> Option<Value> {
    let held = |name: &str| value.get(name).is_some();
    if held("parts") {
        let template: Template = serde_json::from_value(value.clone()).ok()?;
        return Some(template.to_string().into());
    }
    if held("tokens") {
        let pointer: Pointer = serde_json::from_value(value.clone()).ok()?;
        let all: Vec<Value> = pointer.all().map(|it| it.to_string().into()).collect();
        return Some(if all.len() == 1 { all[0].clone() } else { all.into() });
    }
    if held("secs") {
        let length: Duration = serde_json::from_value(value.clone()).ok()?;
        return Some(duration(length).into());
    }
    let statuses: StatusRange = serde_json::from_value(value.clone()).ok()?;
    Some(match statuses.first == statuses.last {
        true => statuses.first.into(),
        false => statuses.to_string().into(),
    })
}

/// `90m`, in the largest unit that makes a whole number of it.
fn duration(length: Duration) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let seconds = length.as_secs();
    let unit = UNITS.iter().find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size));
    match unit {
        _ if length.subsec_millis() > 0 => format!("{}ms", length.as_millis()),
        Some((size, unit)) => format!("{}{unit}", seconds / size),
        None => format!("{seconds}s"),
    }
}

/// A mapping without what is left out where nothing is said.
fn object(members: &Map<String, Value>) -> Value {
    let mut all = members.iter();
    if let (Some((kind, inner)), None) = (all.next(), all.next())
        && kind.starts_with(|letter: char| letter.is_ascii_uppercase())
    {
        return of_kind(kind, inner);
    }
    let is_rule = members.contains_key("class");
    let mut object = Map::new();
    for (name, member) in members {
        if is_rule && name == "perhaps_gone" && *member == true {
            object.insert("or".to_owned(), "reauthenticate".into());
            continue;
        }
        let is_silent = member.is_null()
            || *member == false
            || member.as_array().is_some_and(Vec::is_empty)
            || member == "Any"
            || member == "unspecified"
            // What a rule is called follows from its place and from what it matches.
            || is_rule && name == "name";
        if is_silent {
            continue;
        }
        let key = match name.as_str() {
            "kind" => "type",
            "use_" => "use",
            name => name,
        };
        let member = match member.as_str() {
            Some(word) => in_words(name, word).into(),
            None => written(member),
        };
        match member {
            // Of what a client makes, a UUID alone is a word.
            Value::Object(values) if key == "values" => {
                let word = |value: Value| if value == "Uuid" { "uuid".into() } else { value };
                let values: Map<String, Value> =
                    values.into_iter().map(|(name, value)| (name, word(value))).collect();
                object.insert(key.to_owned(), values.into());
            }
            // The condition of a rule stands beside what the rule says.
            Value::Object(inner) if key == "body" && is_rule => object.extend(inner),
            member => drop(object.insert(key.to_owned(), member)),
        }
    }
    object.into()
}

/// One of several kinds of what stands there.
fn of_kind(kind: &str, inner: &Value) -> Value {
    const BARE: [&str; 9] =
        ["Literal", "Slot", "Object", "Array", "Tokens", "Json", "Form", "Xml", "Field"];
    let value = written(inner);
    match kind {
        "Text" if value.is_string() => value,
        "Basic" => method("basic", basic(value)),
        "Body" | "Query" if is_of_client(&value) => in_fields(kind, &value),
        "SinceSignIn" => json!({ "constant": value, "since": "sign_in" }),
        "DateTime" => date_time(&value, inner),
        "Good" => replay(value),
        "Now" | "Encoded" | "Sha256" | "HmacSha256" => generated(kind, value),
        "Header" if value.get("value").is_none() => carrier(&value),
        _ if BARE.contains(&kind) => value,
        _ => {
            let mut way = Map::new();
            way.insert(in_snake_case(kind), value);
            way.extend(beside_field(inner));
            way.into()
        }
    }
}

const CLIENT_ID: &str = "${client.client_id}";
const CLIENT_SECRET: &str = "${client.client_secret}";

/// A way in which a client proves itself, with what is not usual of it.
fn method(name: &str, more: Map<String, Value>) -> Value {
    if more.is_empty() { name.into() } else { json!({ name: more }) }
}

/// What `auth: { basic: … }` holds.
fn basic(value: Value) -> Map<String, Value> {
    let Value::Object(mut members) = value else { return Map::new() };
    if members.shift_remove("form_encoded").is_none() {
        members.insert("encoding".to_owned(), "raw".into());
    }
    let usual = [("username", CLIENT_ID), ("password", CLIENT_SECRET)];
    members.retain(|name, value| !usual.iter().any(|(known, text)| name == known && value == text));
    members
}

/// Whether fields hold the client's id, perhaps with its secret, and nothing else.
fn is_of_client(fields: &Value) -> bool {
    let all = fields.as_object().into_iter().flatten();
    let texts: Vec<&str> = all.filter_map(|(_, text)| text.as_str()).collect();
    matches!(texts[..], [CLIENT_ID] | [CLIENT_ID, CLIENT_SECRET])
}

/// The client's id and secret as fields of the body or parameters of the query, with the names that are not usual.
fn in_fields(kind: &str, fields: &Value) -> Value {
    let all = fields.as_object().into_iter().flatten();
    let named: Map<String, Value> = all
        .filter_map(|(name, text)| {
            let known = if text == CLIENT_ID { "client_id" } else { "client_secret" };
            (name != known).then(|| (known.to_owned(), name.as_str().into()))
        })
        .collect();
    let has_secret = fields.as_object().is_some_and(|all| all.len() == 2);
    match (kind, has_secret) {
        ("Body", false) => method("public", named),
        _ => method(&in_snake_case(kind), named),
    }
}

/// A date without an offset, with the offset of its clock.
fn date_time(value: &Value, inner: &Value) -> Value {
    let mut way = Map::from_iter([("date_time".to_owned(), value["told"].clone())]);
    let minutes = value["zone"].as_i64().unwrap_or_default() / 60;
    let zone = match minutes {
        0 => "UTC".to_owned(),
        _ => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
    };
    way.insert("zone".to_owned(), zone.into());
    way.extend(beside_field(&inner["told"]));
    way.into()
}

/// Until when a spent token is good, and for what.
fn replay(value: Value) -> Value {
    let Value::Object(mut members) = value else { return value };
    let until = members.shift_remove("until").unwrap_or_default();
    let mut all = Map::new();
    let mut add = |name: &str, part: &Value| {
        if !part.is_null() {
            all.insert(name.to_owned(), part.clone());
        }
    };
    add("good_for", if until["first"].is_null() { &until["after"] } else { &until["first"][0] });
    add("good_until", if until["first"].is_null() { &until["used"] } else { &until["first"][1] });
    members.retain(|name, member| name != "answer" || *member != "unknown");
    all.extend(members);
    all.into()
}

/// A value that the client makes for each request.
fn generated(kind: &str, value: Value) -> Value {
    let Value::Object(mut members) = value else { return value };
    let written = members.shift_remove("written").unwrap_or_default();
    let way = match (kind, written.as_str()) {
        ("Encoded", Some(written)) => written.to_owned(),
        ("HmacSha256", _) => "hmac_sha256".to_owned(),
        _ => in_snake_case(kind),
    };
    let of = members.shift_remove("of").or_else(|| members.shift_remove("format"));
    let mut all = Map::from_iter([(way, of.unwrap_or_default())]);
    if let Some(key) = members.shift_remove("key") {
        all.insert("key".to_owned(), key["text"].clone());
        if key["encoding"] != "text" {
            all.insert("key_encoding".to_owned(), key["encoding"].clone());
        }
    }
    all.extend(members);
    if kind != "Encoded" && written.as_str().is_some_and(|written| written != "hex") {
        all.insert("as".to_owned(), written);
    }
    all.into()
}

/// A header that carries the access token.
fn carrier(value: &Value) -> Value {
    match (value["name"].as_str(), value["scheme"].as_str()) {
        (Some("authorization"), None) => "raw".into(),
        (Some("authorization"), Some("Bearer")) => "bearer".into(),
        (_, Some(scheme)) => json!({ "scheme": scheme }),
        (name, None) => json!({ "header": name }),
    }
}

/// What says more of an end than the field that tells it, as it stands beside the field.
fn beside_field(end: &Value) -> Map<String, Value> {
    let mut more = Map::new();
    if let Some(zero) = end["zero"].as_str() {
        more.insert("zero".to_owned(), in_words("zero", zero).into());
    }
    match &end["otherwise"] {
        Value::Null => {}
        Value::Object(after) => {
            more.extend(after.values().map(|after| ("else".to_owned(), written(after))))
        }
        word => drop(more.insert("else".to_owned(), value("otherwise", word))),
    }
    if let Value::Object(chosen) = written(&end["chosen"]) {
        more.extend(chosen.into_iter().map(|(name, member)| match name.as_str() {
            "parameter" => ("chosen_by".to_owned(), member),
            _ => (name, member),
        }));
    }
    more
}
