//! A store that is restarted, frozen or taken away while everybody works.

use std::time::Duration;

use crate::pause::LEASE;
use crate::place::{Place, grants};
use crate::plan::Plan;
use crate::report::{Failure, Report};
use crate::scene::Scene;

/// How long an operation may take: less than an outage, so that some end for want of an answer.
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
    /// It ends without a goodbye, and is away for a time.
    Crashed,
    /// It is there and does not answer. A folder cannot do that.
    Frozen,
}

/// Takes the store away `runs` times, and until the generations are reached. Nobody dies: nothing may be lost.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut scene) = Scene::set(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    scene.hire_all().await?;
    scene.crew.reach(u64::MAX).await;
    let mut long = 0;
    for _ in 0..plan.runs {
        let between = Duration::from_millis(scene.random.u64(0..=BETWEEN));
        scene.hear_for(between).await;
        let kinds = [Outage::Stopped, Outage::Crashed, Outage::Frozen];
        let kind = kinds[scene.random.usize(0..kinds.len())];
        let time = Duration::from_millis(scene.random.u64(0..=LONGEST));
        long += u64::from(time > LEASE);
        tokio::task::block_in_place(|| begin(&scene.place, kind)).map_err(Failure::setup)?;
        scene.hear_for(time).await;
        tokio::task::block_in_place(|| end(&scene.place, kind)).map_err(Failure::setup)?;
        let before = scene.reached;
        if !scene.hear_until(|scene| scene.reached > before).await {
            break;
        }
    }
    scene.finish().await;
    let counted = vec![("outages", plan.runs), ("longer_than_lease", long)];
    Ok(Some(scene.close(counted).await))
}

fn begin(place: &Place, kind: Outage) -> std::io::Result<()> {
    match (place, kind) {
        // As a disk that is unmounted.
        (Place::File(folder), _) => {
            let grants = grants(folder.path());
            std::fs::rename(&grants, grants.with_extension("away"))?;
        }
        (Place::Postgres(server), Outage::Stopped) => server.stop(),
        (Place::Postgres(server), Outage::Crashed) => server.crash(),
        (Place::Postgres(server), Outage::Frozen) => server.pause(),
        (Place::Redis(server), Outage::Stopped) => server.stop(),
        (Place::Redis(server), Outage::Crashed) => server.crash(),
        (Place::Redis(server), Outage::Frozen) => server.pause(),
    }
    Ok(())
}

fn end(place: &Place, kind: Outage) -> std::io::Result<()> {
    match (place, kind) {
        (Place::File(folder), _) => {
            let grants = grants(folder.path());
            std::fs::rename(grants.with_extension("away"), &grants)?;
        }
        (Place::Postgres(server), Outage::Frozen) => server.resume(),
        (Place::Postgres(server), _) => server.start(),
        (Place::Redis(server), Outage::Frozen) => server.resume(),
        (Place::Redis(server), _) => server.start(),
    }
    Ok(())
}
