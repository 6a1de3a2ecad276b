//! The world: processes, one store, one provider, time; what may happen next, and its happening.
//!
//! Calls take no time, in whatever order the search chooses; what takes time is a fault, and is counted. So time goes on when
//! every process waits for a timer, for something that is held up, or is stopped or gone.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use rekindle_runtime::session::{InDoubt, Settings, Upkeep};
use rekindle_runtime::store::{Key, Record, Snapshot};

use crate::client::{FALLS_BACK, MINTED, MINTED_LAST, NAME, REPLAYED, WINDOW, mints, tokens};
use crate::configuration::{Configuration, FAULTS, Fault};
use crate::handles::{Shelf, WHOLE, show_snapshot};
use crate::machine::{BEGINNING, Call, Failure, Kind, Machine, Now};
use crate::process::{Process, SUBJECT, Start};
use crate::properties::Ledger;
use crate::provider::Provider;
use crate::writes::{Asked, Change, Write};

const NAMES: [&str; 5] = ["A", "B", "C", "D", "E"];
/// When a window is nearly over, and when a session takes it for over.
const WINDOW_NEARS: Duration = Duration::from_millis(800);
const WINDOW_CLOSES: Duration = Duration::from_millis(900);
/// How long a request may still be on its way that was given up, where sessions wait for it.
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// What may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The call of a process takes effect and is answered.
    Answer(usize, u64),
    /// The call of a process ends in another way.
    Fault(usize, u64, Fault, Half),
    /// Timers of a process have run out.
    Wake(usize),
    /// A call that was held up goes on.
    Release(usize, u64),
    /// A request that was given up arrives.
    Arrive(usize),
    /// A process that was stopped goes on.
    Resume(usize),
    /// A process starts, or starts again.
    Start(usize),
    /// A caller asks for a token, once more.
    Ask(usize),
    /// A person signs in at a process.
    SignIn(usize),
    /// A person signs out at a process.
    SignOut(usize),
    /// The store goes away.
    Outage,
    /// The store is back.
    Back,
    /// Another server takes over, and so many writes are lost.
    Failover(usize),
    /// Time goes on to this moment.
    Advance(Duration),
}

/// What may happen next.
pub struct Possible {
    /// The usual first, faults last.
    pub actions: Vec<Action>,
    /// How many of them are usual. Where none is, this may be the end.
    pub usual: usize,
}

/// Whether a fault comes before the effect of a call or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// It does not take effect yet, or ever.
    Before,
    /// It has taken effect.
    After,
}
use Half::{After, Before};

/// How a process stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Standing {
    Runs,
    Stopped,
    Gone,
}

struct Place {
    process: Process,
    standing: Standing,
    /// What it has observed since its start: what it holds in memory follows from that.
    history: u64,
    clock: i64,
}

/// Everything.
pub struct World {
    configuration: Configuration,
    now: Now,
    shelf: Shelf,
    ledger: Ledger,
    places: Vec<Place>,
    /// Requests that were given up, by whom, and until when they may arrive.
    strays: Vec<(Call, u64, Duration)>,
    budget: [u8; FAULTS.len()],
    at_most: u8,
    /// How often callers may still ask again.
    asks: u8,
    incarnations: u64,
    outage: bool,
    key: Key,
    /// What has happened, for people to read; `None` where nobody will.
    pub log: Option<Vec<String>>,
}

