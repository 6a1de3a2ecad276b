//! The clients that `build.rs` made: a module for each spec.

rekindle_runtime::include_clients!();
