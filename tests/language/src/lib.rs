//! One spec for each corner of the contract language that the first five providers do not reach: methods, authentication, places
//! of the credential, bodies, expiries, rotation, errors. Each must generate, compile without a warning, and pass its own
//! conformance tests, without a line of Rust being touched.

rekindle_runtime::include_clients!();

#[cfg(test)]
mod conformance {
    // From the root: a module here has the same name.
    ::rekindle_testkit::include_conformance!(crate);
}
