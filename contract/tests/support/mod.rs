//! Golden files: what they say is what comes out, or with `REKINDLE_UPDATE=1` they are written anew.

use std::path::Path;

/// Holds `actual` against the file at `path`. An error says where they differ first.
pub fn golden(path: &Path, actual: &str) -> Result<(), String> {
    if std::env::var_os("REKINDLE_UPDATE").is_some() {
        std::fs::write(path, actual).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    let advice = "run once with REKINDLE_UPDATE=1 and read the difference";
    Err(format!(
        "{} differs: {advice}\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    ))
}
