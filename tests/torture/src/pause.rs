//! Processes that are stopped and go on.

use std::time::Duration;

use fastrand::Rng;
use rustix::process::Signal;

use crate::cluster::Cluster;
use crate::plan::Plan;
use crate::report::{Failure, Report};

/// Short, so that stops outlast it.
pub(crate) const LEASE: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_secs(5);
/// How long all workers go on between two stops, at most.
const BETWEEN: u64 = 40_000;

/// Stops some of the processes, or all of them, and lets them go on: `runs` times, and until the generations are reached.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    cluster.start_workers().await?;
    cluster.workers.set_goal(u64::MAX).await;
    let mut long = 0;
    for _ in 0..plan.runs {
        let between = Duration::from_micros(cluster.random.u64(0..=BETWEEN));
        cluster.receive_for(between).await;
        let stopped = some(&mut cluster.random, cluster.workers.numbers());
        for number in &stopped {
            cluster.workers.signal(*number, Signal::STOP);
        }
        let stop = stop(&mut cluster.random);
        long += u64::from(stop > LEASE);
        cluster.receive_for(stop).await;
        for number in &stopped {
            cluster.workers.signal(*number, Signal::CONT);
        }
    }
    cluster.finish().await;
    let counted = vec![("stops", plan.runs), ("longer_than_lease", long)];
    Ok(Some(cluster.close(counted).await))
}

/// How long a stop is: half of them are shorter than the lease, half are longer.
pub(crate) fn stop(random: &mut Rng) -> Duration {
    let lease = u64::try_from(LEASE.as_micros()).unwrap_or(u64::MAX);
    Duration::from_micros(if random.bool() {
        random.u64(0..lease)
    } else {
        random.u64(lease + 10_000..lease * 3)
    })
}

/// One of them at least, all of them at most.
pub(crate) fn some(random: &mut Rng, mut all: Vec<u32>) -> Vec<u32> {
    random.shuffle(&mut all);
    let number = random.usize(1..=all.len().max(1));
    all.truncate(number);
    all
}
