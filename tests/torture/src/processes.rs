//! Processes that all want the next generation of one single-use token at the same time.

use std::time::Duration;

use crate::plan::Plan;
use crate::report::{Failure, Report};
use crate::scene::Scene;

const LEASE: Duration = Duration::from_secs(5);
const LIMIT: Duration = Duration::from_secs(5);

/// Has every process want each generation at once. One of them may exchange, the others take over what it got.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut scene) = Scene::set(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    scene.hire_all().await?;
    let first = scene.reached;
    for generation in first + 1..=first + plan.generations {
        scene.crew.reach(generation).await;
        if !scene.hear_until(|scene| scene.all_at(generation)).await {
            break;
        }
    }
    let mut report = scene.close(Vec::new()).await;
    if report.exchanges != plan.generations || report.generations != plan.generations {
        report
            .violations
            .push(format!("{} generations were to be exchanged once each", plan.generations));
    }
    Ok(Some(report))
}
