//! Processes that all want the next generation of one single-use token at the same time.

use std::time::Duration;

use crate::cluster::Cluster;
use crate::plan::Plan;
use crate::report::{Failure, Report};

const LEASE: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(5);

/// Has every process want each generation at once. One of them may exchange, the others take over what it got.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    cluster.start_workers().await?;
    let first = cluster.reached;
    for generation in first + 1..=first + plan.generations {
        cluster.workers.set_goal(generation).await;
        if !cluster.receive_until(|cluster| cluster.all_at(generation)).await {
            break;
        }
    }
    let mut report = cluster.close(Vec::new()).await;
    if report.exchanges != plan.generations || report.generations != plan.generations {
        report
            .violations
            .push(format!("{} generations were to be exchanged once each", plan.generations));
    }
    Ok(Some(report))
}
