//! How strong are the generated conformance tests? Each provider's contract is changed in one fact at a time, a client is
//! generated from each wrong contract, and the provider's own tests run against every such mutant. A mutant that passes them
//! all is a survivor: a mistake that nobody would notice.
//!
//! ```text
//! cargo run --release -p rekindle-mutation
//! ```
//!
//! A survivor that no client could be told by has its reason in `survivors.md`; any other one is an error.
//!
//! The way of a mutant: [`shape`] says what each value of a contract's serde form is, [`neighbours`] what could stand there
//! instead, [`meaning`] whether that is another contract; [`mutation`] collects these wrong contracts, [`suites`] makes their
//! clients, [`crates`] lays them out, [`compile`] compiles them, [`run`] runs the tests, [`report`] counts. [`keys`] sees to it
//! that every key of the language is changed.

pub mod alike;
pub mod compile;
pub mod crates;
pub mod explained;
pub mod kept;
pub mod keys;
pub mod meaning;
pub mod mutant;
pub mod mutation;
pub mod neighbours;
pub mod options;
pub mod pattern;
pub mod report;
pub mod run;
pub mod semantic;
pub mod shape;
pub mod suites;
