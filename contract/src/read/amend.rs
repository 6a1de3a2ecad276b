//! What was meant by what cannot be read as it stands: a misspelt key or word, a key at the wrong place.
//!
//! A reader who does what a hint says has the spec with what was meant in it. So that is looked at, too: what else is wrong with it
//! is said at once, and not only once the key is spelt right.

use crate::path::{Path, Step};
use crate::problems::{Meant, Problems};
use crate::shape::shapes;
use serde_yaml::{Mapping, Value};

/// Puts what was meant into a document. The answer is the paths of the parts of it that are broken still.
pub(super) fn amend(document: &mut Value, problems: &mut Problems<'_>) -> Vec<Path> {
    let (mut parts, mut values, mut renamed) = (Vec::new(), Vec::new(), Vec::new());
    // What is deeper was found later, at the path that it has before what is around it has another.
    for (written, meant) in problems.meant().iter().rev() {
        match meant {
            Meant::Value(value) => {
                values.extend(replace(document, written, value.clone()).then_some(written));
            }
            Meant::At(meant) => {
                let is_moved = is_free(document, meant)
                    && take(document, written).is_some_and(|value| put(document, meant, value));
                renamed.extend(is_moved.then(|| (written.clone(), meant.clone())));
            }
            Meant::PartOf(meant) => parts.push(meant.clone()),
        }
    }
    let keys: Vec<&Path> = renamed.iter().map(|(written, _)| written).collect();
    parts.extend(problems.unsettled(&keys, &values));
    problems.rename(renamed);
    parts.iter().map(|part| problems.meant_path(part)).collect()
}

/// Takes a part out of a document. Another one stands in for an item of a list, for those behind it stay where they stand, and for
/// what a name is given to, for it is still declared.
pub(super) fn leave_out(document: &mut Value, part: &Path) {
    if let Some((Step::Key(_), above)) = part.0.split_last()
        && let Some(around @ Value::Null) = find(document, above)
    {
        // The part was all of it, and is no YAML.
        *around = Value::Mapping(Mapping::new());
    }
    match part.0.last() {
        Some(Step::Index(_)) => drop(replace(document, part, shapes().stand_in(part))),
        _ if shapes().is_named(part) => drop(put(document, part, shapes().stand_in(part))),
        _ => drop(take(document, part)),
    }
}

/// The value at a path.
fn find<'a>(document: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get_mut(key.as_str()),
        Step::Index(index) => value.get_mut(index),
    })
}

/// The mapping around a fact, and the key of it.
fn around<'a>(document: &'a mut Value, path: &'a Path) -> Option<(&'a mut Mapping, &'a str)> {
    let (Step::Key(key), above) = path.0.split_last()? else { return None };
    Some((find(document, above)?.as_mapping_mut()?, key))
}

/// Whether a fact can be put there.
fn is_free(document: &mut Value, path: &Path) -> bool {
    find(document, &path.0).is_none()
}

/// Takes a fact out of a document.
pub(crate) fn take(document: &mut Value, path: &Path) -> Option<Value> {
    let (around, key) = around(document, path)?;
    around.shift_remove(key)
}

/// Puts a fact where none is.
fn put(document: &mut Value, path: &Path, value: Value) -> bool {
    for steps in 1..path.0.len() {
        let above = Path(path.0[..steps].to_vec());
        if let Some((around, key)) = self::around(document, &above) {
            around.entry(key.into()).or_insert_with(|| Value::Mapping(Mapping::new()));
        }
    }
    let around = self::around(document, path);
    around.map(|(around, key)| around.insert(key.into(), value)).is_some()
}

/// Puts a value in place of another.
fn replace(document: &mut Value, path: &Path, value: Value) -> bool {
    find(document, &path.0).map(|there| *there = value).is_some()
}
