//! Tasks that all ask for a token at the instant of its expiry, and tasks that are cancelled.

use std::time::Duration;

use fastrand::Rng;
use rekindle_language::atlassian::Client;
use rekindle_runtime::session::{Session, Upkeep};
use rekindle_runtime::store::{SharedStore, Store as _};
use rekindle_sessions::{World, settle};
use rekindle_testkit::provider::TokenState;
use tokio::task::JoinHandle;

use crate::backend::Backend;
use crate::plan::{Plan, StoreKind};
use crate::report::{Failure, Report};

const LONG: Duration = Duration::from_secs(24 * 60 * 60);
const LIMIT: Duration = Duration::from_secs(5);

/// What a task got: the generation of its token, or a failure in words.
type Got = Result<u64, String>;

/// When a task is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// Before it is polled for the first time.
    AtOnce,
    /// After so many turns of all tasks, whatever has happened by then.
    After(u32),
    /// When the request has left and its answer is held back.
    WhileSent,
    /// When the answer has just been let go.
    AsAnswered,
    /// Never: it gets its token.
    Never,
}

/// One exchange that all tasks wait for.
struct Run {
    world: World,
    session: Session<Client>,
    store: SharedStore,
    before: u64,
}

impl Run {
    async fn set_up(backend: Option<&Backend>, seed: u64) -> Result<Self, Failure> {
        let mut world = World::of::<Client>();
        // Each run has a provider of its own, whose tokens are told apart.
        let provider = world.fake.provider().clone().with_seed(seed);
        world.fake = rekindle_testkit::Fake::new(provider);
        world.wire = rekindle_sessions::Wire::to(&world.fake);
        let store = match backend {
            Some(backend) => backend.address().open(LIMIT).await.map_err(Failure::setup)?,
            None => SharedStore::new(world.store.clone()),
        };
        let builder = world.builder().store(store.clone());
        let builder = builder.upkeep(Upkeep::WhenAsked);
        let session = world.signed_in_with::<Client>(builder).await;
        world.pass(LONG).await;
        let before = session.status().await.map_err(Failure::setup)?.generation;
        world.wire.hold();
        Ok(Self { world, session, store, before })
    }

    fn ask(&self) -> JoinHandle<Got> {
        let session = self.session.clone();
        tokio::spawn(async move {
            let token = session.access_token().await;
            token.map(|token| token.generation()).map_err(|error| error.to_string())
        })
    }

    /// Waits until a request has left.
    async fn sent(&self) {
        while self.world.wire.sent() == 0 {
            settle().await;
        }
    }

    /// Holds what happened against what should have: `requests` may have left.
    async fn close(self, report: &mut Report, requests: u64) -> Result<(), Failure> {
        let kept = self.store.read(self.session.key()).await;
        let kept = kept.map_err(Failure::setup)?;
        let sent = u64::try_from(self.world.wire.sent()).unwrap_or(u64::MAX);
        let provider = self.world.fake.provider();
        report.exchanges += sent;
        report.revoked += u64::try_from(provider.reuses()).unwrap_or(u64::MAX);
        if sent != requests {
            report.duplicated += sent.saturating_sub(requests);
            let words = format!("{sent} requests left in place of {requests}");
            report.violations.push(words);
        }
        let good = kept.as_ref().is_some_and(|kept| {
            let token = kept.record.grant.refresh_token();
            let is_live = |token: &str| provider.refresh_token(token) == TokenState::Live;
            token.is_some_and(|token| is_live(token.expose())) && kept.in_flight.is_none()
        });
        let stored = kept.map_or(0, |kept| kept.record.generation);
        report.generations += stored.saturating_sub(self.before);
        if !good || stored != self.before + requests {
            report.lost += 1;
        }
        Ok(())
    }
}

/// All tasks ask at the instant of expiry.
pub(crate) async fn stampede(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(backend) = backend(plan)? else {
        return Ok(None);
    };
    let mut report = Report::default();
    for run in 0..plan.runs {
        let attempt = Run::set_up(backend.as_ref(), plan.seed.wrapping_add(run)).await?;
        let callers: Vec<_> = (0..plan.tasks).map(|_| attempt.ask()).collect();
        attempt.sent().await;
        settle().await;
        attempt.world.wire.release();
        let goal = attempt.before + 1;
        for caller in callers {
            expect(&mut report, caller.await, goal);
        }
        attempt.close(&mut report, 1).await?;
    }
    let tasks = u64::try_from(plan.tasks).unwrap_or(u64::MAX);
    report.also.push(("tasks", tasks));
    Ok(Some(report.of(plan)))
}

