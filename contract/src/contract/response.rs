//! How to read the answer.

use super::{Output, Pointer};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// How to read the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// What success looks like.
    pub success: Success,
    /// Where the new access token is.
    pub access_token: TokenPlace,
    /// Where the new refresh token is, if answers may hold one.
    pub refresh_token: Option<Pointer>,
    /// Where the token's type is, and what is accepted.
    pub token_type: Option<TokenType>,
    /// Where the granted scope is.
    pub scope: Option<Pointer>,
    /// What else answers hold and is kept with the tokens, by name.
    pub outputs: BTreeMap<String, Output>,
}

/// What success looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Success {
    /// The statuses, never empty.
    pub status: Vec<StatusRange>,
    /// What a field must hold.
    pub field: Option<FieldMatch>,
}

impl Success {
    /// 200 where that is one, else the first of them.
    pub fn usual_status(&self) -> u16 {
        match self.status.iter().any(|range| range.contains(200)) {
            true => 200,
            false => self.status.first().map_or(200, |range| range.first),
        }
    }
}

/// A field that must hold one of some values, or none of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldMatch {
    /// The field. It must be there and not be `null`.
    pub field: Pointer,
    /// The values; empty: any will do.
    pub equals: Vec<Literal>,
    /// Whether it must hold none of the values, and not one of them.
    pub negated: bool,
}

impl FieldMatch {
    /// A field that must hold one of these values.
    pub fn equals(field: Pointer, equals: Vec<Literal>) -> Self {
        Self { field, equals, negated: false }
    }

    /// Whether every answer that meets `other` meets this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let own: HashSet<&Literal> = self.equals.iter().collect();
        self.field == other.field
            && match (self.negated, other.negated) {
                _ if own.is_empty() => true,
                _ if other.equals.is_empty() => false,
                (false, false) => other.equals.iter().all(|value| own.contains(value)),
                (true, false) => other.equals.iter().all(|value| !own.contains(value)),
                (true, true) => {
                    own.len() <= other.equals.len() && own.is_subset(&other.equals.iter().collect())
                }
                (false, true) => false,
            }
    }

    /// The values in words. `true` and `"true"` read the same: where they stand side by side, they are told once.
    pub fn values(&self) -> Vec<String> {
        let mut words: Vec<String> = self.equals.iter().map(ToString::to_string).collect();
        words.dedup();
        words
    }
}

impl std::fmt::Display for FieldMatch {
    /// In a few words: `/error = invalid_grant`, `/code not 0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = if self.negated { " not " } else { " = " };
        write!(f, "{}", self.field)?;
        for (position, literal) in self.values().iter().enumerate() {
            write!(f, "{}{literal}", if position == 0 { first } else { " or " })?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Literal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A JSON value that is not a container.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Literal {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

impl From<&Literal> for serde_json::Value {
    fn from(literal: &Literal) -> Self {
        match literal {
            Literal::Bool(value) => (*value).into(),
            Literal::Integer(value) => (*value).into(),
            Literal::Text(text) => text.as_str().into(),
        }
    }
}

/// A range of statuses, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StatusRange {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

impl StatusRange {
    /// Every status there is.
    pub const ALL: Self = Self { first: 100, last: 599 };

    /// Just one.
    pub const fn one(status: u16) -> Self {
        Self { first: status, last: status }
    }

    /// Whether `status` is within.
    pub const fn contains(self, status: u16) -> bool {
        self.first <= status && status <= self.last
    }
}

impl std::fmt::Display for StatusRange {
    /// In words: `400`, `4xx`, `400 to 428`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.first, self.last) {
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) if first % 100 == 0 && last == first + 99 => {
                write!(f, "{}xx", first / 100)
            }
            (first, last) => write!(f, "{first} to {last}"),
        }
    }
}

/// Where the new access token is, and so what answers are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenPlace {
    /// A field of a JSON answer.
    Json(Pointer),
    /// A field of a form (`application/x-www-form-urlencoded`): one reference token.
    Form(Pointer),
    /// An element of an XML answer, or an attribute.
    Xml(Pointer),
    /// The whole body of a plain text answer, white space at both ends trimmed.
    WholeBody,
    /// In no answer: the one that was sent lives on. What else is read of the answer is JSON.
    Unchanged,
}

impl TokenPlace {
    /// The field that holds the token; `None` where the whole body is the token, or no answer holds one.
    pub fn field(&self) -> Option<&Pointer> {
        match self {
            Self::Json(field) | Self::Form(field) | Self::Xml(field) => Some(field),
            Self::WholeBody | Self::Unchanged => None,
        }
    }

    /// Whether the whole answer is the token: a plain text, or one of JSON.
    pub fn is_whole(&self) -> bool {
        *self == Self::WholeBody || self.field().is_some_and(Pointer::is_whole)
    }

    /// Whether no answer brings a token: the one that was sent lives on.
    pub fn is_unchanged(&self) -> bool {
        *self == Self::Unchanged
    }

    /// Whether answers hold texts alone: numbers and truths are told by their texts.
    pub fn holds_texts(&self) -> bool {
        matches!(self, Self::Form(_) | Self::Xml(_))
    }
}

/// Where the token's type is, and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenType {
    /// Where it is.
    pub field: Pointer,
    /// What is accepted, compared without case and white space around it; never empty.
    pub accepted: Vec<String>,
    /// Whether another one is an error: the spec writes it, and does not leave it to its profile. Otherwise it is a deviation.
    pub demanded: bool,
}

impl TokenType {
    /// Whether an answer may say this type: types have no case (RFC 6749 section 5.1), and white space around them says nothing.
    pub fn accepts(&self, found: &str) -> bool {
        self.accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(found.trim_ascii()))
    }
}
