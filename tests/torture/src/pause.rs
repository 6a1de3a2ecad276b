//! Processes that are stopped and go on.

use std::time::Duration;

use fastrand::Rng;
use rustix::process::Signal;

use crate::plan::Plan;
use crate::report::{Failure, Report};
use crate::scene::Scene;

/// Short, so that stops outlast it.
pub(crate) const LEASE: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_secs(5);
/// How long everybody goes on between two stops, at most.
const BETWEEN: u64 = 40_000;

/// Stops some of the processes, or all of them, and lets them go on: `runs` times, and until the generations are reached.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut scene) = Scene::set(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    scene.hire_all().await?;
    scene.crew.reach(u64::MAX).await;
    let mut long = 0;
    for _ in 0..plan.runs {
        let between = Duration::from_micros(scene.random.u64(0..=BETWEEN));
        scene.hear_for(between).await;
        let stopped = some(&mut scene.random, scene.crew.numbers());
        for number in &stopped {
            scene.crew.signal(*number, Signal::STOP);
        }
        let stop = stop(&mut scene.random);
        long += u64::from(stop > LEASE);
        scene.hear_for(stop).await;
        for number in &stopped {
            scene.crew.signal(*number, Signal::CONT);
        }
    }
    scene.finish().await;
    let counted = vec![("stops", plan.runs), ("longer_than_lease", long)];
    Ok(Some(scene.close(counted).await))
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
