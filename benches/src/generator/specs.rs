//! The specs that are generated: the first five of the repository, and copies of one of them under other names.

use std::fs;
use std::path::{Path, PathBuf};

use rekindle::Source;
use rekindle_benches::Error;

/// The spec that is copied: neither the shortest nor the longest of the five.
const COPIED: &str = "wetix";

/// Always the same providers: figures are compared over the years, and the repository gains providers.
const FIVE: [&str; 5] = ["blazex", "seven_g", "transak", "wetix", "xellar"];

/// The five, as files.
pub fn five() -> Result<Vec<Source>, Error> {
    let files = FIVE.map(|name| folder().join(format!("{name}.yaml")));
    files.iter().map(|file| Ok(Source::new(name(file), fs::read(file)?))).collect()
}

/// So many copies of one spec, each a provider of its own.
pub fn copies(count: usize) -> Result<Vec<Source>, Error> {
    let text = fs::read_to_string(folder().join(format!("{COPIED}.yaml")))?;
    let id = format!("id: {COPIED}\n");
    let copy = |number| {
        Source::new(
            format!("specs/copy{number:04}.yaml"),
            text.replacen(&id, &format!("id: copy{number:04}\n"), 1),
        )
    };
    Ok((0..count).map(copy).collect())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

fn name(file: &Path) -> String {
    format!("specs/{}", file.file_name().unwrap_or_default().to_string_lossy())
}
