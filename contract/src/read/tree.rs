//! From the text of a document to its values, keeping going where `serde_yaml` would stop.

use crate::path::{Path, Step, key_name};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde_yaml::{Mapping, Value};
use std::fmt;

/// What is wrong with a document though each of its parts can be read.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    /// Keys that a mapping has already: the path, and which occurrence this is, counted from 0.
    pub(super) repeated: Vec<(Path, usize)>,
    /// Keys that are no text.
    pub(super) untextual: Vec<Path>,
    /// Keys `<<`, quoted or not.
    pub(super) merging: Vec<Path>,
    /// Whole numbers of more than 64 bits.
    pub(super) oversized: Vec<Path>,
}

/// Reads the value at a path.
pub(super) struct Builder<'a> {
    /// What is wrong so far.
    pub(super) oddities: &'a mut Oddities,
    /// Where the value stands.
    pub(super) path: &'a mut Path,
}

impl Builder<'_> {
    /// The reader of the value below this one.
    fn below(&mut self) -> Builder<'_> {
        Builder { oddities: self.oddities, path: self.path }
    }

    /// Keeps `value` under `key`, or notes that the key is taken.
    fn keep(&mut self, mapping: &mut Mapping, counts: &mut Counts, key: Value, value: Value) {
        let occurrence = counts.count(&key);
        if occurrence > 0 {
            self.oddities.repeated.push((self.path.clone(), occurrence));
            return;
        }
        match &key {
            Value::String(key) if key == "<<" => self.oddities.merging.push(self.path.clone()),
            Value::String(_) => {}
            _ => self.oddities.untextual.push(self.path.clone()),
        }
        mapping.insert(key, value);
    }
}

/// How often each key of a mapping was seen.
#[derive(Default)]
struct Counts(std::collections::HashMap<String, usize>);

impl Counts {
    /// How often the key was seen before.
    fn count(&mut self, key: &Value) -> usize {
        let count = self.0.entry(key_name(key)).or_default();
        *count += 1;
        *count - 1
    }
}

impl<'de> DeserializeSeed<'de> for Builder<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Builder<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Value, E> {
        self.oddities.oversized.push(self.path.clone());
        Ok(Value::Number(i64::MIN.into()))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Value, E> {
        self.oddities.oversized.push(self.path.clone());
        Ok(Value::Number(u64::MAX.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            self.path.0.push(Step::Index(list.len()));
            let item = items.next_element_seed(self.below());
            self.path.0.pop();
            match item? {
                Some(item) => list.push(item),
                None => return Ok(Value::Sequence(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Value, A::Error> {
        let mut mapping = Mapping::new();
        let mut counts = Counts::default();
        while let Some(key) = entries.next_key_seed(self.below())? {
            self.path.0.push(Step::Key(key_name(&key)));
            let value = entries.next_value_seed(self.below());
            if let Ok(value) = value {
                self.keep(&mut mapping, &mut counts, key, value);
                self.path.0.pop();
            } else {
                self.path.0.pop();
                value?;
            }
        }
        Ok(Value::Mapping(mapping))
    }

    /// A tag: refused elsewhere, by name; here only what it stands before counts.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let (IgnoredAny, value) = tagged.variant()?;
        value.newtype_variant_seed(self)
    }
}
