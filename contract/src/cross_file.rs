//! How files go together: each spec beside the others, and beside its own name.

use crate::contract::Contract;
use crate::diagnostics::{Finding, files as codes};
use crate::path::Path;
use crate::resolve::{file_id, file_stem};
use std::collections::BTreeMap;

/// Finds specs whose generated code would have one name. `files`: the name of each, and the provider's id where it has one. Each
/// finding comes with the position of its file.
pub(crate) fn check<'a>(
    files: impl Iterator<Item = (&'a str, Option<String>)>,
) -> Vec<(usize, Finding)> {
    let mut first: BTreeMap<String, (String, &str)> = BTreeMap::new();
    let mut found = Vec::new();
    for (position, (file, id)) in files.enumerate() {
        let Some(id) = id else { continue };
        match first.get(&module(&id)) {
            None => drop(first.insert(module(&id), (id, file))),
            Some((other, owner)) => found.push((position, taken(&id, other, owner))),
        }
    }
    found
}

/// The name of the generated module: what ids have in common that cannot be told apart in code and on disk.
fn module(id: &str) -> String {
    id.trim().to_lowercase().replace(['-', ' ', '.'], "_")
}

fn taken(id: &str, other: &str, owner: &str) -> Finding {
    let path = Path::of("provider.id");
    let message = match id == other {
        true => format!("the provider id `{id}` is taken by {owner}"),
        false => format!("the provider id `{id}` gives the same module as `{other}` in {owner}"),
    };
    let hint = "each provider becomes one module: give this one an id of its own, or delete one of the files";
    Finding::value(codes::DUPLICATE_PROVIDER, path, message).hint(hint)
}

/// Reports a file that is not called after its provider.
pub(crate) fn file_name(contract: &Contract, file: &str) -> Option<Finding> {
    let stem = file_stem(file);
    let id = contract.origin.file_id(&contract.provider.id);
    if stem.is_empty() || module(&file_id(file)) == module(id) {
        return None;
    }
    let message = format!("the provider `{id}` is described in a file called `{stem}`");
    let finding = Finding::value(codes::FILE_NAME, Path::of("provider.id"), message);
    Some(finding.hint(format!("call the file `{id}.yaml`: people look for a provider by its name")))
}
