//! Processes that are killed at random points, and replaced.

use std::collections::BTreeSet;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};

use crate::cluster::{Cluster, STUCK};
use crate::plan::Plan;
use crate::report::{Failure, Report};
use crate::workers::Workers;

/// In a database, the lease of a killed process goes on: the shorter it is, the sooner the others try.
const LEASE: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(5);
/// How long after progress the next process is killed, at most.
const LATEST: u64 = 8_000;
/// After how long without a message the store is asked whether the grant is in doubt.
const SILENCE: Duration = Duration::from_millis(15);

/// Kills and replaces workers, and waits each time until one has got further.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    cluster.start_workers().await?;
    cluster.workers.set_goal(u64::MAX).await;
    let mut killed = BTreeSet::new();
    for _ in 0..plan.runs {
        let wait = Duration::from_micros(cluster.random.u64(0..=LATEST));
        cluster.receive_for(wait).await;
        let alive = cluster.workers.numbers();
        let Some(victim) = cluster.random.choice(alive) else {
            break;
        };
        cluster.workers.kill(victim).await;
        killed.insert(Workers::owner(victim));
        cluster.workers.start().await?;
        let before = cluster.reached;
        if !go_on(&mut cluster, &killed, |cluster| cluster.reached > before).await? {
            break;
        }
    }
    let goal = plan.generations + 1;
    go_on(&mut cluster, &killed, |cluster| cluster.reached >= goal).await?;
    // One generation that all remaining workers have: none is stuck.
    let last = cluster.reached + 1;
    cluster.workers.set_goal(last).await;
    go_on(&mut cluster, &killed, |cluster| cluster.all_at(last)).await?;
    let kills = u64::try_from(killed.len()).unwrap_or(u64::MAX);
    Ok(Some(cluster.close(vec![("kills", kills)]).await))
}

/// Handles messages until `done`; where the grant is in doubt for good meanwhile, the supervisor signs in. `false`, a violation,
/// when there was no progress for too long.
async fn go_on(
    cluster: &mut Cluster,
    killed: &BTreeSet<String>,
    done: impl Fn(&Cluster) -> bool,
) -> Result<bool, Failure> {
    let clock = SystemClock::new();
    let (mut since, mut before) = (clock.monotonic(), cluster.reached);
    let mut asked = clock.monotonic();
    while !done(cluster) {
        cluster.receive(SILENCE).await;
        let now = clock.monotonic();
        if now - asked >= SILENCE {
            let provider = &cluster.provider;
            let was_killed = |owner: &str| killed.contains(owner);
            cluster.ledger.sign_in_if_in_doubt(provider, was_killed).await?;
            asked = now;
        }
        if cluster.reached > before {
            (since, before) = (now, cluster.reached);
        } else if now - since > STUCK {
            cluster.stuck().await;
            return Ok(false);
        }
    }
    Ok(true)
}
