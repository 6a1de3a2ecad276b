//! The types of a contract's serde form: what each value is, and which words and fields could stand in its place.
//!
//! The types themselves say it: a contract is read through a probe, which notes at each path what the derived
//! `Deserialize` asks for. Where the form holds a [`hole`], the probe invents the smallest value of the type that is asked for.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Any JSON.
    Any,
    /// A truth value.
    Bool,
    /// A whole number.
    Integer,
    /// A text.
    Text,
    /// A list of any length.
    List,
    /// Named values of one type.
    Map,
    /// Nothing, where there could be something.
    Nothing,
    /// A list of fixed length.
    Tuple,
    /// The type of this name.
    Struct(&'static str),
    /// One of these variants of the type of this name.
    Enum(&'static str, &'static [&'static str]),
}

impl Shape {
    /// The name of the type, where it has one.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Struct(name) | Self::Enum(name, _) => name,
            _ => "",
        }
    }
}

/// A value of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub shape: Shape,
    /// Whether it may be absent.
    pub optional: bool,
}

/// The values of a form by their JSON pointer, and the form itself without holes.
#[derive(Debug, Default)]
pub struct Form {
    /// What each value is.
    pub nodes: BTreeMap<String, Node>,
    /// The form, holes filled.
    pub value: Value,
}

/// What stands for a value that is yet to be invented.
pub fn hole() -> Value {
    Value::from("\0")
}

/// Reads a form as `T` and says what its values are. A hole of the type that `donor` names becomes the donor's value.
pub fn form<T: DeserializeOwned>(
    value: &Value,
    donor: Option<(&str, &Value)>,
) -> Result<(T, Form), Error> {
    let seen = Seen { form: RefCell::default(), donor };
    let typed = T::deserialize(Probe { path: String::new(), value, seen: &seen, optional: false })?;
    Ok((typed, seen.form.into_inner()))
}

struct Seen<'a> {
    form: RefCell<Form>,
    donor: Option<(&'a str, &'a Value)>,
}

struct Probe<'a> {
    path: String,
    value: &'a Value,
    seen: &'a Seen<'a>,
    optional: bool,
}

impl<'a> Probe<'a> {
    fn below(&self, step: impl std::fmt::Display, value: &'a Value) -> Self {
        let path = format!("{}/{step}", self.path);
        Self { path, value, seen: self.seen, optional: false }
    }

    fn is_hole(&self) -> bool {
        *self.value == hole()
    }

    /// Notes the value and what it is; containers are noted empty, before what they hold.
    fn note(&self, shape: Shape, value: Value) {
        let mut form = self.seen.form.borrow_mut();
        form.nodes.insert(self.path.clone(), Node { shape, optional: self.optional });
        let Some((parent, step)) = self.path.rsplit_once('/') else {
            form.value = value;
            return;
        };
        match form.value.pointer_mut(parent) {
            Some(Value::Object(members)) => drop(members.insert(step.to_owned(), value)),
            Some(Value::Array(items)) => items.push(value),
            _ => {}
        }
    }

    /// The value, or the smallest one of this type.
    fn leaf(&self, shape: Shape, smallest: Value) -> Value {
        let value = if self.is_hole() { smallest } else { self.value.clone() };
        self.note(shape, value.clone());
        value
    }

    /// What stands in a hole of the named type, other than the smallest value.
    fn filled(mut self, name: &str) -> Self {
        /// A length of time is two numbers, of which one alone means something.
        static HOUR: LazyLock<Value> = LazyLock::new(|| json!({ "secs": 3600, "nanos": 0 }));
        /// A pointer may hold others, and those others again.
        static FIELD: LazyLock<Value> = LazyLock::new(|| json!({ "tokens": ["x"] }));
        if self.is_hole() {
            match self.seen.donor {
                Some((donated, value)) if donated == name => self.value = value,
                _ if name == "Duration" => self.value = &HOUR,
                _ if name == "Pointer" => self.value = &FIELD,
                _ => {}
            }
        }
        self
    }

