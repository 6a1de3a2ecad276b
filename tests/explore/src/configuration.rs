//! What is explored: contracts, processes, clocks, and how many of each fault may happen.

use std::time::Duration;

use rekindle_runtime::session::{InDoubt, Upkeep};

use crate::client::{
    Contract, DEAD, FALLS_BACK, MINTED, MINTED_LAST, REPLACED_FIRST, REPLAYED, SPENT_FIRST,
    STEPPED, UNTIL_USED,
};

/// What may go wrong, or happen from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Fault {
    /// A call of the store fails without effect.
    Failed,
    /// A write takes effect, and its answer is lost.
    Lost,
    /// A call of the store takes long: its effect, or its answer.
    Late,
    /// A request does not leave.
    NotSent,
    /// A request is lost on its way.
    RequestLost,
    /// An answer is lost on its way.
    AnswerLost,
    /// A request or its answer takes long. It never arrives once the process has given it up.
    LateRequest,
    /// A request takes long, and arrives even if the process has given it up.
    Stray,
    /// A process is gone, and starts again.
    Crash,
    /// A process is stopped for some time.
    Stop,
    /// A person signs in.
    SignIn,
    /// A person signs out.
    SignOut,
    /// The store cannot be reached for some time.
    Outage,
    /// The last writes are lost: another server takes over.
    Failover,
}

/// All faults.
pub const FAULTS: [Fault; 14] = [
    Fault::Failed,
    Fault::Lost,
    Fault::Late,
    Fault::NotSent,
    Fault::RequestLost,
    Fault::AnswerLost,
    Fault::LateRequest,
    Fault::Stray,
    Fault::Crash,
    Fault::Stop,
    Fault::SignIn,
    Fault::SignOut,
    Fault::Outage,
    Fault::Failover,
];

/// What is explored.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// As it is called on the command line.
    pub number: usize,
    /// In words.
    pub name: &'static str,
    /// Today's engine is known to violate it.
    pub open: bool,
    /// What a spent token is good for.
    pub contract: Contract,
    /// What the user wants to be done about an exchange in doubt.
    pub in_doubt: InDoubt,
    /// When sessions refresh.
    pub upkeep: Upkeep,
    /// By how much the wall clock of each process is ahead, in milliseconds: as many as there are processes.
    pub clocks: &'static [i64],
    /// How often callers ask again, beyond the first time in each process.
    pub asks: u8,
    /// What may happen, and how often.
    pub faults: &'static [(Fault, u8)],
    /// How many faults there may be in all.
    pub at_most: u8,
    /// For how long leases are taken: a few rounds of waiting.
    pub lease: Duration,
    /// How long exchanges may take.
    pub exchange_limit: Duration,
    /// How long access tokens live.
    pub life: Duration,
    /// No timer after this is waited for.
    pub horizon: Duration,
}

const BASE: Configuration = Configuration {
    number: 0,
    name: "",
    open: false,
    contract: DEAD,
    in_doubt: InDoubt::Keep,
    upkeep: Upkeep::WhenAsked,
    clocks: &[0, 0],
    asks: 1,
    faults: EACH,
    at_most: u8::MAX,
    lease: Duration::from_millis(50),
    exchange_limit: Duration::from_millis(60),
    life: Duration::from_secs(3600),
    horizon: Duration::from_secs(20),
};

/// With contracts by which requests are repeated: the lease must last for the pauses in between.
const REPEATS: Configuration = Configuration {
    lease: Duration::from_millis(300),
    exchange_limit: Duration::from_millis(400),
    ..BASE
};

/// Where mints end earlier tokens, a repeat waits for longer than requests may be on their way.
const MINTS: Configuration =
    Configuration { contract: MINTED_LAST, horizon: Duration::from_secs(60), ..BASE };

/// Tokens live shortly, and no caller asks again.
const ALWAYS: Configuration = Configuration {
    upkeep: Upkeep::Always,
    life: Duration::from_secs(4),
    horizon: Duration::from_secs(9),
    asks: 0,
    faults: &[
        (Fault::Failed, 1),
        (Fault::Lost, 1),
        (Fault::NotSent, 1),
        (Fault::Crash, 1),
        (Fault::Stop, 1),
    ],
    ..BASE
};

/// One of each.
const EACH: &[(Fault, u8)] = &[
    (Fault::Failed, 1),
    (Fault::Lost, 1),
    (Fault::Late, 1),
    (Fault::NotSent, 1),
    (Fault::RequestLost, 1),
    (Fault::AnswerLost, 1),
    (Fault::LateRequest, 1),
    (Fault::Crash, 1),
    (Fault::Stop, 1),
];

