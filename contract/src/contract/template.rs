//! Texts with places for values.

use serde::{Deserialize, Serialize};
/// A text with places for values: `Bearer ${access_token}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Template {
    /// Its parts in order; two literals never stand side by side, and no literal is empty.
    pub parts: Vec<Part>,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Text as it is.
    Literal(String),
    /// A place for a value.
    Slot(Slot),
}

/// A place for a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Slot {
    /// `${access_token}`
    AccessToken,
    /// `${refresh_token}`
    RefreshToken,
    /// `${client.NAME}`
    Client(String),
    /// `${value.NAME}`, or `${assertion}`: one of [`Request::values`](super::Request::values).
    Value(String),
    /// `${STEP.NAME}`: what an earlier step took, by both names: `challenge.nonce`.
    Taken(String),
    /// `${token_url}`, in claims: the URL of the request without its query.
    TokenUrl,
}

impl Part {
    fn slot(&self) -> Option<&Slot> {
        match self {
            Self::Literal(_) => None,
            Self::Slot(slot) => Some(slot),
        }
    }
}

impl Template {
    /// A text without places.
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { parts: if text.is_empty() { Vec::new() } else { vec![Part::Literal(text)] } }
    }

    /// A single place.
    pub fn slot(slot: Slot) -> Self {
        Self { parts: vec![Part::Slot(slot)] }
    }

    /// The text, where there are no places.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Puts a text at its end.
    pub fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Literal(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }

    /// Its places, in order.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.parts.iter().filter_map(Part::slot)
    }

    /// The place that its text begins with.
    pub(crate) fn first_slot(&self) -> Option<&Slot> {
        self.parts.first().and_then(Part::slot)
    }

    /// The place that its text ends with.
    pub(crate) fn last_slot(&self) -> Option<&Slot> {
        self.parts.last().and_then(Part::slot)
    }

    /// The text with each place filled by `value`.
    pub fn render(&self, mut value: impl FnMut(&Slot) -> String) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Slot(slot) => text.push_str(&value(slot)),
            }
        }
        text
    }
}

impl std::fmt::Display for Slot {
    /// As it is written in a spec: `${client.tenant}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AccessToken => f.write_str("${access_token}"),
            Self::RefreshToken => f.write_str("${refresh_token}"),
            Self::Client(name) => write!(f, "${{client.{name}}}"),
            Self::Value(name) if name == super::ASSERTION => f.write_str("${assertion}"),
            Self::Value(name) => write!(f, "${{value.{name}}}"),
            Self::Taken(name) => write!(f, "${{{name}}}"),
            Self::TokenUrl => f.write_str("${token_url}"),
        }
    }
}

impl std::fmt::Display for Template {
    /// As it is written in a spec.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in &self.parts {
            match part {
                Part::Literal(literal) => f.write_str(literal)?,
                Part::Slot(slot) => write!(f, "{slot}")?,
            }
        }
        Ok(())
    }
}
