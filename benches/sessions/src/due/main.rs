//! What it costs to find the few grants that are due among many: in files, and in the other stores, next to what one does by hand.
//!
//! `cargo run --release --bin due` prints one table. PostgreSQL and Redis are started for it, where they are installed.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use rekindle_bench_measure::clock;
use rekindle_bench_measure::goal::{self, Judged};
use rekindle_bench_measure::rounds::{self, Contender, Samples};
use rekindle_bench_measure::table::Table;
use rekindle_bench_sessions::Error;
use rekindle_runtime::store::postgres::{PostgresStore, tokio_postgres};
use rekindle_runtime::store::redis::{RedisStore, redis};
use rekindle_runtime::store::{Acquired, FileStore, Key, MemoryStore, Record, SharedStore, Store};
use rekindle_runtime::{Grant, Token};
use rekindle_servers::{Postgres, Redis};
use tokio::runtime::Runtime;

const PROVIDER: &str = "spark";
/// How many grants there are.
const GRANTS: usize = 10_000;
/// How many of them are due, and are asked for: what one sweep takes.
const DUE: usize = 32;
/// How often each peer is measured.
const ROUNDS: usize = 15;
/// By then the stamps of files that were just written tell every later change.
const SETTLED: Duration = Duration::from_secs(4);

/// The places of the peers.
const STAMPS: usize = 0;
const CONTENTS: usize = 1;
const AGAIN: usize = 2;
const FIRST: usize = 3;

fn main() -> ExitCode {
    rekindle_bench_sessions::run("due", print)
}

fn print() -> Result<(), Error> {
    let runtime = Runtime::new()?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path().join("grants");
    // They end when they are dropped.
    let (postgres, redis) = (Postgres::launch(&[]), Redis::launch(&[]));
    let files = FileStore::open(&folder)?;
    let others = runtime.block_on(others(postgres.as_ref(), redis.as_ref()))?;
    let now = SystemTime::now();
    runtime.block_on(async {
        fill(&files, now).await?;
        lease_each(&files).await?;
        for (_, store) in &others {
            fill(store, now).await?;
        }
        Ok::<_, Error>(())
    })?;
    thread::sleep(SETTLED);
    let look = |store: &SharedStore| {
        let due = runtime.block_on(store.due(PROVIDER, now, 0..DUE));
        assert_eq!(due.map(|due| due.len()).ok(), Some(DUE), "what is due is found");
    };
    let known = SharedStore::new(files);
    let mut contenders = vec![
        peer("by hand: the stamps of each file", || by_hand(&folder, stamps)),
        peer("by hand: the content of each file", || by_hand(&folder, content)),
        peer("files, another look", || look(&known)),
        peer("files, the first look of a process", || {
            look(&SharedStore::new(FileStore::open(&folder).expect("a store")));
        }),
    ];
    contenders.extend(others.iter().map(|(name, store)| peer(name, || look(store))));
    print!("{}", table(&rounds::run(&mut contenders, ROUNDS)));
    Ok(())
}

fn peer<'a>(name: &str, work: impl FnMut() + 'a) -> Contender<'a> {
    Contender::new(name, 1, clock::wall, work)
}

async fn others(
    postgres: Option<&Postgres>,
    redis: Option<&Redis>,
) -> Result<Vec<(&'static str, SharedStore)>, Error> {
    let mut others = vec![("memory", SharedStore::new(MemoryStore::new()))];
    if let Some(server) = postgres {
        let config: tokio_postgres::Config = server.url().parse()?;
        let store = PostgresStore::without_tls(config)?;
        store.migrate().await?;
        others.push(("PostgreSQL", SharedStore::new(store)));
    }
    if let Some(server) = redis {
        let store = RedisStore::open(redis::Client::open(server.url())?).await?;
        others.push(("Redis", SharedStore::new(store)));
    }
    Ok(others)
}

fn key(number: usize) -> Key {
    Key::new(PROVIDER, &format!("user-{number}"))
}

/// Grants with tokens as long as those of many providers; few of them are due.
async fn fill(store: &impl Store, now: SystemTime) -> Result<(), Error> {
    for number in 0..GRANTS {
        let access = Token::new("a".repeat(600));
        let refresh = Token::new("r".repeat(64));
        let grant = Grant::new().with_access_token(access).with_refresh_token(refresh);
        let mut record = Record::new(grant, now);
        let is_due = number % (GRANTS / DUE) == 0 && number / (GRANTS / DUE) < DUE;
        let later = Duration::from_secs(if is_due { 0 } else { 3600 });
        record.due = Some(now - Duration::from_secs(1) + later);
        store.put(&key(number), &record).await?;
    }
    Ok(())
}

/// Each grant was refreshed before: there is a lock beside its file.
async fn lease_each(store: &FileStore) -> Result<(), Error> {
    for number in 0..GRANTS {
        let key = key(number);
        let acquired = store.acquire(&key, "bench", Duration::from_secs(60)).await?;
        if let Acquired::Held(lease) = acquired {
            store.release(&key, &lease).await?;
        }
    }
    Ok(())
}

/// Looks at each file of a grant.
fn by_hand(folder: &Path, work: impl Fn(&DirEntry) -> bool) {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
    let grants =
        files.filter(|file| Path::new(&file.file_name()).extension() == Some(OsStr::new("json")));
    assert_eq!(grants.filter(|file| work(file)).count(), GRANTS, "each is looked at");
}

fn stamps(file: &DirEntry) -> bool {
    file.metadata().is_ok_and(|about| about.modified().is_ok())
}

/// Whether the JSON of the file says when the grant is due.
fn content(file: &DirEntry) -> bool {
    let content = fs::read(file.path()).expect("a file");
    let content: Result<serde_json::Value, _> = serde_json::from_slice(&content);
    content.is_ok_and(|content| content["due"].is_string())
}

fn table(samples: &[Samples]) -> Table {
    let mut table =
        Table::new(&["32 of 10,000 grants are due", "time", "× by hand", "goal", "verdict"]);
    for (place, peer) in samples.iter().enumerate() {
        let by_hand = match place {
            AGAIN => Some((peer.ratio(&samples[STAMPS]), 2.0)),
            FIRST => Some((peer.ratio(&samples[CONTENTS]), 1.5)),
            _ => None,
        };
        let judged =
            by_hand.map_or_else(goal::none, |(ratio, most)| goal::at_most(ratio, most, ""));
        let Judged { goal, verdict } = judged;
        let ratio = by_hand.map_or_else(String::new, |(ratio, _)| format!("{ratio:.2}"));
        let time = format!("{:.1} ms", peer.seconds() * 1e3);
        table.row([peer.name.clone(), time, ratio, goal, verdict]);
    }
    table
}
