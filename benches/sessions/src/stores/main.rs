//! How many exchanges a second sessions make over each store, against a token server on loopback.
//!
//! `cargo run --release --bin stores` prints one table. PostgreSQL and Redis are started for it, where they are installed, and keep
//! what they accept (`fsync`, `appendfsync always`), as the files do.

mod grants;

use std::process::ExitCode;
use std::sync::Arc;

use rekindle_bench_measure::clock;
use rekindle_bench_measure::rounds::{self, Contender};
use rekindle_bench_measure::table::Table;
use rekindle_bench_sessions::Error;
use rekindle_runtime::store::postgres::tokio_postgres;
use rekindle_runtime::store::redis::redis;
use rekindle_runtime::store::{FileStore, MemoryStore, SharedStore};
use rekindle_servers::{Postgres, Redis};
use tokio::runtime::Runtime;

use crate::grants::{Alone, Grants, Refreshes};

/// How many grants are refreshed at once.
const PARALLEL: usize = 32;
/// How many refreshes a round has.
const REFRESHES: u32 = 192;
/// How often each peer is measured.
const ROUNDS: usize = 9;

fn main() -> ExitCode {
    rekindle_bench_sessions::run("stores", print)
}

fn print() -> Result<(), Error> {
    let runtime = Arc::new(Runtime::new()?);
    let folder = tempfile::tempdir()?;
    // They end when they are dropped.
    let (postgres, redis) = (Postgres::launch(&[]), Redis::launch(&[]));
    let stores = runtime.block_on(stores(folder.path(), postgres.as_ref(), redis.as_ref()))?;
    print!("{}", table(&runtime, stores)?);
    Ok(())
}

async fn stores(
    folder: &std::path::Path,
    postgres: Option<&Postgres>,
    redis: Option<&Redis>,
) -> Result<Vec<(&'static str, SharedStore)>, Error> {
    let mut stores = vec![
        ("memory", SharedStore::new(MemoryStore::new())),
        ("a file for each grant", SharedStore::new(FileStore::open(folder.join("grants"))?)),
        ("one file", SharedStore::new(FileStore::single(folder.join("grants.json"))?)),
    ];
    if let Some(server) = postgres {
        let config: tokio_postgres::Config = server.url().parse()?;
        let store = rekindle_runtime::store::postgres::PostgresStore::without_tls(config)?;
        store.migrate().await?;
        stores.push(("PostgreSQL", SharedStore::new(store)));
    }
    if let Some(server) = redis {
        let client = redis::Client::open(server.url())?;
        let store = rekindle_runtime::store::redis::RedisStore::open(client).await?;
        stores.push(("Redis", SharedStore::new(store)));
    }
    Ok(stores)
}

/// Where tokens are kept, one grant that is kept there, and many.
type Kept = (&'static str, Box<dyn Refreshes>, Box<dyn Refreshes>);

fn table(runtime: &Arc<Runtime>, stores: Vec<(&'static str, SharedStore)>) -> Result<Table, Error> {
    let mut all: Vec<Kept> = vec![(
        "no session: client and transport",
        Box::new(runtime.block_on(Alone::open(1))?),
        Box::new(runtime.block_on(Alone::open(PARALLEL))?),
    )];
    for (name, store) in stores {
        let one = runtime.block_on(Grants::open(&store, "one", 1))?;
        let many = runtime.block_on(Grants::open(&store, "many", PARALLEL))?;
        all.push((name, Box::new(one), Box::new(many)));
    }
    let one = measured(runtime, all.iter().map(|(name, one, _)| (*name, &**one)));
    let many = measured(runtime, all.iter().map(|(name, _, many)| (*name, &**many)));
    let mut table = Table::new(&[
        "tokens are kept in",
        "exchanges/s, one grant",
        "time of each",
        "exchanges/s, 32 grants",
        "requests for each exchange",
        "failed",
    ]);
    for (place, (name, first, second)) in all.iter().enumerate() {
        let exchanges = 2 * u64::from(REFRESHES) * (ROUNDS as u64 + 1);
        let requests = first.requests() + second.requests();
        table.row([
            (*name).to_owned(),
            format!("{:.0}", 1.0 / one[place].seconds()),
            format!("{:.2} ms", one[place].seconds() * 1e3),
            format!("{:.0}", 1.0 / many[place].seconds()),
            format!("{:.3}", requests as f64 / exchanges as f64),
            (first.failed() + second.failed()).to_string(),
        ]);
    }
    Ok(table)
}

fn measured<'a>(
    runtime: &Arc<Runtime>,
    all: impl Iterator<Item = (&'a str, &'a dyn Refreshes)>,
) -> Vec<rounds::Samples> {
    let mut contenders: Vec<_> = all
        .map(|(name, grants)| {
            let runtime = Arc::clone(runtime);
            Contender::new(name, REFRESHES, clock::wall, move || {
                runtime.block_on(grants.refresh(REFRESHES));
            })
        })
        .collect();
    rounds::run(&mut contenders, ROUNDS)
}
