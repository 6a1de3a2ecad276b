//! Processes whose clocks are minutes apart, at a provider that answers a lost exchange once more for a short time.

use std::collections::BTreeSet;
use std::time::Duration;

use rekindle_contract::contract::Trouble;
use rekindle_contract::spec::Fault;
use rekindle_runtime::clock::{Clock as _, SystemClock};
use rustix::process::Signal;

use crate::cluster::{Cluster, STUCK};
use crate::plan::Plan;
use crate::report::{Failure, Report};
use crate::windowed::{WINDOW, Windowed};
use crate::workers::Workers;

/// In a database, the lease of a killed process goes on: the others are to try while the window is open.
const LEASE: Duration = Duration::from_millis(150);
const LIMIT: Duration = Duration::from_secs(5);
/// After how long without a message something else is looked at.
const SILENCE: Duration = Duration::from_millis(10);
/// When nobody can send an exchange again any more: after this, the supervisor signs in.
const OVER: Duration = WINDOW.saturating_add(Duration::from_millis(500));

/// What is done, in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The process that exchanges is killed before the answer comes: the others send it again.
    AtOnce,
    /// All wait until their token has ended.
    Expiry,
    /// As the first, and the others are stopped meanwhile: until about the window's end.
    AtTheEnd,
}

/// The cluster, and who was killed.
struct Skew {
    cluster: Cluster<Windowed>,
    killed: BTreeSet<String>,
    clock: SystemClock,
}

/// Takes turns, `runs` times, and lets all go on.
pub(crate) async fn run(plan: &Plan) -> Result<Option<Report>, Failure> {
    let Some(mut cluster) = Cluster::set_up_for(plan, LEASE, LIMIT).await? else {
        return Ok(None);
    };
    cluster.start_workers().await?;
    let mut skew = Skew { cluster, killed: BTreeSet::new(), clock: SystemClock::new() };
    let turns = [Turn::AtOnce, Turn::Expiry, Turn::AtTheEnd].into_iter().cycle();
    let (mut expiries, mut lost) = (0, 0);
    for (turn, _) in turns.zip(0..plan.runs) {
        let goes_on = match turn {
            Turn::Expiry => {
                expiries += 1;
                skew.expire().await?
            }
            _ => {
                lost += 1;
                skew.lose_an_answer(turn).await?
            }
        };
        if !goes_on {
            break;
        }
    }
    let Skew { mut cluster, .. } = skew;
    cluster.finish().await;
    let counted = vec![
        ("lost_answers", lost),
        ("sent_again", cluster.provider.replayed()),
        ("expiries", expiries),
        ("served", cluster.served),
    ];
    Ok(Some(cluster.close(counted).await))
}

impl Skew {
    /// Waits until the token has ended and all have the next one.
    async fn expire(&mut self) -> Result<bool, Failure> {
        let next = self.cluster.reached + 1;
        self.cluster.workers.await_expiry(next).await;
        self.go_on(|cluster| cluster.all_at(next)).await
    }

    /// Kills the process that exchanges, of which the provider has granted the request, and waits until the others have got further.
    async fn lose_an_answer(&mut self, turn: Turn) -> Result<bool, Failure> {
        let cluster = &mut self.cluster;
        let (before, issued) = (cluster.reached, cluster.provider.issued());
        cluster.provider.fake.plan([Some(Trouble::Fault(Fault::NoAnswer))]);
        cluster.workers.set_goal(before + 1).await;
        let since = self.clock.monotonic();
        while cluster.provider.issued() == issued {
            cluster.receive(SILENCE).await;
            if self.clock.monotonic() - since > STUCK {
                cluster.stuck().await;
                return Ok(false);
            }
        }
        let found = cluster.ledger.read().await.and_then(|found| found.in_flight);
        let owner = found.map(|entry| entry.owner);
        let numbers = cluster.workers.numbers();
        let of = |number: &u32| owner.as_deref() == Some(&Workers::owner(*number));
        let Some(victim) = numbers.iter().copied().find(of) else {
            let words = "an exchange was sent that is not in the journal".to_owned();
            cluster.ledger.violations.push(words);
            return Ok(false);
        };
        let others = numbers.into_iter().filter(|number| *number != victim);
        let stopped: Vec<u32> = others.filter(|_| turn == Turn::AtTheEnd).collect();
        for number in &stopped {
            cluster.workers.signal(*number, Signal::STOP);
        }
        cluster.workers.kill(victim).await;
        self.killed.insert(Workers::owner(victim));
        cluster.start_after(&stopped, &self.clock).await?;
        self.go_on(|cluster| cluster.reached > before).await
    }

    /// Handles messages until `done`; signs in where nobody may send again what is in doubt. `false`, a violation, when there was no
    /// progress for too long.
    async fn go_on(&mut self, done: impl Fn(&Cluster<Windowed>) -> bool) -> Result<bool, Failure> {
        let cluster = &mut self.cluster;
        let (mut since, mut before) = (self.clock.monotonic(), cluster.reached);
        while !done(cluster) {
            cluster.receive(SILENCE).await;
            let now = self.clock.monotonic();
            if cluster.reached > before {
                (since, before) = (now, cluster.reached);
            } else if now - since > STUCK {
                cluster.stuck().await;
                return Ok(false);
            } else if now - since > OVER {
                let was_killed = |owner: &str| self.killed.contains(owner);
                cluster.ledger.sign_in_if_in_doubt(&cluster.provider, was_killed).await?;
            }
        }
        Ok(true)
    }
}

impl Cluster<Windowed> {
    /// Starts another in the place of one that was killed, and lets those that are stopped go on: between most of the window and a
    /// little more than all of it later.
    async fn start_after(&mut self, stopped: &[u32], clock: &SystemClock) -> Result<(), Failure> {
        if !stopped.is_empty() {
            let window = u64::try_from(WINDOW.as_millis()).unwrap_or(u64::MAX);
            let stop = self.random.u64(window * 7 / 10..=window * 13 / 10);
            clock.sleep(Duration::from_millis(stop)).await;
        }
        for number in stopped {
            self.workers.signal(*number, Signal::CONT);
        }
        self.start_worker().await
    }
}
