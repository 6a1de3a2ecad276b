//! The JSON Schema of the language: what editors check against and show on hover, and what [`crate::check`] checks shape by.

#[cfg(any(test, feature = "schema"))]
mod generate;
#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "schema"))]
pub use generate::generate;

/// The JSON Schema of the language, as committed: `schema/v1.json`.
pub fn schema() -> &'static str {
    include_str!("../../schema/v1.json")
}
