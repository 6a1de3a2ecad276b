//! The clients that `build.rs` made: a module for each spec.

include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));
