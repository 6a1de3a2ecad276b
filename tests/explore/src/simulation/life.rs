//! One life of a fleet: events in the order of virtual time, from one queue.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use rekindle_runtime::session::{Settings, Upkeep};
use rekindle_runtime::store::{Key, Record};

use super::member::{Member, Start};
use super::plan::{DAY, HOUR, Hit, Meanwhile, Place, Plan, Trouble, What};
use super::{Fleet, Report};
use crate::chance::Chance;
use crate::client::{MINTED, MINTED_LAST, NAME, REPLAYED_LONGER, mints, tokens};
use crate::configuration::Fault;
use crate::handles::{Shelf, WHOLE, number};
use crate::machine::{BEGINNING, Call, Failure, Kind, Machine, Now};
use crate::process::Heard;
use crate::properties::Ledger;
use crate::provider::{Mood, Provider};

/// How long access tokens live.
pub(super) const LIFE: Duration = HOUR;
/// How long it is quiet at the end, before all grants are looked at.
const QUIET: Duration = Duration::from_secs(3 * 3600 + 600);
/// The last of it, in which no grant may need more refreshes than its tokens' lives make.
pub(super) const SETTLED: Duration = Duration::from_secs(2 * 3600);
/// How long after another the plans of every machine are looked at.
const LOOKS: Duration = Duration::from_secs(1800);
/// How many writes another server may lack.
const BEHIND: usize = 64;
/// The longest that a request or its answer takes which another machine may repeat, where that is allowed for some time only.
const LATE_AT_MOST: Duration = Duration::from_secs(5);
/// How long a request may be on its way that was given up: the longest, and where sessions wait for it.
const ARRIVES: Duration = Duration::from_secs(60);
const MINT_ARRIVES: Duration = Duration::from_secs(15);
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Event {
    /// Something that was planned.
    Trouble(usize),
    /// It is over.
    Over(usize),
    /// What happens while a call of this grant goes wrong.
    Meanwhile(usize, usize),
    /// The store is there again.
    Back,
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
    /// A caller asks for the token of a grant; at this machine, if it is still that incarnation.
    Ask(usize),
    AskAt(usize, u64, usize),
    /// A person signs in.
    SignIn(usize),
    /// A request that was given up arrives.
    Arrive(usize),
    /// What every machine has planned is looked at.
    Look,
    /// The quiet at the end begins; its last part; its end.
    Quiet,
    Settled,
    End,
}

/// What goes wrong with the next call of a machine that it fits.
pub(super) struct Armed {
    trouble: usize,
    hit: Hit,
    /// Of this grant alone.
    grant: Option<usize>,
}