/// All tasks ask, and some or all are cancelled.
pub(crate) async fn cancel(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(backend) = backend(plan)? else {
        return Ok(None);
    };
    let mut report = Report::default();
    let mut random = Rng::with_seed(plan.seed);
    let mut cancelled = 0;
    for run in 0..plan.runs {
        let attempt = Run::set_up(backend.as_ref(), plan.seed.wrapping_add(run)).await?;
        let plans = cancellations(&mut random, run, plan.tasks);
        cancelled += carry_out(&attempt, &mut report, &plans).await;
        // The next caller is served what they left behind. Where all were cancelled before they were polled, it is the first.
        expect(&mut report, attempt.ask().await, attempt.before + 1);
        attempt.close(&mut report, 1).await?;
    }
    report.also.push(("cancelled", cancelled));
    Ok(Some(report.of(plan)))
}

/// When each task is cancelled. By turns: all but one, all, a random share, all at once.
fn cancellations(random: &mut Rng, run: u64, tasks: usize) -> Vec<Leaves> {
    let mut plans: Vec<_> = (0..tasks)
        .map(|_| match random.u8(0..4) {
            0 => Leaves::AtOnce,
            1 => Leaves::After(random.u32(0..50)),
            2 => Leaves::WhileSent,
            _ => Leaves::AsAnswered,
        })
        .collect();
    match run % 4 {
        0 => {
            let survivor = random.usize(0..tasks);
            plans[survivor] = Leaves::Never;
        }
        // All, while an exchange is out.
        1 => plans[0] = Leaves::WhileSent,
        2 => {
            let share = random.u8(1..100);
            for leaves in &mut plans {
                if random.u8(0..100) < share {
                    *leaves = Leaves::Never;
                }
            }
        }
        _ => plans.fill(Leaves::AtOnce),
    }
    plans
}

/// Lets all tasks ask and cancels them as planned. Returns how many were cancelled without a token.
async fn carry_out(attempt: &Run, report: &mut Report, plans: &[Leaves]) -> u64 {
    let mut callers: Vec<_> = plans
        .iter()
        .map(|leaves| {
            let caller = attempt.ask();
            if *leaves == Leaves::AtOnce {
                caller.abort();
            }
            (*leaves, caller)
        })
        .collect();
    let leave = |callers: &[(Leaves, JoinHandle<Got>)], moment: Leaves| {
        let going = callers.iter().filter(|(leaves, _)| *leaves == moment);
        going.for_each(|(_, caller)| caller.abort());
    };
    for turn in 0..50 {
        leave(&callers, Leaves::After(turn));
        tokio::task::yield_now().await;
    }
    if plans.iter().any(|leaves| !matches!(leaves, Leaves::AtOnce | Leaves::After(_))) {
        attempt.sent().await;
    }
    leave(&callers, Leaves::WhileSent);
    settle().await;
    attempt.world.wire.release();
    leave(&callers, Leaves::AsAnswered);
    let mut gone = 0;
    for (leaves, caller) in callers.drain(..) {
        match caller.await {
            Err(error) if error.is_cancelled() && leaves != Leaves::Never => gone += 1,
            other => expect(report, other, attempt.before + 1),
        }
    }
    gone
}

fn expect(report: &mut Report, got: Result<Got, tokio::task::JoinError>, generation: u64) {
    let words = match got {
        Ok(Ok(found)) if found == generation => return,
        Ok(Ok(found)) => format!("a caller got generation {found} in place of {generation}"),
        Ok(Err(error)) => format!("a caller got no token: {error}"),
        Err(error) => format!("a caller ended: {error}"),
    };
    if report.violations.len() < 10 {
        report.violations.push(words);
    }
}

/// Where the grant is, if not in memory; `None` where the server is not installed.
fn backend(plan: &Plan) -> Result<Option<Option<Backend>>, Failure> {
    if plan.store == StoreKind::Memory {
        return Ok(Some(None));
    }
    Backend::start(plan).map(|made| made.map(Some))
}
