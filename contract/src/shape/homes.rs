//! Keys that have no meaning where they stand: what was meant, and where that belongs.

use super::compile::{Key, Rest, Shape};
use super::kinds::Kinds;
use super::validate::{Validator, short};
use super::{Extent, keys, words};
use crate::diagnostics::{Finding, shape as codes};
use crate::path::{Path, Step, key_name};
use crate::problems::Meant;
use crate::suggest::nearest;
use serde_yaml::{Mapping, Value};

impl Validator<'_, '_, '_> {
    /// Reports a key without a meaning in the mapping at `above`, and looks at its value as at that of the one that was meant, where that
    /// is clear.
    pub(super) fn unknown_key(
        &mut self,
        (name, value): (&str, &Value),
        mapping: &Mapping,
        shape: &Shape,
        above: &Path,
        path: &mut Path,
    ) {
        if self.problems.only_counts() {
            return;
        }
        let message = match above.0.is_empty() {
            true => format!("a spec has no key `{}`", short(name)),
            false => format!("{} has no key `{}`", words::subject(above), short(name)),
        };
        let (hint, meant) = self.home(name, value, mapping, shape, above);
        self.report(Finding::key(codes::UNKNOWN_KEY, path.clone(), message).hint(hint));
        match meant {
            Some(Meant::At(meant)) => self.meant_at(value, meant, path),
            Some(meant) => self.problems.mean(path, meant),
            None => {}
        }
    }

    /// Looks at a value as at that of another fact, which was meant.
    fn meant_at(&mut self, value: &Value, meant: Path, path: &mut Path) {
        let ids = self.shapes.at(&meant);
        self.problems.mean(path, Meant::At(meant));
        ids.into_iter().for_each(|id| self.check(value, id, path));
    }

    /// Where a key belongs that has no meaning in the mapping at `above`: as a hint, and as the fact that was meant.
    fn home(
        &self,
        name: &str,
        value: &Value,
        mapping: &Mapping,
        shape: &Shape,
        above: &Path,
    ) -> (String, Option<Meant>) {
        let is_free = |key: &&Key| {
            !mapping.contains_key(&key.name) && !self.problems.means(&above.key(&key.name))
        };
        let free = || shape.keys.iter().filter(is_free);
        if let Some((hint, of)) = keys::elsewhere(name, &shape.keys) {
            return (hint.to_owned(), Some(self.part_of(above, of, name)));
        }
        let same = keys::same(name, &shape.keys).and_then(|ours| shape.key(ours)).filter(is_free);
        if let (Some(key), Some(text)) = (same, value.as_str()) {
            let meant = self.fits(key, value).then(|| Meant::At(above.key(&key.name)));
            return (format!("write `{}: {}`", key.name, short(text)), meant);
        }
        if self.is_missing_block(name, value) {
            let hint = format!("`{name}` belongs in the first column");
            return (hint, Some(Meant::At(Path::of(name))));
        }
        let near = nearest(name, free().map(|key| key.name.as_str()));
        if let Some(key) = near.and_then(|near| shape.key(near)) {
            let path = above.key(&key.name);
            let meant = if self.fits(key, value) { Meant::At(path) } else { Meant::PartOf(path) };
            return (format!("did you mean `{}`?", key.name), Some(meant));
        }
        if let Some(found) = self.nearby(name, shape, above) {
            return found;
        }
        let homes = keys::homes(self.shapes, name);
        match homes.as_slice() {
            [home] if home.is_empty() => (format!("`{name}` belongs in the first column"), None),
            [home] => {
                let path = Path::of(home).key(name);
                let is_one = !home.contains("[]") && !home.contains("NAME");
                (format!("`{name}` belongs in `{home}`"), is_one.then_some(Meant::At(path)))
            }
            [home, other] if !home.is_empty() => {
                (format!("`{name}` belongs in `{home}` or `{other}`"), None)
            }
            _ => {
                let mut missing = free().filter(|key| shape.required.contains(&key.name));
                let first = missing.next().filter(|key| self.fits(key, value));
                if let (Some(key), None) = (first, missing.next()) {
                    let meant = Meant::At(above.key(&key.name));
                    return (format!("did you mean `{}`?", key.name), Some(meant));
                }
                let offered = shape.keys.iter().filter(|key| key.is_offered());
                let offered = words::list(offered.map(|key| key.name.as_str()));
                (format!("its keys are {offered}"), None)
            }
        }
    }

    /// What a key is that another one of the same mapping, `of`, says in other words.
    fn part_of(&self, above: &Path, of: &str, name: &str) -> Meant {
        let (whole, part) = (above.key(of), above.key(of).key(name));
        match of {
            "refresh" if !self.shapes.at(&part).is_empty() => Meant::At(part),
            "refresh" => Meant::PartOf(whole.key("request")),
            _ => Meant::PartOf(whole),
        }
    }

    /// Whether a key takes a value of this kind.
    fn fits(&self, key: &Key, value: &Value) -> bool {
        self.shapes.get(key.shape).is_some_and(|shape| shape.kinds.meets(Kinds::of(value)))
    }

    /// Where a key belongs that stands one level too high or too deep.
    fn nearby(&self, name: &str, shape: &Shape, above: &Path) -> Option<(String, Option<Meant>)> {
        let is_free =
            |path: &Path| find(self.document, path).is_none() && !self.problems.means(path);
        let mut inner = shape.keys.iter().filter(|key| {
            let own = self.shapes.get(key.shape);
            own.is_some_and(|own| own.key(name).is_some())
        });
        if let (Some(key), None) = (inner.next(), inner.next()) {
            let meant = above.key(&key.name).key(name);
            let hint = format!("`{name}` belongs in `{}`", above.key(&key.name));
            return is_free(&meant).then(|| (hint, Some(Meant::At(meant))));
        }
        let (Step::Key(block), around) = above.0.split_last()? else { return None };
        let outer = Path(around.to_vec());
        let is_key = !around.is_empty()
            && self.shapes.at(&outer).iter().any(|id| self.shapes.keys_of(*id).contains(&name));
        let meant = outer.key(name);
        let hint = format!("`{name}` belongs beside `{block}`, not in it");
        (is_key && is_free(&meant)).then(|| (hint, Some(Meant::At(meant))))
    }

    /// Whether the entry at `position` of a mapping is a block of the spec that only its indentation puts there: the spec lacks it in
    /// the first column, and it holds what cannot stand here. Where only the line of the key is indented, that follows it.
    pub(super) fn is_stray(&self, mapping: &Mapping, position: usize, shape: &Shape) -> bool {
        let mut entries = mapping.iter().skip(position);
        let Some((key, value)) = entries.next() else { return false };
        let name = key_name(key);
        let is_key_line = value.is_null() && self.lacks(&name);
        if !is_key_line && !self.is_missing_block(&name, value) {
            return false;
        }
        let mut behind = entries.map(|(key, _)| key_name(key));
        match (value, shape.rest) {
            (Value::Mapping(below), Rest::Of(id)) => {
                let known = self.shapes.keys_of(id);
                let mut names = below.keys().map(key_name).filter(|key| !known.contains(&&**key));
                names.any(|key| self.has_block(&name, &key))
            }
            (Value::Null, Rest::Refused) => behind.any(|key| shape.key(&key).is_none()),
            (Value::Null, Rest::Of(_)) => behind.any(|key| self.has_block(&name, &key)),
            _ => false,
        }
    }

    /// Reports one.
    pub(super) fn stray(&mut self, name: &str, value: &Value, path: &mut Path) {
        let above = Path(path.0[..path.0.len() - 1].to_vec());
        let message =
            format!("`{name}` is a block of the spec, and stands in {}", words::subject(&above));
        let hint = format!("`{name}` belongs in the first column");
        self.report(Finding::key(codes::UNKNOWN_KEY, path.clone(), message).hint(hint));
        match value {
            Value::Null => self.problems.mean(path, Meant::At(Path::of(name))),
            _ => self.meant_at(value, Path::of(name), path),
        }
    }

    /// Looks at what follows the line of such a block: it belongs there.
    pub(super) fn of_stray(
        &mut self,
        block: &Path,
        (name, value): (&str, &Value),
        mapping: &Mapping,
        path: &mut Path,
    ) {
        let shape = self.shapes.at(block).first().and_then(|id| self.shapes.get(*id));
        match shape.filter(|shape| matches!(shape.rest, Rest::Refused) && shape.key(name).is_none())
        {
            Some(shape) => self.unknown_key((name, value), mapping, shape, block, path),
            None => self.meant_at(value, block.key(name), path),
        }
    }

    /// Whether a block has a key, or takes any.
    fn has_block(&self, block: &str, key: &str) -> bool {
        let ids = self.shapes.at(&Path::of(block));
        ids.into_iter().any(|id| {
            let takes_any = |shape: &Shape| matches!(shape.rest, Rest::Of(_));
            self.shapes.keys_of(id).contains(&key) || self.shapes.get(id).is_some_and(takes_any)
        })
    }

    /// Whether a value is a block that the spec lacks in the first column.
    fn is_missing_block(&self, name: &str, value: &Value) -> bool {
        let ids = self.shapes.at(&Path::of(name));
        let mut blocks = ids.into_iter().filter_map(|id| self.shapes.get(id));
        self.lacks(name) && blocks.any(|block| block.kinds.meets(Kinds::of(value)))
    }

    /// Whether the spec could have a block of this name in the first column, and has none.
    fn lacks(&self, name: &str) -> bool {
        let block = Path::of(name);
        self.extent != Extent::Variant
            && !self.shapes.at(&block).is_empty()
            && self.document.get(name).is_none()
            && !self.problems.means(&block)
    }
}

/// The value at a path.
fn find<'a>(document: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get(key.as_str()),
        Step::Index(index) => value.get(index),
    })
}
