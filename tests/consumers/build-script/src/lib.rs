//! The clients that `build.rs` made: a module for each spec.

include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));

#[cfg(test)]
mod conformance {
    include!(concat!(env!("OUT_DIR"), "/rekindle_conformance.rs"));
}
