//! What is to be done, and what makes no sense.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What is done to sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// 10,000 tasks ask at the instant of expiry: exactly one request leaves
    Stampede,
    /// 10,000 tasks ask, and a random subset or all of them go away at random points: one request, and its result is stored
    Cancel,
    /// Processes refresh one single-use token over and over: each generation is exchanged exactly once
    Processes,
    /// The same, and processes are killed (-9) at random points and replaced: no rotated token is lost but where the journal says so
    Kill9,
    /// Processes share tokens that the client's settings alone bring; then they are killed (-9) at random points and replaced: one mint
    /// for each generation, and nothing in doubt
    Mint,
    /// The same as `kill9`, and a pooler in front of PostgreSQL gives each transaction another connection of the server's
    Pooler,
    /// The same, and processes are stopped and continued, for shorter and longer than the lease: no token is sent twice
    Pause,
    /// The same, and the store is restarted, frozen or taken away at random points: nothing is lost
    Outage,
    /// Processes close in good order in the middle of a backlog of due grants, and are replaced: nothing is lost and nothing in doubt
    Close,
    /// Machines join, leave, are killed (-9) and stand still for shorter and longer than the lease, at random points of a backlog of due
    /// grants: each is refreshed once, or in doubt by the journal of one that was killed
    Fleet,
    /// Processes whose clocks are minutes apart, at a provider that answers a lost exchange once more for a moment: answers are lost with
    /// their processes, and tokens end. No token is sent when the window is over, none is served when it has ended
    Skew,
    /// The server goes, and a standby that lacks the last commits takes its place, while processes work off due grants: what it holds may
    /// be spent, and is sent by nobody
    Failover,
    /// Five years of five providers in virtual time: skewed and leaping clocks, machine sleep; no refresh too often, none late
    Clock,
}

/// Where grants are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoreKind {
    /// In memory: one process
    Memory,
    /// In files of a temporary folder
    File,
    /// In a PostgreSQL server that is started for it
    Postgres,
    /// In a Redis server that is started for it (appendonly, fsync always)
    Redis,
}

/// A scenario with all its numbers.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is done.
    pub scenario: Scenario,
    /// Where grants are kept.
    pub store: StoreKind,
    /// How many processes share the grant.
    pub processes: usize,
    /// How many generations are to be reached at least.
    pub generations: u64,
    /// How often it is done: stampedes, kills, stops, outages, closes, what happens to a fleet, or years of clock.
    pub runs: u64,
    /// How many tasks ask, in a stampede.
    pub tasks: usize,
    /// What all random choices are drawn from.
    pub seed: u64,
    /// The program that plays a process.
    pub program: PathBuf,
}

/// Why a combination of options makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable(String);

/// The options of the command line. What is left out is filled in.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Asked {
    /// Where the grant is kept [default: memory for stampede, cancel and clock, postgres for pooler, skew and
    /// failover; else file]
    #[arg(long, value_enum)]
    pub store: Option<StoreKind>,

    /// How many processes share the grant; with `pause` in memory, threads [default: 8 for processes, mint and fleet, 6 for pooler, else 4]
    #[arg(long, value_name = "N")]
    pub processes: Option<usize>,

    /// How many generations are to be reached; with `close`, `fleet` and `failover`, how many grants there are; with `mint`, before the first kill [default:
    /// 1000 for processes and pause, 500 for outage, 200 for mint and failover, 2000 for close and fleet]
    #[arg(long, value_name = "N")]
    pub generations: Option<u64>,

    /// How many kills, stops, outages, closes, things that happen to a fleet, lost answers and expiries of skew, failovers, stampedes, or
    /// years of clock [default: 1000 (200 for mint), 60, 12, 60, 200, 60, 5, 1 (12 for cancel), 5]
    #[arg(long, value_name = "N")]
    pub runs: Option<u64>,

    /// How many tasks ask at once, in stampede and cancel [default: 10000]
    #[arg(long, value_name = "N")]
    pub tasks: Option<usize>,
}

impl Plan {
    /// The plan of a scenario, with what was not asked for filled in.
    ///
    /// # Errors
    /// The combination makes no sense.
    pub fn new(
        scenario: Scenario,
        asked: Asked,
        seed: u64,
        program: PathBuf,
    ) -> Result<Self, Unusable> {
        let usual = Usual::of(scenario);
        let plan = Self {
            scenario,
            store: asked.store.unwrap_or(usual.store),
            processes: asked.processes.unwrap_or(usual.processes),
            generations: asked.generations.unwrap_or(usual.generations),
            runs: asked.runs.unwrap_or(usual.runs),
            tasks: asked.tasks.unwrap_or(10_000),
            seed,
            program,
        };
        plan.check(asked)?;
        Ok(plan)
    }

