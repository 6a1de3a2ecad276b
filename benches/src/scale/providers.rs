//! Providers of all shapes: the specs of the repository and those of every corner of the language, under ids of their own.

use std::fs;
use std::path::{Path, PathBuf};

use rekindle::Source;
use rekindle_benches::Error;

/// Always the same five providers: figures are compared over the years, and the repository gains providers.
const FIVE: [&str; 5] = ["blazex", "seven_g", "transak", "wetix", "xellar"];
/// Where their specs are.
const SPECS: &str = "specs";
/// One spec for each corner of the language.
const LANGUAGE: &str = "tests/language/specs";

/// The five, as they are.
pub fn five() -> Result<Vec<Source>, Error> {
    first()?.iter().map(|file| Ok(Source::new(name(&stem(file)), fs::read(file)?))).collect()
}

/// So many providers, each shape in turn.
pub fn all_shapes(count: usize) -> Result<Vec<Source>, Error> {
    let mut shapes: Vec<PathBuf> = first()?.into_iter().chain(files(LANGUAGE)?).collect();
    // What is like another needs that one beside it, under its own id.
    shapes.retain(|file| !stem(file).starts_with("like_"));
    shapes
        .iter()
        .cycle()
        .take(count)
        .enumerate()
        .map(|(number, file)| renamed(file, number))
        .collect()
}

/// A spec under another id: its own words of it, if it has any, else its file's name.
fn renamed(file: &Path, number: usize) -> Result<Source, Error> {
    let text = fs::read_to_string(file)?;
    let (old, new) = (stem(file), format!("{}_{number:03}", stem(file)));
    let renamed = text.replacen(&format!("id: {old}"), &format!("id: {new}"), 1);
    Ok(Source::new(name(&new), renamed))
}

/// The specs of the five.
fn first() -> Result<Vec<PathBuf>, Error> {
    let mut files = files(SPECS)?;
    files.retain(|file| FIVE.contains(&stem(file).as_str()));
    Ok(files)
}

/// The specs of a folder of the repository, sorted.
fn files(folder: &str) -> Result<Vec<PathBuf>, Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Error>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    Ok(files)
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn name(id: &str) -> String {
    format!("specs/{id}.yaml")
}
