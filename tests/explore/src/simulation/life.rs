//! One life of a fleet: events in the order of virtual time, from one queue.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use rekindle_runtime::session::{InDoubt, SessionErrorKind, Settings, Upkeep};
use rekindle_runtime::store::{Key, Record};

use super::member::{Member, Start};
use super::plan::{DAY, HOUR, Plan, Trouble, What};
use super::{Fleet, Report};
use crate::chance::Chance;
use crate::client::{NAME, REPLAYED_LONGER, tokens};
use crate::configuration::Fault;
use crate::handles::{Shelf, WHOLE, number};
use crate::machine::{BEGINNING, Call, Failure, Kind, Machine, Now};
use crate::process::{Heard, Waits};
use crate::properties::Ledger;
use crate::provider::{Mood, Provider};

/// How long access tokens live.
const LIFE: Duration = HOUR;
/// How long it is quiet at the end, before all grants are looked at.
const QUIET: Duration = Duration::from_secs(3 * 3600 + 600);
/// The last of it, in which no grant may need more refreshes than its tokens' lives make.
const SETTLED: Duration = Duration::from_secs(2 * 3600);
/// How often a grant is refreshed in that time, at most: a token is replaced after three quarters of its life at the earliest.
const REFRESHES: usize = 3;
/// How many writes another server may lack.
const BEHIND: usize = 64;
/// The longest that a request or its answer takes which another machine may repeat, where that is allowed for some time only.
const LATE_AT_MOST: Duration = Duration::from_secs(5);
const MILLISECOND: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Event {
    /// Something that was planned.
    Trouble(usize),
    /// It is over.
    Over(usize),
    /// A call of an incarnation takes effect.
    Effect(usize, u64, u64),
    /// It is answered; or fails, if that is said.
    Answer(usize, u64, u64, bool),
    /// A timer of a machine runs out.
    Wake(usize),
    /// A machine that was stopped goes on.
    Resume(usize),
    /// A machine that is gone starts again.
    Start(usize),
    /// A caller asks for the token of a grant.
    Ask(usize),
    /// A person signs in.
    SignIn(usize),
    /// A request that was given up arrives.
    Arrive(usize),
    /// The quiet at the end begins; its last part; its end.
    Quiet,
    Settled,
    End,
}

/// A life of a fleet.
pub(super) struct Life<'a> {
    fleet: &'a Fleet,
    plan: Plan,
    now: Now,
    shelf: Shelf,
    ledger: Ledger,
    members: Vec<Member>,
    queue: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    events: u64,
    incarnations: u64,
    /// How long calls take.
    latency: Vec<Chance>,
    /// What people do.
    people: Chance,
    /// The troubles that wait for a call of their machine.
    armed: Vec<Vec<usize>>,
    outages: u32,
    strays: Vec<Option<Call>>,
    heard: Heard,
    /// Who was served since it is quiet.
    served: Vec<bool>,
    /// Whether a person will sign in again.
    signs_in: Vec<bool>,
    keys: Vec<Key>,
    quiet: bool,
    /// How many tokens each grant had when the last part of the quiet began.
    settled: Vec<usize>,
    digest: DefaultHasher,
    log: Option<Vec<String>>,
}

