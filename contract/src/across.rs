//! How files go together.

use crate::check::File;
use crate::contract::Contract;
use crate::diagnostics::{Finding, files as codes};
use crate::path::Path;
use std::collections::BTreeMap;

/// Reports specs whose generated code would have one name.
pub(crate) fn check(files: &mut [File<'_>]) {
    let mut first: BTreeMap<String, (String, String)> = BTreeMap::new();
    for file in files {
        let Some(id) = file.spec.as_ref().map(|spec| spec.provider.id.clone()) else {
            continue;
        };
        let name = file.source.name.clone();
        match first.get(&module(&id)) {
            None => drop(first.insert(module(&id), (id, name))),
            Some((other, owner)) => {
                let finding = taken(&id, other, owner);
                file.add(finding);
            }
        }
    }
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
    let stem = file.rsplit('/').next()?.rsplit_once('.').map(|(stem, _)| stem)?;
    if module(stem) == module(&contract.provider.id) {
        return None;
    }
    let id = &contract.provider.id;
    let message = format!("the provider `{id}` is described in a file called `{stem}`");
    let finding = Finding::value(codes::FILE_NAME, Path::of("provider.id"), message);
    Some(finding.hint(format!("call the file `{id}.yaml`: people look for a provider by its name")))
}