impl World {
    /// The beginning: a grant is stored whose access token has ended, and every process opens it. Where nothing is spent, there is none; or
    /// its access token is still good for some time, where mints end the one before them.
    pub fn new(configuration: &Configuration, logged: bool) -> Self {
        let now = Now::default();
        let mut provider = Provider::new(configuration.contract, configuration.life);
        // Token 0 is nobody's.
        provider.sign_in();
        let first = provider.sign_in();
        let text = provider.text(first);
        let gambles = configuration.in_doubt == InDoubt::Gamble;
        let ledger = Ledger::new(provider, configuration.contract, gambles);
        let mut budget = [0; FAULTS.len()];
        for (fault, count) in configuration.faults {
            budget[*fault as usize] = *count;
        }
        let spares = usize::from(budget[Fault::Failover as usize]);
        let key = Key::new(NAME, SUBJECT);
        let shelf = Shelf::new(&now, ledger.clone(), (spares, usize::MAX));
        // One that is to be replaced soon, or has ended.
        let issued_at = match configuration.contract {
            MINTED_LAST => BEGINNING - configuration.life.mul_f64(0.99),
            _ => Duration::ZERO,
        };
        let issued_at = SystemTime::UNIX_EPOCH + issued_at;
        let first = tokens(&text, issued_at).filter(|_| configuration.contract != MINTED);
        if let Some(grant) = first {
            shelf.lock().begin_with(&key, &Record::new(grant, issued_at));
        }
        let mut world = Self {
            configuration: configuration.clone(),
            now,
            shelf,
            ledger,
            places: Vec::new(),
            strays: Vec::new(),
            budget,
            at_most: configuration.at_most,
            asks: configuration.asks,
            incarnations: 0,
            outage: false,
            key,
            log: logged.then(Vec::new),
        };
        for (clock, name) in configuration.clocks.iter().zip(NAMES) {
            let process = world.process(name, *clock);
            let history = world.incarnations;
            let clock = *clock;
            world.places.push(Place { process, standing: Standing::Runs, history, clock });
        }
        // All but the first begin at some time.
        for place in world.places.iter_mut().skip(1) {
            place.process.kill();
            place.standing = Standing::Gone;
            place.history = 0;
        }
        world
    }

    fn process(&mut self, name: &'static str, clock: i64) -> Process {
        self.incarnations += 1;
        let off = Duration::from_millis(clock.unsigned_abs());
        let off = if clock < 0 { (Duration::ZERO, off) } else { (off, Duration::ZERO) };
        let mut settings = Settings::default();
        settings.in_doubt = self.configuration.in_doubt;
        settings.upkeep = self.configuration.upkeep;
        settings.lease = self.configuration.lease;
        settings.exchange_limit = self.configuration.exchange_limit;
        Process::start(Start {
            name,
            incarnation: self.incarnations,
            machine: Machine::new(&self.now, self.incarnations, off),
            shelf: &self.shelf,
            ledger: &self.ledger,
            contract: self.configuration.contract,
            settings,
        })
    }

    /// Keeps from now on what the store is asked for, as if what it holds were put into it first.
    pub fn trace(&mut self) {
        let mut kept = self.shelf.lock();
        let (key, then) = (self.key.clone(), kept.snapshot(&self.key));
        let begins = then.as_ref().map(|known| Asked {
            at: self.now.get(),
            key,
            write: Write::Put(known.record.clone()),
            came: Ok(Change::Done),
            then: then.clone(),
        });
        kept.trace = Some(begins.into_iter().collect());
    }

    /// What the store was asked for since then.
    pub fn traced(&self) -> Vec<Asked> {
        self.shelf.lock().trace.clone().unwrap_or_default()
    }

    /// The first property that did not hold.
    pub fn violation(&self) -> Option<String> {
        self.ledger.lock().violation.clone()
    }

    fn may(&self, fault: Fault) -> bool {
        self.at_most > 0 && self.budget[fault as usize] > 0
    }

    fn spend(&mut self, fault: Fault) {
        self.budget[fault as usize] -= 1;
        self.at_most -= 1;
    }

    /// What may happen next.
    pub fn actions(&self) -> Possible {
        let mut usual = Vec::new();
        let mut faults = Vec::new();
        let mut later = Vec::new();
        let now = self.now.get();
        for (index, place) in self.places.iter().enumerate() {
            match place.standing {
                Standing::Gone if self.outage => continue,
                Standing::Gone => {
                    later.push(Action::Start(index));
                    continue;
                }
                Standing::Stopped => {
                    later.push(Action::Resume(index));
                    continue;
                }
                Standing::Runs => {}
            }
            place.process.machine.with_calls(|calls| {
                for (id, call) in calls {
                    if call.held {
                        later.push(Action::Release(index, *id));
                        continue;
                    }
                    usual.push(Action::Answer(index, *id));
                    if !(self.outage && call.kind != Kind::Send) {
                        self.faults_of(index, *id, call, &mut faults);
                    }
                }
            });
            if place.process.machine.next_wake().is_some_and(|at| at <= now) {
                usual.push(Action::Wake(index));
            }
            if place.process.is_open() {
                if self.asks > 0 && place.process.callers.load(Ordering::Relaxed) == 0 {
                    later.push(Action::Ask(index));
                }
                if self.may(Fault::SignIn) {
                    faults.push(Action::SignIn(index));
                }
                if self.may(Fault::SignOut) {
                    faults.push(Action::SignOut(index));
                }
            }
        }
        let arrives = |place: &usize| now < self.strays[*place].2;
        later.extend((0..self.strays.len()).filter(arrives).map(Action::Arrive));
        let quiet = usual.is_empty();
        if self.outage {
            later.push(Action::Back);
        } else if self.may(Fault::Outage) && !quiet {
            faults.push(Action::Outage);
        }
        if self.may(Fault::Failover) && !quiet {
            faults.extend([1, 2, 3].map(Action::Failover));
        }
        if quiet && let Some(at) = self.next_moment(!later.is_empty() || !faults.is_empty()) {
            usual.push(Action::Advance(at));
        }
        usual.append(&mut later);
        let count = usual.len();
        usual.append(&mut faults);
        Possible { actions: usual, usual: count }
    }

