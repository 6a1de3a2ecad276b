//! What editors show of the language: the YAML language server over the committed schema, asked at many places of a spec.

use std::collections::BTreeSet;
use std::path::Path;

use rekindle_contract::diagnostics::meaning::{BAD_VARIANTS, NOT_SUPPORTED_YET};
use rekindle_contract::diagnostics::shape::{DUPLICATE_KEY, UNKNOWN_KEY, UNKNOWN_VALUE};
use rekindle_contract::{Source, check, schema};
use rekindle_servers::Editor;
use serde_json::Value;

const HEAD: &str = "rekindle: 1\nprovider: { id: acme, name: Acme }\n";

fn editor() -> Option<Editor> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/schema/v1.json");
    Editor::launch(&schema.canonicalize().expect("the schema"))
}

/// On a key its text, and every word that it takes; on a word its own text first.
#[test]
fn hover_shows_the_key_and_its_words() {
    let Some(mut editor) = editor() else { return };
    for (text, expected) in [
        ("ref|resh: { request: POST /a }\n", &["The request that refreshes."][..]),
        (
            "pro|file: rfc6749\n",
            &["fills in what a plain OAuth 2.0", "`rfc6749`: The refresh request"],
        ),
        (
            "refresh: { au|th: basic }\n",
            &["How the client proves who it is", "* `basic`: HTTP Basic"],
        ),
        (
            "refresh: { auth: pub|lic }\n",
            &["\n* `public`: `client_id` alone", "\n* `none`: Not at all"],
        ),
        ("refresh: { auth: { he|ader: { name: x } } }\n", &["A header"]),
        (
            "refresh: { operation: sig|n_in }\n",
            &["\n* `sign_in`: Nothing: stored", "\n* `refresh_token`:"],
        ),
        ("refresh: { when: { near_ex|piry: 1m } }\n", &["expir"]),
        ("tokens: { access: { ex|pires: { seconds: /e } } }\n", &["When it dies"]),
        ("tokens: { access: { expires: { seco|nds: /e } } }\n", &["lifetime in seconds"]),
        (
            "tokens: { access: { expires: jw|t } }\n",
            &["When it dies", "\n* `jwt`: The token is a JWT"],
        ),
        ("tokens: { access: { sent|_as: bearer } }\n", &["How requests carry it", "* `bearer`:"]),
        (
            "tokens: { refresh: { rot|ation: always } }\n",
            &["Whether a refresh replaces it", "* `always`: Always"],
        ),
        ("tokens: { refresh: { spent: { good_for: 1|m } } }\n", &["A while"]),
        (
            "errors: [{ sta|tus: 4xx, class: transient }]\n",
            &["The status, or any of several", "* `4xx`: 400 to 499"],
        ),
        (
            "errors: [{ status: 400, class: tran|sient }]\n",
            &["\n* `transient`: The provider failed"],
        ),
        (
            "client: { a: { ty|pe: host } }\n",
            &["What kind of text it is", "* `host`: A whole host name"],
        ),
        (
            "variants: { a: { refresh: { au|th: basic } } }\n",
            &["How the client proves who it is", "* `basic`:"],
        ),
        ("like: base\ntokens: { access: { u|se: once } }\n", &["* `once`:"]),
    ] {
        let shown = editor.hover(&format!("{HEAD}{text}"));
        let plain = shown.replace('\\', "");
        for words in expected {
            assert!(plain.contains(words), "{text}: no {words:?} in\n{shown}");
        }
    }
}

/// What is offered at a place is what `check` accepts there, and all of it.
#[test]
fn completion_offers_what_is_accepted() {
    let Some(mut editor) = editor() else { return };
    let places: [(&str, &str); 13] = [
        ("|\n", "?: 1"),
        ("refresh:\n  |\n", "?: 1"),
        ("refresh:\n  auth: |\n", "?"),
        ("refresh:\n  operation: |\n", "?"),
        ("response:\n  |\n", "?: 1"),
        ("tokens:\n  access:\n    |\n", "?: 1"),
        ("tokens:\n  access:\n    expires: |\n", "?"),
        ("tokens:\n  access:\n    expires:\n      |\n", "?: 1"),
        ("tokens:\n  refresh:\n    rotation: |\n", "?"),
        ("errors:\n  - class: |\n", "?"),
        ("client:\n  a:\n    type: |\n", "?"),
        ("variants:\n  a:\n    |\n", "?: 1"),
        ("variants:\n  a:\n    tokens:\n      refresh:\n        reuse: |\n", "?"),
    ];
    let all = all_names();
    assert!(all.len() > 200, "{}", all.len());
    for (text, form) in places {
        let offered: BTreeSet<String> =
            editor.completions(&format!("{HEAD}{text}")).into_iter().collect();
        // A name of a type stands for all that it requires.
        let offered: BTreeSet<String> = offered.into_iter().filter(|name| is_word(name)).collect();
        assert!(offered.len() > 1, "{text}: {offered:?}");
        for name in offered.iter().filter(|name| *name != "null") {
            let spec = text.replace('|', &form.replace('?', name));
            let refused = refusals(&spec, name);
            assert!(refused.is_empty(), "{text}: {name} is offered, and refused: {refused:?}");
        }
        let accepted = all.difference(&offered).filter(|name| {
            let spec = text.replace('|', &form.replace('?', name));
            refusals(&spec, name).is_empty()
        });
        // The language knows these there, and refuses them once all else is right.
        let is_later = |name: &str| match name {
            "xml" => text.starts_with("refresh:"),
            "introspection" | "granted" => true,
            _ => false,
        };
        let missing: Vec<&String> = accepted.filter(|name| !is_later(name)).collect();
        assert!(missing.is_empty(), "{text}: not offered: {missing:?}");
    }
}

fn is_word(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// What is wrong with this key or this word where it stands.
fn refusals(spec: &str, name: &str) -> Vec<String> {
    let found = check(&[Source::new("acme.yaml", format!("{HEAD}{spec}"))]).diagnostics;
    let named = format!("`{name}`");
    let refused = found.into_iter().filter(|one| {
        let refusals = [UNKNOWN_KEY, NOT_SUPPORTED_YET, DUPLICATE_KEY, BAD_VARIANTS];
        // A word that is no value of a key is said of the word, which comes first.
        (one.code == UNKNOWN_VALUE && one.message.starts_with(&named))
            || (refusals.contains(&one.code) && one.message.contains(&named))
    });
    refused.map(|one| one.message).collect()
}

/// Every key and every word of the language, wherever it may stand.
fn all_names() -> BTreeSet<String> {
    fn gather(node: &Value, names: &mut BTreeSet<String>) {
        match node {
            Value::Object(members) => {
                let keys = members.get("properties").and_then(Value::as_object);
                names.extend(keys.into_iter().flat_map(|keys| keys.keys().cloned()));
                names.extend(members.get("const").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| gather(member, names));
            }
            Value::Array(items) => items.iter().for_each(|item| gather(item, names)),
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    gather(&serde_json::from_str(schema()).expect("JSON"), &mut names);
    names.retain(|name| is_word(name));
    names
}
