//! Rekindle turns YAML contracts of token refresh endpoints into typed Rust clients, and into the tests that prove that a client
//! keeps its contract.
//!
//! Most users run the command `rekindle generate` and commit what it writes, or call [`Config`] from a build script:
//!
//! ```no_run
//! fn main() -> Result<(), rekindle::Error> {
//!     rekindle::Config::new().specs("specs").generate()
//! }
//! ```
//!
//! Below that there are two more levels: [`generate`] makes a folder equal to what contracts ask for, and [`plan`] does no more
//! than to say what that is, path → text:
//!
//! ```
//! use rekindle::{Inputs, Options, Source, Specs};
//!
//! let spec = r#"
#![doc = include_str!("../acme.yaml")]
//! "#;
//! let specs = Specs::check(vec![Source::new("specs/acme.yaml", spec)])?;
//! let plan = rekindle::plan(&specs.contracts, &Inputs::default(), &Options::default())?;
//!
//! assert!(plan.get("src/acme.rs").is_some_and(|client| client.contains("pub struct Client")));
//! # Ok::<(), rekindle::Error>(())
//! ```
//!
//! # Features
//!
//! | feature | what it brings |
//! |---|---|
//! | `cli` | the command `rekindle`; build scripts do without it: `default-features = false` |
//! | `serve` | `rekindle serve`: fake providers on ports of this machine |
//! | `test` | `rekindle test`: whether a provider keeps its contract |
//!
//! All are on by default.
//!
//! Everything between a contract and the text of a file is pure: the disk is read in one module and written in another, and the
//! same contracts give the same bytes on any machine.

#[cfg(feature = "cli")]
pub mod cli;
mod config;
mod describe;
pub mod emit;
mod error;
pub mod format;
mod hash;
#[cfg(feature = "cli")]
pub mod import;
mod input;
pub mod lock;
mod markdown;
mod output;
mod plan;
mod report;
pub mod template;

pub use config::Config;
pub use error::Error;
pub use hash::Hash;
pub use input::{SpecFiles, Specs, templates};
pub use output::{Folder, unchanged};
pub use plan::{Dependency, Inputs, Layout, Options, Package, Plan, Reference, plan};
pub use rekindle_contract::contract::Contract;
pub use rekindle_contract::{Diagnostic, Source};
pub use report::{Blocked, Change, Kind, Mode, Report, Why};

use std::path::Path;

/// Makes the folder `out` equal to what the contracts ask for, or says what would change.
pub fn generate(
    contracts: &[Contract],
    inputs: &Inputs<'_>,
    options: &Options,
    out: &Path,
    mode: Mode,
) -> Result<Report, Error> {
    let plan = plan(contracts, inputs, options)?;
    Folder::new(out, &plan).apply(mode)
}

/// The Rust in the book compiles; `tests/documents.rs` holds that each page with Rust is here. That of the tutorial and of the README is
/// built and run by `tests/tutorial.rs`.
#[cfg(doctest)]
#[doc = include_str!("../../docs/src/guides/use-a-client.md")]
#[doc = include_str!("../../docs/src/guides/build-scripts.md")]
#[doc = include_str!("../../docs/src/guides/sessions.md")]
#[doc = include_str!("../../docs/src/guides/many-machines.md")]
#[doc = include_str!("../../docs/src/guides/stores.md")]
#[doc = include_str!("../../docs/src/explanation/doubt.md")]
struct Book;
