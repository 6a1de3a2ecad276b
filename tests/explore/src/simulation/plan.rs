//! What goes wrong in a fleet, and when: planned from the seed, before anything happens. So any part of it can be left out, and the
//! rest stays what it was.

use std::time::Duration;

use rekindle_runtime::session::{InDoubt, Upkeep};

use super::Fleet;
use crate::chance::Chance;
use crate::client::{Contract, DEAD, REPLAYED_LONGER, UNTIL_USED};
use crate::configuration::Fault;
use crate::provider::Mood;

/// Something goes wrong, or happens from outside.
#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    /// Since the beginning.
    pub at: Duration,
    /// At which machine.
    pub machine: usize,
    /// To which grant.
    pub grant: usize,
    pub what: What,
    /// For how long.
    pub lasts: Duration,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// To the machine's next call of this name; after its effect, if that is said.
    Call(&'static str, Fault, bool),
    /// The store cannot be reached.
    Outage,
    /// Another server takes over, without so many writes.
    Failover(usize),
    /// The machine's wall clock is set, by so many milliseconds off.
    Clock(i64),
    /// The provider does this to all.
    Mood(Mood),
    /// A person signs in.
    SignIn,
    /// A person signs out.
    SignOut,
    /// A person takes the access back, at the provider.
    Disconnect,
}

/// A fleet as its seed makes it.
#[derive(Debug, Clone)]
pub struct Plan {
    pub contract: Contract,
    pub in_doubt: InDoubt,
    pub upkeep: Upkeep,
    /// By how many milliseconds each machine's clock is off.
    pub clocks: Vec<i64>,
    /// The time between two callers of a grant, about.
    pub callers: Duration,
    /// How often another server takes over.
    pub failovers: usize,
    /// In the order of time.
    pub troubles: Vec<Trouble>,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const DAY: Duration = Duration::from_secs(24 * 3600);

/// The calls that change a grant, each as often as it matters.
const WRITES: [&str; 9] = [
    "acquires",
    "begins",
    "begins",
    "commits",
    "commits",
    "commits",
    "takes what is due",
    "releases",
    "abandons",
];

impl Plan {
    /// What the seed of a fleet plans.
    pub fn of(fleet: &Fleet) -> Self {
        let mut chance = Chance::of(fleet.seed, 1);
        let contract = chance.one(&[DEAD, DEAD, REPLAYED_LONGER, UNTIL_USED]);
        let mut plan = Self {
            contract,
            in_doubt: chance.one(&[InDoubt::Keep, InDoubt::Keep, InDoubt::Reauthenticate]),
            upkeep: chance.one(&[Upkeep::Always, Upkeep::Always, Upkeep::KeepAlive]),
            clocks: (0..fleet.machines).map(|_| skew(&mut chance)).collect(),
            callers: chance.time(10 * MINUTE, 10 * HOUR),
            failovers: 0,
            troubles: Vec::new(),
        };
        let days = f64::from(fleet.days);
        let machines = f64::from(u32::try_from(fleet.machines).unwrap_or(u32::MAX));
        // Some fleets live quietly, others do not.
        let a_day = chance.time(2 * SECOND, 60 * SECOND).as_secs_f64();
        let mut left = days * machines.sqrt() * a_day;
        while left >= 1.0 {
            // Troubles seldom come alone.
            let at = DAY.mul_f64(days * chance.part());
            let together = 1 + chance.below(6);
            let place = chance.below(fleet.machines);
            for _ in 0..together {
                let trouble = plan.trouble(fleet, &mut chance, (at, place));
                plan.failovers += usize::from(matches!(trouble.what, What::Failover(_)));
                plan.troubles.push(trouble);
                left -= 1.0;
            }
        }
        plan.troubles.retain(|trouble| trouble.at < DAY.mul_f64(days));
        plan.troubles.sort_by_key(|trouble| trouble.at);
        plan
    }

    fn trouble(
        &self,
        fleet: &Fleet,
        chance: &mut Chance,
        (at, near): (Duration, usize),
    ) -> Trouble {
        let at = at + chance.time(SECOND, 10 * MINUTE);
        let machine = if chance.below(2) == 0 { near } else { chance.below(fleet.machines) };
        let grant = chance.below(fleet.grants);
        let (mut lasts, after) = (Duration::ZERO, chance.below(2) == 0);
        let what = match chance.below(100) {
            0..20 => {
                lasts = chance.time(SECOND / 10, 2 * MINUTE);
                let fault = chance.one(&[Fault::Failed, Fault::Lost, Fault::Late, Fault::Late]);
                What::Call(chance.one(&WRITES), fault, after)
            }
            20..45 => {
                lasts = chance.time(SECOND, 2 * MINUTE);
                use Fault::{AnswerLost, LateRequest, NotSent, RequestLost, Stray};
                let mut fault = chance.one(&[NotSent, RequestLost, AnswerLost, LateRequest, Stray]);
                if fault == Stray && self.contract == REPLAYED_LONGER {
                    // Whoever repeats a request cannot keep the first one from coming after the window.
                    fault = LateRequest;
                }
                What::Call("sends", fault, after)
            }
            45..62 => {
                lasts = chance.time(SECOND, 10 * MINUTE);
                let call = if chance.below(2) == 0 { "sends" } else { chance.one(&WRITES) };
                What::Call(call, Fault::Crash, after)
            }
            62..78 => {
                // Often for longer than a lease.
                lasts = chance.time(2 * SECOND, 5 * MINUTE);
                let call = if chance.below(2) == 0 { "sends" } else { chance.one(&WRITES) };
                What::Call(call, Fault::Stop, after)
            }
            78..82 => {
                lasts = chance.time(SECOND, HOUR);
                What::Outage
            }
            82..83 => What::Failover(1 + chance.below(40)),
            83..87 => What::Clock(skew(chance)),
            87..93 => {
                lasts = chance.time(SECOND, HOUR);
                let asked = chance.one(&[1, 30, 600, 100_000_000]);
                What::Mood(chance.one(&[Mood::Down, Mood::Busy(asked), Mood::Busy(asked)]))
            }
            93..94 => {
                lasts = chance.time(MINUTE, 30 * MINUTE);
                What::Mood(Mood::Mistaken)
            }
            94..97 => What::SignIn,
            97..98 => What::SignOut,
            _ => What::Disconnect,
        };
        Trouble { at, machine, grant, what, lasts }
    }
}

/// By how much a clock is off: most by little, some by minutes.
fn skew(chance: &mut Chance) -> i64 {
    let off = chance.time(Duration::from_millis(1), 5 * MINUTE).as_millis();
    let off = i64::try_from(off).unwrap_or_default();
    if chance.below(2) == 0 { off } else { -off }
}
