//! What can still be read of a spec whose shape is broken: everything but the broken parts.
//!
//! One run names every problem, and a misspelt key in one corner should not hide a contradiction in another. So the broken parts
//! are taken out, and what is left is looked at as a partial spec.

use super::amend::leave_out;
use crate::path::Path;
use crate::shape::shapes;
use crate::spec::Spec;
use serde::Deserialize;
use serde_yaml::Value;

/// The spec that is left without these parts, which have problems, and the paths of those that are missing from it. `None` where too
/// little is left.
pub(super) fn prune(document: &Value, mut parts: Vec<Path>) -> Option<(Spec, Vec<Path>)> {
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
