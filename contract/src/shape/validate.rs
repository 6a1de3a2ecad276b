//! The check itself: down the document and the shapes at the same time.

use super::advice::Advice;
use super::compile::{Key, Rest, Shape, ShapeId, Shapes};
use super::kinds::Kinds;
use super::{Extent, advice, todo, words};
use crate::diagnostics::{At, Finding, shape as codes};
use crate::path::{Path, Step, key_name};
use crate::place::Places;
use crate::problems::{Meant, Problems};
use serde_yaml::{Mapping, Value};

/// Checks values against shapes.
pub(super) struct Validator<'a, 'text, 'file> {
    pub(super) shapes: &'a Shapes,
    pub(super) places: &'a Places<'text>,
    pub(super) problems: &'a mut Problems<'file>,
    /// How much of a spec the document is.
    pub(super) extent: Extent,
    /// Whether the value that is looked at could be left out.
    pub(super) optional: bool,
    /// The whole spec.
    pub(super) document: &'a Value,
    /// What of it decides on what is to be filled in.
    pub(super) context: todo::Context,
}

impl Validator<'_, '_, '_> {
    /// Reports where the value at `path` differs from a shape.
    pub(super) fn check(&mut self, value: &Value, id: ShapeId, path: &mut Path) {
        let Some(shape) = self.shapes.get(id) else {
            return;
        };
        let kind = Kinds::of(value);
        if value.as_str() == Some(todo::TODO) {
            return self.still_to_do(Some(id), "", path);
        }
        if self.extent != Extent::Whole && value.is_null() && path.0 != Path::of("rekindle").0 {
            return;
        }
        if !shape.kinds.meets(kind) {
            return self.wrong_kind(value, id, path);
        }
        let number_only = !shape.free_text && shape.kinds.meets(Kinds::INTEGER);
        if let (Value::String(text), true) = (value, number_only)
            && let Some(advice) = advice::without_quotes(text)
        {
            return self.quoted_number(text, advice, path);
        }
        if let (Value::String(text), false) = (value, shape.free_text) {
            return self.word(text, id, path);
        }
        if !shape.branches.is_empty() {
            // The kinds of alternatives do not overlap: a test holds that, so the first is the only one.
            let fits = |id: &&ShapeId| {
                self.shapes.get(**id).is_some_and(|branch| branch.kinds.meets(kind))
            };
            if let Some(branch) = shape.branches.iter().find(fits) {
                self.check(value, *branch, path);
            }
            return;
        }
        match value {
            Value::Number(number) => self.number(number, shape, path),
            Value::Sequence(items) => self.items(items, shape, path),
            Value::Mapping(mapping) => self.mapping(mapping, shape, path),
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Tagged(_) => {}
        }
    }

    fn items(&mut self, items: &[Value], shape: &Shape, path: &mut Path) {
        for (index, item) in items.iter().enumerate() {
            path.0.push(Step::Index(index));
            self.optional = true;
            match shape.items {
                Some(id) => self.check(item, id, path),
                None => self.anything(item, path),
            }
            path.0.pop();
        }
    }

    fn mapping(&mut self, mapping: &Mapping, shape: &Shape, path: &mut Path) {
        let mut last: Option<(&Value, &Value)> = None;
        let mut is_cut = false;
        let mut stray: Option<Path> = None;
        for (position, (key, value)) in mapping.iter().enumerate() {
            let before = last.replace((key, value));
            path.0.push(Step::Key(key_name(key)));
            let name = key.as_str().unwrap_or_default();
            self.optional = !shape.required.iter().any(|required| required == name);
            match (shape.key(name), shape.rest) {
                _ if self.is_merge(name, path) => {}
                (None, _) if stray.is_some() => {
                    let block = stray.clone().unwrap_or_default();
                    self.of_stray(&block, (name, value), mapping, path)
                }
                (None, _) if self.is_stray(mapping, position, shape) => {
                    stray = value.is_null().then(|| Path::of(name));
                    self.stray(name, value, path)
                }
                _ if value.is_null() && self.is_behind_comma(before, is_cut, path) => {
                    // Each comma of the text ends another part of it.
                    match std::mem::replace(&mut is_cut, true) {
                        true => self.problems.extend(path),
                        false => self.behind_comma(name, path),
                    }
                }
                (Some(key), _) if value.as_str() == Some(todo::TODO) => {
                    self.still_to_do(Some(key.shape), &key.description, path)
                }
                (Some(key), _) => self.check(value, key.shape, path),
                (None, Rest::Of(id)) => self.check(value, id, path),
                (None, Rest::Anything) => self.anything(value, path),
                (None, Rest::Refused) if key.is_string() => {
                    let above = Path(path.0[..path.0.len() - 1].to_vec());
                    self.unknown_key((name, value), mapping, shape, &above, path)
                }
                (None, Rest::Refused) => {}
            }
            path.0.pop();
        }
        let problems = &*self.problems;
        let there = |name: &str| mapping.contains_key(name) || problems.means(&path.key(name));
        let elsewhere = |name: &str| match self.extent {
            Extent::Whole => false,
            Extent::TakesAnother => !(path.0.is_empty() && name == "rekindle"),
            Extent::Variant => true,
        };
        let required = shape.required.iter().filter(|name| !there(name) && !elsewhere(name));
        let required: Vec<&String> = required.collect();
        required.into_iter().for_each(|name| self.missing(shape.key(name), path));
        // What is taken away is counted once the other spec is known.
        let few = mapping.len() < shape.fewest_keys;
        if self.extent == Extent::Whole && (few || mapping.len() > shape.most_keys) {
            self.key_count(mapping.len(), shape, path);
        }
    }

    /// A value of any shape still has to be JSON.
    fn anything(&mut self, value: &Value, path: &mut Path) {
        match value {
            Value::Sequence(items) => self.items(items, &Shape::default(), path),
            Value::Mapping(mapping) => self.mapping(mapping, &Shape::default(), path),
            Value::Number(number) => self.number(number, &Shape::default(), path),
            Value::String(text) if text == todo::TODO => self.still_to_do(None, "", path),
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Tagged(_) => {}
        }
    }

    fn number(&mut self, number: &serde_yaml::Number, shape: &Shape, path: &Path) {
        if number.as_f64().is_some_and(|float| !float.is_finite()) {
            if self.problems.only_counts() {
                return;
            }
            let written = self.written(path);
            let finding = Finding::value(
                codes::NOT_JSON,
                path.clone(),
                format!("`{written}` is no number in JSON"),
            );
            return self.report(finding.hint(format!("quote it if it is a text: \"{written}\"")));
        }
        let Some(whole) =
            number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
        else {
            return;
        };
        let (minimum, maximum) =
            (shape.minimum.unwrap_or(i128::MIN), shape.maximum.unwrap_or(i128::MAX));
        if whole < minimum || whole > maximum {
            let subject = words::subject(path);
            let message = match minimum == maximum {
                true => format!("{subject} must be {minimum}"),
                false => format!("{subject} must be between {minimum} and {maximum}"),
            };
            self.explained(Finding::value(codes::OUT_OF_RANGE, path.clone(), message));
        }
    }

    /// Checks a text where none is taken but one of a few words.
    fn word(&mut self, text: &str, id: ShapeId, path: &Path) {
        if self.shapes.words_of(id).contains(&text) || self.problems.only_counts() {
            return;
        }
        let advice = advice::no_word(self.shapes, id, text, path);
        let message = format!("`{}` is no value of {}", short(text), words::subject(path));
        self.advised(Finding::value(codes::UNKNOWN_VALUE, path.clone(), message), advice);
    }

    fn still_to_do(&mut self, id: Option<ShapeId>, about: &str, path: &Path) {
        if self.extent != Extent::Variant && !self.problems.only_counts() {
            let (shapes, optional) = (self.shapes, self.optional);
            self.report(todo::finding(shapes, id, path, about, optional, &self.context));
        }
    }

    fn quoted_number(&mut self, text: &str, advice: Advice, path: &Path) {
        let message = format!("{} must be a number, not a text", words::subject(path));
        let finding = Finding::value(codes::WRONG_TYPE, path.clone(), message)
            .label(format!("the text `{text}`"));
        self.advised(finding, advice);
    }

    /// Reports what advice is given on, and takes up what was meant.
    fn advised(&mut self, finding: Finding, advice: Advice) {
        if let Some(meant) = advice.meant {
            self.problems.mean(&finding.path, Meant::Value(meant));
        }
        self.report(finding.hint(advice.hint));
    }

    /// Whether a key is a YAML merge key, which is refused by that name.
    fn is_merge(&self, name: &str, path: &Path) -> bool {
        name == "<<" && (self.problems.is_full() || self.places.text_of(path, At::Key) == name)
    }

    /// Whether what YAML reads as a key is the rest of a text between braces, which its comma has ended: `{ name: Acme, Inc. }`.
    /// `is_cut`: another rest of it stands before this one.
    fn is_behind_comma(
        &mut self,
        before: Option<(&Value, &Value)>,
        is_cut: bool,
        path: &Path,
    ) -> bool {
        if self.problems.is_full() || !self.places.is_bare_key(path) {
            return false;
        }
        match before {
            Some((key, Value::String(_))) => {
                let mut earlier = path.clone();
                earlier.0.pop();
                earlier.0.push(Step::Key(key_name(key)));
                !self.places.text_of(&earlier, At::Value).starts_with(['"', '\''])
            }
            Some((_, Value::Null)) => is_cut,
            _ => false,
        }
    }

    /// Reports it.
    fn behind_comma(&mut self, name: &str, path: &Path) {
        let message = format!("`{}` is no key: the comma before it ends the value", short(name));
        let hint = "a comma ends a value within `{ }`: put the whole text in quotes";
        self.report(Finding::key(codes::NO_VALUE, path.clone(), message).hint(hint));
    }

    fn missing(&mut self, key: Option<&Key>, path: &Path) {
        let Some(key) = key else { return };
        let message = format!("{} needs a key `{}`", words::subject(path), key.name);
        let hint = format!("`{}`: {}", key.name, words::in_short(&key.description));
        self.report(Finding::key(codes::MISSING_KEY, path.key(&key.name), message).hint(hint));
    }

    fn key_count(&mut self, count: usize, shape: &Shape, path: &Path) {
        let count = if count == 0 { "none".to_owned() } else { count.to_string() };
        let message = format!("{} takes exactly one key, and has {count}", words::subject(path));
        let keys = words::list(shape.keys.iter().map(|key| key.name.as_str()));
        self.report(
            Finding::key(codes::KEY_COUNT, path.clone(), message)
                .hint(format!("it takes one of {keys}")),
        );
    }

    fn wrong_kind(&mut self, value: &Value, id: ShapeId, path: &Path) {
        if self.problems.only_counts() {
            return;
        }
        let subject = words::subject(path);
        let expected = words::expected(self.shapes, id);
        if value.is_null() {
            let finding =
                Finding::value(codes::NO_VALUE, path.clone(), format!("{subject} has no value"));
            let or =
                if self.optional { "; where the page does not say, leave the key out" } else { "" };
            return self.report(finding.hint(format!("it takes {expected}{or}")));
        }
        let message = format!("{subject} must be {expected}, not {}", words::found(value));
        let finding = Finding::value(codes::WRONG_TYPE, path.clone(), message);
        match advice::advice(self.shapes, id, value, &self.written(path), path) {
            Some(advice) => self.advised(finding, advice),
            None => self.explained(finding),
        }
    }

    /// Reports what no advice is given on with what the key is for, where it says so.
    fn explained(&mut self, finding: Finding) {
        let hint = finding.path.0.split_last().and_then(|(last, above)| {
            let Step::Key(name) = last else { return None };
            let mut ids = self.shapes.at(&Path(above.to_vec()));
            let key = loop {
                let shape = self.shapes.get(ids.pop()?)?;
                match shape.key(name) {
                    Some(key) => break key,
                    None => ids.extend(&shape.branches),
                }
            };
            let about = words::in_short(&key.description);
            (!about.is_empty()).then(|| format!("`{name}`: {about}"))
        });
        self.report(match hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
    }

    /// The value at `path` as the file has it.
    fn written(&self, path: &Path) -> String {
        short(self.places.text_of(path, At::Value))
    }

    pub(super) fn report(&mut self, finding: Finding) {
        self.problems.add(finding, self.places);
    }
}

/// A text that fits into a message.
pub(super) fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(60).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short.replace(['\n', '\r', '\t'], " ")
}
