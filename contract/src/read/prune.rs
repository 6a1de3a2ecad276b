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
pub(super) fn prune(document: &Value, problems: &Problems<'_>) -> Option<(Spec, Vec<Path>)> {
    let mut parts: Vec<Path> = problems.paths().cloned().collect();
    while parts.iter().all(|part| !part.0.is_empty()) {
        let (mut document, mut broken) = (document.clone(), parts.clone());
        parts.iter().for_each(|part| leave_out(&mut document, part));
        shapes().complete(&mut document, shapes().root(), &mut Path::root(), &mut broken);
        if let Ok(spec) = Spec::deserialize(document) {
            return Some((spec, broken));
        }
        // What stands around a broken part is of no use without it, then.
        let are_whole = parts.iter().all(|part| part.0.len() < 2);
        if are_whole {
            return None;
        }
        parts.iter_mut().filter(|part| part.0.len() > 1).for_each(|part| drop(part.0.pop()));
    }
    None
}

/// Takes a part out of a document. An item of a list has another one in its place, for those behind it stay where they stand.
fn leave_out(document: &mut Value, part: &Path) {
    let Some((last, above)) = part.0.split_last() else { return };
    let around = above.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Index(index) => value.get_mut(index),
    });
    match (last, around) {
        (Step::Key(key), Some(Value::Mapping(around))) => drop(around.shift_remove(key.as_str())),
        (Step::Index(index), Some(Value::Sequence(items))) => {
            items.get_mut(*index).into_iter().for_each(|item| *item = shapes().stand_in(part));
        }
        _ => {}
    }
}
