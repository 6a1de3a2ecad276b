//! A peer that holds a valid token, and the ways in which calls are measured.

use std::hint::black_box;
use std::sync::Arc;

use rekindle_bench_measure::clock;
use rekindle_bench_measure::rounds::Contender;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::peer::Peer;
use rekindle_bench_sessions::server::Server;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// How many tasks call at once.
const TASKS: u32 = 8;
/// How many calls each makes in a round.
const CALLS: u32 = 5_000;

/// A holder of a valid token.
pub struct Held {
    /// What it is called.
    pub name: &'static str,
    server: Server,
    /// Makes so many calls on this thread.
    alone: Box<dyn Fn(u32)>,
    /// Makes so many calls on each of so many tasks.
    together: Box<dyn Fn(u32, u32)>,
}

impl Held {
    /// Sets a peer up and has it fetch its first token.
    pub fn open<P: Peer>(runtime: &Arc<Runtime>) -> Result<Self, Error> {
        let server = Server::start()?;
        let start = server.start_of_a_peer();
        let peer = runtime.block_on(async {
            let peer = P::open(start).await?;
            let held = peer.token(|token| token.is_some_and(|token| !token.is_empty()));
            held.await?.then_some(peer).ok_or_else(|| Error::from("no token"))
        })?;
        let peer = Arc::new(peer);
        Ok(Self {
            name: P::NAME,
            server,
            alone: Box::new({
                let (runtime, peer) = (Arc::clone(runtime), Arc::clone(&peer));
                move |times| runtime.block_on(calls(&*peer, times))
            }),
            together: Box::new({
                let runtime = Arc::clone(runtime);
                move |tasks, times| runtime.block_on(spread(&peer, tasks, times))
            }),
        })
    }

    /// CPU time of a call on one thread.
    pub fn alone(&self) -> Contender<'_> {
        Contender::new(self.name, CALLS, clock::thread, || (self.alone)(CALLS))
    }

    /// CPU time of a call while all cores make calls.
    pub fn together(&self) -> Contender<'_> {
        let work = || (self.together)(TASKS, CALLS);
        Contender::new(self.name, TASKS * CALLS, clock::process, work)
    }

    /// Time that passes for each call while all cores make calls.
    pub fn passing(&self) -> Contender<'_> {
        let work = || (self.together)(TASKS, CALLS);
        Contender::new(self.name, TASKS * CALLS, clock::wall, work)
    }

    /// What a call allocates.
    pub fn allocations(&self) -> f64 {
        let measured = allocation_counter::measure(|| (self.alone)(CALLS));
        measured.count_total as f64 / f64::from(CALLS)
    }

    /// How many requests it has made in all: one, or none for the floor.
    pub fn requests(&self) -> String {
        self.server.grant().requests().to_string()
    }
}

async fn calls<P: Peer>(peer: &P, times: u32) {
    for _ in 0..times {
        let length = peer.token(|token| token.map(str::len)).await;
        // An error here is seen in the number of requests.
        _ = black_box(length);
    }
}

async fn spread<P: Peer>(peer: &Arc<P>, tasks: u32, times: u32) {
    let mut running = JoinSet::new();
    for _ in 0..tasks {
        let peer = Arc::clone(peer);
        running.spawn(async move { calls(&*peer, times).await });
    }
    running.join_all().await;
}
