//! Processes that are killed at random points, and replaced.

use std::collections::BTreeSet;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};

use crate::crew::Crew;
use crate::plan::Plan;
use crate::report::{Failure, Report};
use crate::scene::Scene;

/// The lease of one that is killed goes on, in a database: the shorter, the sooner the others try.
const LEASE: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(5);
/// How long after somebody got further the next one is killed, at most.
const LATEST: u64 = 8_000;
/// How long nothing is heard before the store is asked whether the grant is in doubt.
const SILENCE: Duration = Duration::from_millis(15);
const STUCK: Duration = Duration::from_secs(60);

/// Kills, replaces, and sees to it that somebody gets further each time.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut scene) = Scene::set(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    scene.hire_all().await?;
    scene.crew.reach(u64::MAX).await;
    let mut dead = BTreeSet::new();
    for _ in 0..plan.runs {
        let wait = Duration::from_micros(scene.random.u64(0..=LATEST));
        scene.hear_for(wait).await;
        let alive = scene.crew.numbers();
        let Some(victim) = scene.random.choice(alive) else {
            break;
        };
        scene.crew.kill(victim).await;
        dead.insert(Crew::owner(victim));
        scene.crew.hire().await?;
        let before = scene.reached;
        if !live_on(&mut scene, &dead, |scene| scene.reached > before).await? {
            break;
        }
    }
    let goal = plan.generations + 1;
    live_on(&mut scene, &dead, |scene| scene.reached >= goal).await?;
    // One generation that all who are left have: nobody is stuck.
    let last = scene.reached + 1;
    scene.crew.reach(last).await;
    live_on(&mut scene, &dead, |scene| scene.all_at(last)).await?;
    let kills = u64::try_from(dead.len()).unwrap_or(u64::MAX);
    Ok(Some(scene.close(vec![("kills", kills)]).await))
}

/// Hears until `done`; where the grant is in doubt for good meanwhile, somebody signs in. `false`, a violation, when nobody gets any
/// further for too long.
async fn live_on(
    scene: &mut Scene,
    dead: &BTreeSet<String>,
    done: impl Fn(&Scene) -> bool,
) -> Result<bool, Failure> {
    let clock = SystemClock::new();
    let (mut since, mut before) = (clock.monotonic(), scene.reached);
    let mut asked = clock.monotonic();
    while !done(scene) {
        scene.hear(SILENCE).await;
        let now = clock.monotonic();
        if now - asked >= SILENCE {
            let provider = &scene.provider;
            let is_dead = |owner: &str| dead.contains(owner);
            scene.books.bury(provider, is_dead).await?;
            asked = now;
        }
        if scene.reached > before {
            (since, before) = (now, scene.reached);
        } else if now - since > STUCK {
            scene.stuck().await;
            return Ok(false);
        }
    }
    Ok(true)
}
