//! A place in an answer, where something may or may not be.

use std::borrow::Cow;
use std::fmt;

use super::{Literal, Node};
use crate::deviation::Deviation;
use crate::error::Error;

/// A place in an answer. There may be nothing in it: walking on from there leads nowhere, and is no error. It knows the way that led to
/// it, for errors.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    node: Option<&'a Node<'a>>,
    way: &'a [&'a str],
}

impl<'a> Json<'a> {
    pub(super) fn new(node: Option<&'a Node<'a>>) -> Self {
        Self { node, way: &[] }
    }

    /// A place with nothing in it.
    pub const fn missing() -> Self {
        Self { node: None, way: &[] }
    }

    /// Walks down a JSON pointer (RFC 6901) that is already split and unescaped. In an array a step is an index.
    #[must_use]
    pub fn at(self, path: &'a [&'a str]) -> Self {
        let node = path.iter().fold(self.node, |node, step| step_into(node, step));
        Self { node, way: path }
    }

    /// The first of several places, by their pointers, where there is something that is neither `null` nor an empty text; the first of all
    /// where there is none.
    #[must_use]
    pub fn first(self, paths: &'a [&'a [&'a str]]) -> Self {
        let mut places = paths.iter().map(|path| self.at(path));
        let first = paths.first().map_or(Self::missing(), |path| self.at(path));
        places.find(|place| !place.is_absent() && place.as_str() != Some("")).unwrap_or(first)
    }

    /// Whether there is nothing here, or `null`.
    pub fn is_absent(self) -> bool {
        matches!(self.node, None | Some(Node::Null))
    }

    /// Whether there is nothing here, not even `null`.
    pub fn is_missing(self) -> bool {
        self.node.is_none()
    }

    /// The text, where the value is one.
    pub fn as_str(self) -> Option<&'a str> {
        match self.node {
            Some(Node::Text(text)) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The texts, where the value is one or a list of nothing else.
    pub(crate) fn texts(self) -> Option<Vec<&'a str>> {
        match self.node? {
            Node::Array(items) => items.iter().map(|item| Self::new(Some(item)).as_str()).collect(),
            _ => self.as_str().map(|text| vec![text]),
        }
    }

    /// The value, where it is `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        match self.node {
            Some(Node::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// The number, where it is a whole one, written as such, that fits.
    pub fn as_i64(self) -> Option<i64> {
        match self.node {
            Some(Node::Signed(value)) => Some(*value),
            Some(Node::Unsigned(value)) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The number, as near as a double comes to it.
    pub fn as_f64(self) -> Option<f64> {
        match self.node {
            Some(Node::Float(value)) => Some(*value),
            Some(Node::Signed(value)) => Some(*value as f64),
            Some(Node::Unsigned(value)) => Some(*value as f64),
            _ => None,
        }
    }

    /// The value as a text, where it is a text, a number or a boolean: for ids that come now quoted, now bare.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.node? {
            Node::Text(text) => Some(Cow::Borrowed(text.as_str())),
            Node::Bool(true) => Some(Cow::Borrowed("true")),
            Node::Bool(false) => Some(Cow::Borrowed("false")),
            Node::Unsigned(value) => Some(Cow::Owned(value.to_string())),
            Node::Signed(value) => Some(Cow::Owned(value.to_string())),
            Node::Float(value) => Some(Cow::Owned(value.to_string())),
            Node::Null | Node::Array(_) | Node::Object(_) => None,
        }
    }

    /// The value as JSON, without white space; `null` where there is nothing.
    pub fn to_json(self) -> String {
        let mut json = Vec::new();
        match self.node {
            Some(node) => node.write(&mut json),
            None => json.extend_from_slice(b"null"),
        }
        String::from_utf8(json).unwrap_or_default()
    }

    /// The text that must be here; `what` names it in the error.
    ///
    /// # Errors
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) when it is missing, `null` or empty;
    /// [`ErrorKind::WrongType`](crate::ErrorKind::WrongType) when it is something else.
    pub fn required_text(self, what: &'static str) -> Result<&'a str, Error> {
        self.optional_text(what)?.ok_or_else(|| Error::missing(what).at(self.way))
    }

    /// The text that may be here: missing, `null` and empty are all `None`.
    ///
    /// # Errors
    /// [`ErrorKind::WrongType`](crate::ErrorKind::WrongType) when it is something else.
    pub fn optional_text(self, what: &'static str) -> Result<Option<&'a str>, Error> {
        match self.node {
            None | Some(Node::Null) => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(Error::wrong_type(what, self.type_name()).at(self.way)),
        }
    }

    /// The token that must be here; `what` names it in the error.
    ///
    /// # Errors
    /// As [`required_text`](Self::required_text), and [`ErrorKind::UnusableToken`](crate::ErrorKind::UnusableToken) for a text that
    /// no header can carry.
    pub fn required_token(self, what: &'static str) -> Result<&'a str, Error> {
        self.optional_token(what)?.ok_or_else(|| Error::missing(what).at(self.way))
    }

    /// The token that may be here: missing, `null` and empty are all `None`.
    ///
    /// # Errors
    /// As [`optional_text`](Self::optional_text), and [`ErrorKind::UnusableToken`](crate::ErrorKind::UnusableToken) for a text that
    /// no header can carry.
    pub fn optional_token(self, what: &'static str) -> Result<Option<&'a str>, Error> {
        let text = self.optional_text(what)?;
        text.map(|text| crate::text::token(what, text)).transpose()
    }

    /// The new refresh token that may be here, where the old one is good for many exchanges: one that cannot be used is a deviation, and
    /// the old one is kept.
    pub fn usual_token(
        self,
        what: &'static str,
        deviations: &mut Vec<Deviation>,
    ) -> Option<&'a str> {
        self.optional_token(what).unwrap_or_else(|_| {
            deviations.push(Deviation::RefreshTokenUnreadable);
            None
        })
    }

    /// Whether the value is exactly the given one, by type and value. `0` and `0.0` are the same number; nothing is no
    /// value, not even `null`.
    pub fn is<'l>(self, expected: impl Into<Literal<'l>>) -> bool {
        let Some(node) = self.node else { return false };
        match (expected.into(), node) {
            (Literal::Null, Node::Null) => true,
            (Literal::Bool(expected), Node::Bool(value)) => *value == expected,
            (Literal::Text(expected), Node::Text(text)) => text.as_str() == expected,
            (Literal::Integer(expected), Node::Signed(value)) => *value == expected,
            (Literal::Integer(expected), Node::Unsigned(value)) => {
                i64::try_from(*value) == Ok(expected)
            }
            (Literal::Integer(expected), Node::Float(value)) => same(expected.into(), *value),
            (Literal::Number(expected), Node::Signed(value)) => same((*value).into(), expected),
            (Literal::Number(expected), Node::Unsigned(value)) => same((*value).into(), expected),
            (Literal::Number(expected), Node::Float(value)) => *value == expected,
            _ => false,
        }
    }

    /// The type of the value, in words: "a number".
    pub fn type_name(self) -> &'static str {
        match self.node {
            None => "missing",
            Some(Node::Null) => "null",
            Some(Node::Bool(_)) => "a boolean",
            Some(Node::Unsigned(_) | Node::Signed(_) | Node::Float(_)) => "a number",
            Some(Node::Text(_)) => "a text",
            Some(Node::Array(_)) => "an array",
            Some(Node::Object(_)) => "an object",
        }
    }

    pub(crate) fn node(self) -> Option<&'a Node<'a>> {
        self.node
    }
}

/// What is one step further.
fn step_into<'a>(node: Option<&'a Node<'a>>, step: &str) -> Option<&'a Node<'a>> {
    match node? {
        Node::Object(members) => {
            // From the end: of members with the same name the last one counts.
            let found = members.iter().rev().find(|(name, _)| name.as_str() == step);
            found.map(|(_, value)| value)
        }
        Node::Array(items) => index(step).and_then(|index| items.get(index)),
        _ => None,
    }
}

/// An array index as RFC 6901 writes it: digits without a leading zero.
fn index(step: &str) -> Option<usize> {
    let canonical = step == "0" || !step.starts_with(['0', '+']);
    if canonical { step.parse().ok() } else { None }
}

/// Whether a double is exactly a whole number. The cast saturates, and so never equals what is beyond its range.
fn same(integer: i128, float: f64) -> bool {
    float.trunc() == float && float as i128 == integer
}

/// Shows the type of the value alone: it may be a token.
impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({})", self.type_name())
    }
}
