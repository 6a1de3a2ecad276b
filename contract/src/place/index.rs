//! Where each node of a document begins.
//!
//! `serde_yaml` tells no places on success, but an error that a visitor raises says the line and the column of the node that
//! the visitor was given. So each node is asked for twice: first as an enum by [`Ask`], which raises an error without taking
//! the node, then as itself. One pass over the text places every node, however many are asked for.

use super::cursor::Cursor;
use crate::path::key_name;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use std::fmt;

/// A node of a document and where it begins.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The byte at which it begins.
    pub(crate) start: usize,
    /// What it holds.
    pub(crate) content: Content,
}

/// What a node holds.
#[derive(Debug, Default)]
pub(crate) enum Content {
    /// No other node.
    #[default]
    Scalar,
    /// Items.
    List(Vec<Node>),
    /// Keys and values, in the order of the text.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug)]
pub(crate) struct Entry {
    /// How paths call the key.
    pub(crate) name: String,
    /// The byte at which the key begins.
    pub(crate) key: usize,
    /// The value.
    pub(crate) value: Node,
}

impl Node {
    /// Places every node of the first document of `text`; as many as can be read.
    pub(crate) fn index(text: &str) -> Self {
        let mut root = Self::default();
        let mut cursor = Cursor::new(text);
        if let Some(document) = serde_yaml::Deserializer::from_str(text).next() {
            root.start = start_of(document).unwrap_or_default();
        }
        if let Some(document) = serde_yaml::Deserializer::from_str(text).next() {
            // An error leaves what was placed so far.
            let _ = Reader { node: &mut root, cursor: &mut cursor }.deserialize(document);
        }
        root
    }
}

/// The byte at which the root of a document begins; or the error, where the parser cannot read that far.
pub(crate) fn start_of(document: serde_yaml::Deserializer<'_>) -> Result<usize, serde_yaml::Error> {
    match Ask.deserialize(document) {
        Err(error) if error.to_string().contains("<document start>") => Err(error),
        Err(error) => Ok(error.location().map_or(0, |location| location.index())),
        Ok(()) => Ok(0),
    }
}

/// Raises an error at the next node without taking it.
struct Ask;

impl<'de> DeserializeSeed<'de> for Ask {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_enum("", &[], self)
    }
}

impl<'de> Visitor<'de> for Ask {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a place")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(A::Error::custom(""))
    }
}

/// Reads the content of a node.
struct Reader<'a, 'text> {
    node: &'a mut Node,
    cursor: &'a mut Cursor<'text>,
}

impl Reader<'_, '_> {
    /// Reads a node that begins at `start` with `read`. Also where that fails, what was read of it is in the result.
    fn child<E>(
        &mut self,
        start: usize,
        read: impl FnOnce(Reader<'_, '_>) -> Result<(), E>,
    ) -> (Node, Result<(), E>) {
        let mut node = Node { start, content: Content::Scalar };
        let result = read(Reader { node: &mut node, cursor: self.cursor });
        (node, result)
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut list = Vec::new();
        let result = loop {
            let start = match items.next_element_seed(Ask) {
                Ok(_) => break Ok(()),
                Err(place) => self.cursor.of(&place),
            };
            let (node, result) =
                self.child(start, |reader| items.next_element_seed(reader).map(drop));
            list.push(node);
            if result.is_err() {
                break result;
            }
        };
        self.node.content = Content::List(list);
        result
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let mut mapping = Vec::new();
        let result = loop {
            let key = match entries.next_key_seed(Ask) {
                Ok(_) => break Ok(()),
                Err(place) => self.cursor.of(&place),
            };
            let name = match entries.next_key::<serde_yaml::Value>() {
                Ok(name) => name.as_ref().map(key_name).unwrap_or_default(),
                Err(error) => break Err(error),
            };
            let start = self.cursor.place(entries.next_value_seed(Ask));
            let (value, result) = self.child(start, |reader| entries.next_value_seed(reader));
            mapping.push(Entry { name, key, value });
            if result.is_err() {
                break result;
            }
        };
        self.node.content = Content::Mapping(mapping);
        result
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<(), A::Error> {
        let (IgnoredAny, value) = tagged.variant()?;
        value.newtype_variant_seed(self)
    }
}
