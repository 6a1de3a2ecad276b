//! Processes that close in good order in the middle of a backlog, and are replaced.

use std::time::Duration;

use crate::backlog::Backlog;
use crate::plan::Plan;
use crate::report::{Failure, Report};

/// Longer than a backlog may stand still: a lease that a closing process left behind would be noticed.
const LEASE: Duration = Duration::from_secs(120);
/// How long all go on before one is closed, at most, in microseconds. A process looks for what is due within a second.
const BETWEEN: u64 = 400_000;

/// Closes and replaces processes that share a backlog, `runs` times or until it is worked off, and lets the last ones work it off.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut backlog) = Backlog::set_up(plan, LEASE).await? else {
        return Ok(None);
    };
    let mut closes = 0;
    while closes < plan.runs && backlog.due().await? > 0 {
        let wait = Duration::from_micros(backlog.cluster.random.u64(0..=BETWEEN));
        backlog.cluster.receive_for(wait).await;
        let Some(closing) = backlog.one() else {
            break;
        };
        backlog.close(closing).await;
        closes += 1;
        backlog.cluster.workers.start().await?;
    }
    let mut report = backlog.finish().await?;
    report.also.push(("closes", closes));
    Ok(Some(report.of(plan)))
}
