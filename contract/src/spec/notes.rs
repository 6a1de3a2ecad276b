//! Where each fact comes from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where each fact comes from. A key is the path of a fact in this file, `tokens.refresh.rotation`; the text says why.
/// What is not named here is documented on the source page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(any(test, feature = "schema"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProvenanceSpec {
    /// Facts worth a word on where the page states them.
    #[serde(default)]
    pub documented: BTreeMap<String, String>,
    /// Facts that follow from something else on the page: what from.
    #[serde(default)]
    pub inferred: BTreeMap<String, String>,
    /// Facts on which the page is silent: how this contract deals with that.
    #[serde(default)]
    pub unknown: BTreeMap<String, String>,
    /// Facts on which the page contradicts itself: what it says, and what this contract follows.
    #[serde(default)]
    pub contradictions: BTreeMap<String, String>,
}
