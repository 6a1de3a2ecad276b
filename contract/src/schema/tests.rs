//! The committed schema is what the types say.

use super::{editor, generate, schema};
use crate::diagnostics::meaning::{BAD_HEAD_PLACE, EXPIRY_KEY, INCOMPLETE_RULE};
use serde_json::Value;
use std::path::Path;

#[test]
fn the_committed_schema_is_fresh() {
    let generated = generate();
    let parsed: Value = serde_json::from_str(&generated).unwrap();
    let for_editors = format!("{:#}\n", editor::for_editors(&parsed));
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside_the_specs = crate_folder.join("../specs/schema/v1.json");
    let embedded = crate_folder.join("schema/v1.json");
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&embedded, &generated).unwrap();
        // The packaged crate stands alone, without the folder of specs.
        if beside_the_specs.parent().is_some_and(Path::exists) {
            std::fs::write(&beside_the_specs, &for_editors).unwrap();
        }
        return;
    }
    let advice = "the types of the language changed: run the tests once with REKINDLE_UPDATE=1";
    assert!(schema() == generated, "{advice}");
    if let Ok(copy) = std::fs::read_to_string(&beside_the_specs) {
        assert!(copy == for_editors, "{advice}");
    }
}

/// The text of every YAML file in a folder beside this package, by name; none where the package stands alone.
fn specs(folder: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "yaml"));
    files.sort();
    let read = |file: &std::path::PathBuf| std::fs::read_to_string(file).unwrap();
    files.iter().map(|file| serde_yaml::from_str(&read(file)).unwrap()).collect()
}

/// The reference in the book says of each key what its type says, with examples from the repository's own specs.
#[test]
fn the_committed_reference_is_fresh() {
    let schema: Value = serde_json::from_str(&generate()).unwrap();
    let page =
        super::reference::reference(&schema, &[specs("specs"), specs("tests/language/specs")]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/language.md");
    // The packaged crate stands alone, without the book.
    if !path.parent().is_some_and(Path::exists) {
        return;
    }
    let base = std::fs::read_to_string(crate_file("tests/meaning/base.yaml")).unwrap();
    let base: Value = serde_yaml::from_str(&base).unwrap();
    let refused: Vec<String> =
        examples(&page).filter_map(|example| refusal(&base, example)).collect();
    assert!(refused.is_empty(), "no examples: {}", refused.join("\n"));
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let advice = "the types of the language or the shortest examples of it changed: run the tests once with REKINDLE_UPDATE=1";
    assert!(committed == page, "{advice}");
}

fn crate_file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The examples of keys on a page.
fn examples(page: &str) -> impl Iterator<Item = &str> {
    page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// Why an example could not stand in any spec, put into `base`; nothing where it could, and only does not fit that one.
fn refusal(base: &Value, example: &str) -> Option<String> {
    let written: Value = match serde_yaml::from_str(example) {
        Ok(written @ Value::Object(_)) => written,
        _ => return Some(format!("{example}: no YAML")),
    };
    let mut spec = base.clone();
    for (block, value) in written.as_object().into_iter().flatten() {
        put(&mut spec[block], value, 0);
    }
    let source = crate::Source::new("base.yaml", spec.to_string());
    let incomplete = [EXPIRY_KEY, INCOMPLETE_RULE, BAD_HEAD_PLACE];
    let found = crate::check(&[source]).diagnostics;
    let found = found
        .into_iter()
        .find(|diagnostic| diagnostic.code.id < "RK0199" || incomplete.contains(&diagnostic.code));
    found.map(|found| format!("{example}: {}", found.message))
}

/// Puts a value where it belongs; blocks keep their other keys.
fn put(place: &mut Value, value: &Value, depth: usize) {
    match (place, value) {
        (Value::Object(block), Value::Object(members)) if depth < 2 => {
            for (key, value) in members {
                let is_block = matches!(key.as_str(), "access" | "refresh") && depth == 0;
                let depth = if is_block { 1 } else { 2 };
                put(block.entry(key).or_insert(Value::Null), value, depth);
            }
        }
        (place, value) => *place = value.clone(),
    }
}
