//! Who the provider is and where it lives.

use super::Template;
pub use crate::spec::Source;
use serde::{Deserialize, Serialize};

/// Who the provider is, and which page its contract was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// The name of the generated module, in `snake_case`.
    pub id: String,
    /// The name that people use.
    pub name: String,
    /// One or two sentences about what is special here.
    pub summary: Option<String>,
    /// The page that the contract was read from.
    pub source: Option<Source>,
}

/// Where the provider lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The documented hosts, sorted by name; empty where the integrator brings the only one.
    pub environments: Vec<Environment>,
    /// Whether the page leaves (further) base URLs to the integrator.
    pub integrator: bool,
    /// The output of answers that is the base URL from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
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
    /// Whether it may be absent, and what holds nothing else is then left out. One that is optional has no default.
    pub optional: bool,
    /// Where the integrator finds it.
    pub doc: Option<String>,
}

/// What kind of text a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParameterKind {
    /// Any text without control characters, and without white space around it.
    Text,
    /// One label of a host name.
    HostLabel,
    /// A whole host name, with a port if need be.
    Host,
    /// A private key.
    SigningKey,
}

impl Parameter {
    /// Whether the integrator must give a value.
    pub fn is_required(&self) -> bool {
        self.default.is_none() && !self.optional
    }

    /// Whether `value` is one that the integrator may bring.
    pub fn allows(&self, value: &str) -> bool {
        self.kind.accepts(value)
            && (self.one_of.is_empty() || self.one_of.iter().any(|allowed| allowed == value))
    }
}

impl ParameterKind {
    /// Whether `value` is of this kind, as clients judge it. An empty value is of none.
    pub fn accepts(self, value: &str) -> bool {
        if self == Self::SigningKey {
            // What a key is, and for which algorithm, is for the library that signs.
            return !value.is_empty() && !value.contains('\0');
        }
        rekindle_syntax::parameter(value).is_ok()
            && match self {
                Self::Text | Self::SigningKey => true,
                Self::HostLabel => rekindle_syntax::host_label(value).is_ok(),
                Self::Host => rekindle_syntax::Authority::read(value).is_ok(),
            }
    }

    /// A value of this kind: one that fits wherever any of the kind does.
    pub(crate) const fn stand_in(self) -> &'static str {
        match self {
            Self::Text | Self::HostLabel | Self::SigningKey => "a",
            Self::Host => "a.a",
        }
    }
}

impl std::fmt::Display for ParameterKind {
    /// What a value of this kind is, in words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "a text without control characters or white space around it",
            Self::HostLabel => "one label of a host name",
            Self::Host => "a host name, with a port if need be",
            Self::SigningKey => "a private key",
        })
    }
}
