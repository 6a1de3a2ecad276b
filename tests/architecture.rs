//! What ARCHITECTURE.md promises about who may know whom, held against the source text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every file below a folder of the repository whose name ends so, with its text.
fn texts(folder: &str, end: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no *{end} in {folder}");
    found
}

/// Fails where one of these words stands in one of these texts.
#[track_caller]
fn nowhere(texts: &[(PathBuf, String)], words: &[&str], promise: &str) {
    for (path, text) in texts {
        for (line, number) in text.lines().zip(1..) {
            for word in words {
                assert!(
                    !line.contains(word),
                    "{}:{number}: {promise}, yet here is `{word}`",
                    path.display()
                );
            }
        }
    }
}

fn manifest(package: &str) -> Vec<(PathBuf, String)> {
    let path = Path::new(ROOT).join(package).join("Cargo.toml");
    let text = fs::read_to_string(&path).expect("a manifest");
    vec![(path, text)]
}

#[test]
fn yaml_is_read_in_one_package() {
    for package in ["", "runtime", "testkit", "generated", "tests/mutation"] {
        nowhere(&manifest(package), &["yaml"], "only rekindle-contract reads YAML");
    }
}

#[test]
fn emission_sees_contracts_and_not_specs() {
    nowhere(
        &texts("generator/src", ".rs"),
        &["rekindle_contract::spec"],
        "the generator reads contracts, not specs",
    );
    nowhere(
        &texts("testkit/src", ".rs"),
        &["rekindle_contract::spec"],
        "the testkit reads contracts, not specs",
    );
}

#[test]
fn the_contract_emits_nothing() {
    let code = ["quote", "proc-macro2", "syn =", "prettyplease", "minijinja"];
    nowhere(&manifest("contract"), &code, "the contract knows no Rust code");
}

#[test]
fn the_disk_is_written_in_one_module() {
    let writers = [
        "fs::write",
        "fs::rename",
        "fs::remove",
        "fs::create_dir",
        "File::create",
        "OpenOptions",
        "fs::copy",
        "tempfile",
    ];
    // What is generated is written by the one, the tokens of people who test their provider by another.
    let allowed = ["generator/src/output", "generator/src/cli/test/keep.rs"];
    let allowed = allowed.map(|path| Path::new(ROOT).join(path));
    let others: Vec<_> = texts("generator/src", ".rs")
        .into_iter()
        .filter(|(path, _)| !allowed.iter().any(|allowed| path.starts_with(allowed)))
        .collect();
    nowhere(&others, &writers, "only generator/src/output writes");
    let contract: Vec<_> = texts("contract/src", ".rs")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("tests.rs"))
        .collect();
    nowhere(&contract, &writers, "the contract writes nothing");
}

#[test]
fn the_runtime_knows_no_provider() {
    let specs = texts("specs", ".yaml");
    let ids: Vec<String> = specs
        .iter()
        .filter_map(|(path, _)| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    for folder in ["runtime/src", "testkit/src", "templates", "generator/src"] {
        let end = if folder == "templates" { ".j2" } else { ".rs" };
        for (path, text) in texts(folder, end) {
            // Whole words: `linear` is a provider, `linearizable` is not.
            let mut words = text.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
            let named = words.find(|word| ids.iter().any(|id| id == word));
            assert_eq!(named, None, "{}: only specs and what they make name it", path.display());
        }
    }
}

#[test]
fn the_fake_provider_is_a_reading_of_its_own() {
    let others = [
        "rekindle_contract::exchange",
        "exchange::",
        // Without the trait that is there, a contract has no method that says what is expected.
        "::derive",
        "derive::",
        "derive,",
        "derive}",
        "crate::reference",
        "crate::sequence",
        "crate::check",
    ];
    nowhere(
        &texts("testkit/src/provider", ".rs"),
        &others,
        "the fake provider reads the contract by itself",
    );
}

#[test]
fn a_client_has_no_executor_and_no_socket() {
    let clients = texts("generated/src", ".rs");
    nowhere(
        &clients,
        &["std::net", "tokio", "std::thread", "::now(", "reqwest", "ureq", "hyper"],
        "clients are sans-I/O",
    );
    for (path, text) in clients.iter().filter(|(path, _)| path.ends_with("lib.rs")) {
        assert!(
            text.contains("#![forbid(unsafe_code)]"),
            "{}: unsafe code is not forbidden",
            path.display()
        );
    }
}

/// A key that nothing behind the reader mentions would be accepted and ignored.
#[test]
fn every_key_has_a_meaning() {
    let schema: serde_json::Value =
        serde_json::from_str(rekindle_contract::schema()).expect("JSON");
    let definitions =
        schema["$defs"].as_object().into_iter().flat_map(|definitions| definitions.values());
    let keys = std::iter::once(&schema)
        .chain(definitions)
        .filter_map(|definition| definition["properties"].as_object());
    let keys: BTreeSet<&str> =
        keys.flat_map(|properties| properties.keys().map(String::as_str)).collect();
    let readers = ["contract/src/resolve", "contract/src/rules", "contract/src/exchange"];
    let keys = keys.into_iter().filter(|key| *key != "rekindle"); // The version: the reader looks at it first.
    let mut code: String =
        readers.iter().flat_map(|folder| texts(folder, ".rs")).map(|(_, text)| text).collect();
    code += &fs::read_to_string(Path::new(ROOT).join("contract/src/check.rs")).expect("a text");
    let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    // The types have names of their own for what is a word of Rust.
    let spelled = |key: &str| {
        if key == "type" { "kind".to_owned() } else { key.to_owned() }
    };
    let ignored: Vec<&str> = keys.filter(|key| !words.contains(spelled(key).as_str())).collect();
    assert!(ignored.is_empty(), "nothing gives these keys a meaning: {ignored:?}");
}

/// The source of a file without its tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default()
}

