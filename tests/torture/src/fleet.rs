//! Machines that come and go, end in good order, are killed or stand still, in the middle of a backlog.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::Signal;

use crate::backlog::Backlog;
use crate::plan::Plan;
use crate::report::{Failure, Report};

/// What a machine that is gone had taken up is free after it.
const LEASE: Duration = Duration::from_millis(500);
/// How long all go on before the next thing happens, at most, in microseconds.
const BETWEEN: u64 = 100_000;
/// How long one stands still, at most, in milliseconds: for longer and shorter than the lease.
const LONGEST: u64 = 1_000;

/// What happens to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    Joins,
    Leaves,
    IsKilled,
    StandsStill,
}

impl Happens {
    const ALL: [Self; 4] = [Self::Joins, Self::Leaves, Self::IsKilled, Self::StandsStill];

    fn counted(self) -> &'static str {
        match self {
            Self::Joins => "joined",
            Self::Leaves => "left",
            Self::IsKilled => "kills",
            Self::StandsStill => "stops",
        }
    }
}

/// Lets something happen `runs` times or until the backlog is worked off; there are never fewer machines than one, nor more than twice as
/// many as at first. The last ones work it off.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut backlog) = Backlog::set_up(plan, LEASE).await? else {
        return Ok(None);
    };
    let mut happened = BTreeMap::from(Happens::ALL.map(|what| (what, 0)));
    for _ in 0..plan.runs {
        if backlog.due().await? == 0 {
            break;
        }
        let wait = Duration::from_micros(backlog.cluster.random.u64(0..=BETWEEN));
        backlog.cluster.receive_for(wait).await;
        let machines = backlog.cluster.workers.numbers().len();
        let what = backlog.cluster.random.choice(Happens::ALL).unwrap_or(Happens::Joins);
        let what = match what {
            Happens::Leaves | Happens::IsKilled if machines == 1 => Happens::Joins,
            Happens::Joins if machines >= plan.processes * 2 => Happens::Leaves,
            what => what,
        };
        happen(&mut backlog, what).await?;
        *happened.entry(what).or_default() += 1;
    }
    let mut report = backlog.finish().await?;
    report.also.extend(happened.into_iter().map(|(what, times)| (what.counted(), times)));
    Ok(Some(report.of(plan)))
}

async fn happen(backlog: &mut Backlog, what: Happens) -> Result<(), Failure> {
    let Some(machine) = backlog.one() else {
        return Err(Failure::setup("no machine is there"));
    };
    match what {
        Happens::Joins => {
            backlog.cluster.workers.start().await?;
        }
        Happens::Leaves => backlog.close(machine).await,
        Happens::IsKilled => backlog.kill(machine).await,
        Happens::StandsStill => {
            let time = Duration::from_millis(backlog.cluster.random.u64(0..=LONGEST));
            backlog.cluster.workers.signal(machine, Signal::STOP);
            backlog.cluster.receive_for(time).await;
            backlog.cluster.workers.signal(machine, Signal::CONT);
        }
    }
    Ok(())
}
