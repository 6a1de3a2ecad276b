//! What can still be read of a spec whose shape is broken: everything but the broken parts.
//!
//! One run names every problem, and a misspelt key in one corner should not hide a contradiction in another. So the broken parts
//! are taken out, and what is left is looked at as a partial spec.

use crate::path::{Path, Step};
use crate::problems::Problems;
use crate::shape::shapes;
use crate::spec::Spec;
use serde::Deserialize;
use serde_yaml::Value;

/// The spec that is left without the parts that have problems, and the paths of those parts. `None` where too little is left.
pub(super) fn prune(document: Value, problems: &Problems<'_>) -> Option<(Spec, Vec<Path>)> {
    let broken: Vec<Path> = problems.paths().map(part).collect();
    let without = |broken: Vec<Path>| {
        let mut document = document.clone();
        broken.iter().try_for_each(|path| remove(&mut document, &path.0))?;
        stand_in(&mut document);
        Spec::deserialize(document).ok().map(|spec| (spec, broken))
    };
    // What lacks a key that it needs is of no use itself.
    let needing = |path: &Path| {
        let mut path = path.clone();
        while path.0.len() > 1 && (find(&document, &path.0).is_none() || shapes().requires(&path)) {
            path.0.pop();
        }
        path
    };
    without(broken.clone()).or_else(|| without(broken.iter().map(needing).collect()))
}

/// The value at a path.
fn find<'a>(value: &'a Value, steps: &[Step]) -> Option<&'a Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key.as_str()),
        Step::Index(index) => value.get(index),
    })
}

/// Puts something in place of what every spec has, so that the rest can be read without it.
fn stand_in(document: &mut Value) {
    let Value::Mapping(document) = document else { return };
    let mut missing = |key: &str, value: Value| {
        document.entry(key.into()).or_insert(value);
    };
    missing("rekindle", 1.into());
    missing("refresh", Value::Mapping(Default::default()));
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
