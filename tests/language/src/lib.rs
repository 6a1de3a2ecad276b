//! One spec for each corner of the contract language that the first five providers do not reach: methods, authentication, places
//! of the credential, bodies, expiries, rotation, errors. Each must generate, compile without a warning, and pass its own
//! conformance tests, without a line of Rust being touched.

include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));

#[cfg(test)]
mod conformance {
    include!(concat!(env!("OUT_DIR"), "/rekindle_conformance.rs"));
}
