//! What is wrong with a spec, where, and what to do about it.

pub mod catalogue;
mod code;
mod diagnostic;
mod finding;
pub mod render;
pub(crate) mod words;

pub use code::{Code, Severity};
pub(crate) use code::{codes, page};
pub use diagnostic::{Also, Diagnostic, Span};
pub use finding::{At, Finding};

/// Problems of what the spec means: `RK02xx` to `RK04xx`; lints are `RK05xx`.
pub mod meaning;

pub mod files;
pub mod shape;
