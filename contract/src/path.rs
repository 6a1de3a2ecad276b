//! The path of a fact in a spec.

use serde_yaml::Value;
use std::fmt;

/// One step down a YAML document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Into the value of this key.
    Key(String),
    /// Into this item of a list, counted from 0.
    Index(usize),
}

/// The path of a fact in a spec: `refresh.headers.x-client-secret`, `errors[2].status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value of `key` below this path.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.into()));
        Self(steps)
    }

    /// The item at `index` below this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Self(steps)
    }

    /// Whether one of the two paths leads through the other.
    pub(crate) fn is_related(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, other)| one == other)
    }

    /// The way on from `above` to the end of this path, which leads through it.
    pub(crate) fn strip_prefix(&self, above: &Self) -> Option<Self> {
        self.0.strip_prefix(&*above.0).map(|below| Self(below.to_vec()))
    }

    /// The key that ends this path; empty where it ends with an index or nowhere.
    pub(crate) fn last_key(&self) -> &str {
        match self.0.last() {
            Some(Step::Key(key)) => key,
            _ => "",
        }
    }

    /// A path of keys, `"tokens.refresh"`. For paths that the code itself names: keys may not hold a dot.
    pub fn of(dotted: &str) -> Self {
        Self(dotted.split('.').map(|key| Step::Key(key.to_owned())).collect())
    }
}

/// Calls `look` with every value of a document and its path, a mapping or a list before what is in it.
pub(crate) fn each_value(document: &Value, look: &mut impl FnMut(&Path, &Value)) {
    walk(document, &mut Path::root(), look);
}

fn walk(value: &Value, path: &mut Path, look: &mut impl FnMut(&Path, &Value)) {
    look(path, value);
    let mut below = |step, value| {
        path.0.push(step);
        walk(value, path, look);
        path.0.pop();
    };
    match value {
        Value::Sequence(items) => {
            items.iter().enumerate().for_each(|(index, item)| below(Step::Index(index), item));
        }
        Value::Mapping(members) => {
            members.iter().for_each(|(key, member)| below(Step::Key(key_name(key)), member));
        }
        _ => {}
    }
}

/// How a path calls a key, whatever its type.
pub(crate) fn key_name(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null => "null".to_owned(),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => "?".to_owned(),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => write!(f, "{key}")?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
