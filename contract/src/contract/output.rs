//! What answers hold beside the tokens.

use super::Pointer;
pub use crate::spec::OutputKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value that answers hold beside the tokens, and that is kept with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Where it is.
    pub field: Pointer,
    /// What it is.
    pub kind: OutputKind,
    /// Whether it must never be shown.
    pub secret: bool,
    /// Whether an answer may be without it.
    pub optional: bool,
    /// What it is for.
    pub doc: Option<String>,
}

impl Output {
    /// A made-up value of its kind.
    pub fn sample(&self, name: &str) -> Value {
        let words = name.replace('_', "-");
        match self.kind {
            OutputKind::Text => format!("synthetic-{words}").into(),
            OutputKind::Url => format!("https://{words}.example").into(),
            OutputKind::Integer => 7.into(),
            OutputKind::Boolean => true.into(),
            OutputKind::Json => serde_json::json!({ "synthetic": words }),
        }
    }

    /// The value in an answer; `None` where it is absent, `null` or an empty text.
    ///
    /// # Errors
    /// Nothing but that it is there, and not of its kind.
    pub fn read<'a>(&self, answer: &'a Value) -> Result<Option<&'a Value>, OfAnotherKind> {
        let told = self.field.find(answer).filter(|value| !value.is_null() && **value != "");
        told.map(|value| if self.kind.accepts(value) { Ok(value) } else { Err(OfAnotherKind) })
            .transpose()
    }
}

/// A value of an answer is there, and not of the kind that its output has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfAnotherKind;

impl OutputKind {
    /// Whether a value is of this kind.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Url => value.as_str().is_some_and(rekindle_syntax::is_web_address),
            Self::Integer => value.is_i64(),
            Self::Boolean => value.is_boolean(),
            Self::Json => true,
        }
    }
}
