//! So many grants, opened and kept.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use rekindle_bench_measure::clock;
use rekindle_bench_measure::rounds::median;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::clients::plain::Client;
use rekindle_bench_sessions::ours::Contract;
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::session::{Pool, Sessions, Settings, Upkeep};
use rekindle_runtime::store::{Key, MemoryStore, Record, Store};
use rekindle_runtime::{Expiry, Grant, Provider, Token};
use tokio::runtime::{Builder, Runtime};

use crate::transport::AtOnce;

/// How long the access token of a session is.
pub const TOKEN_BYTES: usize = 64;
/// When the first access token ends, and the last.
const FIRST_END: Duration = Duration::from_secs(10 * 3600);
const LAST_END: Duration = Duration::from_secs(20 * 3600);
/// How long before its end a token is refreshed: a minute, and half of one more at random.
const MARGIN: Duration = Duration::from_secs(60);
/// How many are due at a time, about.
const DUE: usize = 500;
/// How often some are due.
const ROUNDS: usize = 15;

/// What was measured.
pub struct Measured {
    /// Bytes on the heap for each session.
    pub session_bytes: f64,
    /// Bytes on the heap for each grant in the store.
    pub store_bytes: f64,
    /// How many more tasks there are than before the first grant.
    pub tasks: usize,
    /// How many stand among what is due.
    pub waiting: usize,
    /// Seconds of CPU for each grant, from the moment at which it is due until its new tokens are stored.
    pub renewal: f64,
}

/// A process with many grants.
struct Process {
    clock: VirtualClock,
    transport: AtOnce,
    sessions: Sessions,
    pool: Pool<Client>,
}

impl Measured {
    /// Opens so many grants and lets time pass.
    pub fn of(grants: usize) -> Result<Self, Error> {
        // One thread: what it allocates is what all code allocates.
        let runtime = Builder::new_current_thread().build()?;
        let clock = VirtualClock::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        let store = MemoryStore::with_clock(Arc::new(clock.clone()));
        let (filled, store_bytes) = heap(grants, || runtime.block_on(fill(&store, &clock, grants)));
        filled?;
        let process = runtime.block_on(Process::start(clock, store))?;
        let before = runtime.metrics().num_alive_tasks();
        let (opened, session_bytes) = heap(grants, || runtime.block_on(process.open(grants)));
        opened?;
        let tasks = runtime.metrics().num_alive_tasks() - before;
        let waiting = process.sessions.waiting();
        let renewal = process.renewals(&runtime, grants);
        Ok(Self { session_bytes, store_bytes, tasks, waiting, renewal })
    }
}

/// What `work` leaves on the heap, in bytes for each grant.
fn heap<T>(grants: usize, work: impl FnOnce() -> T) -> (T, f64) {
    let mut outcome = None;
    let allocated = measure(|| outcome = Some(work()));
    let outcome = outcome.expect("it has run");
    (outcome, allocated.bytes_current as f64 / grants as f64)
}

/// Puts the grants of so many people into the store: their access tokens end one after the other.
async fn fill(store: &MemoryStore, clock: &VirtualClock, grants: usize) -> Result<(), Error> {
    let now = clock.wall();
    for number in 0..grants {
        let share = number as f64 / grants as f64;
        let end = now + FIRST_END + (LAST_END - FIRST_END).mul_f64(share);
        let access = Token::new("a".repeat(TOKEN_BYTES)).with_expiry(Expiry::At(end));
        let refresh = Token::new("r".repeat(TOKEN_BYTES));
        let grant = Grant::new().with_access_token(access).with_refresh_token(refresh);
        let key = Key::new(<Client as Provider>::ID, &subject(number));
        store.put(&key, &Record::new(grant, now)).await?;
    }
    Ok(())
}

fn subject(number: usize) -> String {
    format!("user-{number:07}")
}

impl Process {
    async fn start(clock: VirtualClock, store: MemoryStore) -> Result<Self, Error> {
        let transport = AtOnce::default();
        let sessions = Sessions::start_with(clock.clone())?;
        let mut settings = Settings::default();
        settings.upkeep = Upkeep::Always;
        settings.margin = Some(MARGIN);
        // What is measured is the process's own order, not the store's.
        settings.sweep = Duration::from_secs(1000 * 3600);
        let pool = sessions
            .provider(client()?, transport.clone())
            .store(store)
            .settings(settings)
            .start()?;
        settle(&transport).await;
        Ok(Self { clock, transport, sessions, pool })
    }

    /// Each session is asked for a token once: it is read from the store.
    async fn open(&self, grants: usize) -> Result<(), Error> {
        for number in 0..grants {
            self.pool.session(&subject(number)).access_token().await?;
        }
        settle(&self.transport).await;
        Ok(())
    }

    /// Lets some be due, again and again. Gives the median of what one costs.
    fn renewals(&self, runtime: &Runtime, grants: usize) -> f64 {
        self.pass(runtime, FIRST_END);
        let step = (LAST_END - FIRST_END).mul_f64(DUE as f64 / grants as f64);
        let costs = (0..ROUNDS).map(|_| {
            let (cost, requests) = self.pass(runtime, step);
            cost / requests as f64
        });
        median(costs.collect())
    }

    /// Lets time pass. Gives the seconds of CPU until all is done that was due, and how many requests that were.
    fn pass(&self, runtime: &Runtime, by: Duration) -> (f64, u64) {
        let before = self.transport.requests();
        let start = clock::thread();
        self.clock.advance(by);
        runtime.block_on(settle(&self.transport));
        let cost = clock::thread() - start;
        (cost.as_secs_f64(), self.transport.requests() - before)
    }
}

/// Lets every task go as far as it can.
async fn settle(transport: &AtOnce) {
    let (mut quiet, mut requests) = (0, transport.requests());
    while quiet < 64 {
        tokio::task::yield_now().await;
        let now = transport.requests();
        quiet = if now == requests { quiet + 1 } else { 0 };
        requests = now;
    }
}

fn client() -> Result<Client, Error> {
    <Client as Contract>::at("http://127.0.0.1:80")
}
