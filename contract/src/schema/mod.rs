//! The JSON Schema of the language: what editors check against and show on hover, and what [`crate::check`] checks shape by.

mod editor;
#[cfg(any(test, feature = "schema"))]
mod generate;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "schema"))]
pub use generate::generate;

pub(crate) use editor::REFUSED;

use serde_json::Value;
use std::sync::OnceLock;

/// The JSON Schema of the language, as committed: `schema/v1.json`.
pub fn schema() -> &'static str {
    include_str!("../../schema/v1.json")
}

/// The same in the form that editors read best: what `rekindle schema` prints and `specs/schema/v1.json` holds.
pub fn editor_schema() -> String {
    format!("{:#}\n", editor::for_editors(parsed()))
}

/// The schema, parsed once. A test holds that it can be.
pub(crate) fn parsed() -> &'static Value {
    static PARSED: OnceLock<Value> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(schema()).unwrap_or_default())
}
