//! Compiles the crates of the mutants, and finds those that do not compile.

use crate::crates::{self, Batch, Place};
use crate::mutant::{Killer, State, Suite};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How often mutants that do not compile are taken out before the run gives up: the compiler stops at the first of its passes
/// that finds errors, and it has fewer than these.
const ROUNDS: usize = 8;

/// The test programs, by package.
pub type Programs = BTreeMap<String, PathBuf>;

/// Compiles all crates. Mutants that do not compile are killed, taken out, and the rest is compiled again.
pub fn compile(
    place: &Place,
    suites: &mut [Suite],
    batches: &mut [Batch],
    jobs: usize,
) -> Result<Programs, String> {
    for _ in 0..ROUNDS {
        let messages = cargo(place, jobs)?;
        let culprits = culprits(&messages);
        if culprits.is_empty() {
            return programs(&messages, batches);
        }
        for ((package, module), message) in culprits {
            let batch = batches.iter_mut().find(|batch| batch.package == package);
            let (Some(batch), Some(index)) = (batch, crates::index(&module)) else {
                return Err(format!(
                    "{package}: the right client does not compile with its tests:\n{message}"
                ));
            };
            batch.mutants.retain(|mutant| *mutant != index);
            suites[batch.suite].mutants[index].state = State::Killed(Killer::Compiler(message));
            place.write_modules(batch).map_err(|error| error.to_string())?;
        }
    }
    Err(format!("there are still mutants that do not compile after {ROUNDS} rounds"))
}

/// The messages of one compilation.
fn cargo(place: &Place, jobs: usize) -> Result<Vec<Value>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(&place.folder)
        .env("CARGO_TARGET_DIR", place.target())
        .env_remove("RUSTFLAGS")
        .args([
            "build",
            "--tests",
            "--keep-going",
            "--quiet",
            "--message-format=json",
            "--jobs",
            &jobs.to_string(),
        ])
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let messages: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let errors = messages.iter().any(|message| message["message"]["level"] == "error");
    if output.status.success() || errors {
        Ok(messages)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Package and module of everything that does not compile, with the first message about it.
fn culprits(messages: &[Value]) -> BTreeMap<(String, String), String> {
    let mut culprits = BTreeMap::new();
    for message in messages.iter().filter(|message| message["message"]["level"] == "error") {
        let mut modules = Vec::new();
        // Not the notes and hints below it: those may name what is similar elsewhere.
        files(&message["message"]["spans"], &mut modules);
        let text = message["message"]["message"].as_str().unwrap_or_default();
        let package = package(message["manifest_path"].as_str().unwrap_or_default());
        let rendered = message["message"]["rendered"].as_str().unwrap_or(text);
        for module in modules {
            let shown = if module == crates::ORIGINAL { rendered } else { text };
            culprits.entry((package.clone(), module)).or_insert_with(|| shown.to_owned());
        }
    }
    culprits
}

/// The folder of a manifest.
fn package(manifest: &str) -> String {
    let folder = Path::new(manifest).parent().and_then(Path::file_name);
    folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The modules of the files that a message names, wherever in it.
fn files(message: &Value, found: &mut Vec<String>) {
    match message {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("file_name", Value::String(file)) => found.extend(module(file)),
                    _ => files(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| files(item, found)),
        _ => {}
    }
}

/// The module of a file: `…/src/m0012/acme.rs`.
fn module(file: &str) -> Option<String> {
    let mut parents = Path::new(file).parent()?.components().rev();
    let module = parents.next()?.as_os_str().to_str()?;
    let source = parents.next()?.as_os_str();
    let known = module == crates::ORIGINAL || crates::index(module).is_some();
    (source == "src" && known).then(|| module.to_owned())
}

fn programs(messages: &[Value], batches: &[Batch]) -> Result<Programs, String> {
    let executables = messages.iter().filter_map(|message| {
        let program = message["executable"].as_str()?;
        Some((package(message["manifest_path"].as_str()?), PathBuf::from(program)))
    });
    let programs: Programs = executables.collect();
    match batches.iter().find(|batch| !programs.contains_key(&batch.package)) {
        None => Ok(programs),
        Some(batch) => {
            Err(format!("{} was not compiled: {}", batch.package, first_error(messages)))
        }
    }
}

fn first_error(messages: &[Value]) -> &str {
    let error = messages.iter().find(|message| message["message"]["level"] == "error");
    error
        .and_then(|message| message["message"]["rendered"].as_str())
        .unwrap_or("cargo does not say why")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_culprits_are_found_by_their_files() {
        let error = |file: &str| {
            let span = json!({ "file_name": "somewhere/macro.rs", "expansion": { "span": { "file_name": file } } });
            let message =
                json!({ "level": "error", "message": "mismatched types", "spans": [span] });
            json!({ "reason": "compiler-message", "manifest_path": "/x/mutants-acme-0/Cargo.toml", "message": message })
        };
        let messages = [
            error("mutants-acme-0/src/m0012/acme.rs"),
            error("src/lib.rs"),
            error("src/original/acme.rs"),
        ];
        let found: Vec<_> = culprits(&messages).into_keys().collect();
        let package = "mutants-acme-0".to_owned();
        assert_eq!(
            found,
            [(package.clone(), "m0012".to_owned()), (package, crates::ORIGINAL.to_owned())]
        );
    }
}
