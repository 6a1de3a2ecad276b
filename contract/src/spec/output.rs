//! What answers hold beside the tokens.

use super::PlaceSpec;
use serde::Deserialize;

/// A value that answers hold beside the tokens, kept with them: a JSON pointer to a text, or a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OutputSpec {
    /// The place of a text: `/corp_id`.
    At(String),
    /// A value of another type, elsewhere, or with more to say of it.
    Detailed(OutputDetail),
}

/// A value that answers hold beside the tokens, kept with them: where the API is, whose account it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OutputDetail {
    /// Where it is: a JSON pointer, `/instance_url`, a header, `{ header: X-Region }`, or a cookie, `{ cookie: shard }`. Absent, `null` and
    /// `""` all keep the value that an earlier answer held.
    pub field: PlaceSpec,
    /// What it is. `text` unless said. A value of another type is a deviation, and the tokens are good.
    #[serde(default, rename = "type")]
    pub kind: OutputKind,
    /// For a `url`: at which hosts it may be besides that of the base URL: `["*.example.com"]`. A star is one or several labels. It is
    /// then `https`, without a user, a port of its own, a query and a fragment. An address elsewhere is a deviation: the tokens are good, and
    /// the value that an earlier answer held is kept. The output that `base_url` names needs it, so that no answer can send a token
    /// away: `base_url: output.instance_url`.
    pub hosts: Option<Vec<String>>,
    /// `true`: never shown, never logged, wiped from memory after use.
    #[serde(default)]
    pub secret: bool,
    /// `true`: an answer may be without it. Otherwise that is a deviation, and the tokens are good.
    #[serde(default)]
    pub optional: bool,
    /// What it is for.
    pub doc: Option<String>,
}

crate::words::words! {
    /// What an output is.
    #[derive(Default)]
    pub enum OutputKind {
        /// A text.
        #[default]
        Text = "text", "a text";
        /// A whole web address: `https://eu7.example.com`.
        Url = "url", "a web address";
        /// A whole number.
        Integer = "integer", "a whole number";
        /// `true` or `false`.
        Boolean = "boolean", "`true` or `false`";
        /// Any JSON value, kept as its text.
        Json = "json", "a JSON value";
    }
}
