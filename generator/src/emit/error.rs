//! What can go wrong in emission.

use crate::template::TemplateError;
use std::fmt;

/// Why a contract could not be emitted.
#[derive(Debug)]
pub enum EmitError {
    /// A template, most likely an overridden one, could not be rendered.
    Template(TemplateError),
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for EmitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Template(error) => Some(error),
        }
    }
}

impl From<TemplateError> for EmitError {
    fn from(error: TemplateError) -> Self {
        Self::Template(error)
    }
}