impl<'a> Life<'a> {
    /// The beginning: every grant is stored, and every machine starts.
    pub fn new(fleet: &'a Fleet, logged: bool) -> Self {
        let mut plan = Plan::of(fleet);
        let mut place = 0..;
        plan.troubles.retain(|_| {
            let place = place.next().unwrap_or_default();
            fleet.troubles.as_ref().is_none_or(|kept| kept.contains(&place))
        });
        let now = Now::default();
        let mut provider = Provider::new(plan.contract, LIFE);
        // Token 0 is nobody's.
        provider.sign_in();
        let ledger = Ledger::new(provider, plan.contract, false);
        let shelf = Shelf::new(&now, ledger.clone(), (plan.failovers, BEHIND));
        let chance = |who: usize| Chance::of(fleet.seed, 16 + u64::try_from(who).unwrap_or(0));
        let mut life = Self {
            fleet,
            now,
            shelf,
            ledger,
            members: Vec::new(),
            queue: BinaryHeap::new(),
            events: 0,
            incarnations: 0,
            latency: (0..=fleet.machines).map(chance).collect(),
            people: Chance::of(fleet.seed, 2),
            armed: vec![Vec::new(); fleet.machines + 1],
            outages: 0,
            strays: Vec::new(),
            heard: Heard::default(),
            served: vec![false; fleet.grants],
            signs_in: vec![false; fleet.grants],
            keys: (0..fleet.grants).map(|place| Key::new(NAME, &format!("g{place}"))).collect(),
            quiet: false,
            settled: Vec::new(),
            digest: DefaultHasher::new(),
            log: logged.then(Vec::new),
            plan,
        };
        for place in 0..fleet.grants {
            // Some are long due, others not yet.
            let issued = BEGINNING - LIFE.mul_f64(2.0 * life.people.part());
            let text = life.signed_in();
            let issued = SystemTime::UNIX_EPOCH + issued;
            if let Some(grant) = tokens(&text, issued) {
                let mut record = Record::new(grant, issued);
                if life.plan.upkeep == Upkeep::Always {
                    record.due = Some(issued + LIFE.mul_f64(0.9));
                }
                life.shelf.lock().begin_with(&life.keys[place], &record);
            }
            let first = life.plan.callers.mul_f64(life.people.part());
            life.at(first, Event::Ask(place));
        }
        for place in 0..fleet.machines {
            let member = life.start(place, life.plan.clocks[place]);
            life.members.push(member);
            life.go_on(place);
        }
        for place in 0..life.plan.troubles.len() {
            life.at(life.plan.troubles[place].at, Event::Trouble(place));
        }
        let days = DAY * fleet.days;
        life.at(days, Event::Quiet);
        life.at(days + QUIET - SETTLED, Event::Settled);
        life.at(days + QUIET, Event::End);
        life
    }

    fn signed_in(&self) -> Vec<u8> {
        let mut seen = self.ledger.lock();
        let token = seen.provider.sign_in();
        seen.provider.text(token)
    }

    fn at(&mut self, at: Duration, event: Event) {
        self.queue.push(Reverse((at, self.events, event)));
        self.events += 1;
    }

    fn after(&mut self, wait: Duration, event: Event) {
        self.at(self.now.get().saturating_add(wait), event);
    }

    fn start(&mut self, place: usize, clock: i64) -> Member {
        self.incarnations += 1;
        let mut settings = Settings::default();
        settings.in_doubt = self.plan.in_doubt;
        settings.upkeep = self.plan.upkeep;
        let chance = Chance::of(self.fleet.seed, 1 << 32 | self.incarnations);
        let machine = Machine::new(&self.now, self.incarnations, off(clock)).with_chance(chance);
        self.note(|| format!("machine {place} starts"));
        Member::start(Start {
            incarnation: self.incarnations,
            machine,
            shelf: &self.shelf,
            contract: self.plan.contract,
            settings,
        })
    }

