//! What goes wrong in a fleet, and when: planned from the seed, before anything happens. So any part of it can be left out, and the
//! rest stays what it was.

use std::time::Duration;

use rekindle_runtime::session::{InDoubt, Upkeep};

use super::Fleet;
use crate::chance::Chance;
use crate::client::{
    Contract, DEAD, FALLS_BACK, MINTED, MINTED_LAST, REPLAYED_LONGER, STEPPED, UNTIL_USED,
    brings_tokens, mints,
};
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
    /// To the machine's next call of this name; then to a later one for the same grant, and meanwhile something else, if that is said.
    Call(Hit, Option<Hit>, Option<Meanwhile>),
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

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    pub name: &'static str,
    pub fault: Fault,
    /// After its effect.
    pub after: bool,
    /// For how long.
    pub lasts: Duration,
}

/// What happens while a call goes wrong, when this part of the time is over.
#[derive(Debug, Clone, Copy)]
pub struct Meanwhile {
    pub part: f64,
    pub what: Else,
}

/// What may.
#[derive(Debug, Clone, Copy)]
pub enum Else {
    /// Callers ask for the token of the same grant, at every machine.
    Ask,
    /// The person of the grant signs in.
    SignIn,
    /// The person signs out.
    SignOut,
    /// The store goes away for so long.
    Outage(Duration),
}

/// What the store is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A server: it tells the time, its leases end by that, and another one may take over.
    Server,
    /// The files of one machine, whose processes have one clock: leases are locks of the system, which a process that is stopped keeps and
    /// one that is gone does not.
    Files,
}

