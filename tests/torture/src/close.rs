//! Processes that close in good order in the middle of a backlog, and are replaced.

use std::time::Duration;

use rekindle_runtime::Provider as _;
use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::store::{Key, Record, SharedStore, Store as _};
use rekindle_sessions::grant;

use crate::cluster::{Cluster, STUCK};
use crate::ledger::flaw;
use crate::plan::Plan;
use crate::provider::{Client, Served, key};
use crate::report::{Failure, Report};
use crate::workers::Workers;

/// Longer than [`STUCK`]: a lease that a closing process left behind would be noticed.
const LEASE: Duration = Duration::from_secs(120);
const LIMIT: Duration = Duration::from_secs(5);
/// How long all go on before one is closed, at most, in microseconds. A process looks for what is due within a second.
const BETWEEN: u64 = 400_000;

/// Closes and replaces processes that share a backlog, `runs` times or until it is worked off, and lets the last ones work it off.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    let store = cluster.backend.address().open(LIMIT).await.map_err(Failure::setup)?;
    let person = |number| Key::new(Client::ID, &format!("person-{number}"));
    let people: Vec<Key> = (0..plan.generations).map(person).collect();
    let clock = SystemClock::new();
    for person in &people {
        let mut record = Record::new(grant(&cluster.provider.sign_in()), clock.wall());
        record.due = Some(record.issued_at);
        store.put(person, &record).await.map_err(Failure::setup)?;
    }
    cluster.start_workers().await?;
    let mut violations = Vec::new();
    let mut closes = 0;
    while closes < plan.runs && due(&store).await? > 0 {
        let wait = Duration::from_micros(cluster.random.u64(0..=BETWEEN));
        cluster.receive_for(wait).await;
        let alive = cluster.workers.numbers();
        let Some(closing) = cluster.random.choice(alive) else {
            break;
        };
        if !cluster.workers.close(closing, STUCK).await {
            violations.push(format!("{} did not close in good order", Workers::owner(closing)));
        }
        closes += 1;
        cluster.workers.start().await?;
    }
    let (mut left, mut since) = (due(&store).await?, clock.monotonic());
    while left > 0 {
        cluster.receive_for(Duration::from_millis(50)).await;
        let (still, now) = (due(&store).await?, clock.monotonic());
        if still < left {
            (left, since) = (still, now);
        } else if now - since > STUCK {
            violations.push(format!("{left} grants stay due"));
            break;
        }
    }
    let (_, running) = cluster.workers.stop_all(STUCK).await;
    let did_not_end = |number| format!("{} did not end in good order", Workers::owner(number));
    violations.extend(running.into_iter().map(did_not_end));
    let mut report = count(&store, &people, &cluster.provider).await?;
    report.violations.extend(violations);
    report.also.push(("closes", closes));
    Ok(Some(report.of(plan)))
}

/// How many grants are due.
async fn due(store: &SharedStore) -> Result<u64, Failure> {
    let backlog = store.backlog(Client::ID, SystemClock::new().wall()).await;
    Ok(backlog.map_err(Failure::setup)?.due)
}

/// What the store has of the people, and of the supervisor, against what the provider has issued.
async fn count(store: &SharedStore, people: &[Key], provider: &Served) -> Result<Report, Failure> {
    let mut report = Report { exchanges: provider.issued(), ..Report::default() };
    for person in people.iter().chain([&key::<Client>()]) {
        let Some(found) = store.read(person).await.map_err(Failure::setup)? else {
            report.violations.push(format!("{person:?} is not stored"));
            continue;
        };
        report.generations += found.record.generation.saturating_sub(1);
        report.in_doubt += u64::from(found.in_flight.is_some());
        report.violations.extend(flaw(&found, provider).map(|flaw| format!("{person:?}: {flaw}")));
    }
    report.lost = report.exchanges.abs_diff(report.generations);
    report.revoked = provider.refused();
    report.duplicated = provider.reuses();
    Ok(report)
}
