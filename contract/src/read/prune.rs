//! What can still be read of a spec whose shape is broken: everything but the broken parts.
//!
//! One run names every problem, and a misspelt key in one corner should not hide a contradiction in another. So the broken parts
//! are taken out, and what is left is looked at as a partial spec.

use crate::path::{Path, Step};
use crate::problems::Problems;
use crate::spec::Spec;
use serde::Deserialize;
use serde_yaml::Value;

/// The spec that is left without the parts that have problems, and the paths of those parts. `None` where too little is left.
pub(super) fn prune(mut document: Value, problems: &Problems<'_>) -> Option<(Spec, Vec<Path>)> {
    let broken: Vec<Path> = problems.paths().map(part).collect();
    for path in &broken {
        remove(&mut document, &path.0)?;
    }
    Spec::deserialize(document).ok().map(|spec| (spec, broken))
}

/// What is taken out for a problem at `path`: the fact itself, or the whole list that holds it, for the items that are left would
/// stand at other places than they seem.
fn part(path: &Path) -> Path {
    let keys = path.0.iter().take_while(|step| matches!(step, Step::Key(_)));
    Path(keys.cloned().collect())
}

/// Removes a fact. `None` where that would be the document itself; one that is gone already is no matter.
fn remove(value: &mut Value, steps: &[Step]) -> Option<()> {
    let (first, rest) = steps.split_first()?;
    let (Step::Key(key), Value::Mapping(mapping)) = (first, value) else {
        return Some(());
    };
    if rest.is_empty() {
        mapping.remove(key.as_str());
        return Some(());
    }
    match mapping.get_mut(key.as_str()) {
        Some(below) => remove(below, rest),
        None => Some(()),
    }
}