/// A life of a fleet.
pub(super) struct Life<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) plan: Plan,
    pub(super) now: Now,
    pub(super) shelf: Shelf,
    pub(super) ledger: Ledger,
    pub(super) members: Vec<Member>,
    pub(super) queue: BinaryHeap<Reverse<(Duration, u64, Event)>>,
    events: u64,
    incarnations: u64,
    /// How long calls take.
    latency: Vec<Chance>,
    /// What people do.
    pub(super) people: Chance,
    /// The troubles that wait for a call of their machine.
    pub(super) armed: Vec<Vec<Armed>>,
    pub(super) outages: u32,
    strays: Vec<Option<Call>>,
    pub(super) heard: Heard,
    /// The grants whose calls something has gone wrong with at an incarnation, but for its requests; all where it was stopped.
    disturbed: BTreeSet<(u64, Option<usize>)>,
    /// The sessions that somebody has asked for, by incarnation.
    pub(super) asked: BTreeSet<(u64, usize)>,
    /// The grants of which somebody has signed out.
    pub(super) signed_out: BTreeSet<usize>,
    /// The sessions that no deadline was set for when the plans were looked at last, by incarnation.
    pub(super) unplanned: BTreeSet<(u64, usize)>,
    /// Who was served since it is quiet, at which machine.
    pub(super) served: BTreeSet<(usize, usize)>,
    /// Whether a person will sign in again.
    pub(super) signs_in: Vec<bool>,
    pub(super) keys: Vec<Key>,
    pub(super) quiet: bool,
    /// How many tokens each grant had when the last part of the quiet began.
    pub(super) settled: Vec<usize>,
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
        let shelf = if plan.place == Place::Files { shelf.in_files() } else { shelf };
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
            armed: std::iter::repeat_with(Vec::new).take(fleet.machines + 1).collect(),
            outages: 0,
            strays: Vec::new(),
            heard: Heard::default(),
            disturbed: BTreeSet::new(),
            asked: BTreeSet::new(),
            signed_out: BTreeSet::new(),
            unplanned: BTreeSet::new(),
            served: BTreeSet::new(),
            signs_in: vec![false; plan.grants],
            keys: (0..plan.grants).map(|place| Key::new(NAME, &format!("g{place}"))).collect(),
            quiet: false,
            settled: Vec::new(),
            digest: DefaultHasher::new(),
            log: logged.then(Vec::new),
            plan,
        };
        for place in 0..life.plan.grants {
            // Some are long due, others not yet.
            let issued = BEGINNING - LIFE.mul_f64(2.0 * life.people.part());
            let text = life.signed_in();
            let issued = SystemTime::UNIX_EPOCH + issued;
            if let Some(grant) = tokens(&text, issued).filter(|_| life.plan.contract != MINTED) {
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
        if life.plan.upkeep == Upkeep::Always {
            life.at(LOOKS, Event::Look);
        }
        let days = DAY * fleet.days;
        life.at(days, Event::Quiet);
        life.at(days + QUIET - SETTLED, Event::Settled);
        life.at(days + QUIET, Event::End);
        life
    }

    pub(super) fn signed_in(&self) -> Vec<u8> {
        let mut seen = self.ledger.lock();
        let token = seen.provider.sign_in();
        seen.provider.text(token)
    }

    fn at(&mut self, at: Duration, event: Event) {
        self.queue.push(Reverse((at, self.events, event)));
        self.events += 1;
    }

    pub(super) fn after(&mut self, wait: Duration, event: Event) {
        self.at(self.now.get().saturating_add(wait), event);
    }

    pub(super) fn start(&mut self, place: usize, clock: i64) -> Member {
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
            tells_time: self.plan.place == Place::Server,
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

    pub(super) fn happens(&mut self, event: Event) {
        match event {
            Event::Trouble(place) => self.trouble(place),
            Event::Over(place) => self.over(self.plan.troubles[place].what),
            Event::Meanwhile(place, grant) => self.meanwhile(place, grant),
            Event::Back => self.store_is_back(),
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
                    self.resume(place);
                }
            }
            Event::Start(place) => {
                if !self.members[place].lives() {
                    self.members[place] = self.start(place, self.plan.clocks[place]);
                    self.go_on(place);
                }
            }
            Event::Ask(grant) => self.ask(grant),
            Event::AskAt(place, incarnation, grant) => {
                let asked = self.is(place, incarnation) && self.members[place].stopped.is_none();
                if asked && !self.quiet {
                    self.ask_at(place, grant, false);
                }
            }
            Event::Look => {
                self.look();
                self.after(LOOKS, Event::Look);
            }
            Event::SignIn(grant) => self.sign_in(grant),
            Event::Arrive(place) => {
                if let Some(mut call) = self.strays[place].take() {
                    self.ledger.lock().strays();
                    call.take_effect();
                    self.note(|| format!("a request arrives that was given up: {}", call.details));
                    self.has_arrived();
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
    pub(super) fn go_on(&mut self, place: usize) {
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
            let longest = if mints(self.plan.contract) { MINT_ARRIVES } else { ARRIVES };
            let wait = longest.mul_f64(self.latency[place].part());
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
        if self.armed[place].is_empty() {
            return self.after(wait, Event::Effect(place, incarnation, id));
        }
        let grant = self.grant_of(place, id);
        let fits = |armed: &Armed| {
            armed.hit.name == name && (armed.grant.is_none() || armed.grant == grant)
        };
        let Some(armed) = self.armed[place].iter().position(fits) else {
            return self.after(wait, Event::Effect(place, incarnation, id));
        };
        let Armed { trouble, hit, grant: later } = self.armed[place].remove(armed);
        let Hit { fault, after, lasts, .. } = hit;
        if let What::Call(_, then, meanwhile) = self.plan.troubles[trouble].what
            && let (None, Some(grant)) = (later, grant)
        {
            let then = then.map(|hit| Armed { trouble, hit, grant: Some(grant) });
            self.armed[place].extend(then);
            if let Some(Meanwhile { part, .. }) = meanwhile {
                let time = wait + lasts.max(SECOND).mul_f64(part);
                self.after(time, Event::Meanwhile(trouble, grant));
            }
        }
        if kind != Kind::Send {
            self.disturbed.insert((incarnation, grant));
        }
        let machine = self.members[place].machine.clone();
        let doubtful = match kind {
            Kind::Send => matches!(
                fault,
                Fault::RequestLost | Fault::AnswerLost | Fault::LateRequest | Fault::Stray
            ),
            // Others see an entry, and its process does not yet know that it may send.
            _ => name == "begins" && matches!(fault, Fault::Lost | Fault::Late),
        };
        if let Some(grant) = grant.filter(|_| doubtful) {
            self.ledger.lock().doubt_of(&self.keys[grant]);
        }
        machine.with_calls(|calls| {
            let call = calls.get_mut(&id)?;
            call.held = true;
            call.stray = fault == Fault::Stray;
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

    /// Of which grant a call is; `None` where of several, or of one that nobody has any more.
    fn grant_of(&self, place: usize, id: u64) -> Option<usize> {
        let key = self.members[place].machine.with_calls(|calls| {
            let call = calls.get(&id)?;
            let of_token = || self.ledger.lock().key_of(number(&call.details));
            call.key.clone().or_else(of_token)
        });
        if mints(self.plan.contract) {
            return Some(0);
        }
        self.keys.iter().position(|known| Some(known) == key.as_ref())
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
        let of = machine.with_calls(|calls| {
            let call = calls.get(&id)?;
            Some((call.name, call.kind, call.key.clone()))
        });
        match of {
            Some((_, Kind::Send, _)) => self.has_arrived(),
            Some(("commits", _, Some(key))) => self.has_committed(&key),
            _ => {}
        }
    }

    /// A request has arrived: where it ends the token before it, that is not on record as the last one.
    fn has_arrived(&mut self) {
        if self.plan.contract == MINTED_LAST {
            let stored = self.shelf.lock().snapshot(&self.keys[0]);
            self.ledger.lock().at_rest(stored.as_ref());
        }
    }

    /// A result was written: a grant is not given up while a process that runs, and that nothing was in the way of, has its tokens in hand.
    fn has_committed(&mut self, key: &Key) {
        let grant = self.keys.iter().position(|known| known == key);
        let Some(stored) = self.shelf.lock().snapshot(key) else {
            return;
        };
        if stored.record.ended.is_none() {
            self.disturbed.retain(|(_, of)| *of != grant);
            return;
        }
        if stored.record.ended_at.is_some() || stored.may_be_outdated {
            return;
        }
        let holders = self.ledger.lock().holders(&stored.record);
        for incarnation in holders {
            let holds = |member: &&Member| member.incarnation == incarnation;
            let runs = self.members.iter().find(holds).is_some_and(|it| it.stopped.is_none());
            let of = [(incarnation, grant), (incarnation, None)];
            if runs && !of.iter().any(|of| self.disturbed.contains(of)) {
                let text = format!("a process has the tokens of a grant that is given up: {key}");
                self.ledger.lock().violated(text);
            }
        }
    }

    fn crash(&mut self, place: usize, lasts: Duration) {
        let incarnation = self.members[place].incarnation;
        self.note(|| format!("machine {place} is gone"));
        self.doubt_entries(incarnation);
        self.members[place].kill();
        self.shelf.lock().is_gone(&Member::owner(incarnation));
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
        let incarnation = self.members[place].incarnation;
        self.members[place].stopped = Some(until);
        self.disturbed.insert((incarnation, None));
        self.shelf.lock().stops(&Member::owner(incarnation), true);
        self.members[place].machine.with_calls(|calls| {
            for call in calls.values().filter(|call| call.kind == Kind::Send) {
                self.ledger.lock().doubt(number(&call.details));
            }
        });
        self.at(until, Event::Resume(place));
    }

    pub(super) fn resume(&mut self, place: usize) {
        let owner = Member::owner(self.members[place].incarnation);
        self.members[place].stopped = None;
        self.shelf.lock().stops(&owner, false);
    }

    fn trouble(&mut self, place: usize) {
        let Trouble { machine, grant, what, lasts, .. } = self.plan.troubles[place];
        if !matches!(what, What::Call(..)) {
            self.note(|| format!("{what:?} for {lasts:?}, machine {machine}, g{grant}"));
        }
        match what {
            What::Call(hit, ..) => {
                self.armed[machine].push(Armed { trouble: place, hit, grant: None });
            }
            What::Outage => self.store_goes(lasts),
            What::Failover(writes) => {
                self.ledger.lock().doubt_all();
                self.shelf.lock().lose(writes);
            }
            What::Clock(clock) => {
                let all = self.plan.place == Place::Files;
                for place in (0..self.members.len()).filter(|place| all || *place == machine) {
                    self.plan.clocks[place] = clock;
                    self.members[place].machine.set_clock(off(clock));
                }
            }
            What::Mood(mood) => {
                self.ledger.lock().provider.mood = mood;
                self.after(lasts, Event::Over(place));
            }
            What::SignIn => self.sign_in(grant),
            What::SignOut => self.sign_out(grant),
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
            What::Mood(mood) => {
                let mut seen = self.ledger.lock();
                if seen.provider.mood == mood {
                    seen.provider.mood = Mood::Well;
                }
            }
            _ => {}
        }
    }

    pub(super) fn note(&mut self, text: impl FnOnce() -> String) {
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
