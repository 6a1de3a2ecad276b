//! Everybody who makes the exchange. Each keeps its connection, and spends what the last answer brought.

mod by_hand;
mod floors;
mod libraries;
mod ours;

use rekindle_benches::rounds::Contender;
use rekindle_benches::{Error, clock};
use tokio::runtime::{Builder, Runtime};

use crate::exchange::PATH;

/// What everybody is compared with.
pub const BY_HAND: &str = "reqwest 0.13 by hand";
/// What our transport over ureq is compared with.
pub const UREQ: &str = "ureq 3 by hand";
/// The usual library.
pub const OAUTH2: &str = "oauth2 5 + reqwest 0.12";
/// Rekindle without I/O: the request built, the answer read.
pub const SANS_IO: &str = "Rekindle, no I/O";
/// Rekindle with its transport over reqwest.
pub const OURS_REQWEST: &str = "Rekindle + reqwest";
/// Rekindle with its transport over hyper.
pub const OURS_HYPER: &str = "Rekindle + hyper";

/// Rekindle with its transport over ureq.
pub const OURS_UREQ: &str = "Rekindle + ureq";

/// Exchanges in one call of a contender's work.
const EXCHANGES: u32 = 100;

/// Everybody, against the server at this address: `http://127.0.0.1:PORT`.
pub fn all(server: &str) -> Result<Vec<Contender<'static>>, Error> {
    let url = format!("{server}{PATH}");
    Ok(vec![
        floors::raw(server)?,
        floors::connection(server)?,
        floors::pooled(&url)?,
        by_hand::ureq(&url),
        by_hand::reqwest(BY_HAND, reqwest::Client::new(), &url)?,
        by_hand::reqwest("the same with a time-out, no redirects", by_hand::guarded()?, &url)?,
        libraries::oauth2(&url)?,
        libraries::yup(&url)?,
        ours::sans_io()?,
        ours::hyper(server)?,
        ours::ureq(server)?,
        ours::reqwest(server)?,
    ])
}

/// A contender that blocks. `exchange` turns a refresh token into the next one.
fn blocking<T: 'static>(
    name: &str,
    first: T,
    mut exchange: impl FnMut(T) -> Result<T, Error> + 'static,
) -> Contender<'static> {
    let mut held = Some(first);
    let who = name.to_owned();
    Contender::new(name, EXCHANGES, clock::thread, move || {
        for _ in 0..EXCHANGES {
            held = held.take().map(|token| expect(&who, exchange(token)));
        }
    })
}

/// A contender that waits in an executor: all of it runs on the thread that is measured.
fn waiting<T: 'static>(
    name: &str,
    runtime: Runtime,
    first: T,
    mut exchange: impl AsyncFnMut(T) -> Result<T, Error> + 'static,
) -> Contender<'static> {
    let mut held = Some(first);
    let who = name.to_owned();
    Contender::new(name, EXCHANGES, clock::thread, move || {
        runtime.block_on(async {
            for _ in 0..EXCHANGES {
                if let Some(token) = held.take() {
                    held = Some(expect(&who, exchange(token).await));
                }
            }
        });
    })
}

/// An executor on the thread that uses it.
fn runtime() -> Result<Runtime, Error> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Nobody fails here: a table without one of them is worth nothing.
fn expect<T>(who: &str, outcome: Result<T, Error>) -> T {
    outcome.unwrap_or_else(|error| panic!("{who}: {error}"))
}
