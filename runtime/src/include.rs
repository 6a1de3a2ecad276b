//! The line that makes modules of what a build script wrote.

/// Includes the clients that a build script made with `rekindle::Config`: a module for each spec.
///
/// ```ignore
/// // src/lib.rs
/// rekindle_runtime::include_clients!();
/// ```
///
/// They stand in `OUT_DIR`. Where `Config::out_dir` says otherwise, its folder is said here as well, relative to the package:
/// `include_clients!("src/clients")`.
#[macro_export]
macro_rules! include_clients {
    () => {
        include!(concat!(env!("OUT_DIR"), "/rekindle.rs"));
    };
    ($folder:literal) => {
        include!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $folder, "/rekindle.rs"));
    };
}
