//! Many people's grants that are due, and the processes that work them off.

use std::collections::BTreeSet;
use std::time::Duration;

use rekindle_runtime::Provider as _;
use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::store::{Key, Record, SharedStore, Snapshot, Store as _};
use rekindle_sessions::grant;
use rekindle_testkit::provider::TokenState;

use crate::cluster::{Cluster, STUCK};
use crate::ledger::flaw;
use crate::plan::Plan;
use crate::provider::{Client, key};
use crate::report::{Failure, Report};
use crate::workers::Workers;

const LIMIT: Duration = Duration::from_secs(5);
/// How often it is looked how many are still due.
const LOOK: Duration = Duration::from_millis(50);

/// The processes, and the people whose grants are due.
pub(crate) struct Backlog {
    pub(crate) cluster: Cluster,
    store: SharedStore,
    people: Vec<Key>,
    /// The processes that were killed.
    killed: BTreeSet<String>,
    pub(crate) violations: Vec<String>,
}

impl Backlog {
    /// Everyone signs in and is due, and the processes start; `None` where a server is not installed.
    pub(crate) async fn set_up(plan: &Plan, lease: Duration) -> Result<Option<Self>, Failure> {
        let Some(mut cluster) = Cluster::set_up(plan, lease, LIMIT).await? else {
            return Ok(None);
        };
        let store = cluster.backend.address().open(LIMIT).await.map_err(Failure::setup)?;
        let person = |number| Key::new(Client::ID, &format!("person-{number}"));
        let people: Vec<Key> = (0..plan.generations).map(person).collect();
        for person in &people {
            let signed_in = grant(&cluster.provider.sign_in());
            let mut record = Record::new(signed_in, SystemClock::new().wall());
            record.due = Some(record.issued_at);
            store.put(person, &record).await.map_err(Failure::setup)?;
        }
        cluster.start_workers().await?;
        let (killed, violations) = (BTreeSet::new(), Vec::new());
        Ok(Some(Self { cluster, store, people, killed, violations }))
    }

    /// How many grants are due.
    pub(crate) async fn due(&self) -> Result<u64, Failure> {
        let backlog = self.store.backlog(Client::ID, SystemClock::new().wall()).await;
        Ok(backlog.map_err(Failure::setup)?.due)
    }

    /// One of the processes.
    pub(crate) fn one(&mut self) -> Option<u32> {
        let alive = self.cluster.workers.numbers();
        self.cluster.random.choice(alive)
    }

    /// Lets one end in good order.
    pub(crate) async fn close(&mut self, number: u32) {
        if !self.cluster.workers.close(number, STUCK).await {
            let owner = Workers::owner(number);
            self.violations.push(format!("{owner} did not close in good order"));
        }
    }

    /// Kills one (-9).
    pub(crate) async fn kill(&mut self, number: u32) {
        self.cluster.workers.kill(number).await;
        self.killed.insert(Workers::owner(number));
    }

    /// Lets the processes work it off, ends them, and counts.
    pub(crate) async fn finish(mut self) -> Result<Report, Failure> {
        self.work_off().await?;
        let (_, running) = self.cluster.workers.stop_all(STUCK).await;
        let did_not_end = |number| format!("{} did not end in good order", Workers::owner(number));
        self.violations.extend(running.into_iter().map(did_not_end));
        self.count().await
    }

    async fn work_off(&mut self) -> Result<(), Failure> {
        let clock = SystemClock::new();
        let (mut left, mut since) = (self.due().await?, clock.monotonic());
        while left > 0 {
            self.cluster.receive_for(LOOK).await;
            let (still, now) = (self.due().await?, clock.monotonic());
            if still < left {
                (left, since) = (still, now);
            } else if now - since > STUCK {
                self.violations.push(format!("{left} grants stay due"));
                break;
            }
        }
        Ok(())
    }

    /// What the store has of the people, and of the supervisor, against what the provider has issued. What a killed process left in doubt
    /// may be spent, and is on record as it was.
    async fn count(self) -> Result<Report, Failure> {
        let provider = &self.cluster.provider;
        let mut report = Report { exchanges: provider.issued(), ..Report::default() };
        let mut unanswered = 0;
        for person in self.people.iter().chain([&key::<Client>()]) {
            let Some(found) = self.store.read(person).await.map_err(Failure::setup)? else {
                report.violations.push(format!("{person:?} is not stored"));
                continue;
            };
            report.generations += found.record.generation.saturating_sub(1);
            if self.is_in_doubt(&found) {
                report.in_doubt += 1;
                unanswered += u64::from(!self.is_good(&found));
            } else {
                let flaw = flaw(&found, provider).map(|flaw| format!("{person:?}: {flaw}"));
                report.violations.extend(flaw);
            }
        }
        report.lost = report.exchanges.abs_diff(report.generations + unanswered);
        report.revoked = provider.refused();
        report.duplicated = provider.reuses();
        report.violations.extend(self.violations);
        Ok(report)
    }

    /// Whether the journal has an exchange of a process that was killed.
    fn is_in_doubt(&self, found: &Snapshot) -> bool {
        found.in_flight.as_ref().is_some_and(|entry| self.killed.contains(&*entry.owner))
    }

    fn is_good(&self, found: &Snapshot) -> bool {
        let token = found.record.grant.refresh_token().map(|token| token.expose());
        let provider = self.cluster.provider.fake.provider();
        provider.refresh_token(token.unwrap_or_default()) == TokenState::Live
    }
}
