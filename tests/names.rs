//! No name in a spec collides with anything that is generated. Every identifier in generated code is tried as the name of whatever a
//! spec may name: `check` refuses it with a place, or the code compiles and passes its conformance.

mod support;

use proc_macro2::{TokenStream, TokenTree};
use rekindle::{Error, Inputs, Options, Source, Specs};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use support::cargo::Cargo;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Path → text of the package of these specs.
fn plan(sources: Vec<Source>) -> BTreeMap<String, String> {
    let specs = Specs::check(sources).expect("accepted specs");
    let plan = rekindle::plan(&specs.contracts, &Inputs::default(), &Options::default());
    plan.expect("a plan").into_files()
}

/// Specs that between them reach every shape of generated code. Those of real providers reach none that these do not.
fn samples() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["tests/language/specs", "tests/mutation/specs"] {
        for entry in fs::read_dir(Path::new(ROOT).join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|end| end == "yaml") {
                let text = fs::read_to_string(&path).expect("a spec");
                sources.push(Source::new(path.to_string_lossy(), text));
            }
        }
    }
    sources
}

/// Every identifier in generated Rust, as a spec would write it.
fn identifiers(wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in plan(samples()) {
        if path.ends_with(".rs") && wanted(&path) {
            collect(text.parse().expect("Rust"), &mut found);
        }
    }
    found
}

