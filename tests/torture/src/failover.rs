//! A server that does not come back, and another in its place that lacks the last commits, while processes work off what is due.

use std::time::{Duration, SystemTime};

use rekindle_runtime::Provider as _;
use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::store::{
    Acquired, Key, Record, SharedStore, Snapshot, Store as _, StoreError, StoreErrorKind,
};
use rekindle_sessions::grant;
use rekindle_testkit::provider::TokenState;

use crate::cluster::{Cluster, STUCK};
use crate::ledger::flaw;
use crate::plan::Plan;
use crate::provider::{Client, Served};
use crate::report::{Failure, Report};
use crate::workers::Workers;

const LEASE: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_secs(2);
/// How long nothing is there, at most.
const AWAY: u64 = 300;
/// How long after a server has gone a request may still be under way, and an answer that nobody could store be kept in memory.
const SETTLED: Duration = Duration::from_millis(500);
/// How long after it was signed in a grant is due by its record: it is put off by then.
const BEFORE_DUE: Duration = Duration::from_secs(1);
/// For how long a grant is put off: longer than a scenario takes.
const PUT_OFF: Duration = Duration::from_secs(24 * 60 * 60);
/// How often it is looked how far the processes are.
const LOOK: Duration = Duration::from_millis(20);

/// The cluster, and the people whose grants it keeps.
struct Failover {
    cluster: Cluster,
    people: Vec<String>,
    store: SharedStore,
    clock: SystemClock,
    report: Report,
    /// How many grants in doubt have a token on record that is spent.
    forgotten: u64,
}

/// Who is in doubt, and of how many the token on record is spent.
#[derive(Debug, Default)]
struct Doubtful {
    people: Vec<String>,
    spent: u64,
}

/// Takes the server's place `runs` times.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    let store = cluster.backend.address().open(LIMIT).await.map_err(Failure::setup)?;
    cluster.start_workers().await?;
    let mut failover = Failover {
        cluster,
        people: (0..plan.generations).map(|number| format!("person-{number}")).collect(),
        store,
        clock: SystemClock::new(),
        report: Report::default(),
        forgotten: 0,
    };
    for _ in 0..plan.runs {
        failover.sign_in().await?;
        failover.fail_over().await?;
        failover.hold().await?;
    }
    failover.begin_anew().await?;
    failover.finish(plan).await.map(Some)
}

impl Failover {
    /// All sign in. Each grant is due by its record, and put off: until it is taken up.
    async fn sign_in(&self) -> Result<(), Failure> {
        for person in &self.people {
            let now = self.clock.wall();
            let mut record = Record::new(grant(&self.cluster.provider.sign_in()), now);
            record.due = Some(now + BEFORE_DUE);
            let key = key(person);
            reached(async || self.store.put(&key, &record).await).await?;
            self.put_off(&key, now + PUT_OFF).await?;
        }
        Ok(())
    }

    /// All sign in, and the processes refresh all: nothing is in doubt any more.
    async fn begin_anew(&mut self) -> Result<(), Failure> {
        self.sign_in().await?;
        let issued = self.cluster.provider.issued();
        self.take_up(&self.people).await?;
        self.work_off(0).await?;
        let refreshed = self.cluster.provider.issued() - issued;
        if refreshed != count(&self.people) {
            self.violated(format!("{refreshed} of {} were refreshed", self.people.len()));
        }
        Ok(())
    }

    /// Some are refreshed that the standby does not know of, some of them as the server goes; it takes the server's place.
    async fn fail_over(&mut self) -> Result<(), Failure> {
        let standby = tokio::task::block_in_place(|| self.cluster.backend.standby());
        let standby = standby?;
        let random = &mut self.cluster.random;
        let mut some = self.people.clone();
        random.shuffle(&mut some);
        some.truncate(random.usize(some.len() / 3..=some.len() * 2 / 3));
        let left = random.u64(0..=count(&some) / 2);
        let away = Duration::from_millis(random.u64(0..=AWAY));
        self.take_up(&some).await?;
        self.work_off(left).await?;
        tokio::task::block_in_place(|| self.cluster.backend.crash());
        self.cluster.receive_for(away).await;
        tokio::task::block_in_place(|| self.cluster.backend.succeeded_by(standby));
        self.cluster.receive_for(SETTLED).await;
        Ok(())
    }