    fn list(&self, shape: Shape, length: usize) -> Result<List<'a, '_>, Error> {
        self.note(shape, json!([]));
        let items = match self.value {
            Value::Array(items) => items.iter().collect(),
            hole if self.is_hole() => vec![hole; length],
            _ => return Err(Error::custom("not a list")),
        };
        Ok(List { probe: self, items: items.into_iter().enumerate() })
    }
}

/// What holds nothing, with the smallest value of its type.
macro_rules! leaves {
    ($($shape:ident $smallest:literal: $($name:ident)*;)*) => {$($(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let value = self.leaf(Shape::$shape, json!($smallest));
            value.deserialize_any(visitor).map_err(Error::custom)
        }
    )*)*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    // The whole numbers of a contract are statuses, lengths and seconds: this one can be each of them.
    leaves! {
        Integer 300: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64;
        Text "x": deserialize_char deserialize_str deserialize_string;
        Bool true: deserialize_bool;
        Any true: deserialize_any;
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.optional = true;
        if self.value.is_null() {
            self.note(Shape::Nothing, Value::Null);
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(self.list(Shape::List, 1)?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(self.list(Shape::Tuple, length)?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note(Shape::Map, json!({}));
        let members = self.value.as_object().into_iter().flatten();
        let members = members.map(|(name, value)| (name.as_str(), value)).collect::<Vec<_>>();
        visitor.visit_map(Members { probe: &self, members: members.into_iter(), next: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let probe = self.filled(name);
        probe.note(Shape::Struct(name), json!({}));
        probe.fields(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let probe = self.filled(name);
        let (variant, payload) = match probe.value {
            hole if probe.is_hole() => (variants.first().copied().unwrap_or_default(), hole),
            Value::String(variant) => (variant.as_str(), &Value::Null),
            Value::Object(members) => {
                let member = members.iter().next().ok_or_else(|| Error::custom("no variant"))?;
                (member.0.as_str(), member.1)
            }
            _ => return Err(Error::custom("no variant")),
        };
        probe.note(Shape::Enum(name, variants), Value::from(variant));
        visitor.visit_enum(Variant { probe: &probe, variant, payload })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

impl Probe<'_> {
    fn fields<'de, V: Visitor<'de>>(
        &self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let value = |name: &&'static str| match self.value {
            Value::Object(members) => members.get(*name).map(|value| (*name, value)),
            hole => Some((*name, hole)),
        };
        if !self.value.is_object() && !self.is_hole() {
            return Err(Error::custom("no object"));
        }
        let members: Vec<_> = fields.iter().filter_map(value).collect();
        visitor.visit_map(Members { probe: self, members: members.into_iter(), next: None })
    }
}

struct List<'a, 'p> {
    probe: &'p Probe<'a>,
    items: std::iter::Enumerate<std::vec::IntoIter<&'a Value>>,
}

impl<'de> SeqAccess<'de> for List<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let item = self.items.next();
        item.map(|(index, item)| seed.deserialize(self.probe.below(index, item))).transpose()
    }
}

struct Members<'a, 'p> {
    probe: &'p Probe<'a>,
    members: std::vec::IntoIter<(&'a str, &'a Value)>,
    next: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.next = self.members.next();
        let key =
            self.next.map(|(name, _)| -> StrDeserializer<'_, Error> { name.into_deserializer() });
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, value) =
            self.next.take().ok_or_else(|| Error::custom("a value before its key"))?;
        seed.deserialize(self.probe.below(name, value))
    }
}

struct Variant<'a, 'p> {
    probe: &'p Probe<'a>,
    variant: &'a str,
    payload: &'a Value,
}

impl<'a> Variant<'a, '_> {
    /// The variant holds something.
    fn payload(&self) -> Probe<'a> {
        let path = self.probe.path.clone();
        if let Some(value) = self.probe.seen.form.borrow_mut().value.pointer_mut(&path) {
            *value = Value::Object(Map::from_iter([(self.variant.to_owned(), Value::Null)]));
        }
        self.probe.below(self.variant, self.payload)
    }
}

impl<'de, 'a, 'p> EnumAccess<'de> for Variant<'a, 'p> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name: StrDeserializer<'_, Error> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.payload())
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.payload().deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let payload = self.payload();
        payload.note(Shape::Struct(""), json!({}));
        payload.fields(fields, visitor)
    }
}
