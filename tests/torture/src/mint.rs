//! Processes that share the tokens of a client whose settings alone bring them: first in peace, then they are killed at random points.

use std::time::Duration;

use rekindle_runtime::Provider as _;
use rekindle_runtime::store::{Key, Store as _};
use rekindle_sessions::minting::{Harmless, PASSWORD};
use rekindle_testkit::{Server, answer};

use crate::cluster::{Cluster, STUCK};
use crate::plan::Plan;
use crate::provider::Registered;
use crate::report::{Failure, Report};
use crate::worker::{Job, Role};
use crate::workers::Workers;

/// In a database, the lease of a killed process goes on: the shorter it is, the sooner the others try.
const LEASE: Duration = Duration::from_millis(100);
const LIMIT: Duration = Duration::from_secs(5);
/// Where nobody is killed: a process that the machine does not let run for a moment keeps it.
const CALM_LEASE: Duration = Duration::from_secs(30);
/// How long after progress the next process is killed, at most, in microseconds.
const LATEST: u64 = 8_000;
/// How many generations further all go, for each kill.
const AHEAD: u64 = 3;
/// The generation of the grant that holds no token yet.
const EMPTY: u64 = 1;

/// Lets processes mint generation after generation, and kills some of them.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    // A request that is lost with its process is one more than there are generations.
    let most = plan.generations + (plan.runs + 1) * (AHEAD + 1) * 4;
    let tokens =
        (1..=most).map(|number| answer(200).json(format!(r#"{{"token": "token-{number}"}}"#)));
    let issuer = Server::start(tokens);
    let url = format!("http://{}/login", issuer.address());
    let password = PASSWORD.to_owned();
    let provider = Registered { url, client_id: "-".to_owned(), client_secret: password };
    let address = cluster.backend.address();
    let job = |lease| Job {
        address: address.clone(),
        provider: provider.clone(),
        lease,
        limit: LIMIT,
        role: Role::Mint,
    };
    let minted = || u64::try_from(issuer.requests().len()).unwrap_or(u64::MAX);
    cluster.reached = EMPTY;

    // Nobody is killed: each generation is minted once.
    cluster.workers = Workers::new(plan.program.clone(), job(CALM_LEASE));
    cluster.start_workers().await?;
    let calm = EMPTY + plan.generations;
    cluster.workers.set_goal(calm).await;
    cluster.receive_until(|cluster| cluster.all_at(calm)).await;
    stop(&mut cluster).await;
    let duplicated = minted().abs_diff(plan.generations);

    cluster.workers = Workers::new(plan.program.clone(), job(LEASE));
    cluster.start_workers().await?;
    let mut kills = 0;
    while kills < plan.runs {
        let before = cluster.reached;
        cluster.workers.set_goal(before + AHEAD).await;
        let wait = Duration::from_micros(cluster.random.u64(0..=LATEST));
        cluster.receive_for(wait).await;
        let alive = cluster.workers.numbers();
        let Some(victim) = cluster.random.choice(alive) else {
            break;
        };
        cluster.workers.kill(victim).await;
        kills += 1;
        cluster.workers.start().await?;
        if !cluster.receive_until(|cluster| cluster.reached > before).await {
            break;
        }
    }
    cluster.finish().await;
    stop(&mut cluster).await;
    let mut violations = std::mem::take(&mut cluster.ledger.violations);

    let store = address.open(LIMIT).await.map_err(Failure::setup)?;
    let key = Key::new(Harmless::ID, "default");
    let last = store.read(&key).await.map_err(Failure::setup)?;
    let last = last.ok_or_else(|| Failure::setup("the store holds no token"))?;
    let (exchanges, generations) = (minted(), last.record.generation - EMPTY);
    if generations < cluster.reached - EMPTY || generations > exchanges {
        violations.push(format!("{generations} generations are stored of {exchanges} mints"));
    }
    if last.record.grant.access_token().is_none() || last.record.ended.is_some() {
        violations.push("no token is stored".to_owned());
    }
    if let Some(entry) = &last.in_flight {
        violations.push(format!("an exchange of {} is in the journal", entry.owner));
    }
    let report = Report {
        // Of what was minted, the store has all but what a killed process had out.
        lost: exchanges.saturating_sub(generations + kills),
        duplicated,
        in_doubt: u64::from(last.in_flight.is_some()),
        exchanges,
        generations,
        also: vec![("kills", kills)],
        violations,
        ..Report::default()
    };
    Ok(Some(report.of(plan)))
}

/// Lets all workers end in good order.
async fn stop(cluster: &mut Cluster) {
    let (messages, running) = cluster.workers.stop_all(STUCK).await;
    for (number, message) in messages {
        cluster.note(number, message);
    }
    let did_not_end = |number| format!("{} did not end in good order", Workers::owner(number));
    cluster.ledger.violations.extend(running.into_iter().map(did_not_end));
}