/// All that is explored.
pub fn configurations() -> Vec<Configuration> {
    use Fault::*;
    let given = [
        Configuration { name: "spent is dead: one of each fault", ..BASE },
        Configuration {
            name: "spent is dead: two faults of the store, two stops",
            faults: &[(Failed, 2), (Lost, 2), (Late, 1), (Stop, 2)],
            ..BASE
        },
        Configuration {
            name: "spent is dead: signing in",
            faults: &[(SignIn, 1), (Failed, 1), (Lost, 1), (Late, 1), (Crash, 1), (Stop, 1)],
            ..BASE
        },
        Configuration {
            name: "spent is dead: requests that arrive after they were given up",
            faults: &[(Stray, 1), (Failed, 1), (Lost, 1), (Crash, 1), (Stop, 1)],
            ..BASE
        },
        Configuration {
            name: "spent is dead: three processes",
            clocks: &[0, 0, 0],
            asks: 0,
            ..BASE
        },
        Configuration {
            name: "a window: one of each fault, nothing held up",
            contract: REPLAYED,
            faults: &[
                (Failed, 1),
                (Lost, 1),
                (NotSent, 1),
                (RequestLost, 1),
                (AnswerLost, 1),
                (Crash, 1),
            ],
            ..REPEATS
        },
        Configuration {
            name: "a window: calls of the store take long",
            contract: REPLAYED,
            faults: &[(Late, 1), (AnswerLost, 1), (RequestLost, 1), (Crash, 1)],
            asks: 0,
            ..REPEATS
        },
        Configuration {
            name: "a window: requests take long",
            open: false,
            contract: REPLAYED,
            faults: &[(LateRequest, 2), (AnswerLost, 1), (Crash, 1)],
            asks: 0,
            ..REPEATS
        },
        Configuration {
            name: "a window: one clock is behind by most of it",
            contract: REPLAYED,
            clocks: &[0, -800],
            faults: &[(AnswerLost, 1), (RequestLost, 1), (Crash, 1), (Lost, 1)],
            asks: 0,
            ..REPEATS
        },
        Configuration {
            name: "good until its successor is used: one of each fault, no stop",
            contract: UNTIL_USED,
            faults: &[
                (Failed, 1),
                (Lost, 1),
                (NotSent, 1),
                (RequestLost, 1),
                (AnswerLost, 1),
                (Crash, 1),
            ],
            ..REPEATS
        },
        Configuration {
            name: "good until its successor is used: late and given-up requests",
            contract: UNTIL_USED,
            faults: &[(Stray, 1), (LateRequest, 1), (AnswerLost, 1), (Crash, 1)],
            ..REPEATS
        },
        Configuration {
            name: "spent is dead, `Reauthenticate`: the store is away",
            in_doubt: InDoubt::Reauthenticate,
            faults: &[(Outage, 1), (Failed, 1), (Lost, 1), (AnswerLost, 1), (Crash, 1)],
            asks: 0,
            ..BASE
        },
        Configuration {
            name: "spent is dead: another server takes over, without the last writes",
            faults: &[(Failover, 1), (AnswerLost, 1), (Crash, 1)],
            asks: 0,
            ..BASE
        },
        Configuration {
            name: "spent is dead, `Always`: refreshed ahead of each expiry, by one process",
            clocks: &[0],
            ..ALWAYS
        },
        Configuration {
            name: "spent is dead, `Always`: refreshed ahead of each expiry, by two processes",
            open: false,
            ..ALWAYS
        },
        Configuration {
            name: "spent is dead: signing in and out",
            open: false,
            faults: &[(SignIn, 1), (SignOut, 1), (Failed, 1), (Lost, 1), (Late, 1), (Stop, 1)],
            ..BASE
        },
        Configuration {
            name: "nothing is spent and nothing stored: one of each fault",
            contract: MINTED,
            ..BASE
        },
        Configuration {
            name: "nothing is spent and nothing stored: signing out",
            contract: MINTED,
            faults: &[(SignOut, 1), (Failed, 1), (Lost, 1), (Late, 1), (Crash, 1), (Stop, 1)],
            ..BASE
        },
        Configuration { name: "a mint ends the token before it: one of each fault", ..MINTS },
        Configuration {
            name: "a mint ends the token before it: requests that arrive after they were given up",
            faults: &[(Stray, 1), (Crash, 1)],
            asks: 0,
            ..MINTS
        },
        Configuration {
            name: "settings bring tokens where a refresh cannot: one of each fault",
            contract: FALLS_BACK,
            ..BASE
        },
        Configuration {
            name: "a step comes before the request: one of each fault",
            contract: STEPPED,
            ..BASE
        },
        Configuration {
            name: "another request follows the one that spends: one of each fault",
            contract: SPENT_FIRST,
            ..BASE
        },
        Configuration {
            name: "what replaces the token is known before another request: one of each fault",
            contract: REPLACED_FIRST,
            ..BASE
        },
    ];
    let numbered = given.into_iter().zip(1..);
    numbered.map(|(configuration, number)| Configuration { number, ..configuration }).collect()
}
