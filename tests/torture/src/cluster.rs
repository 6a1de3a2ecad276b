//! What the scenarios with several processes have in common.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use fastrand::Rng;
use rekindle_runtime::clock::{Clock as _, SystemClock};

use crate::backend::Backend;
use crate::ledger::Ledger;
use crate::message::Message;
use crate::plan::{Plan, Scenario};
use crate::provider::{Client, Served, Tried};
use crate::report::{Failure, Report};
use crate::worker::{Job, Role};
use crate::workers::Workers;

/// After how long without progress the grant counts as stuck. The longest wait of a session that is no failure is far shorter.
pub(crate) const STUCK: Duration = Duration::from_secs(60);
/// By how many seconds a clock that is not right is wrong, at most.
const FARTHEST: i32 = 30 * 60;
/// How long after its end a token may be served: the store's time is known as well as an answer of the store is quick.
const BOUND: Duration = Duration::from_secs(1);

/// The provider, the store, the workers and the ledger.
pub(crate) struct Cluster<P: Tried = Client> {
    pub(crate) plan: Plan,
    pub(crate) random: Rng,
    pub(crate) workers: Workers,
    pub(crate) ledger: Ledger<P>,
    pub(crate) provider: Served,
    /// Whether the clock of the last worker is ahead.
    is_ahead: bool,
    /// The newest generation that a worker has.
    pub(crate) reached: u64,
    /// The generation of each worker.
    at: BTreeMap<u32, u64>,
    /// How many exchanges each worker has made.
    made: BTreeMap<u32, u64>,
    /// How often each kind of failure was reported.
    failures: BTreeMap<String, u64>,
    /// How many tokens were told to be served.
    pub(crate) served: u64,
    // Last, to be dropped last: the others need it.
    pub(crate) backend: Backend,
}

impl Cluster {
    /// Sets it up, with a grant and without workers; `None` where a server is not installed.
    pub(crate) async fn set_up(
        plan: &Plan,
        lease: Duration,
        limit: Duration,
    ) -> Result<Option<Self>, Failure> {
        Self::set_up_for(plan, lease, limit).await
    }
}

impl<P: Tried> Cluster<P> {
    /// The same for another client.
    pub(crate) async fn set_up_for(
        plan: &Plan,
        lease: Duration,
        limit: Duration,
    ) -> Result<Option<Self>, Failure> {
        let Some(backend) = Backend::start(plan)? else {
            return Ok(None);
        };
        let address = backend.address();
        address.prepare().await.map_err(Failure::setup)?;
        let provider = Served::start::<P>(plan.seed)?;
        let role = match plan.scenario {
            Scenario::Close | Scenario::Failover | Scenario::Fleet => Role::Pool,
            _ => Role::Session,
        };
        let registered = provider.registered();
        let client = P::of(&registered).map_err(Failure::setup)?;
        let job = Job { address: address.clone(), provider: registered, lease, limit, role };
        let store = address.open(limit).await.map_err(Failure::setup)?;
        let session = job.session_of(client, "supervisor", store.clone());
        let session = session.open().await.map_err(Failure::setup)?;
        let mut ledger = Ledger::new(session, store);
        let reached = ledger.sign_in(&provider).await?;
        Ok(Some(Self {
            plan: plan.clone(),
            random: Rng::with_seed(plan.seed),
            workers: Workers::new(plan.program.clone(), job),
            ledger,
            provider,
            is_ahead: false,
            reached,
            at: BTreeMap::new(),
            made: BTreeMap::new(),
            failures: BTreeMap::new(),
            served: 0,
            backend,
        }))
    }

    /// Starts the workers, and waits until they are ready.
    pub(crate) async fn start_workers(&mut self) -> Result<(), Failure> {
        for _ in 0..self.plan.processes {
            self.start_worker().await?;
        }
        let mut ready = 0;
        while ready < self.plan.processes {
            match self.workers.receive(STUCK).await {
                Some((_, Message::Ready)) => ready += 1,
                Some((number, message)) => self.note(number, message),
                None => return Err(Failure::setup("a process does not start")),
            }
        }
        Ok(())
    }

    /// Starts one more; where clocks are to differ, with one that is minutes ahead or behind.
    pub(crate) async fn start_worker(&mut self) -> Result<(), Failure> {
        if self.plan.scenario == Scenario::Skew {
            let off = self.random.i32(60..=FARTHEST);
            self.is_ahead = !self.is_ahead;
            self.workers.play(Role::Skewed(if self.is_ahead { off } else { -off }));
        }
        self.workers.start().await?;
        Ok(())
    }

    /// Handles the next message, if one comes within `patience`.
    pub(crate) async fn receive(&mut self, patience: Duration) {
        if let Some((number, message)) = self.workers.receive(patience).await {
            self.note(number, message);
        }
    }

