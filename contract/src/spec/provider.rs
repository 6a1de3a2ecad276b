//! Who the provider is and where it lives.

use serde::{Deserialize, Serialize};

/// Who the provider is, and which page this contract was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProviderSpec {
    /// The name of the generated module, in `snake_case`: `acme`, `acme_bank`. It must be a valid Rust identifier. The file's
    /// name unless said, its hyphens as underscores: `acme-bank.yaml` describes `acme_bank`.
    pub id: Option<String>,
    /// The name that people use: `Acme Bank`. The id in title case unless said: `acme_bank` is `Acme Bank`.
    pub name: Option<String>,
    /// One or two sentences about what is special here. They open the generated documentation.
    pub summary: Option<String>,
    /// The page that this contract was read from.
    pub source: Option<Source>,
}

/// The page that a contract was read from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The title of the page.
    pub title: String,
    /// Its address, where it has a public one.
    pub url: Option<String>,
    /// The day on which it was read: `2026-11-21`.
    pub retrieved: Option<String>,
}

/// One of the provider's hosts: the URL alone, or the URL with a word about it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum EnvironmentSpec {
    /// The base URL: `https://auth.example.com`.
    Url(String),
    /// The base URL and what it is for.
    Described(DescribedEnvironment),
}

/// A host with a word about it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DescribedEnvironment {
    /// The base URL: `https://auth.example.com`.
    pub url: String,
    /// What this environment is for.
    pub doc: Option<String>,
}
