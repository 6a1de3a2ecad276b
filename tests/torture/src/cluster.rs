//! What the scenarios with several processes have in common.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use rekindle_runtime::clock::{Clock as _, SystemClock};

use crate::books::Books;
use crate::crew::{Crew, Said};
use crate::hand::Job;
use crate::place::Place;
use crate::plan::Plan;
use crate::provider::{self, Served};
use crate::report::{Failure, Report};

/// How long nobody may get any further before the grant counts as stuck. The longest wait of the engine that is no failure is far
/// shorter.
const STUCK: Duration = Duration::from_secs(60);

/// The provider, the store, the processes and the accounts.
pub(crate) struct Scene {
    pub(crate) plan: Plan,
    pub(crate) random: Rng,
    pub(crate) crew: Crew,
    pub(crate) books: Books,
    pub(crate) provider: Served,
    /// The newest generation that anybody has.
    pub(crate) reached: u64,
    /// Where each process is.
    at: BTreeMap<u32, u64>,
    /// How many exchanges each process has made.
    made: BTreeMap<u32, u64>,
    /// How often each kind of trouble was told.
    troubles: BTreeMap<String, u64>,
    // Last: the others need it until they are gone.
    pub(crate) place: Place,
}

impl Scene {
    /// Sets it up, with a grant and without processes; `None` where a server is not installed.
    pub(crate) async fn set(
        plan: &Plan,
        lease: Duration,
        limit: Duration,
    ) -> Result<Option<Self>, Failure> {
        let Some(place) = Place::make(plan.store)? else {
            return Ok(None);
        };
        let address = place.address();
        address.prepare().await.map_err(Failure::setup)?;
        let provider = Served::start(plan.seed)?;
        let job = Job { address: address.clone(), provider: provider.registered(), lease, limit };
        let store = address.open(limit).await.map_err(Failure::setup)?;
        let client = job.provider.client().map_err(Failure::setup)?;
        let session = provider::session(client, store.clone())
            .owner("supervisor")
            .settings(job.settings())
            .open()
            .await
            .map_err(Failure::setup)?;
        let mut books = Books::new(session, store);
        let reached = books.sign_in(&provider).await?;
        Ok(Some(Self {
            plan: plan.clone(),
            random: Rng::with_seed(plan.seed),
            crew: Crew::new(plan.program.clone(), job),
            books,
            provider,
            reached,
            at: BTreeMap::new(),
            made: BTreeMap::new(),
            troubles: BTreeMap::new(),
            place,
        }))
    }

    /// Starts the processes, and waits until they are ready.
    pub(crate) async fn hire_all(&mut self) -> Result<(), Failure> {
        for _ in 0..self.plan.processes {
            self.crew.hire().await?;
        }
        let mut up = 0;
        while up < self.plan.processes {
            match self.crew.hear(STUCK).await {
                Some((_, Said::Up)) => up += 1,
                Some((number, said)) => self.note(number, said),
                None => return Err(Failure::setup("a process does not start")),
            }
        }
        Ok(())
    }

    /// Hears what is said within `patience`. `false` when nothing was.
    pub(crate) async fn hear(&mut self, patience: Duration) -> bool {
        match self.crew.hear(patience).await {
            Some((number, said)) => {
                self.note(number, said);
                true
            }
            None => false,
        }
    }

    /// Hears all that is said for so long.
    pub(crate) async fn hear_for(&mut self, time: Duration) {
        let clock = SystemClock::new();
        let end = clock.monotonic() + time;
        loop {
            let left = end.saturating_sub(clock.monotonic());
            if left.is_zero() {
                return;
            }
            self.hear(left).await;
        }
    }

    /// Hears until `done`. `false`, a violation, when nobody has got any further for too long.
    pub(crate) async fn hear_until(&mut self, done: impl Fn(&Self) -> bool) -> bool {
        let clock = SystemClock::new();
        let (mut reached, mut since) = (self.progress(), clock.monotonic());
        while !done(self) {
            self.hear(Duration::from_millis(500)).await;
            if self.progress() != reached {
                (reached, since) = (self.progress(), clock.monotonic());
            } else if clock.monotonic() - since > STUCK {
                self.stuck().await;
                return false;
            }
        }
        true
    }

    /// Lets everybody reach the generations of the plan, and one more than anybody has: nobody is stuck.
    pub(crate) async fn finish(&mut self) {
        let goal = (self.reached + 1).max(self.plan.generations + 1);
        self.crew.reach(goal).await;
        self.hear_until(|scene| scene.all_at(goal)).await;
    }

    fn progress(&self) -> u64 {
        self.at.values().sum()
    }

    /// Nobody gets any further: says what the store says.
    pub(crate) async fn stuck(&mut self) {
        let found = self.books.read().await;
        let stands = found.map_or("the store gives nothing".to_owned(), |found| {
            format!("generation {}, journal {:?}", found.record.generation, found.in_flight)
        });
        let words = format!("nobody got any further for {} s: {stands}", STUCK.as_secs());
        self.books.violations.push(words);
    }

    /// Whether each process has this generation.
    pub(crate) fn all_at(&self, generation: u64) -> bool {
        let mut numbers = self.crew.numbers().into_iter();
        numbers.all(|number| self.at.get(&number).is_some_and(|at| *at >= generation))
    }

    fn note(&mut self, number: u32, said: Said) {
        match said {
            Said::Up | Said::Bye => {}
            Said::At(generation, mine) => {
                self.at.insert(number, generation);
                self.reached = self.reached.max(generation);
                *self.made.entry(number).or_default() += u64::from(mine);
            }
            Said::Trouble(kind, words) => {
                if matches!(kind.as_str(), "unreadable" | "sign-in-needed" | "newer" | "no-grant") {
                    let owner = Crew::owner(number);
                    self.books.violations.push(format!("{owner}: {words}"));
                }
                *self.troubles.entry(kind).or_default() += 1;
            }
        }
    }

    /// Sends everybody home and closes the accounts.
    pub(crate) async fn close(mut self, also: Vec<(&'static str, u64)>) -> Report {
        let (said, staying) = self.crew.dismiss(STUCK).await;
        for (number, one) in said {
            self.note(number, one);
        }
        for number in staying {
            let owner = Crew::owner(number);
            self.books.violations.push(format!("{owner} did not end in good order"));
        }
        let busy = self.made.values().filter(|made| **made > 0).count();
        eprintln!(
            "exchanges by process: {busy} of {} made some, the busiest {}",
            self.made.len(),
            self.made.values().max().copied().unwrap_or_default(),
        );
        if !self.troubles.is_empty() {
            eprintln!("told by processes meanwhile: {:?}", self.troubles);
        }
        let mut report = self.books.close(&self.plan, &self.provider).await;
        report.also.extend(also);
        report
    }
}