    fn faults_of(&self, index: usize, id: u64, call: &Call, faults: &mut Vec<Action>) {
        let mut add = |fault, half| {
            if self.may(fault) {
                faults.push(Action::Fault(index, id, fault, half));
            }
        };
        match call.kind {
            Kind::Read => {
                add(Fault::Failed, Before);
                add(Fault::Late, After);
            }
            Kind::Write => {
                add(Fault::Failed, Before);
                add(Fault::Lost, After);
                add(Fault::Late, Before);
                add(Fault::Late, After);
            }
            Kind::Send => {
                add(Fault::NotSent, Before);
                add(Fault::RequestLost, Before);
                add(Fault::AnswerLost, After);
                add(Fault::LateRequest, Before);
                add(Fault::LateRequest, After);
                add(Fault::Stray, Before);
            }
        }
        // A process that is gone or stopped after a read is as one that is so before its next call.
        if call.kind != Kind::Read {
            add(Fault::Crash, After);
            add(Fault::Stop, Before);
            add(Fault::Stop, After);
        }
    }

    /// The next moment at which something could be otherwise. `outside`: something but a timer may still happen.
    fn next_moment(&self, outside: bool) -> Option<Duration> {
        let now = self.now.get();
        let wakes = |standing| {
            let places = self.places.iter().filter(move |place| place.standing == standing);
            places.filter_map(|place| place.process.machine.next_wake()).filter(|at| *at > now)
        };
        let timer = wakes(Standing::Runs).min();
        // A process that is stopped may be so for longer than it would wait.
        let missed = wakes(Standing::Stopped).min();
        let lease = self.shelf.lock().mark(&self.key).lease.map(|(_, until)| until);
        let sent = self.ledger.lock().last_sent();
        let waits: &[Duration] = match &self.configuration {
            Configuration { contract: REPLAYED, .. } => &[WINDOW_NEARS, WINDOW_CLOSES, WINDOW],
            Configuration { contract: MINTED_LAST, exchange_limit, lease, .. } => {
                &[*exchange_limit + *lease + ARRIVES_WITHIN]
            }
            Configuration { in_doubt: InDoubt::Keep, .. } => &[],
            Configuration { exchange_limit, .. } => &[*exchange_limit],
        };
        let ends = sent.into_iter().flat_map(|at| waits.iter().map(move |wait| at + *wait));
        let ends = ends.chain(lease).chain(missed).filter(|_| outside);
        let next = ends.chain(timer).filter(|at| *at > now).min()?;
        (next <= self.configuration.horizon).then_some(next)
    }

