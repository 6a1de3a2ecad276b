//! What "give me a token that is valid now" costs while a valid one is held.
//!
//! `cargo run --release --bin hot-path` prints three tables. For the first, each peer has fetched a token that lives for an hour from
//! a server on loopback; what is counted is CPU time of the calls that follow. For the second, no peer has one. The third holds
//! Rekindle's figures against what is wanted of them.

mod contender;
mod floor;
mod goals;
mod stampede;

use std::process::ExitCode;
use std::sync::Arc;

use rekindle_bench_measure::rounds::{self, Contender, Samples};
use rekindle_bench_measure::table::Table;
use rekindle_bench_sessions::Error;
use rekindle_bench_sessions::ours::Ours;
use rekindle_bench_sessions::peers::{
    self, Aws, Azure, GcpAuth, Google, Huskarl, Rspotify, YupInMemory,
};
use tokio::runtime::Runtime;

use crate::contender::Held;
use crate::floor::Floor;
use crate::stampede::Stampede;

/// How often each peer is measured.
const ROUNDS: usize = 61;

fn main() -> ExitCode {
    rekindle_bench_sessions::run("hot-path", print)
}

fn print() -> Result<(), Error> {
    peers::prepare()?;
    let runtime = Arc::new(Runtime::new()?);
    let held = held(&runtime)?;
    let calls = Calls::of(&held);
    print!("{}", calls.table(&held));
    drop(held);
    let stampedes = runtime.block_on(expired())?;
    print!("\n{}", stampede::table(&stampedes));
    print!("\n{}", goals::table(&calls, &stampedes));
    Ok(())
}

/// The peers, each with a valid token: the floor first, Rekindle second.
fn held(runtime: &Arc<Runtime>) -> Result<[Held; 9], Error> {
    Ok([
        Held::open::<Floor>(runtime)?,
        Held::open::<Ours>(runtime)?,
        Held::open::<Rspotify>(runtime)?,
        Held::open::<Google>(runtime)?,
        Held::open::<Huskarl>(runtime)?,
        Held::open::<YupInMemory>(runtime)?,
        Held::open::<GcpAuth>(runtime)?,
        Held::open::<Azure>(runtime)?,
        Held::open::<Aws>(runtime)?,
    ])
}

/// What calls cost while a valid token is held, in the order of those who were measured.
pub struct Calls {
    alone: Vec<Samples>,
    together: Vec<Samples>,
    passing: Vec<Samples>,
    allocations: Vec<f64>,
}

impl Calls {
    fn of(held: &[Held]) -> Self {
        Self {
            alone: samples(held, Held::alone),
            together: samples(held, Held::together),
            passing: samples(held, Held::passing),
            allocations: held.iter().map(Held::allocations).collect(),
        }
    }

    fn table(&self, held: &[Held]) -> Table {
        let mut table = Table::new(&[
            "a valid token is held",
            "one thread",
            "× floor",
            "8 tasks",
            "× floor, 8 tasks",
            "calls/s, 8 tasks",
            "allocations",
            "requests",
        ]);
        for (number, held) in held.iter().enumerate() {
            table.row([
                held.name.to_owned(),
                format!("{:.0} ns", self.alone[number].seconds() * 1e9),
                format!("{:.2}", self.alone[number].ratio(&self.alone[0])),
                format!("{:.0} ns", self.together[number].seconds() * 1e9),
                format!("{:.2}", self.together[number].ratio(&self.together[0])),
                format!("{:.1} M", 1e-6 / self.passing[number].seconds()),
                format!("{:.1}", self.allocations[number]),
                held.requests(),
            ]);
        }
        table
    }
}

/// Many callers while there is no token. Left out: google-cloud-auth, which asks before there is a call; yup-oauth2 and gcp_auth,
/// which make a request for each caller. The floor makes no request: it is what the machine takes to run so many tasks.
async fn expired() -> Result<Vec<Stampede>, Error> {
    Ok(vec![
        Stampede::of::<Floor>().await?,
        Stampede::of::<Ours>().await?,
        Stampede::of::<Huskarl>().await?,
        Stampede::of::<Rspotify>().await?,
        Stampede::of::<Azure>().await?,
        Stampede::of::<Aws>().await?,
    ])
}

/// Measures all peers in one way.
fn samples(held: &[Held], way: fn(&Held) -> Contender<'_>) -> Vec<Samples> {
    let mut contenders: Vec<_> = held.iter().map(way).collect();
    rounds::run(&mut contenders, ROUNDS)
}