    /// Handles messages for so long.
    pub(crate) async fn receive_for(&mut self, time: Duration) {
        let clock = SystemClock::new();
        let end = clock.monotonic() + time;
        loop {
            let left = end.saturating_sub(clock.monotonic());
            if left.is_zero() {
                return;
            }
            self.receive(left).await;
        }
    }

    /// Handles messages until `done`. `false`, a violation, when there was no progress for too long.
    pub(crate) async fn receive_until(&mut self, done: impl Fn(&Self) -> bool) -> bool {
        let clock = SystemClock::new();
        let (mut reached, mut since) = (self.progress(), clock.monotonic());
        while !done(self) {
            self.receive(Duration::from_millis(500)).await;
            if self.progress() != reached {
                (reached, since) = (self.progress(), clock.monotonic());
            } else if clock.monotonic() - since > STUCK {
                self.stuck().await;
                return false;
            }
        }
        true
    }

    /// Lets all workers reach the generations of the plan, and one more than any has: no worker is stuck.
    pub(crate) async fn finish(&mut self) {
        let goal = (self.reached + 1).max(self.plan.generations + 1);
        self.workers.set_goal(goal).await;
        self.receive_until(|cluster| cluster.all_at(goal)).await;
    }

    fn progress(&self) -> u64 {
        self.at.values().sum()
    }

    /// Records that there is no progress, with what the store holds.
    pub(crate) async fn stuck(&mut self) {
        let found = self.ledger.read().await;
        let stands = found.map_or("the store cannot be read".to_owned(), |found| {
            format!("generation {}, journal {:?}", found.record.generation, found.in_flight)
        });
        let words = format!("there was no progress for {} s: {stands}", STUCK.as_secs());
        self.ledger.violations.push(words);
    }

    /// Whether each worker has this generation.
    pub(crate) fn all_at(&self, generation: u64) -> bool {
        let mut numbers = self.workers.numbers().into_iter();
        numbers.all(|number| self.at.get(&number).is_some_and(|at| *at >= generation))
    }

    pub(crate) fn note(&mut self, number: u32, message: Message) {
        match message {
            Message::Ready | Message::Done => {}
            Message::Served { at, token } => self.check_served(number, at, &token),
            Message::Reached { generation, own } => {
                self.at.insert(number, generation);
                self.reached = self.reached.max(generation);
                *self.made.entry(number).or_default() += u64::from(own);
            }
            Message::Failed { kind, error } => {
                let is_wrong = match kind.as_str() {
                    "unreadable" | "sign-in-needed" | "newer" | "no-grant" => true,
                    // By a server that does not know a statement, or knows another by its name.
                    "refused" => self.plan.scenario == Scenario::Pooler,
                    // Of what is not spent.
                    "in-doubt" => self.plan.scenario == Scenario::Mint,
                    _ => false,
                };
                if is_wrong {
                    let owner = Workers::owner(number);
                    self.ledger.violations.push(format!("{owner}: {error}"));
                }
                *self.failures.entry(kind).or_default() += 1;
            }
        }
    }

    /// Whether a token was good when it was served, but for what processes may differ by.
    fn check_served(&mut self, number: u32, at: SystemTime, token: &str) {
        self.served += 1;
        let provider = self.provider.fake.provider();
        let Some(end) = provider.access_token_ends(token) else {
            let words = format!("{} served what was never issued", Workers::owner(number));
            self.ledger.violations.push(words);
            return;
        };
        let ended_for = SystemTime::from(provider.clock().now()).duration_since(end.into());
        let served_for = SystemClock::new().wall().duration_since(at).unwrap_or_default();
        let late = ended_for.unwrap_or_default().saturating_sub(served_for);
        if late > BOUND {
            let owner = Workers::owner(number);
            self.ledger.violations.push(format!("{owner} served a token {late:?} after its end"));
        }
    }

    /// Ends the workers and closes the ledger.
    pub(crate) async fn close(mut self, also: Vec<(&'static str, u64)>) -> Report {
        let (messages, running) = self.workers.stop_all(STUCK).await;
        for (number, message) in messages {
            self.note(number, message);
        }
        for number in running {
            let owner = Workers::owner(number);
            self.ledger.violations.push(format!("{owner} did not end in good order"));
        }
        let busy = self.made.values().filter(|made| **made > 0).count();
        eprintln!(
            "exchanges by process: {busy} of {} made some, the busiest {}",
            self.made.len(),
            self.made.values().max().copied().unwrap_or_default(),
        );
        if !self.failures.is_empty() {
            eprintln!("failures that workers reported: {:?}", self.failures);
        }
        let mut report = self.ledger.close(&self.plan, &self.provider).await;
        report.also.extend(also);
        report
    }
}