    /// It happens.
    pub fn step(&mut self, action: Action) {
        let text = self.log.is_some().then(|| self.describe(action));
        match action {
            Action::Answer(index, id) if self.outage && !self.is_send(index, id) => {
                self.fail(index, id, Failure::Unknown);
            }
            Action::Answer(index, id) | Action::Release(index, id) => self.answer(index, id),
            Action::Fault(index, id, fault, half) => self.fault(index, id, fault, half),
            Action::Wake(index) => {
                self.observe(index, &"wake");
                self.places[index].process.machine.wake();
            }
            Action::Arrive(place) => {
                let (mut call, ..) = self.strays.remove(place);
                self.ledger.lock().strays();
                call.take_effect();
            }
            Action::Resume(index) => self.resume(index),
            Action::Start(index) => {
                let (name, clock) = (self.places[index].process.name, self.places[index].clock);
                let process = self.process(name, clock);
                let place = &mut self.places[index];
                *place =
                    Place { process, standing: Standing::Runs, history: self.incarnations, clock };
                self.observe(index, &"start");
            }
            Action::Ask(index) => {
                self.observe(index, &"ask");
                self.asks -= 1;
                self.places[index].process.ask(&self.ledger, self.configuration.contract);
            }
            Action::SignIn(index) => {
                self.spend(Fault::SignIn);
                self.observe(index, &"sign-in");
                let text = {
                    let mut seen = self.ledger.lock();
                    let token = seen.provider.sign_in();
                    seen.provider.text(token)
                };
                let at = SystemTime::UNIX_EPOCH + self.now.get();
                if let Some(grant) = tokens(&text, at) {
                    self.places[index].process.sign_in(grant);
                }
            }
            Action::SignOut(index) => {
                self.spend(Fault::SignOut);
                self.observe(index, &"sign-out");
                self.places[index].process.sign_out();
            }
            Action::Outage => {
                self.spend(Fault::Outage);
                self.outage = true;
            }
            Action::Back => self.outage = false,
            Action::Failover(writes) => {
                self.spend(Fault::Failover);
                self.ledger.lock().doubt_all();
                self.shelf.lock().lose(writes);
            }
            Action::Advance(at) => self.now.set(at),
        }
        self.run();
        if let (Some(text), Some(log)) = (text, &mut self.log) {
            log.push(text);
        }
    }

    /// Whatever the processes can do by themselves.
    fn run(&mut self) {
        for place in &mut self.places {
            if place.standing == Standing::Runs {
                place.process.tasks.run();
                if place.process.has_failed() {
                    place.process.kill();
                    place.standing = Standing::Gone;
                }
            }
            // What it observed before does not matter any more.
            if let Some(memory) = place.process.memory() {
                let mut hasher = DefaultHasher::new();
                (memory, place.process.incarnation).hash(&mut hasher);
                place.history = hasher.finish();
            }
            let within =
                if mints(self.configuration.contract) { ARRIVES_WITHIN } else { Duration::MAX };
            let until = self.now.get().saturating_add(within);
            for call in place.process.machine.take_strays() {
                self.strays.push((call, place.history, until));
            }
            if place.process.planned() > 1 {
                self.ledger.lock().violated("one grant is planned twice in one process");
            }
        }
    }

    fn is_send(&self, index: usize, id: u64) -> bool {
        let machine = &self.places[index].process.machine;
        machine.with_calls(|calls| calls.get(&id).is_some_and(|call| call.kind == Kind::Send))
    }

    /// Which of the process's calls it is, from the oldest on.
    fn rank(&self, index: usize, id: u64) -> usize {
        self.places[index].process.machine.with_calls(|calls| calls.range(..id).count())
    }

    /// The process sees something.
    fn observe(&mut self, index: usize, what: &impl Hash) {
        let now = self.now.get();
        let place = &mut self.places[index];
        let mut hasher = DefaultHasher::new();
        (place.history, now, what).hash(&mut hasher);
        place.history = hasher.finish();
    }

    fn answer(&mut self, index: usize, id: u64) {
        let mut seen = HashText(DefaultHasher::new());
        let machine = self.places[index].process.machine.clone();
        machine.with_calls(|calls| {
            if let Some(call) = calls.get_mut(&id) {
                call.take_effect();
                let _ = call.show(&mut seen);
            }
        });
        let rank = self.rank(index, id);
        self.observe(index, &(rank, seen.0.finish()));
        machine.answer(id);
    }

    fn fail(&mut self, index: usize, id: u64, failure: Failure) {
        let rank = self.rank(index, id);
        self.observe(index, &(rank, failure));
        self.places[index].process.machine.fail(id, failure);
    }

