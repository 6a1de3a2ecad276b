//! README.md says what is so: its specs, its tables and its links are held against the repository. Its Rust is compiled and run
//! as documentation of the library.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Blocks of the README in this language.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let fence = format!("```{language}\n");
    readme
        .split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_two_commands_are_what_ci_runs() {
    assert_eq!(
        blocks("console").first().map(String::as_str),
        Some("cargo run -- generate\ncargo test --workspace\n")
    );
    let ci = read(".ci/run");
    assert!(
        ci.contains(" cargo test --workspace\n") && ci.contains(" cargo run -- generate --check\n")
    );
}

#[test]
fn its_specs_are_proven_ones() {
    let specs = blocks("yaml");
    for name in ["atlassian", "machine", "plain"] {
        // A first line may tell an editor where the schema is, which depends on the folder.
        let proven = read(&format!("tests/language/specs/{name}.yaml"));
        let proven = proven.replacen("=../../../specs/schema/", "=schema/", 1);
        assert!(specs.contains(&proven), "README.md and {name}.yaml of tests/language differ");
    }
}

#[test]
fn its_table_of_providers_is_the_generated_one() {
    let rows = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect()
    };
    let readme = read("README.md");
    let section =
        readme.split("\n## Providers\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let generated = read("generated/README.md").replace("](docs/", "](generated/docs/");
    assert_eq!(rows(section.expect("a section on providers")), rows(&generated));
}

/// The words in the first column of the table that follows `heading`.
fn first_column(heading: &str) -> BTreeSet<String> {
    let readme = read("README.md");
    let rest = readme.split(heading).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let table = rest
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    let cells = table
        .skip(2)
        .filter_map(|line| line.split('|').nth(1).map(str::to_owned))
        .collect::<String>();
    cells.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words and keys that these types of the language take.
fn words(types: &[&str]) -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(&read("specs/schema/v1.json")).expect("JSON");
    let mut words = BTreeSet::new();
    for name in types {
        let definition = if *name == "Spec" { &schema } else { &schema["$defs"][name] };
        let constants =
            definition["oneOf"].as_array().into_iter().flatten().map(|one| &one["const"]);
        let plain = definition["enum"].as_array().into_iter().flatten();
        words.extend(constants.chain(plain).filter_map(Value::as_str).map(str::to_owned));
        words.extend(
            definition["properties"].as_object().into_iter().flat_map(|keys| keys.keys().cloned()),
        );
    }
    assert!(!words.is_empty(), "the schema knows no {types:?}");
    words
}

#[test]
fn its_tables_list_every_value_of_the_language() {
    assert_eq!(
        first_column("proves who it is, `refresh.auth`"),
        words(&["AuthMethod", "AuthDetail"])
    );
    assert_eq!(
        first_column("When a token dies, `tokens.access.expires`"),
        words(&["ExpiryName", "ExpiryDetail"])
    );
    assert_eq!(
        first_column("replaces the refresh token, `tokens.refresh.rotation`"),
        words(&["Rotation"])
    );
    assert_eq!(first_column("`errors[].class` is one of"), words(&["ErrorClassSpec"]));
    assert_eq!(first_column("and `fault` what goes wrong:"), words(&["Fault"]));
    assert_eq!(first_column("### The language"), words(&["Spec"]));
}

#[test]
fn it_names_every_key_and_word_of_the_language() {
    let readme = read("README.md");
    let schema: Value = serde_json::from_str(&read("specs/schema/v1.json")).expect("JSON");
    let page = readme
        .split("\n## Add a provider\n")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the page");
    // What is not supported yet is in the schema, so that it can be refused by name; the page is about what is.
    let later = ["cookies", "xml", "form", "granted", "introspection"];
    let missing: Vec<String> = schema["$defs"]
        .as_object()
        .into_iter()
        .flat_map(|definitions| definitions.keys())
        .flat_map(|name| words_or_none(&schema, name))
        .filter(|word| !later.contains(&word.as_str()) && !page.contains(word.as_str()))
        .collect();
    assert!(missing.is_empty(), "README.md does not say what these are: {missing:?}");
}

fn words_or_none(schema: &Value, name: &str) -> Vec<String> {
    let has = |key: &str| schema["$defs"][name].get(key).is_some();
    if has("oneOf") || has("enum") || has("properties") {
        words(&[name]).into_iter().collect()
    } else {
        Vec::new()
    }
}

#[test]
fn its_links_lead_somewhere() {
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = read(file);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if !link.starts_with("http") && !path.is_empty() {
                assert!(
                    Path::new(ROOT).join(path).exists(),
                    "{file} links to {path}, which is not there"
                );
            }
        }
    }
}