    /// All that may be spent is due, and the processes look at all of it: nothing is sent.
    async fn hold(&mut self) -> Result<(), Failure> {
        let issued = self.cluster.provider.issued();
        let doubtful = self.doubtful().await?;
        self.forgotten += doubtful.spent;
        let doubtful = doubtful.people;
        self.take_up(&doubtful).await?;
        self.work_off(0).await?;
        let sent = self.cluster.provider.issued() - issued;
        if sent > 0 {
            self.violated(format!("{sent} were refreshed that are in doubt"));
        }
        self.report.in_doubt += count(&self.doubtful().await?.people);
        Ok(())
    }

    /// Who is in doubt. Who is not, but has a token that is spent, is lost.
    async fn doubtful(&mut self) -> Result<Doubtful, Failure> {
        let mut doubtful = Doubtful::default();
        for person in self.people.clone() {
            let found = self.read(&person).await?;
            let token = found.record.grant.refresh_token();
            let token = token.map(|token| token.expose()).unwrap_or_default();
            let state = self.cluster.provider.fake.provider().refresh_token(token);
            let is_good = state == TokenState::Live;
            if found.may_be_outdated || found.in_flight.is_some() {
                doubtful.spent += u64::from(!is_good);
                doubtful.people.push(person);
            } else if !is_good {
                self.report.lost += 1;
                self.violated(format!("{person} has a token that is {state:?}, in no doubt"));
            }
        }
        Ok(doubtful)
    }

    /// Has the processes look at grants, and changes nothing else of them.
    async fn take_up(&self, people: &[String]) -> Result<(), Failure> {
        for person in people {
            self.put_off(&key(person), self.clock.wall()).await?;
        }
        Ok(())
    }

    async fn put_off(&self, key: &Key, until: SystemTime) -> Result<(), Failure> {
        let store = &self.store;
        loop {
            let acquired = reached(async || store.acquire(key, "supervisor", LEASE).await).await?;
            if let Acquired::Held(lease) = acquired {
                let put_off = store.postpone(key, &lease, until).await;
                let released = store.release(key, &lease).await;
                if put_off.and(released).is_ok() {
                    return Ok(());
                }
            }
            // A process has it, or the connection went down with the server.
            self.clock.sleep(LOOK).await;
        }
    }

    /// Waits until no more than so many are due.
    async fn work_off(&mut self, most: u64) -> Result<(), Failure> {
        let (mut least, mut since) = (u64::MAX, self.clock.monotonic());
        loop {
            let wall = self.clock.wall();
            let due = reached(async || self.store.backlog(Client::ID, wall).await).await?.due;
            let now = self.clock.monotonic();
            if due <= most {
                return Ok(());
            }
            if due < least {
                (least, since) = (due, now);
            } else if now - since > STUCK {
                self.violated(format!("{due} grants stay due"));
                return Ok(());
            }
            self.cluster.receive_for(LOOK).await;
        }
    }

    async fn read(&self, person: &str) -> Result<Snapshot, Failure> {
        let found = reached(async || self.store.read(&key(person)).await).await?;
        found.ok_or_else(|| Failure::setup(format!("{person} is not stored")))
    }

    fn violated(&mut self, words: String) {
        self.report.violations.push(words);
    }

    /// Ends the processes: everyone's tokens are stored and good.
    async fn finish(mut self, plan: &Plan) -> Result<Report, Failure> {
        let (_, running) = self.cluster.workers.stop_all(STUCK).await;
        let did_not_end = |number| format!("{} did not end in good order", Workers::owner(number));
        self.report.violations.extend(running.into_iter().map(did_not_end));
        let provider: &Served = &self.cluster.provider;
        let mut report = std::mem::take(&mut self.report);
        for person in &self.people {
            let found = self.read(person).await?;
            report.generations += found.record.generation;
            report
                .violations
                .extend(flaw(&found, provider).map(|flaw| format!("{person}: {flaw}")));
        }
        report.exchanges = provider.issued();
        report.revoked = provider.refused();
        report.duplicated = provider.reuses();
        report.also.extend([("failovers", plan.runs), ("forgotten", self.forgotten)]);
        Ok(report.of(plan))
    }
}

/// What an operation gives once the store is reached.
async fn reached<T>(operation: impl AsyncFn() -> Result<T, StoreError>) -> Result<T, Failure> {
    let clock = SystemClock::new();
    let end = clock.monotonic() + STUCK;
    loop {
        match operation().await {
            Ok(done) => return Ok(done),
            Err(error)
                if error.kind() == StoreErrorKind::Unavailable && clock.monotonic() < end =>
            {
                clock.sleep(LOOK).await;
            }
            Err(error) => return Err(Failure::setup(error)),
        }
    }
}

fn key(person: &str) -> Key {
    Key::new(Client::ID, person)
}

fn count(people: &[String]) -> u64 {
    u64::try_from(people.len()).unwrap_or(u64::MAX)
}