    fn fault(&mut self, index: usize, id: u64, fault: Fault, half: Half) {
        self.spend(fault);
        let machine = self.places[index].process.machine.clone();
        machine.with_calls(|calls| {
            if let Some(call) = calls.get_mut(&id) {
                if half == After {
                    call.take_effect();
                }
                call.held = matches!(fault, Fault::Late | Fault::LateRequest | Fault::Stray);
                call.stray = fault == Fault::Stray;
            }
        });
        let doubtful =
            [Fault::RequestLost, Fault::AnswerLost, Fault::LateRequest, Fault::Stray, Fault::Stop];
        if doubtful.contains(&fault) && self.is_send(index, id) {
            self.ledger.lock().doubt_all();
        }
        match fault {
            Fault::Failed | Fault::NotSent => self.fail(index, id, Failure::Before),
            Fault::Lost | Fault::RequestLost | Fault::AnswerLost => {
                self.fail(index, id, Failure::Unknown);
            }
            Fault::Crash => {
                let place = &mut self.places[index];
                place.process.kill();
                place.standing = Standing::Gone;
                let mut seen = self.ledger.lock();
                seen.gone(place.process.incarnation);
                seen.doubt_all();
            }
            Fault::Stop => self.places[index].standing = Standing::Stopped,
            _ => {}
        }
    }

    /// A process that was stopped goes on: answers are there, and timers have run out.
    fn resume(&mut self, index: usize) {
        self.places[index].standing = Standing::Runs;
        let machine = self.places[index].process.machine.clone();
        let done: Vec<u64> = machine.with_calls(|calls| {
            let done = calls.iter().filter(|(_, call)| call.done && !call.held);
            done.map(|(id, _)| *id).collect()
        });
        self.observe(index, &"resume");
        for id in done {
            self.answer(index, id);
        }
        machine.wake();
    }

    /// Whatever the future depends on. What a process holds in memory follows from what it has observed since it last rested, and
    /// what it held then, because nothing in it happens by chance or by the real time: two executions in which that, the store,
    /// the provider, the time, what was seen of tokens and what may still happen are the same go on in the same way.
    pub fn state(&self) -> u64 {
        let mut text = HashText(DefaultHasher::new());
        (self.now.get(), self.asks, self.budget, self.at_most, self.outage).hash(&mut text.0);
        for place in &self.places {
            (place.standing, place.history).hash(&mut text.0);
            place.process.machine.with_calls(|calls| {
                for call in calls.values() {
                    (call.name, call.held, call.done, call.stray).hash(&mut text.0);
                    let _ = call.show(&mut text);
                }
            });
        }
        for (call, history, until) in &self.strays {
            (call.name, &call.details, history, until).hash(&mut text.0);
        }
        {
            let kept = self.shelf.lock();
            let mut mark = kept.mark(&self.key);
            mark.lease.take_if(|(_, until)| *until <= self.now.get());
            mark.hash(&mut text.0);
            if let Some(snapshot) = kept.snapshot(&self.key) {
                let _ = show_snapshot(&snapshot, &mut text);
            }
            kept.unsure().hash(&mut text.0);
        }
        self.ledger.lock().hash(&mut text.0);
        text.0.finish()
    }

    /// No fault happens any more, everything comes to rest, and one more process asks for a token: then the end is judged.
    pub fn settle(&mut self) {
        const LONG: Duration = Duration::from_secs(3600);
        let always = self.configuration.upkeep == Upkeep::Always;
        // With `Always` it never ends: a few lives of tokens are enough.
        let rest = if always { self.configuration.life * 3 } else { LONG };
        self.budget = [0; FAULTS.len()];
        self.configuration.horizon = self.now.get() + rest;
        self.rest();
        let stored = self.shelf.lock().snapshot(&self.key);
        self.ledger.lock().at_rest(stored.as_ref());
        if !always {
            self.now.set(self.now.get() + LONG);
        }
        self.configuration.horizon = self.now.get() + rest;
        let process = self.process("Z", 0);
        let history = self.incarnations;
        self.places.push(Place { process, standing: Standing::Runs, history, clock: 0 });
        self.rest();
        if !self.is_last_served() && self.configuration.contract == FALLS_BACK {
            // It has seen an exchange of another process just now, which may be saved yet: a caller asks once more later.
            self.now.set(self.now.get() + LONG);
            self.configuration.horizon = self.now.get() + rest;
            if let Some(last) = self.places.last() {
                last.process.ask(&self.ledger, FALLS_BACK);
            }
            self.rest();
        }
        let served = self.is_last_served();
        let snapshot = self.shelf.lock().snapshot(&self.key);
        let reauthenticates = self.configuration.in_doubt == InDoubt::Reauthenticate;
        self.ledger.lock().at_the_end(&self.key, snapshot.as_ref(), served, reauthenticates);
        let lives = |known: Snapshot| known.record.ended.is_none() && known.in_flight.is_none();
        let unplanned =
            |place: &Place| place.process.memory().is_some() && place.process.planned() == 0;
        if always && snapshot.is_some_and(lives) && self.places.iter().any(unplanned) {
            self.ledger.lock().violated("a grant that lives is planned never");
        }
    }

