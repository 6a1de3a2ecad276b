//! Who the provider is and where it lives.

use super::Template;
pub use crate::spec::{Provider, Source};
use serde::{Deserialize, Serialize};

/// Where the provider lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The documented hosts, sorted by name; empty where the integrator brings the only one.
    pub environments: Vec<Environment>,
    /// Whether the page leaves (further) base URLs to the integrator.
    pub integrator: bool,
}

/// A documented host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its name in `snake_case`.
    pub name: String,
    /// Its base URL without a trailing slash. Places in it are `client` parameters only.
    pub url: Template,
    /// What it is for.
    pub doc: Option<String>,
}

/// What the integrator brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Whether it must never be shown.
    pub secret: bool,
    /// What kind of text it is.
    pub kind: ParameterKind,
    /// The only values allowed; empty where all are.
    pub one_of: Vec<String>,
    /// The value where the integrator gives none.
    pub default: Option<String>,
    /// Where the integrator finds it.
    pub doc: Option<String>,
}

/// What kind of text a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterKind {
    /// Any text without control characters.
    Text,
    /// One label of a host name.
    HostLabel,
    /// A whole host name.
    Host,
}

impl Parameter {
    /// Whether `value` is one that the integrator may bring.
    pub fn allows(&self, value: &str) -> bool {
        self.kind.accepts(value)
            && (self.one_of.is_empty() || self.one_of.iter().any(|allowed| allowed == value))
    }
}

impl ParameterKind {
    /// Whether `value` is of this kind. An empty value is of none.
    pub fn accepts(self, value: &str) -> bool {
        match self {
            Self::Text => !value.is_empty() && !value.chars().any(char::is_control),
            Self::HostLabel => is_label(value),
            Self::Host => {
                let (host, port) = value.split_once(':').unwrap_or((value, "443"));
                host.split('.').all(is_label)
                    && !port.starts_with('+')
                    && port.parse::<u16>().is_ok()
            }
        }
    }
}

/// Letters, digits and inner hyphens, at most 63.
fn is_label(text: &str) -> bool {
    let allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    allowed && (1..=63).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-')
}

impl std::fmt::Display for ParameterKind {
    /// What a value of this kind is, in words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "a text without control characters",
            Self::HostLabel => "one label of a host name",
            Self::Host => "a host name",
        })
    }
}
