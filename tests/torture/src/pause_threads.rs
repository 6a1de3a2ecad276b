//! Holders in one process, each with a runtime and a thread of its own, on a store in memory.
//!
//! A thread cannot be stopped from outside as a process can. So each runtime has a task that, when it is told to, blocks its thread:
//! nothing of that holder goes on, wherever it awaits something, and the machine's clock does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::session::Session;
use rekindle_runtime::store::{MemoryStore, SharedStore};
use tokio::sync::{mpsc as orders, watch};

use crate::address::Address;
use crate::books::Books;
use crate::hand::Job;
use crate::pause::{LEASE, some, stop};
use crate::plan::Plan;
use crate::provider::{self, Client, Registered, Served};
use crate::report::{Failure, Report};

/// How long everybody goes on between two stops, at most.
const BETWEEN: u64 = 20_000;
const BREATH: Duration = Duration::from_millis(5);
const STUCK: Duration = Duration::from_secs(60);

struct Holder {
    stops: orders::UnboundedSender<Duration>,
    reached: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

/// As with processes, and with threads in their place.
pub(crate) async fn pause(plan: &Plan) -> Result<Option<Report>, Failure> {
    let provider = Served::start(plan.seed)?;
    let store = SharedStore::new(MemoryStore::new());
    let job = Job {
        address: Address::File("memory".into()),
        provider: provider.registered(),
        lease: LEASE,
        limit: Duration::from_secs(5),
    };
    let session = open(&job, &store, "supervisor").await?;
    let mut books = Books::new(session, store.clone());
    books.sign_in(&provider).await?;
    let (goal, told) = watch::channel(Some(u64::MAX));
    let holders: Vec<Holder> = (0..plan.processes)
        .map(|number| hold(number, &job, &store, told.clone()))
        .collect::<Result<_, _>>()?;
    let (clock, mut random) = (SystemClock::new(), fastrand::Rng::with_seed(plan.seed));
    let mut long = 0;
    for _ in 0..plan.runs {
        clock.sleep(Duration::from_micros(random.u64(0..=BETWEEN))).await;
        let numbers = (0..u32::try_from(holders.len()).unwrap_or(u32::MAX)).collect();
        let stop = stop(&mut random);
        long += u64::from(stop > LEASE);
        for number in some(&mut random, numbers) {
            let holder = usize::try_from(number).ok().and_then(|at| holders.get(at));
            // One that has ended shows in what it has reached.
            let _ = holder.map(|holder| holder.stops.send(stop));
        }
        clock.sleep(stop).await;
    }
    let newest = |holders: &[Holder]| holders.iter().map(Holder::reached).max().unwrap_or(0);
    let last = (newest(&holders) + 1).max(plan.generations + 1);
    goal.send_replace(Some(last));
    let began = clock.monotonic();
    while holders.iter().any(|holder| holder.reached() < last) {
        clock.sleep(BREATH).await;
        if clock.monotonic() - began > STUCK {
            let words = format!("a holder did not get to generation {last}");
            books.violations.push(words);
            break;
        }
    }
    goal.send_replace(None);
    for holder in holders {
        if holder.thread.join().is_err() {
            books.violations.push("a holder panicked".to_owned());
        }
    }
    let mut report = books.close(plan, &provider).await;
    report.also.extend([("stops", plan.runs), ("longer_than_lease", long)]);
    Ok(Some(report))
}

impl Holder {
    fn reached(&self) -> u64 {
        self.reached.load(Ordering::SeqCst)
    }
}

async fn open(job: &Job, store: &SharedStore, owner: &str) -> Result<Session<Client>, Failure> {
    let client = Registered::client(&job.provider).map_err(Failure::setup)?;
    provider::session(client, store.clone())
        .owner(owner)
        .settings(job.settings())
        .open()
        .await
        .map_err(Failure::setup)
}

fn hold(
    number: usize,
    job: &Job,
    store: &SharedStore,
    told: watch::Receiver<Option<u64>>,
) -> Result<Holder, Failure> {
    let (stops, to_stop) = orders::unbounded_channel();
    let reached = Arc::new(AtomicU64::new(0));
    let (job, store, seen) = (job.clone(), store.clone(), Arc::clone(&reached));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::setup)?;
    let thread = std::thread::Builder::new().name(format!("holder {number}"));
    let thread = thread.spawn(move || {
        runtime.block_on(async {
            tokio::spawn(stand_still(to_stop));
            if let Ok(session) = open(&job, &store, &format!("holder-{number}")).await {
                go_on(&session, &seen, told).await;
                session.idle().await;
            }
        });
    });
    Ok(Holder { stops, reached, thread: thread.map_err(Failure::setup)? })
}

/// Blocks the thread of this runtime for as long as it is told, each time.
async fn stand_still(mut stops: orders::UnboundedReceiver<Duration>) {
    while let Some(stop) = stops.recv().await {
        // Nobody ever sends: this is a wait that holds the thread.
        let (_nobody, nothing) = mpsc::channel::<()>();
        let _ = nothing.recv_timeout(stop);
    }
}

async fn go_on(
    session: &Session<Client>,
    reached: &AtomicU64,
    mut told: watch::Receiver<Option<u64>>,
) {
    loop {
        let Some(goal) = *told.borrow_and_update() else {
            return;
        };
        if reached.load(Ordering::SeqCst) >= goal {
            if told.changed().await.is_err() {
                return;
            }
            continue;
        }
        match session.access_token().await.map(|token| token.generation()) {
            Ok(generation) => {
                reached.fetch_max(generation, Ordering::SeqCst);
                if generation < goal {
                    session.invalidate_generation(generation);
                }
            }
            Err(_) => SystemClock::new().sleep(BREATH).await,
        }
        tokio::task::yield_now().await;
    }
}
