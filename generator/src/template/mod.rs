//! The template engine: minijinja with a formatter that lets no text become code.
//!
//! Architecture invariant: what fills a place `{{ … }}` of a Rust template is [`Tokens`] and nothing else. A plain string, a
//! number or a flag that reaches such a place is an error that names the template's line, so text of a spec cannot become
//! code even by a mistake in a template.

mod engine;
mod error;
mod overrides;
mod page;
mod tokens;

pub use crate::markdown::{inline, prose};
#[cfg(feature = "cli")]
pub(crate) use engine::toml_string;
pub use engine::{CONTEXT_VERSION, Templates};
pub use error::TemplateError;
pub use overrides::TemplateFile;
pub use page::{Code, Markdown};
pub use tokens::Tokens;

/// What a template sees.
pub type Context = minijinja::Value;