    /// Lives until the end, or until a property does not hold.
    pub fn run(mut self) -> Report {
        let mut steps = 0;
        while let Some(Reverse((at, _, event))) = self.queue.pop() {
            self.now.set(at);
            (at, event).hash(&mut self.digest);
            steps += 1;
            if event == Event::End {
                self.end();
                break;
            }
            self.happens(event);
            if self.ledger.lock().violation.is_some() {
                break;
            }
        }
        let mut seen = self.ledger.lock();
        seen.hash(&mut self.digest);
        Report {
            steps,
            tokens: seen.provider.last(),
            troubles: self.plan.troubles.len(),
            digest: self.digest.finish(),
            violation: seen.violation.take(),
            log: self.log.take().unwrap_or_default(),
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Trouble(place) => self.trouble(place),
            Event::Over(place) => self.over(self.plan.troubles[place].what),
            Event::Effect(place, incarnation, id) => {
                if self.is(place, incarnation) {
                    self.effect(place, id);
                }
            }
            Event::Answer(place, incarnation, id, fails) => {
                if !self.is(place, incarnation) {
                    return;
                }
                if let Some(until) = self.members[place].stopped {
                    return self.at(until, event);
                }
                let machine = self.members[place].machine.clone();
                if fails {
                    machine.fail(id, Failure::Unknown);
                } else {
                    machine.answer(id);
                }
                self.go_on(place);
            }
            Event::Wake(place) => {
                let member = &mut self.members[place];
                if member.wakes != Some(self.now.get()) {
                    // It waits for another moment by now.
                    return;
                }
                member.wakes = member.stopped;
                if let Some(until) = member.stopped {
                    return self.at(until, event);
                }
                member.machine.wake();
                self.go_on(place);
            }
            Event::Resume(place) => {
                if self.members[place].stopped.is_some_and(|until| until <= self.now.get()) {
                    self.note(|| format!("machine {place} goes on"));
                    self.members[place].stopped = None;
                }
            }
            Event::Start(place) => {
                if !self.members[place].lives() {
                    self.members[place] = self.start(place, self.plan.clocks[place]);
                    self.go_on(place);
                }
            }
            Event::Ask(grant) => self.ask(grant),
            Event::SignIn(grant) => self.sign_in(grant),
            Event::Arrive(place) => {
                if let Some(mut call) = self.strays[place].take() {
                    self.ledger.lock().strays();
                    call.take_effect();
                    self.note(|| format!("a request arrives that was given up: {}", call.details));
                }
            }
            Event::Quiet => self.grow_quiet(),
            Event::Settled => self.settled = self.ledger.lock().provider.counts(),
            Event::End => {}
        }
    }

    fn is(&self, place: usize, incarnation: u64) -> bool {
        self.members.get(place).is_some_and(|member| member.incarnation == incarnation)
    }