    /// The command that carries out this plan.
    pub fn command(&self) -> String {
        let mut command = format!(
            "cargo run --release -p rekindle-torture -- {} --store {} --seed {}",
            self.scenario.name(),
            self.store.name(),
            self.seed
        );
        let mut say = |option: &str, number: u64| {
            command.push_str(&format!(" --{option} {number}"));
        };
        use Scenario::{Cancel, Clock, Processes, Skew, Stampede};
        if !matches!(self.scenario, Stampede | Cancel | Clock) {
            say("processes", u64::try_from(self.processes).unwrap_or(u64::MAX));
            if self.scenario != Skew {
                say("generations", self.generations);
            }
        }
        if self.scenario != Processes {
            say("runs", self.runs);
        }
        if matches!(self.scenario, Stampede | Cancel) {
            say("tasks", u64::try_from(self.tasks).unwrap_or(u64::MAX));
        }
        command
    }

    fn check(&self, asked: Asked) -> Result<(), Unusable> {
        use Scenario::{
            Cancel, Clock, Close, Failover, Fleet, Kill9, Mint, Outage, Pause, Pooler, Processes,
            Skew, Stampede,
        };
        let name = self.scenario.name();
        let refuse = |why: String| Err(Unusable(why));
        match self.scenario {
            Processes | Kill9 | Mint | Outage | Close | Fleet
                if self.store == StoreKind::Memory =>
            {
                let why = "which another process or the next one cannot see";
                return refuse(format!(
                    "`{name}` is not for `--store memory`, {why}: use file, postgres or redis"
                ));
            }
            Pooler if self.store != StoreKind::Postgres => {
                let why = "the one store that has poolers in front of it";
                return refuse(format!("`{name}` is for `--store postgres`, {why}"));
            }
            Skew | Failover if !matches!(self.store, StoreKind::Postgres | StoreKind::Redis) => {
                let why = "which several machines share";
                return refuse(format!("`{name}` is for `--store postgres` or `redis`, {why}"));
            }
            Clock if self.store != StoreKind::Memory => {
                let why = "since the clocks of files and servers are the machine's";
                return refuse(format!(
                    "`{name}` runs in virtual time, with `--store memory` alone, {why}"
                ));
            }
            Stampede | Cancel | Clock if asked.processes.is_some_and(|number| number != 1) => {
                return refuse(format!("`{name}` is about one process: leave out `--processes`"));
            }
            Processes if asked.runs.is_some() => {
                return refuse(format!("`{name}` is measured in generations: leave out `--runs`"));
            }
            Stampede | Cancel | Clock | Skew if asked.generations.is_some() => {
                return refuse(format!("`{name}` is measured in runs: leave out `--generations`"));
            }
            _ => {}
        }
        if asked.tasks.is_some() && !matches!(self.scenario, Stampede | Cancel) {
            return refuse(format!("`{name}` has no tasks: leave out `--tasks`"));
        }
        if self.processes == 0 || self.tasks == 0 {
            return refuse("at least one caller must ask for a token: a number is 0".to_owned());
        }
        if matches!(self.scenario, Kill9 | Mint | Pooler | Skew) && self.processes < 2 {
            return refuse(format!("`{name}` needs survivors: two processes at least"));
        }
        if self.scenario == Pause && self.store == StoreKind::Memory && self.processes > 64 {
            return refuse("each worker in memory is a thread: 64 at most".to_owned());
        }
        if self.processes > 100 {
            return refuse(
                "more than 100 processes: the servers' connections end there".to_owned(),
            );
        }
        if self.runs == 0 && !matches!(self.scenario, Processes) {
            return refuse("nothing is done in 0 runs".to_owned());
        }
        if self.generations == 0 && matches!(self.scenario, Processes | Mint | Failover) {
            return refuse("nothing is done in 0 generations".to_owned());
        }
        Ok(())
    }
}

/// The numbers that hold unless others are asked for.
struct Usual {
    store: StoreKind,
    processes: usize,
    generations: u64,
    runs: u64,
}

impl Usual {
    fn of(scenario: Scenario) -> Self {
        use StoreKind::{File, Memory, Postgres};
        let (store, processes, generations, runs) = match scenario {
            Scenario::Stampede => (Memory, 1, 1, 1),
            Scenario::Cancel => (Memory, 1, 1, 12),
            Scenario::Processes => (File, 8, 1000, 0),
            Scenario::Kill9 => (File, 4, 0, 1000),
            Scenario::Mint => (File, 8, 200, 200),
            Scenario::Pooler => (Postgres, 6, 0, 1000),
            Scenario::Pause => (File, 4, 1000, 60),
            Scenario::Outage => (File, 4, 500, 12),
            Scenario::Close => (File, 4, 2000, 60),
            Scenario::Fleet => (File, 8, 2000, 200),
            Scenario::Skew => (Postgres, 4, 0, 60),
            Scenario::Failover => (Postgres, 4, 200, 5),
            Scenario::Clock => (Memory, 1, 0, 5),
        };
        Self { store, processes, generations, runs }
    }
}

impl Scenario {
    /// Its name on the command line.
    pub fn name(self) -> String {
        name(&self)
    }
}

impl StoreKind {
    /// Its name on the command line.
    pub fn name(self) -> String {
        name(&self)
    }
}

fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}