/// CONTRIBUTING.md lists every source file that a key with behaviour is named in.
#[test]
fn a_key_lives_in_few_files() {
    let guide = fs::read_to_string(Path::new(ROOT).join("CONTRIBUTING.md")).expect("a guide");
    let life = guide.split("\n## The life of one key\n").nth(1).expect("the life of a key");
    let life = life.split("\n## ").next().unwrap_or_default();
    let rows = life.lines().filter(|line| line.starts_with("| "));
    let listed: BTreeSet<String> = rows
        .filter_map(|row| Some(row.split("](").nth(1)?.split(')').next()?.to_owned()))
        .collect();
    let sources = ["contract/src", "generator/src", "runtime/src", "testkit/src"];
    let sources = sources.iter().flat_map(|folder| texts(folder, ".rs"));
    let templates = texts("templates", ".j2");
    let naming: BTreeSet<String> = sources
        .chain(templates)
        .filter(|(path, _)| !path.to_string_lossy().ends_with("tests.rs"))
        .filter(|(_, text)| without_tests(text).contains("idle_limit"))
        .filter_map(|(path, _)| Some(path.strip_prefix(ROOT).ok()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(naming, listed);
    assert!(naming.len() <= 10, "{}", naming.len());
}

/// Files and folders that use one another in a circle, by what each uses.
fn in_circles(mut uses: BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    loop {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        // What uses nothing that is left is in no circle.
        uses.retain(|_, used| !used.is_disjoint(&left));
        if uses.len() == left.len() {
            return left;
        }
    }
}

/// From the top down: whoever reads a file of sessions need not have read one that uses it.
#[test]
fn no_file_of_sessions_is_in_a_circle() {
    const FOLDER: &str = "runtime/src/session";
    let root = Path::new(ROOT).join(FOLDER);
    let mut code: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (path, text) in texts(FOLDER, ".rs") {
        let place = path.strip_prefix(&root).expect("a place").to_string_lossy().into_owned();
        let name = place.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        // The way back to the folder.
        let above = if place.contains('/') { "super::super::" } else { "super::" };
        if place != "mod.rs" && !place.ends_with("_tests.rs") {
            let lines = without_tests(&text).lines().filter(|line| !line.trim().starts_with("//"));
            let lines = lines.collect::<Vec<_>>().join("\n");
            code.entry(name).or_default().push((above.to_owned(), lines));
        }
    }
    let uses = |by: &str, other: &str| {
        let names = |(above, text): &(String, String)| {
            text.contains(&format!(" {above}{other}::"))
                || text.contains(&format!("session::{other}::"))
        };
        by != other && code[by].iter().any(names)
    };
    let used = |by: &String| code.keys().filter(|other| uses(by, other)).cloned().collect();
    let uses: BTreeMap<String, BTreeSet<String>> =
        code.keys().map(|name| (name.clone(), used(name))).collect();
    assert!(uses["refresh_attempt"].contains("exchange"), "{uses:?}");
    assert!(uses["exchange"].contains("pending_write"), "{uses:?}");
    assert_eq!(in_circles(uses.clone()), BTreeSet::new());
    let mut with_one = uses;
    with_one.entry("pending_write".to_owned()).or_default().insert("exchange".to_owned());
    assert!(in_circles(with_one).contains("exchange"));
}

/// ARCHITECTURE.md names tests, files and folders that are there.
#[test]
fn the_map_is_of_this_land() {
    let map = fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).expect("a map");
    let rust: String = ["contract", "generator", "runtime", "testkit", "tests"]
        .iter()
        .flat_map(|folder| texts(folder, ".rs"))
        .map(|(_, text)| text)
        .collect();
    let section = map
        .split("\n## Invariants\n")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("the invariants");
    for row in section.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let tests = row.rsplit('|').nth(1).unwrap_or_default();
        for name in tests
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| name.contains('_') && !name.contains(['/', '#', ' ']))
        {
            let there = name == "disallowed_methods"
                || rust.contains(&format!("fn {name}("))
                || rust.contains(&format!("fn {name}<"));
            assert!(there, "ARCHITECTURE.md names the test {name}, which is not there");
        }
    }
    let mut root = PathBuf::from(ROOT);
    for line in map.lines() {
        if let Some(heading) = line.strip_prefix("### `") {
            root = Path::new(ROOT).join(heading.trim_end_matches('`'));
        } else if line.starts_with("## ") {
            root = PathBuf::from(ROOT);
        }
        let Some(cell) = line.strip_prefix("| `").and_then(|rest| rest.split(" |").next()) else {
            continue;
        };
        for path in format!("`{cell}")
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|path| path.ends_with('/') || path.ends_with(".rs"))
        {
            assert!(
                root.join(path).exists(),
                "ARCHITECTURE.md names {path}, which is not in {}",
                root.display()
            );
        }
    }
}
