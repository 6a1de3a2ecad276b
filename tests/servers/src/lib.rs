//! Real servers for tests, from the packages of the system: PostgreSQL, PgBouncer in front of it, and Redis.
//!
//! [`TokenServer`] is one of four token servers of other people, from the registries of npm and PyPI; [`Editor`] is the YAML language
//! server of editors.
//!
//! Each has a folder of its own, which is gone when it is dropped, and a free port of the loopback interface. A server that the
//! system runs already is neither used nor touched.
//!
//! Where a program is not installed, [`Postgres::launch`], [`PgBouncer::launch`] and [`Redis::launch`] say so and how to install it,
//! and give `None`: the test is skipped. With the environment variable `REKINDLE_REQUIRE_SERVERS` they panic instead.

#![forbid(unsafe_code)]

mod editor;
mod folder;
mod pgbouncer;
mod postgres;
mod process;
mod redis;
mod token_server;

use std::env;
use std::path::PathBuf;

pub use editor::Editor;
pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;
pub use redis::Redis;
pub use token_server::{Lives, TokenServer, TokenServerKind};

/// A program of this name in these folders or in those of `PATH`.
fn program(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().cloned().chain(env::split_paths(&path));
    all.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Says that a test is skipped, and why.
///
/// # Panics
/// With `REKINDLE_REQUIRE_SERVERS`.
fn missing(program: &str, package: &str) {
    let hint =
        format!("`{program}` is not installed; on Debian and Ubuntu: apt-get install {package}");
    skipped(&hint);
}

/// Says that a test is skipped, for this reason.
///
/// # Panics
/// With `REKINDLE_REQUIRE_SERVERS`.
fn skipped(why: &str) {
    assert!(
        env::var_os("REKINDLE_REQUIRE_SERVERS").is_none(),
        "REKINDLE_REQUIRE_SERVERS is set, and {why}"
    );
    eprintln!("SKIPPED: {why}");
}
