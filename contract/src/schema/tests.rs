//! The committed schema is what the types say.

use super::{generate, schema};
use std::path::Path;

#[test]
fn the_committed_schema_is_fresh() {
    let generated = generate();
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside_the_specs = crate_folder.join("../specs/schema/v1.json");
    let embedded = crate_folder.join("schema/v1.json");
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(&embedded, &generated).unwrap();
        // The packaged crate stands alone, without the folder of specs.
        if beside_the_specs.parent().is_some_and(Path::exists) {
            std::fs::write(&beside_the_specs, &generated).unwrap();
        }
        return;
    }
    let advice = "the types of the language changed: run the tests once with REKINDLE_UPDATE=1";
    assert!(schema() == generated, "{advice}");
    if let Ok(copy) = std::fs::read_to_string(&beside_the_specs) {
        assert!(copy == generated, "{advice}");
    }
}
