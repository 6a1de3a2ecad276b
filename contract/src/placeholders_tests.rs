//! Every text key of the schema has a kind, and each is treated as its kind says.

use super::{Kind, TEXTS, fits, kind};
use crate::diagnostics::meaning::PLACEHOLDER_MISPLACED;
use crate::path::{Path, Step};
use crate::{Source, check};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where the schema allows a free text: `Key("*")` stands for any key, `Index(0)` for any item.
fn texts() -> BTreeSet<Path> {
    let schema = crate::schema::parsed();
    let mut found = BTreeSet::new();
    below(schema, schema, &Path::root(), &mut found);
    // A variant is a part of a spec, and its texts are looked at where they stand in the whole.
    found.retain(|path| !fits("variants.**", &path.0));
    found
}

fn below(schema: &Value, part: &Value, path: &Path, found: &mut BTreeSet<Path>) {
    if let Some(name) = part["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        below(schema, &schema["$defs"][name], path, found);
    }
    let choices = ["anyOf", "oneOf", "allOf"].iter().filter_map(|word| part[*word].as_array());
    choices.flatten().for_each(|choice| below(schema, choice, path, found));
    let types = &part["type"];
    let is_text = types == "string"
        || types.as_array().is_some_and(|types| types.iter().any(|one| one == "string"));
    if is_text && part["enum"].is_null() && part["const"].is_null() {
        found.insert(path.clone());
    }
    for (key, value) in part["properties"].as_object().into_iter().flatten() {
        below(schema, value, &path.key(key), found);
    }
    if part["additionalProperties"].is_object() {
        below(schema, &part["additionalProperties"], &path.key("*"), found);
    }
    // Anything may stand there, a text too.
    if part["additionalProperties"] == true {
        found.insert(path.key("*"));
    }
    if part["items"].is_object() {
        below(schema, &part["items"], &path.index(0), found);
    }
}

#[test]
fn every_text_of_the_language_has_a_kind() {
    let texts = texts();
    assert!(texts.len() > 80, "{} texts", texts.len());
    let missing: Vec<String> =
        texts.iter().filter(|path| kind(path).is_none()).map(ToString::to_string).collect();
    assert_eq!(missing, Vec::<String>::new(), "name them in TEXTS");
    let mut rows = TEXTS.iter();
    let idle = rows.find(|(pattern, _)| !texts.iter().any(|path| fits(pattern, &path.0)));
    assert_eq!(idle, None, "no text is there");
}

/// A document with `text` at `path`, and what a spec cannot be without.
fn document(path: &Path, text: &str) -> Value {
    let base = serde_json::json!({
        "rekindle": 1,
        "provider": { "id": "acme", "name": "Acme" },
        "profile": "rfc6749",
        "environments": { "production": "https://a.example" },
        "client": { "client_id": {}, "client_secret": { "secret": true } },
        "refresh": { "request": "POST /token" },
    });
    let mut root = base;
    let mut place = &mut root;
    for step in &path.0 {
        place = match step {
            Step::Key(key) => {
                if !place.is_object() {
                    *place = serde_json::json!({});
                }
                &mut place[if key == "*" { "x" } else { key }]
            }
            Step::Index(index) => {
                if !place.is_array() {
                    *place = serde_json::json!([null]);
                }
                &mut place[*index]
            }
        };
    }
    *place = Value::from(text);
    root
}

#[test]
fn each_text_is_treated_as_its_kind_says() {
    for path in texts() {
        let text = "${client.client_id}";
        let source = Source::new("acme.yaml", document(&path, text).to_string());
        let checked = check(&[source]);
        let shown = path.to_string().replace(".*", ".x");
        let refused = checked.diagnostics.iter().find(|diagnostic| {
            diagnostic.code == PLACEHOLDER_MISPLACED && diagnostic.path.to_string() == shown
        });
        let plain = kind(&path) == Some(Kind::Plain);
        assert_eq!(refused.is_some(), plain, "{path}: {:#?}", checked.diagnostics);
        if let Some(refused) = refused {
            assert!(refused.span.is_some(), "{path}");
            assert!(refused.hint.as_ref().is_some_and(|hint| hint.contains("`scope.fixed`")));
            let twice = checked.diagnostics.iter().filter(|other| other.path == refused.path);
            assert_eq!(twice.count(), 1, "{path}: {:#?}", checked.diagnostics);
        }
    }
}

/// What a request may hold, the request under `else` may hold as well: the same keys are of the same kind.
#[test]
fn both_requests_are_filled_in_alike() {
    let elsewhere = |path: &&Path| fits("refresh.else.**", &path.0) && kind(path).is_some();
    for path in texts().iter().filter(elsewhere) {
        let mut steps = path.0.clone();
        steps.remove(1);
        let Some(kind_there) = kind(&Path(steps)) else { continue };
        assert_eq!(kind(path), Some(kind_there), "{path:?}");
    }
}
