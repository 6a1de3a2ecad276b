//! The JSON Schema of the language, read once into a form that is quick to check by.
//!
//! Only the keywords that the schema uses are understood; another one is an error, so that none is ever ignored.

use super::kinds::Kinds;
use crate::path::{Path, Step};
use crate::schema::REFUSED;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The number of a [`Shape`] in its [`Shapes`].
pub(crate) type ShapeId = usize;

/// All shapes of the language.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    shapes: Vec<Shape>,
    named: BTreeMap<String, ShapeId>,
    root: ShapeId,
}

/// What a value may be.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// The kinds of value accepted here, whatever else must hold.
    pub(crate) kinds: Kinds,
    /// Whether any text is accepted, not only words.
    pub(crate) free_text: bool,
    /// The only texts accepted; empty where all are.
    pub(crate) words: Vec<String>,
    /// Those of them that are refused by name, as nothing can be done about them yet: no list offers them.
    pub(crate) refused: Vec<String>,
    /// The keys that have a meaning, in the order of the documentation.
    pub(crate) keys: Vec<Key>,
    /// The keys that must be there.
    pub(crate) required: Vec<String>,
    /// What other keys hold.
    pub(crate) rest: Rest,
    /// What the items of a list are.
    pub(crate) items: Option<ShapeId>,
    /// Alternatives: the value is one of these.
    pub(crate) branches: Vec<ShapeId>,
    /// The least number accepted.
    pub(crate) minimum: Option<i128>,
    /// The greatest number accepted.
    pub(crate) maximum: Option<i128>,
    /// The least number of keys.
    pub(crate) fewest_keys: usize,
    /// The greatest number of keys.
    pub(crate) most_keys: usize,
}

/// A key that has a meaning.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// The key.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) description: String,
    /// What it holds.
    pub(crate) shape: ShapeId,
}

/// What a mapping's other keys hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rest {
    /// There are no other keys.
    Refused,
    /// Anything.
    Anything,
    /// This.
    Of(ShapeId),
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            kinds: Kinds::ALL,
            free_text: true,
            words: Vec::new(),
            refused: Vec::new(),
            keys: Vec::new(),
            required: Vec::new(),
            rest: Rest::Anything,
            items: None,
            branches: Vec::new(),
            minimum: None,
            maximum: None,
            fewest_keys: 0,
            most_keys: usize::MAX,
        }
    }
}

impl Key {
    /// Whether a list offers it.
    pub(crate) fn is_offered(&self) -> bool {
        !self.description.contains(REFUSED)
    }
}

impl Shape {
    /// The words that a list offers.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &str> + Clone {
        self.words.iter().filter(|word| !self.refused.contains(word)).map(String::as_str)
    }

    /// The key called `name`.
    pub(crate) fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Whether it may be a mapping of which nothing is said.
    fn is_open(&self) -> bool {
        self.kinds.meets(Kinds::MAPPING) && self.keys.is_empty() && self.branches.is_empty()
    }
}

impl Shapes {
    /// Reads a schema.
    pub(crate) fn compile(schema: &Value) -> Result<Self, String> {
        let mut shapes = Self::default();
        let definitions = schema.get("$defs").and_then(Value::as_object);
        for name in definitions.into_iter().flat_map(Map::keys) {
            let id = shapes.add(Shape::default());
            shapes.named.insert(format!("#/$defs/{name}"), id);
        }
        for (name, definition) in definitions.into_iter().flatten() {
            let shape = shapes.shape(definition)?;
            shapes.define(&format!("#/$defs/{name}"), shape)?;
        }
        shapes.root = shapes.id(schema)?;
        shapes.settle();
        Ok(shapes)
    }

    /// The shape of a whole spec.
    pub(crate) fn root(&self) -> ShapeId {
        self.root
    }