    /// Whether the process that started last has got a token.
    fn is_last_served(&self) -> bool {
        let last = self.places.last();
        last.is_some_and(|last| last.process.served.load(Ordering::Relaxed) > 0)
    }

    /// The usual, until nothing happens any more.
    fn rest(&mut self) {
        const STEPS: usize = 400;
        for _ in 0..STEPS {
            let Some(action) = self.actions().actions.first().copied() else {
                return;
            };
            self.step(action);
        }
        self.ledger.lock().violated("it does not come to rest");
    }

    /// Writes a line into the log.
    pub fn note(&mut self, line: &str) {
        if let Some(log) = &mut self.log {
            log.push(line.to_owned());
        }
    }

    /// What happens, for people to read.
    fn describe(&self, action: Action) -> String {
        let name = |index: usize| self.places[index].process.name;
        let call = |index: usize, id: u64| {
            let mut text = String::new();
            self.places[index].process.machine.with_calls(|calls| {
                if let Some(call) = calls.get(&id) {
                    text = format!("{} {} {}", name(index), call.name, call.details);
                }
            });
            text.trim_end().to_owned()
        };
        match action {
            Action::Answer(index, id) if self.outage && !self.is_send(index, id) => {
                format!("{}: the store is away", call(index, id))
            }
            Action::Answer(index, id) => format!("{}: {}", call(index, id), self.result(index, id)),
            Action::Release(index, id) => {
                format!("{}, held up until now: {}", call(index, id), self.result(index, id))
            }
            Action::Fault(index, id, fault, half) => {
                let half = if half == After { "after" } else { "before" };
                let what = match fault {
                    Fault::Failed | Fault::NotSent => "fails",
                    Fault::Lost | Fault::AnswerLost => "takes effect, and the answer is lost",
                    Fault::RequestLost => "is lost on its way",
                    Fault::Late | Fault::LateRequest => "is held up",
                    Fault::Stray => "is held up, and goes on if it is given up",
                    Fault::Crash => "and the process is gone",
                    Fault::Stop => "and the process is stopped",
                    _ => "",
                };
                format!("{}: {what}, {half} its effect", call(index, id))
            }
            Action::Wake(index) => format!("{}: a timer has run out", name(index)),
            Action::Arrive(place) => {
                let (call, ..) = &self.strays[place];
                format!("a request that was given up arrives: {}", call.details)
            }
            Action::Resume(index) => format!("{} goes on", name(index)),
            Action::Start(index) => format!("{} starts", name(index)),
            Action::Ask(index) => format!("{}: a caller asks for another token", name(index)),
            Action::SignIn(index) => format!("{}: a person signs in", name(index)),
            Action::SignOut(index) => format!("{}: a person signs out", name(index)),
            Action::Outage => "the store goes away".to_owned(),
            Action::Back => "the store is back".to_owned(),
            Action::Failover(writes) => {
                format!("another server takes over: {writes} writes are lost")
            }
            Action::Advance(at) => format!("time goes on to {} ms", at.as_millis()),
        }
    }

    /// What a call would bring now: it takes effect by this, as it would a moment later.
    fn result(&self, index: usize, id: u64) -> String {
        let mut text = String::new();
        self.places[index].process.machine.with_calls(|calls| {
            if let Some(call) = calls.get_mut(&id) {
                call.take_effect();
                let _ = call.show(&mut text);
            }
        });
        text.split(WHOLE).next().unwrap_or_default().to_owned()
    }
}

/// Text that is hashed as it is written.
struct HashText(DefaultHasher);

impl std::fmt::Write for HashText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