    /// A machine does what it can, and what it asks for is on its way.
    fn go_on(&mut self, place: usize) {
        let member = &mut self.members[place];
        member.tasks.run();
        let next = member.seen.map_or(0, |seen| seen + 1);
        let new: Vec<(u64, &'static str, Kind)> = member.machine.with_calls(|calls| {
            calls.range(next..).map(|(id, call)| (*id, call.name, call.kind)).collect()
        });
        if let Some((last, ..)) = new.last() {
            member.seen = Some(*last);
        }
        let incarnation = member.incarnation;
        let given_up = member.machine.take_strays();
        if let Some(at) = member.machine.next_wake()
            && member.wakes.is_none_or(|known| at < known)
            && at < Duration::MAX
        {
            let at = at.max(self.now.get());
            member.wakes = Some(at);
            self.at(at, Event::Wake(place));
        }
        for call in given_up {
            let wait = self.latency[place].time(MILLISECOND, MINUTE);
            self.strays.push(Some(call));
            self.after(wait, Event::Arrive(self.strays.len() - 1));
        }
        for (id, name, kind) in new {
            self.leaves(place, incarnation, (id, name, kind));
        }
        self.react();
    }

    /// A call is on its way: when it takes effect, and what becomes of it.
    fn leaves(&mut self, place: usize, incarnation: u64, (id, name, kind): (u64, &str, Kind)) {
        let usual = if kind == Kind::Send { 40 * MILLISECOND } else { MILLISECOND };
        let wait = self.latency[place].time(usual / 4, usual * 8);
        let armed = self.armed[place].iter().position(
            |trouble| matches!(self.plan.troubles[*trouble].what, What::Call(of, ..) if of == name),
        );
        let trouble = armed.map(|armed| self.armed[place].remove(armed));
        let Some(Trouble { what: What::Call(_, fault, after), lasts, .. }) =
            trouble.map(|trouble| self.plan.troubles[trouble])
        else {
            return self.after(wait, Event::Effect(place, incarnation, id));
        };
        let machine = self.members[place].machine.clone();
        machine.with_calls(|calls| {
            let call = calls.get_mut(&id)?;
            call.held = true;
            call.stray = fault == Fault::Stray;
            let doubtful = matches!(
                fault,
                Fault::RequestLost | Fault::AnswerLost | Fault::LateRequest | Fault::Stray
            );
            if doubtful && kind == Kind::Send {
                self.ledger.lock().doubt(number(&call.details));
            }
            Some(())
        });
        let half = if after { "after" } else { "before" };
        self.note(|| format!("machine {place} {name}: {fault:?} {half} its effect, {lasts:?}"));
        let late = match self.plan.contract {
            REPLAYED_LONGER if kind == Kind::Send => lasts.min(LATE_AT_MOST),
            _ => lasts,
        };
        match fault {
            Fault::Failed | Fault::NotSent => {
                machine.fail(id, Failure::Before);
                self.go_on(place);
            }
            Fault::RequestLost => {
                self.after(wait + lasts, Event::Answer(place, incarnation, id, true));
            }
            Fault::Lost | Fault::AnswerLost => {
                self.effect_now(place, id);
                self.after(wait + lasts, Event::Answer(place, incarnation, id, true));
            }
            Fault::Crash => {
                if after {
                    self.effect_now(place, id);
                }
                self.crash(place, lasts);
            }
            Fault::Stop => {
                if after {
                    self.after(wait, Event::Effect(place, incarnation, id));
                } else {
                    // On its way it was no faster than the machine.
                    let wait = if kind == Kind::Send { wait } else { wait + late };
                    self.after(wait, Event::Effect(place, incarnation, id));
                }
                self.stop(place, lasts);
            }
            // Late: its effect, or its answer.
            _ if after => {
                self.effect_now(place, id);
                self.after(wait + late, Event::Answer(place, incarnation, id, false));
            }
            _ => self.after(wait + late, Event::Effect(place, incarnation, id)),
        }
    }

    /// A call takes effect, unless the store is away, and its answer is on its way.
    fn effect(&mut self, place: usize, id: u64) {
        let machine = self.members[place].machine.clone();
        let Some(kind) = machine.with_calls(|calls| calls.get(&id).map(|call| call.kind)) else {
            return;
        };
        let usual = if kind == Kind::Send { 40 * MILLISECOND } else { MILLISECOND };
        let wait = self.latency[place].time(usual / 4, usual * 8);
        let away = self.outages > 0 && kind != Kind::Send;
        let incarnation = self.members[place].incarnation;
        // As a server goes away, some writes still arrive.
        if !away || (kind == Kind::Write && self.latency[place].below(8) == 0) {
            self.effect_now(place, id);
        }
        self.after(wait, Event::Answer(place, incarnation, id, away));
    }

    fn effect_now(&mut self, place: usize, id: u64) {
        let machine = self.members[place].machine.clone();
        let stopped = self.members[place].stopped.is_some();
        let call = machine.with_calls(|calls| {
            let call = calls.get_mut(&id)?;
            if call.kind == Kind::Send && (call.held || stopped) {
                // Another machine may have repeated it meanwhile.
                self.ledger.lock().strays();
            }
            call.take_effect();
            let mut text = String::new();
            if self.log.is_some() {
                let _ = call.show(&mut text);
                let text = text.split(WHOLE).next().unwrap_or_default();
                let about = call.key.as_ref().map_or("", Key::subject);
                return Some(format!("{} {about} {}: {text}", call.name, call.details));
            }
            None
        });
        if let Some(text) = call {
            self.note(|| format!("machine {place} {text}"));
        }
    }

    fn crash(&mut self, place: usize, lasts: Duration) {
        let incarnation = self.members[place].incarnation;
        self.note(|| format!("machine {place} is gone"));
        self.doubt_entries(incarnation);
        self.members[place].kill();
        self.ledger.lock().gone(incarnation);
        self.after(lasts, Event::Start(place));
    }

    /// Of what this process has in the journal, nobody may ever know what became.
    fn doubt_entries(&self, incarnation: u64) {
        let owner = Member::owner(incarnation);
        let kept = self.shelf.lock();
        for key in &self.keys {
            if let Some(stored) = kept.snapshot(key)
                && stored.in_flight.as_ref().is_some_and(|entry| *entry.owner == *owner)
            {
                self.ledger.lock().doubt_stored(&stored);
            }
        }
    }

    fn stop(&mut self, place: usize, lasts: Duration) {
        let until = self.now.get() + lasts;
        self.note(|| format!("machine {place} is stopped for {lasts:?}"));
        self.members[place].stopped = Some(until);
        self.members[place].machine.with_calls(|calls| {
            for call in calls.values().filter(|call| call.kind == Kind::Send) {
                self.ledger.lock().doubt(number(&call.details));
            }
        });
        self.at(until, Event::Resume(place));
    }

    fn trouble(&mut self, place: usize) {
        let Trouble { machine, grant, what, lasts, .. } = self.plan.troubles[place];
        if !matches!(what, What::Call(..)) {
            self.note(|| format!("{what:?} for {lasts:?}, machine {machine}, g{grant}"));
        }
        match what {
            What::Call(..) => self.armed[machine].push(place),
            What::Outage => {
                self.outages += 1;
                self.after(lasts, Event::Over(place));
            }
            What::Failover(writes) => {
                self.ledger.lock().doubt_all();
                self.shelf.lock().lose(writes);
            }
            What::Clock(clock) => {
                self.plan.clocks[machine] = clock;
                self.members[machine].machine.set_clock(off(clock));
            }
            What::Mood(mood) => {
                self.ledger.lock().provider.mood = mood;
                self.after(lasts, Event::Over(place));
            }
            What::SignIn => self.sign_in(grant),
            What::SignOut => {
                if let Some(place) = self.some_machine() {
                    let pool = self.members[place].pool.as_ref();
                    let task = pool.map(|pool| pool.session(self.keys[grant].subject()).sign_out());
                    self.spawn(place, task);
                }
            }
            What::Disconnect => {
                let mut seen = self.ledger.lock();
                if let Some(wanted) = seen.wanted(&self.keys[grant]) {
                    seen.provider.disconnect(wanted);
                }
            }
        }
    }

    fn over(&mut self, what: What) {
        self.note(|| format!("{what:?} is over"));
        match what {
            What::Outage => self.outages = self.outages.saturating_sub(1),
            What::Mood(mood) => {
                let mut seen = self.ledger.lock();
                if seen.provider.mood == mood {
                    seen.provider.mood = Mood::Well;
                }
            }
            _ => {}
        }
    }

    /// A machine at which a person or a caller happens to be.
    fn some_machine(&mut self) -> Option<usize> {
        let place = self.people.below(self.fleet.machines);
        let member = &self.members[place];
        (member.lives() && member.stopped.is_none()).then_some(place)
    }

    fn spawn(&mut self, place: usize, task: Option<rekindle_runtime::session::Task>) {
        use rekindle_runtime::session::Executor as _;
        if let Some(task) = task {
            self.members[place].tasks.spawn(task);
            self.go_on(place);
        }
    }

    fn ask(&mut self, grant: usize) {
        let wait = self.plan.callers.mul_f64(2.0 * self.people.part());
        let refused = self.people.below(8) == 0;
        if self.quiet {
            return;
        }
        self.after(wait, Event::Ask(grant));
        if let Some(place) = self.some_machine() {
            self.ask_at(place, grant, refused);
        }
    }

    fn ask_at(&mut self, place: usize, grant: usize, refused: bool) {
        let member = &self.members[place];
        let heard = (self.heard.clone(), grant);
        let waits = Waits::alone(member.incarnation, heard);
        let session = member.pool.as_ref().map(|pool| pool.session(self.keys[grant].subject()));
        let task = session.map(|session| session.ask(refused, waits, self.ledger.clone()));
        self.spawn(place, task);
    }

    /// What callers were told makes people sign in again, after a while.
    fn react(&mut self) {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        for (grant, failed) in heard {
            let ended = matches!(
                failed,
                Some(
                    SessionErrorKind::SignInNeeded(_)
                        | SessionErrorKind::InDoubt(_)
                        | SessionErrorKind::NoGrant
                )
            );
            self.served[grant] |= failed.is_none() && self.quiet;
            if ended && !self.quiet && !std::mem::replace(&mut self.signs_in[grant], true) {
                let wait = self.people.time(MINUTE, 12 * HOUR);
                self.after(wait, Event::SignIn(grant));
            }
        }
    }

    fn sign_in(&mut self, grant: usize) {
        self.signs_in[grant] = false;
        let place = self.some_machine().filter(|_| !self.quiet);
        let Some(place) = place else {
            return;
        };
        let at = SystemTime::UNIX_EPOCH + BEGINNING + self.now.get();
        let tokens = tokens(&self.signed_in(), at);
        self.note(|| format!("machine {place}: the person of g{grant} signs in"));
        let session =
            self.members[place].pool.as_ref().map(|pool| pool.session(self.keys[grant].subject()));
        let task = session.zip(tokens).map(|(session, grant)| session.sign_in(grant));
        self.spawn(place, task);
    }

    /// Nothing goes wrong any more: every machine runs, the store and the provider are back, and an operator takes back what the
    /// provider has said by mistake.
    fn grow_quiet(&mut self) {
        self.note(|| "nothing goes wrong any more".to_owned());
        self.quiet = true;
        self.outages = 0;
        self.armed.iter_mut().for_each(Vec::clear);
        self.ledger.lock().provider.mood = Mood::Well;
        for place in 0..self.members.len() {
            self.members[place].stopped = None;
            if !self.members[place].lives() {
                self.members[place] = self.start(place, self.plan.clocks[place]);
            }
            self.go_on(place);
        }
        let since = SystemTime::UNIX_EPOCH;
        let member = &self.members[0];
        let revives = member.pool.as_ref().map(|pool| pool.revive(&member.machine, since));
        self.spawn(0, revives);
    }

    /// Judges the end: one more machine asks for every grant.
    fn end(&mut self) {
        self.note(|| "one more machine asks for every grant".to_owned());
        let always = self.plan.upkeep == Upkeep::Always;
        if self.members.iter().any(Member::planned_too_often) {
            self.ledger.lock().violated("a grant is planned twice in one process");
        }
        if always {
            self.judge_plans();
        }
        let last = self.members.len();
        let member = self.start(last, 0);
        self.members.push(member);
        self.served.fill(false);
        for grant in 0..self.keys.len() {
            self.ask_at(last, grant, false);
        }
        let until = self.now.get() + 10 * MINUTE;
        while let Some(Reverse((at, _, event))) = self.queue.pop() {
            if at > until {
                break;
            }
            self.now.set(at);
            self.happens(event);
        }
        let reauthenticates = self.plan.in_doubt == InDoubt::Reauthenticate;
        for (key, served) in self.keys.iter().zip(&self.served) {
            let stored = self.shelf.lock().snapshot(key);
            let mut seen = self.ledger.lock();
            if seen.violation.is_none() {
                seen.at_the_end(key, stored.as_ref(), *served, reauthenticates);
                if let Some(violation) = &mut seen.violation {
                    let _ = write!(violation, ": {}", key.subject());
                }
            }
        }
    }

    /// With `Always`, every grant that lives was refreshed in time although nobody asked, and none more often than its tokens ended.
    fn judge_plans(&mut self) {
        let counts = self.ledger.lock().provider.counts();
        let now = SystemTime::UNIX_EPOCH + BEGINNING + self.now.get();
        for key in &self.keys {
            let Some(stored) = self.shelf.lock().snapshot(key) else {
                continue;
            };
            let mut seen = self.ledger.lock();
            let Some(wanted) = seen.wanted(key).filter(|wanted| seen.provider.lives(*wanted))
            else {
                continue;
            };
            let record = &stored.record;
            if record.ended.is_some() || stored.in_flight.is_some() || stored.may_be_outdated {
                continue;
            }
            let before = self.settled.get(wanted).copied().unwrap_or_default();
            let refreshed = counts.get(wanted).copied().unwrap_or_default() - before;
            if record.issued_at + LIFE < now {
                seen.violated(format!("a grant that lives is planned never: {}", key.subject()));
            } else if refreshed > REFRESHES {
                let text = format!("refreshed {refreshed} times in {SETTLED:?}: {}", key.subject());
                seen.violated(text);
            }
        }
    }

    fn note(&mut self, text: impl FnOnce() -> String) {
        let now = self.now.get();
        if let Some(log) = &mut self.log {
            log.push(format!("{:>12.3} s  {}", now.as_secs_f64(), text()));
        }
    }
}

fn off(clock: i64) -> (Duration, Duration) {
    let off = Duration::from_millis(clock.unsigned_abs());
    if clock < 0 { (Duration::ZERO, off) } else { (off, Duration::ZERO) }
}