    /// The shape with this number.
    pub(crate) fn get(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id)
    }

    fn add(&mut self, shape: Shape) -> ShapeId {
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    fn define(&mut self, name: &str, shape: Shape) -> Result<(), String> {
        let slot = self
            .named
            .get(name)
            .and_then(|id| self.shapes.get_mut(*id))
            .ok_or("a definition without a number")?;
        *slot = shape;
        Ok(())
    }

    /// The number of the shape that `schema` describes or refers to.
    fn id(&mut self, schema: &Value) -> Result<ShapeId, String> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.named.get(name).copied().ok_or_else(|| format!("no definition {name}"));
        }
        let shape = self.shape(schema)?;
        Ok(self.add(shape))
    }

    /// Reads the keywords of one schema.
    fn shape(&mut self, schema: &Value) -> Result<Shape, String> {
        let keywords = schema.as_object().ok_or("a schema that is no object")?;
        let mut shape = Shape::default();
        for (keyword, value) in keywords {
            self.keyword(&mut shape, keyword, value)?;
        }
        Ok(shape)
    }

    fn keyword(&mut self, shape: &mut Shape, keyword: &str, value: &Value) -> Result<(), String> {
        match keyword {
            "$schema" | "$id" | "$defs" | "title" | "description" | "default" => {}
            "type" => shape.kinds = kinds(value)?,
            "const" => constant(shape, value)?,
            "enum" => list(value)?.iter().try_for_each(|value| constant(shape, value))?,
            "oneOf" => {
                for one in list(value)? {
                    constant(shape, one.get("const").unwrap_or(&Value::Null))?;
                    let said = one.get("description").and_then(Value::as_str);
                    if said.is_some_and(|said| said.contains(REFUSED)) {
                        shape.refused.extend(shape.words.last().cloned());
                    }
                }
            }
            "anyOf" => shape.branches = self.ids(list(value)?)?,
            "properties" => shape.keys = self.keys(value)?,
            "required" => {
                shape.required =
                    list(value)?.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            "additionalProperties" => shape.rest = self.rest(value)?,
            "items" => shape.items = Some(self.id(value)?),
            "minimum" => shape.minimum = Some(whole(value)?),
            "maximum" => shape.maximum = Some(whole(value)?),
            "minProperties" => {
                shape.fewest_keys =
                    usize::try_from(whole(value)?).map_err(|error| error.to_string())?
            }
            "maxProperties" => {
                shape.most_keys =
                    usize::try_from(whole(value)?).map_err(|error| error.to_string())?
            }
            _ => return Err(format!("the keyword `{keyword}` is not understood")),
        }
        Ok(())
    }

    fn ids(&mut self, schemas: &[Value]) -> Result<Vec<ShapeId>, String> {
        schemas.iter().map(|schema| self.id(schema)).collect()
    }

    fn keys(&mut self, properties: &Value) -> Result<Vec<Key>, String> {
        let properties = properties.as_object().ok_or("properties that are no object")?;
        let mut keys = Vec::new();
        for (name, schema) in properties {
            let description = schema
                .get("description")
                .and_then(Value::as_str)
                .ok_or(format!("`{name}` says nothing"))?;
            keys.push(Key {
                name: name.clone(),
                description: description.to_owned(),
                shape: self.id(schema)?,
            });
        }
        Ok(keys)
    }

    fn rest(&mut self, value: &Value) -> Result<Rest, String> {
        Ok(match value {
            Value::Bool(false) => Rest::Refused,
            Value::Bool(true) => Rest::Anything,
            schema => Rest::Of(self.id(schema)?),
        })
    }

    /// Gives each shape what follows from its words and branches. Branches are at most as deep as there are shapes.
    fn settle(&mut self) {
        for _ in 0..self.shapes.len() {
            let settled: Vec<(Kinds, bool)> =
                self.shapes.iter().map(|shape| self.settled(shape)).collect();
            for (shape, (kinds, free_text)) in self.shapes.iter_mut().zip(settled) {
                (shape.kinds, shape.free_text) = (kinds, free_text);
            }
        }
    }

    /// The kinds that a shape accepts, and whether it accepts any text, as far as its branches are settled.
    fn settled(&self, shape: &Shape) -> (Kinds, bool) {
        if shape.branches.is_empty() {
            return (shape.kinds, shape.kinds.meets(Kinds::TEXT) && shape.words.is_empty());
        }
        let branches = shape.branches.iter().filter_map(|branch| self.get(*branch));
        branches.fold((Kinds::NONE, false), |(kinds, free), branch| {
            (kinds.or(branch.kinds), free || branch.free_text)
        })
    }

    /// The keys of a mapping of this shape, or of its branch that is one.
    pub(crate) fn keys_of(&self, id: ShapeId) -> Vec<&str> {
        self.of_branches(id, &|shape| shape.keys.iter().map(|key| key.name.as_str()).collect())
    }

    /// The shapes that stand at a path.
    pub(super) fn at(&self, path: &Path) -> Vec<ShapeId> {
        let mut at = vec![self.root()];
        for step in &path.0 {
            let step = match step {
                Step::Key(key) => key.clone(),
                Step::Index(index) => index.to_string(),
            };
            at = at.into_iter().flat_map(|shape| self.below(shape, &step)).collect();
        }
        at
    }

    /// The keys of a mapping of this shape without those that only say more beside another: `since`, "With `constant`: …".
    pub(crate) fn ways_of(&self, id: ShapeId) -> Vec<&str> {
        let is_way = |key: &&Key| key.is_offered() && !key.description.starts_with("With ");
        self.of_branches(id, &|shape| {
            shape.keys.iter().filter(is_way).map(|key| key.name.as_str()).collect()
        })
    }

    /// The words of this shape, or of its branches.
    pub(crate) fn words_of(&self, id: ShapeId) -> Vec<&str> {
        self.of_branches(id, &|shape| shape.words.iter().map(String::as_str).collect())
    }

    /// Those that a list offers.
    pub(crate) fn offered(&self, id: ShapeId) -> Vec<&str> {
        self.of_branches(id, &|shape| shape.offered().collect())
    }

    /// The keys that a mapping of this shape must have, or of its branch that is one.
    pub(crate) fn required(&self, id: ShapeId) -> Vec<&str> {
        self.of_branches(id, &|shape| shape.required.iter().map(String::as_str).collect())
    }

    /// What the key called `name` is for.
    pub(crate) fn about(&self, id: ShapeId, name: &str) -> &str {
        let about = self.of_branches(id, &|shape| {
            shape.key(name).map(|key| key.description.as_str()).into_iter().collect()
        });
        about.first().copied().unwrap_or_default()
    }

    /// What `list` finds in a shape and in its branches.
    fn of_branches<'a>(
        &'a self,
        id: ShapeId,
        list: &impl Fn(&'a Shape) -> Vec<&'a str>,
    ) -> Vec<&'a str> {
        let Some(shape) = self.get(id) else {
            return Vec::new();
        };
        let mut all = list(shape);
        all.extend(shape.branches.iter().flat_map(|branch| self.of_branches(*branch, list)));
        all
    }

    /// Whether a mapping of this shape holds exactly one of its keys.
    pub(crate) fn takes_one_key(&self, id: ShapeId) -> bool {
        self.get(id).is_some_and(|shape| {
            shape.most_keys == 1 || shape.branches.iter().any(|branch| self.takes_one_key(*branch))
        })
    }

    /// What a key or an index leads to, from a value of this shape.
    pub(crate) fn below(&self, id: ShapeId, step: &str) -> Vec<ShapeId> {
        let Some(shape) = self.get(id) else {
            return Vec::new();
        };
        let mut below: Vec<ShapeId> = shape.key(step).map(|key| key.shape).into_iter().collect();
        below.extend(shape.items.filter(|_| step.parse::<usize>().is_ok()));
        below.extend(shape.branches.iter().flat_map(|branch| self.below(*branch, step)));
        match shape.rest {
            Rest::Of(rest) if !step.is_empty() => below.push(rest),
            // Any JSON: what is in it is not for the language to say.
            Rest::Anything if shape.is_open() => below.push(id),
            _ => {}
        }
        below
    }

    /// All shapes.
    #[cfg(test)]
    pub(crate) fn all(&self) -> &[Shape] {
        &self.shapes
    }
}

/// A text becomes a word; a number becomes a range of one.
fn constant(shape: &mut Shape, value: &Value) -> Result<(), String> {
    match value {
        Value::String(word) => {
            shape.kinds = Kinds::TEXT;
            shape.words.push(word.clone());
        }
        number => {
            shape.kinds = Kinds::INTEGER;
            shape.minimum = Some(whole(number)?);
            shape.maximum = shape.minimum;
        }
    }
    Ok(())
}

fn kinds(value: &Value) -> Result<Kinds, String> {
    let named = |name: &Value| {
        name.as_str().and_then(Kinds::named).ok_or_else(|| format!("no type {name}"))
    };
    match value {
        Value::Array(names) => {
            names.iter().try_fold(Kinds::NONE, |kinds, name| Ok(kinds.or(named(name)?)))
        }
        name => named(name),
    }
}

fn list(value: &Value) -> Result<&[Value], String> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("no list: {value}"))
}

fn whole(value: &Value) -> Result<i128, String> {
    let whole = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    whole.ok_or_else(|| format!("no whole number: {value}"))
}
