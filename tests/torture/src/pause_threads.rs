//! Workers in one process, each with a runtime and a thread of its own, on a store in memory.
//!
//! A thread cannot be stopped from outside as a process can. So each runtime has a task that blocks its thread when it is told
//! to: no task of that worker goes on, while the machine's clock does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::store::{MemoryStore, SharedStore};
use tokio::sync::{mpsc as async_mpsc, watch};

use crate::address::Address;
use crate::cluster::STUCK;
use crate::ledger::Ledger;
use crate::message::Message;
use crate::pause::{LEASE, some, stop};
use crate::plan::Plan;
use crate::provider::{Client, Served};
use crate::report::{Failure, Report};
use crate::worker::{Goal, Job, Role, Worker};

/// How long all workers go on between two stops, at most.
const BETWEEN: u64 = 20_000;
const PAUSE: Duration = Duration::from_millis(5);

struct WorkerThread {
    stops: async_mpsc::UnboundedSender<Duration>,
    reached: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

/// The scenario `pause`, with threads in place of processes.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let provider = Served::start::<Client>(plan.seed)?;
    let store = SharedStore::new(MemoryStore::new());
    let job = Job {
        address: Address::File("memory".into()),
        provider: provider.registered(),
        lease: LEASE,
        limit: Duration::from_secs(5),
        role: Role::Session,
    };
    let session = job.session("supervisor", store.clone()).map_err(Failure::setup)?;
    let session = session.open().await.map_err(Failure::setup)?;
    let mut ledger = Ledger::new(session, store.clone());
    ledger.sign_in(&provider).await?;
    let (goal, wanted) = watch::channel(Some(Goal::Reach(u64::MAX)));
    let workers: Vec<WorkerThread> = (0..plan.processes)
        .map(|number| start(number, &job, &store, wanted.clone()))
        .collect::<Result<_, _>>()?;
    let (clock, mut random) = (SystemClock::new(), fastrand::Rng::with_seed(plan.seed));
    let mut long = 0;
    for _ in 0..plan.runs {
        clock.sleep(Duration::from_micros(random.u64(0..=BETWEEN))).await;
        let numbers = (0..u32::try_from(workers.len()).unwrap_or(u32::MAX)).collect();
        let stop = stop(&mut random);
        long += u64::from(stop > LEASE);
        for number in some(&mut random, numbers) {
            let worker = usize::try_from(number).ok().and_then(|at| workers.get(at));
            // It fails when the worker has ended, which then misses its generation.
            let _ = worker.map(|worker| worker.stops.send(stop));
        }
        clock.sleep(stop).await;
    }
    let newest = workers.iter().map(WorkerThread::reached).max().unwrap_or(0);
    let last = (newest + 1).max(plan.generations + 1);
    goal.send_replace(Some(Goal::Reach(last)));
    let began = clock.monotonic();
    while workers.iter().any(|worker| worker.reached() < last) {
        clock.sleep(PAUSE).await;
        if clock.monotonic() - began > STUCK {
            let words = format!("a worker did not get to generation {last}");
            ledger.violations.push(words);
            break;
        }
    }
    goal.send_replace(None);
    for worker in workers {
        if worker.thread.join().is_err() {
            ledger.violations.push("a worker panicked".to_owned());
        }
    }
    let mut report = ledger.close(plan, &provider).await;
    report.also.extend([("stops", plan.runs), ("longer_than_lease", long)]);
    Ok(Some(report))
}

impl WorkerThread {
    fn reached(&self) -> u64 {
        self.reached.load(Ordering::SeqCst)
    }
}

fn start(
    number: usize,
    job: &Job,
    store: &SharedStore,
    goal: watch::Receiver<Option<Goal>>,
) -> Result<WorkerThread, Failure> {
    let (stops, to_stop) = async_mpsc::unbounded_channel();
    let reached = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&reached);
    let session = job.session(&format!("worker-{number}"), store.clone());
    let session = session.map_err(Failure::setup)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::setup)?;
    let thread = std::thread::Builder::new().name(format!("worker {number}"));
    let thread = thread.spawn(move || {
        runtime.block_on(async {
            tokio::spawn(block_when_told(to_stop));
            let note = |message| {
                if let Message::Reached { generation, .. } = message {
                    seen.fetch_max(generation, Ordering::SeqCst);
                }
            };
            if let Ok(session) = session.open().await {
                Worker::new(session, note).run(goal).await;
            }
        });
    });
    Ok(WorkerThread { stops, reached, thread: thread.map_err(Failure::setup)? })
}

/// Blocks the thread of this runtime for as long as it is told, each time.
async fn block_when_told(mut stops: async_mpsc::UnboundedReceiver<Duration>) {
    while let Some(stop) = stops.recv().await {
        // Nothing is ever sent: this is a wait that holds the thread.
        let (_sender, nothing) = mpsc::channel::<()>();
        let _ = nothing.recv_timeout(stop);
    }
}
