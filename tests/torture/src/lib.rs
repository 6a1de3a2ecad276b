//! What sessions must withstand: stampedes, callers that are cancelled, processes that are killed or stopped, stores out of reach or gone back in time, clocks
//! that differ, years of clock. Each scenario is a plan drawn from a seed, carried out on this machine, and held against what the provider has counted.
//!
//! Several processes are several runs of one program: the supervisor starts *workers*, which hold a session each on the one
//! grant in a store that they share, and serves the fake provider over loopback HTTP.

#![forbid(unsafe_code)]

mod address;
mod backend;
mod backlog;
mod clock;
mod close;
mod cluster;
mod failover;
mod fleet;
mod kill;
mod ledger;
mod message;
mod mint;
mod outage;
mod pause;
mod pause_threads;
mod plan;
mod processes;
mod provider;
mod report;
mod skew;
mod skewed_clock;
mod stampede;
mod windowed;
pub mod worker;
mod workers;

use tokio::runtime::Builder;

pub use address::Address;
pub use message::Message;
pub use plan::{Asked, Plan, Scenario, StoreKind, Unusable};
pub use provider::Registered;
pub use report::{Failure, Report};
pub use workers::Workers;

/// Carries out a plan. `None`, said on standard error, where a server that it needs is not installed.
///
/// # Errors
/// What should hold did not, or the scenario could not be set up.
///
/// # Panics
/// A database server does not start, or the repository's specs are not there.
pub fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let mut runtime = match plan.scenario {
        // Virtual time passes when all tasks have done what was due: with one thread this is known.
        Scenario::Clock => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = runtime.worker_threads(2).enable_all().build();
    runtime.map_err(Failure::setup)?.block_on(async {
        match plan.scenario {
            Scenario::Stampede => stampede::stampede(plan).await,
            Scenario::Cancel => stampede::cancel(plan).await,
            Scenario::Processes => processes::run(plan).await,
            Scenario::Kill9 | Scenario::Pooler => kill::run(plan).await,
            Scenario::Mint => mint::run(plan).await,
            Scenario::Pause if plan.store == StoreKind::Memory => pause_threads::run(plan).await,
            Scenario::Pause => pause::run(plan).await,
            Scenario::Outage => outage::run(plan).await,
            Scenario::Close => close::run(plan).await,
            Scenario::Fleet => fleet::run(plan).await,
            Scenario::Skew => skew::run(plan).await,
            Scenario::Failover => failover::run(plan).await,
            Scenario::Clock => clock::run(plan).await,
        }
    })
}
