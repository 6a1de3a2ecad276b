//! A problem that knows which fact it is about, but not yet where that fact stands.

use super::{Code, Severity};
use crate::path::Path;

/// A problem with a fact of a spec. The reader turns its path into a line and a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which problem.
    pub code: Code,
    /// The fact.
    pub path: Path,
    /// Whether the key or the value is to be underlined.
    pub at: At,
    /// What is wrong, one sentence in the user's words without a full stop.
    pub message: String,
    /// A few words under the underlined text.
    pub label: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What of a fact is underlined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Its key.
    Key,
    /// Its value.
    Value,
}

impl Finding {
    /// Whether it stops generation.
    pub fn is_error(&self) -> bool {
        self.code.severity == Severity::Error
    }

    /// A problem with the value at `path`.
    pub fn value(code: Code, path: Path, message: impl Into<String>) -> Self {
        Self { code, path, at: At::Value, message: message.into(), label: None, hint: None }
    }

    /// A problem with the key that ends `path`.
    pub fn key(code: Code, path: Path, message: impl Into<String>) -> Self {
        Self { at: At::Key, ..Self::value(code, path, message) }
    }

    /// With a few words under the underlined text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
