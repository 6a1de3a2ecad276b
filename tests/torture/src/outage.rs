//! A store that is restarted, frozen or taken away while the workers run.

use std::time::Duration;

use crate::backend::{Backend, grants};
use crate::cluster::Cluster;
use crate::pause::LEASE;
use crate::plan::Plan;
use crate::report::{Failure, Report};

/// How long an operation may take: less than an outage, so that some run into it.
const LIMIT: Duration = Duration::from_millis(700);
/// How long the store is there between two outages, at most.
const BETWEEN: u64 = 400;
/// The longest outage: far longer than the lease and the limit of an operation.
const LONGEST: u64 = 2_000;

/// What is done to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outage {
    /// It is stopped in good order, and is away for a time.
    Stopped,
    /// It is killed, and is away for a time.
    Crashed,
    /// It is there and does not answer. A folder cannot do that.
    Frozen,
}

/// Takes the store away `runs` times, and until the generations are reached. No process is killed: nothing may be lost.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    cluster.start_workers().await?;
    cluster.workers.set_goal(u64::MAX).await;
    let mut long = 0;
    for _ in 0..plan.runs {
        let between = Duration::from_millis(cluster.random.u64(0..=BETWEEN));
        cluster.receive_for(between).await;
        let kinds = [Outage::Stopped, Outage::Crashed, Outage::Frozen];
        let kind = kinds[cluster.random.usize(0..kinds.len())];
        let time = Duration::from_millis(cluster.random.u64(0..=LONGEST));
        long += u64::from(time > LEASE);
        tokio::task::block_in_place(|| begin(&cluster.backend, kind)).map_err(Failure::setup)?;
        cluster.receive_for(time).await;
        tokio::task::block_in_place(|| end(&cluster.backend, kind)).map_err(Failure::setup)?;
        let before = cluster.reached;
        if !cluster.receive_until(|cluster| cluster.reached > before).await {
            break;
        }
    }
    cluster.finish().await;
    let counted = vec![("outages", plan.runs), ("longer_than_lease", long)];
    Ok(Some(cluster.close(counted).await))
}

fn begin(backend: &Backend, kind: Outage) -> std::io::Result<()> {
    match (backend, kind) {
        // As a disk that is unmounted.
        (Backend::File(folder), _) => {
            let grants = grants(folder.path());
            std::fs::rename(&grants, grants.with_extension("away"))?;
        }
        (Backend::Postgres(server, _), Outage::Stopped) => server.stop(),
        (Backend::Postgres(server, _), Outage::Crashed) => server.crash(),
        (Backend::Postgres(server, _), Outage::Frozen) => server.pause(),
        (Backend::Redis(server), Outage::Stopped) => server.stop(),
        (Backend::Redis(server), Outage::Crashed) => server.crash(),
        (Backend::Redis(server), Outage::Frozen) => server.pause(),
    }
    Ok(())
}

fn end(backend: &Backend, kind: Outage) -> std::io::Result<()> {
    match (backend, kind) {
        (Backend::File(folder), _) => {
            let grants = grants(folder.path());
            std::fs::rename(grants.with_extension("away"), &grants)?;
        }
        (Backend::Postgres(server, _), Outage::Frozen) => server.resume(),
        (Backend::Postgres(server, _), _) => server.start(),
        (Backend::Redis(server), Outage::Frozen) => server.resume(),
        (Backend::Redis(server), _) => server.start(),
    }
    Ok(())
}