/// A fleet as its seed makes it.
#[derive(Debug, Clone)]
pub struct Plan {
    pub contract: Contract,
    pub place: Place,
    pub in_doubt: InDoubt,
    pub upkeep: Upkeep,
    /// How many grants there are: where nothing is spent, the settings of the client bring one token for all.
    pub grants: usize,
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

/// What a spent token is good for, each as often as it matters; and what brings tokens without one.
const CONTRACTS: [Contract; 12] = [
    DEAD,
    DEAD,
    DEAD,
    REPLAYED_LONGER,
    REPLAYED_LONGER,
    UNTIL_USED,
    UNTIL_USED,
    STEPPED,
    FALLS_BACK,
    MINTED,
    MINTED_LAST,
    MINTED_LAST,
];

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
        let contract = chance.one(&CONTRACTS);
        let place = chance.one(&[Place::Server, Place::Server, Place::Files]);
        let grants = if mints(contract) { 1 } else { fleet.grants };
        let callers = chance.time(10 * MINUTE, 10 * HOUR);
        let mut plan = Self {
            contract,
            place,
            in_doubt: chance.one(&[InDoubt::Keep, InDoubt::Keep, InDoubt::Reauthenticate]),
            upkeep: chance.one(&[Upkeep::Always, Upkeep::Always, Upkeep::KeepAlive]),
            grants,
            clocks: (0..fleet.machines).map(|_| skew(&mut chance)).collect(),
            // Of the one token of a client more callers ask.
            callers: if mints(contract) { callers / 8 } else { callers },
            failovers: 0,
            troubles: Vec::new(),
        };
        if place == Place::Files {
            let clock = plan.clocks[0];
            plan.clocks.fill(clock);
        }
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
                plan.troubles.push(trouble);
                left -= 1.0;
            }
        }
        let mut troubles = std::mem::take(&mut plan.troubles);
        troubles.retain(|trouble| trouble.at < DAY.mul_f64(days) && plan.has(trouble.what));
        troubles.sort_by_key(|trouble| trouble.at);
        plan.troubles = troubles;
        let failover = |trouble: &&Trouble| matches!(trouble.what, What::Failover(_));
        plan.failovers = plan.troubles.iter().filter(failover).count();
        plan
    }

    /// Whether this happens in such a fleet.
    fn has(&self, what: What) -> bool {
        // Nobody signs in where settings bring tokens.
        let people = !brings_tokens(self.contract);
        match what {
            // A request of which the journal has lost the entry may end a minted token whenever it comes.
            What::Failover(_) => self.place == Place::Server && self.contract != MINTED_LAST,
            What::SignIn | What::Disconnect => people,
            What::SignOut => self.may_sign_out(),
            What::Call(_, _, Some(meanwhile)) => match meanwhile.what {
                Else::SignIn => people,
                Else::SignOut => self.may_sign_out(),
                Else::Ask | Else::Outage(_) => true,
            },
            _ => true,
        }
    }

    /// With the record the entry goes of a request that may end what is minted next.
    fn may_sign_out(&self) -> bool {
        self.contract != MINTED_LAST
    }

    fn trouble(
        &self,
        fleet: &Fleet,
        chance: &mut Chance,
        (at, near): (Duration, usize),
    ) -> Trouble {
        let at = at + chance.time(SECOND, 10 * MINUTE);
        let machine = if chance.below(2) == 0 { near } else { chance.below(fleet.machines) };
        let grant = chance.below(self.grants);
        let mut lasts = Duration::ZERO;
        let what = match chance.below(100) {
            0..78 => self.call(chance),
            78..82 => {
                lasts = outage(chance);
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

    /// A call goes wrong. What breaks a session takes more than one thing in many cases, and those seldom meet by chance alone.
    fn call(&self, chance: &mut Chance) -> What {
        let first = self.hit(chance);
        let then = (chance.below(3) == 0).then(|| self.hit(chance));
        let meanwhile = (chance.below(3) == 0).then(|| Meanwhile {
            part: chance.part(),
            what: match chance.below(8) {
                0..4 => Else::Ask,
                4 => Else::SignIn,
                5 => Else::SignOut,
                _ => Else::Outage(outage(chance)),
            },
        });
        What::Call(first, then, meanwhile)
    }

    fn hit(&self, chance: &mut Chance) -> Hit {
        let after = chance.below(2) == 0;
        let of_any = |chance: &mut Chance| {
            if chance.below(2) == 0 { "sends" } else { chance.one(&WRITES) }
        };
        let (name, fault, lasts) = match chance.below(78) {
            0..20 => {
                let lasts = chance.time(SECOND / 10, 2 * MINUTE);
                let fault = chance.one(&[Fault::Failed, Fault::Lost, Fault::Late, Fault::Late]);
                (chance.one(&WRITES), fault, lasts)
            }
            20..45 => {
                use Fault::{AnswerLost, LateRequest, NotSent, RequestLost, Stray};
                let mut fault = chance.one(&[NotSent, RequestLost, AnswerLost, LateRequest, Stray]);
                if fault == Stray && self.contract == REPLAYED_LONGER {
                    // Whoever repeats a request cannot keep the first one from coming after the window.
                    fault = LateRequest;
                }
                // Most of those that arrive after they were given up are given up.
                let shortest = if fault == Stray { 40 * SECOND } else { SECOND };
                ("sends", fault, chance.time(shortest, 2 * MINUTE))
            }
            45..62 => (of_any(chance), Fault::Crash, chance.time(SECOND, 10 * MINUTE)),
            _ => {
                // Often for longer than a lease, at times for longer than a token lives.
                let sleeps = chance.below(8) == 0;
                let longest = if sleeps { 2 * HOUR } else { 5 * MINUTE };
                let shortest = if sleeps { 10 * MINUTE } else { 2 * SECOND };
                (of_any(chance), Fault::Stop, chance.time(shortest, longest))
            }
        };
        Hit { name, fault, after, lasts }
    }
}

/// How long a store is away: at times for about as long as a token lives.
fn outage(chance: &mut Chance) -> Duration {
    match chance.below(4) {
        0 => chance.time(40 * MINUTE, 90 * MINUTE),
        _ => chance.time(SECOND, HOUR),
    }
}

/// By how much a clock is off: most by little, some by minutes.
fn skew(chance: &mut Chance) -> i64 {
    let off = chance.time(Duration::from_millis(1), 5 * MINUTE).as_millis();
    let off = i64::try_from(off).unwrap_or_default();
    if chance.below(2) == 0 { off } else { -off }
}
