//! The language of token refresh contracts.
mod across;
mod allow;
mod check;
pub mod contract;
pub mod diagnostics;
pub mod path;
mod read;
pub mod schema;
mod shape;
mod source;
pub mod spec;

pub mod exchange;
mod resolve;
mod rules;

pub use check::{Checked, check};
pub use diagnostics::catalogue::explain;
pub use diagnostics::render;
pub use diagnostics::{Diagnostic, Span};
pub use schema::schema;
pub use source::{Source, load};
