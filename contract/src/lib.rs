//! The language of token refresh contracts: YAML in, resolved [`contract::Contract`]s and diagnostics out.
//!
//! ```
//! use rekindle_contract::{Source, check, render};
//!
//! let spec = "
//! rekindle: 1
//! provider: { id: acme, name: Acme }
//! refresh: { requst: POST /oauth/token }
//! ";
//! let sources = [Source::new("specs/acme.yaml", spec)];
//! let checked = check(&sources);
//! assert!(checked.has_errors());
//! let said = render::human(&checked.diagnostics, &sources, false);
//! assert!(said.contains("did you mean `request`?"));
//! ```
//!
//! A file passes through the modules of this crate in one direction:
//!
//! | step | from | to |
//! |---|---|---|
//! | `read` | bytes | a document whose shape fits the [schema](mod@schema) |
//! | [`spec`] | the document | a spec *as written* |
//! | `resolve` | the spec | a [`contract`] *as meant* |
//! | `rules` | the contract | what must and what should hold between its parts |
//!
//! Architecture invariants: [`load`] and [`load_with`] are the only functions that do I/O. No input makes this crate panic. Everything that is
//! wrong with a file is reported at once, each thing at its place: [`Diagnostic`].

mod allow;
mod check;
pub mod contract;
mod cross_file;
pub mod derive;
pub mod diagnostics;
pub mod exchange;
mod like;
pub mod parallel;
mod partial;
pub mod path;
mod place;
mod placeholders;
mod problems;
mod read;
mod resolve;
mod rules;
pub mod schema;
mod shape;
mod source;
mod spaces;
pub mod spec;
mod suggest;
mod variants;
mod words;
mod yaml;

pub use check::{Checked, check};
pub use diagnostics::catalogue::explain;
pub use diagnostics::render;
pub use diagnostics::{Diagnostic, Span};
pub use schema::{editor_schema, schema};
pub use source::{Source, load, load_with};
pub use suggest::nearest;
pub use yaml::json_of_yaml;
