//! The committed schema is what the types say.

use super::{editor, generate, schema};
use std::path::Path;

#[test]
fn the_committed_schema_is_fresh() {
    let generated = generate();
    let parsed: serde_json::Value = serde_json::from_str(&generated).unwrap();
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
fn specs(folder: &str) -> Vec<serde_json::Value> {
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
    let schema: serde_json::Value = serde_json::from_str(&generate()).unwrap();
    let page =
        super::reference::reference(&schema, &[specs("specs"), specs("tests/language/specs")]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/language.md");
    // The packaged crate stands alone, without the book.
    if !path.parent().is_some_and(Path::exists) {
        return;
    }
    for example in page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        let read: Result<serde_json::Value, _> = serde_yaml::from_str(example);
        assert!(read.is_ok_and(|read| read.is_object()), "no YAML: {example}");
    }
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let advice = "the types of the language or the shortest examples of it changed: run the tests once with REKINDLE_UPDATE=1";
    assert!(committed == page, "{advice}");
}
