//! What can stand in place of a fact that is broken where something has to stand there.

use super::compile::{Key, Rest, ShapeId, Shapes};
use super::kinds::Kinds;
use crate::path::{Path, Step, key_name};
use serde_yaml::Value;

impl Shapes {
    /// A value that has the shape of the fact at a path: the least that it may say.
    pub(crate) fn stand_in(&self, path: &Path) -> Value {
        self.at(path).first().map_or(Value::Null, |id| self.least(*id))
    }

    /// Whether the language knows the fact at a path.
    pub(crate) fn has(&self, path: &Path) -> bool {
        !self.at(path).is_empty()
    }

    /// Whether a path is that of something to which the spec gives a name of its own, as a parameter.
    pub(crate) fn is_named(&self, path: &Path) -> bool {
        let Some((Step::Key(key), above)) = path.0.split_last() else { return false };
        let mut ids = self.at(&Path(above.to_vec()));
        while let Some(shape) = ids.pop().and_then(|id| self.get(id)) {
            if matches!(shape.rest, Rest::Of(_)) && shape.key(key).is_none() {
                return true;
            }
            ids.extend(&shape.branches);
        }
        false
    }

    fn least(&self, id: ShapeId) -> Value {
        let Some(shape) = self.get(id) else { return Value::Null };
        if let Some(branch) = shape.branches.first() {
            return self.least(*branch);
        }
        if let Some(word) = shape.words.first() {
            return word.as_str().into();
        }
        let may_be = |kind| shape.kinds.meets(kind);
        match () {
            () if may_be(Kinds::NULL) => Value::Null,
            () if may_be(Kinds::MAPPING) => {
                let needed = shape.keys.iter().filter(|key| shape.required.contains(&key.name));
                let least = needed.chain(shape.keys.iter().take(shape.fewest_keys));
                let entry = |key: &Key| (key.name.as_str().into(), self.least(key.shape));
                Value::Mapping(least.map(entry).collect())
            }
            () if may_be(Kinds::TEXT) => "".into(),
            () if may_be(Kinds::INTEGER) => {
                shape.minimum.and_then(|least| u64::try_from(least).ok()).unwrap_or_default().into()
            }
            () if may_be(Kinds::LIST) => Value::Sequence(Vec::new()),
            () if may_be(Kinds::BOOL) => false.into(),
            () => Value::Null,
        }
    }

    /// Puts stand-ins where mappings lack what they need; `completed` takes up where.
    pub(crate) fn complete(
        &self,
        value: &mut Value,
        id: ShapeId,
        path: &mut Path,
        completed: &mut Vec<Path>,
    ) {
        let Some(shape) = self.get(id) else { return };
        let kind = Kinds::of(value);
        let fits = |id: &&ShapeId| self.get(**id).is_some_and(|shape| shape.kinds.meets(kind));
        if let Some(branch) = shape.branches.iter().find(fits) {
            return self.complete(value, *branch, path, completed);
        }
        match (value, shape.items) {
            (Value::Sequence(items), Some(id)) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.0.push(Step::Index(index));
                    self.complete(item, id, path, completed);
                    path.0.pop();
                }
            }
            (Value::Mapping(mapping), _) => {
                for key in shape.keys.iter().filter(|key| shape.required.contains(&key.name)) {
                    mapping.entry(key.name.as_str().into()).or_insert_with(|| {
                        completed.push(path.key(&key.name));
                        self.least(key.shape)
                    });
                }
                for (key, value) in mapping {
                    let name = key_name(key);
                    let id = match (shape.key(&name), shape.rest) {
                        (Some(key), _) => key.shape,
                        (None, Rest::Of(id)) => id,
                        (None, Rest::Refused | Rest::Anything) => continue,
                    };
                    path.0.push(Step::Key(name));
                    self.complete(value, id, path, completed);
                    path.0.pop();
                }
            }
            _ => {}
        }
    }
}