fn collect(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(found.insert(snake_case(&ident.to_string()))),
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// `RefreshToken` → `refresh_token`.
fn snake_case(name: &str) -> String {
    if !name.contains(char::is_lowercase) {
        return name.trim_matches('_').to_lowercase();
    }
    let mut words = String::new();
    for (position, letter) in name.trim_start_matches("r#").trim_matches('_').char_indices() {
        if letter.is_uppercase() && position > 0 && !words.ends_with('_') {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// What a spec may name.
const PLACES: [&str; 9] = [
    "provider.id",
    "environments",
    "client (required)",
    "client (default)",
    "tokens.access.name",
    "tokens.refresh.name",
    "client (optional)",
    "refresh.values",
    "response.outputs",
];

/// A spec with these names. The names of [`PLACES`], in their order.
fn spec(names: [&str; 9]) -> Source {
    let [id, environment, required, default, access, refresh, optional, value, output] = names;
    let spec = json!({
        "rekindle": 1,
        "provider": { "id": id, "name": "Names" },
        "environments": { environment: format!("https://${{client.{default}}}.names.example") },
        "client": { required: {}, default: { "default": "eu", "type": "host_label" }, optional: { "optional": true } },
        "refresh": {
            "request": "POST /token",
            "query": { "a": format!("${{client.{optional}}}"), "b": format!("${{value.{value}}}") },
            "headers": {
                "x-required": format!("${{client.{required}}}"),
                "x-default": format!("${{client.{default}}}"),
                "x-optional": format!("${{client.{optional}}}"),
                "x-value": format!("${{value.{value}}}"),
            },
            "values": { value: "uuid" },
            "json": { "old": "${refresh_token}", "joined": "${access_token} ${refresh_token}" },
        },
        "response": {
            "access_token": "/new",
            "refresh_token": "/next",
            "scope": "/scope",
            "outputs": { output: { "field": "/output" } },
        },
        "tokens": {
            "access": { "name": access, "use": "once", "expires": { "seconds": "/ttl" }, "sent_as": "bearer" },
            "refresh": { "name": refresh, "use": "once", "rotation": "always" },
        },
        "errors": [{ "status": 401, "class": "reauthenticate", "sign_in": "password" }],
        "examples": [{
            "id": "refreshed",
            "given": { "environment": environment, "client": { required: "r" }, "access_token": "old-0", "refresh_token": "old-1" },
            "response": { "status": 200, "json": { "new": "new-1", "next": "next-1", "ttl": 60, "output": "o" } },
            "expect": { "access_token": "new-1", "refresh_token": "next-1" },
        }],
    });
    Source::new(format!("specs/{id}.yaml"), spec.to_string())
}

/// Names that nothing else has, in the order of [`PLACES`].
const NEUTRAL: [&str; 9] = [
    "neutral_id",
    "neutral_place",
    "neutral_given",
    "neutral_choice",
    "first_ticket",
    "second_ticket",
    "neutral_absence",
    "neutral_value",
    "neutral_output",
];

/// Whether `check` accepts a name in a place. Where it does not, it says where the name stands.
fn is_accepted(name: &str, place: usize) -> bool {
    let mut names = NEUTRAL;
    names[place] = name;
    match Specs::check(vec![spec(names)]) {
        Ok(_) => true,
        Err(Error::Specs { diagnostics, .. }) => {
            let placeless = diagnostics.iter().find(|diagnostic| diagnostic.span.is_none());
            assert!(placeless.is_none(), "`{name}` as {}: {placeless:?}", PLACES[place]);
            false
        }
        Err(error) => panic!("`{name}` as {}: {error}", PLACES[place]),
    }
}

/// A client that takes its operation of [`spec`] with these names, and that names itself and its host.
fn like(names: [&str; 9], id: &str) -> Source {
    let [like, environment, _, default, ..] = names;
    let spec = json!({
        "rekindle": 1,
        "like": like,
        "provider": { "id": id, "name": "Like" },
        "environments": { environment: format!("https://${{client.{default}}}.like.example") },
    });
    Source::new(format!("specs/{id}.yaml"), spec.to_string())
}

/// Two specs for each of these names, in every place that accepts it, the second `like` the first. Two tokens, and two parameters, have
/// different names.
fn specs(names: &BTreeSet<String>) -> Vec<Source> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let other = |position: usize| names[position % names.len()];
    let each = names.iter().enumerate();
    each.flat_map(|(position, name)| {
        let mut chosen = NEUTRAL;
        let own_id = format!("named_{position}");
        let (next, last) = (other(position + 1), other(position + 2));
        let tried = [name, name, name, next, name, next, last, name, name];
        for (place, tried) in tried.into_iter().enumerate() {
            if is_accepted(tried, place) {
                chosen[place] = tried;
            } else if place == 0 {
                chosen[place] = &own_id;
            }
        }
        if chosen[4].replace('_', "") == chosen[5].replace('_', "") {
            chosen[5] = NEUTRAL[5];
        }
        [spec(chosen), like(chosen, &format!("like_{position}"))]
    })
    .collect()
}

/// A workspace of the package of these specs, or of its clients alone.
fn package(name: &str, sources: Vec<Source>, whole: bool) -> Cargo {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("consumers").join(name);
    let _ = fs::remove_dir_all(&folder);
    let root = Path::new(ROOT);
    for (path, text) in plan(sources) {
        let is_client = path.starts_with("src/") || path == "Cargo.toml";
        if !whole && !is_client {
            continue;
        }
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    let mut kept = String::new();
    for line in manifest.lines() {
        let Some((package, _)) = line.split_once(" = { version") else {
            kept += &format!("{line}\n");
            continue;
        };
        let local = package.strip_prefix("rekindle-").map(|folder| root.join(folder));
        match local.filter(|folder| folder.exists()) {
            Some(folder) => {
                kept += &line.replacen("version", &format!("path = {folder:?}, version"), 1)
            }
            None => kept += line,
        }
        kept.push('\n');
    }
    if !whole {
        kept = kept.split("[[").next().unwrap_or_default().to_owned();
        kept = kept.split("[dev-dependencies]").next().unwrap_or_default().to_owned();
    }
    kept += "\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), kept).expect("a manifest");
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    Cargo::new(&folder)
}

/// Clients with one parameter alone, called as something is that is there only where there are others.
fn lone_parameters() -> Vec<Source> {
    let kinds = [
        ("given", json!({})),
        ("default", json!({ "default": "eu" })),
        ("optional", json!({ "optional": true })),
    ];
    let names = ["options", "settings", "setup", "spends", "request", "given"];
    let all = names.iter().flat_map(|name| kinds.iter().map(move |kind| (name, kind)));
    all.map(|(name, (kind, parameter))| {
        let id = format!("lone_{name}_{kind}");
        let spec = json!({
            "rekindle": 1,
            "provider": { "id": id, "name": "Lone" },
            "base_url": "integrator",
            "client": { *name: parameter },
            "refresh": {
                "request": "POST /token",
                "headers": { "x-lone": format!("${{client.{name}}}") },
                "json": { "old": "${refresh_token}" },
            },
            "response": { "access_token": "/new" },
            "tokens": {
                "access": { "expires": "never" },
                "refresh": { "use": "many", "rotation": "never" },
            },
            "errors": [{ "status": 401, "class": "reauthenticate", "sign_in": "password" }],
        });
        Source::new(format!("specs/{id}.yaml"), spec.to_string())
    })
    .collect()
}

#[test]
fn every_identifier_of_a_client_is_refused_or_compiles() {
    let mut names = identifiers(|path| path.starts_with("src/"));
    // The kit's macros expand inside of a client.
    for folder in ["runtime/src/kit", "runtime/src/kit/signing"] {
        for entry in fs::read_dir(Path::new(ROOT).join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() {
                let text = fs::read_to_string(path).expect("a text");
                collect(text.parse().expect("Rust"), &mut names);
            }
        }
    }
    names.retain(|name| !name.is_empty());
    assert!(names.len() > 100, "{names:?}");
    let mut sources = specs(&names);
    sources.extend(lone_parameters());
    let cargo = package("names-of-clients", sources, false);
    cargo.with("RUSTFLAGS", "-D warnings").run(&["check", "--all-features"]).succeeded();
}

/// The specs that try names, without those that are like them: their tests are the same.
fn without_twins(names: &BTreeSet<String>) -> Vec<Source> {
    specs(names).into_iter().step_by(2).collect()
}

/// The names that tests and examples alone hold: each compiles with its tests, and those of some pass.
#[test]
fn every_identifier_of_a_test_is_refused_or_passes() {
    let clients = identifiers(|path| path.starts_with("src/"));
    let mut names = identifiers(|path| !path.starts_with("src/"));
    names.retain(|name| !clients.contains(name));
    let cargo = package("names-of-tests", without_twins(&names), true);
    cargo.run(&["check", "--all-features", "--all-targets", "--quiet"]).succeeded();

    // Those that a test file imports or calls itself, which a provider of that name could hide.
    let run = ["answer", "client", "conformance", "http", "kit", "rekindle_testkit"];
    let run: BTreeSet<String> = run.map(str::to_owned).into();
    let cargo = package("names-that-pass", without_twins(&run), true);
    cargo.run(&["test", "--all-features", "--quiet", "--tests"]).succeeded();
}

/// What stands in each `format!`.
fn formatted(tokens: TokenStream) -> Vec<String> {
    let (mut found, mut before) = (Vec::new(), [String::new(), String::new()]);
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if before == ["format", "!"] {
                found.push(group.stream().to_string());
            }
            found.extend(formatted(group.stream()));
        }
        before = [std::mem::take(&mut before[1]), token.to_string()];
    }
    found
}

/// A text around a secret is wiped as the secret is. A URL is not: the HTTP library holds it in memory of its own.
#[test]
fn no_secret_is_written_into_a_text_that_stays() {
    let mut joined = 0;
    for (path, text) in plan(samples()).into_iter().filter(|(path, _)| path.starts_with("src/")) {
        joined += text.matches("kit::joined(").count();
        for made in formatted(text.parse().expect("Rust")) {
            let (shows, is_url) = (made.contains("expose"), made.contains("url ::"));
            assert!(!shows || is_url, "{path}: format!({made})");
        }
    }
    assert!(joined > 2, "the samples join secrets");
}
