//! The end of a life: nothing goes wrong any more, and what is left is judged. What every machine has planned is judged on the way, too.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;
use std::time::SystemTime;

use rekindle_runtime::session::{InDoubt, Upkeep};

use super::life::{LIFE, Life, MINUTE, SETTLED};
use super::member::Member;
use crate::client::mints;
use crate::machine::BEGINNING;
use crate::provider::Mood;

/// How often a grant is refreshed in that time, at most: a token is replaced after three quarters of its life at the earliest.
const REFRESHES: usize = 3;

impl Life<'_> {
    /// Nothing goes wrong any more: every machine runs, the store and the provider are back, and an operator takes back what the
    /// provider has said by mistake.
    pub(super) fn grow_quiet(&mut self) {
        self.note(|| "nothing goes wrong any more".to_owned());
        self.quiet = true;
        self.outages = 0;
        self.armed.iter_mut().for_each(Vec::clear);
        self.ledger.lock().provider.mood = Mood::Well;
        for place in 0..self.members.len() {
            self.resume(place);
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
    pub(super) fn end(&mut self) {
        self.note(|| "one more machine asks for every grant".to_owned());
        let always = self.plan.upkeep == Upkeep::Always;
        if self.members.iter().any(Member::planned_too_often) {
            self.ledger.lock().violated("a grant is planned twice in one process");
        }
        if always {
            self.judge_plans();
        }
        if mints(self.plan.contract) {
            let stored = self.shelf.lock().snapshot(&self.keys[0]);
            self.ledger.lock().at_rest(stored.as_ref());
        }
        let last = self.members.len();
        let member = self.start(last, 0);
        self.members.push(member);
        self.served.clear();
        // Once more, since what another process may still save is waited for.
        for _ in 0..2 {
            self.ask_all(last..last + 1);
        }
        let reauthenticates = self.plan.in_doubt == InDoubt::Reauthenticate;
        for (grant, key) in self.keys.iter().enumerate() {
            let served = self.served.contains(&(last, grant));
            let stored = self.shelf.lock().snapshot(key);
            let mut seen = self.ledger.lock();
            if seen.violation.is_none() {
                seen.at_the_end(key, stored.as_ref(), served, reauthenticates);
                if let Some(violation) = &mut seen.violation {
                    let _ = write!(violation, ": {}", key.subject());
                }
            }
        }
        self.note(|| "every machine is asked for every grant".to_owned());
        // What failed for one is read again after a pause.
        for _ in 0..2 {
            self.ask_all(0..last);
        }
        for place in 0..last {
            for grant in 0..self.keys.len() {
                let served = |place| self.served.contains(&(place, grant));
                if served(last) && !served(place) {
                    let text =
                        format!("machine {place} serves no token of a grant that lives: g{grant}");
                    self.ledger.lock().violated(text);
                }
            }
        }
    }

    /// Callers ask for every grant at these machines, and time goes on until they were answered.
    fn ask_all(&mut self, places: Range<usize>) {
        for place in places {
            for grant in 0..self.keys.len() {
                if !self.served.contains(&(place, grant)) {
                    self.ask_at(place, grant, false);
                }
            }
        }
        let until = self.now.get() + 10 * MINUTE;
        while let Some(Reverse((at, ..))) = self.queue.peek()
            && *at <= until
        {
            let Some(Reverse((at, _, event))) = self.queue.pop() else { break };
            self.now.set(at);
            self.happens(event);
        }
        self.now.set(until);
    }

    /// With `Always`, every session of a grant that lives waits for a moment, has a refresh under way, or a failure to get over. One that
    /// does not, and did not half an hour ago either, is never refreshed again unless a caller asks.
    pub(super) fn look(&mut self) {
        let mut unplanned = BTreeSet::new();
        for member in self.members.iter().filter(|member| member.stopped.is_none()) {
            let asked =
                self.asked.range((member.incarnation, 0)..=(member.incarnation, usize::MAX));
            // Of what was removed nobody plans anything until a caller asks.
            for (_, grant) in asked.filter(|(_, grant)| !self.signed_out.contains(grant)) {
                let key = &self.keys[*grant];
                let rests =
                    member.pool.as_ref().is_some_and(|pool| pool.is_unplanned(key.subject()));
                if rests {
                    unplanned.insert((member.incarnation, *grant));
                }
            }
        }
        if let Some((incarnation, grant)) = unplanned.intersection(&self.unplanned).next() {
            let text = format!("process {incarnation} has planned nothing for g{grant}");
            self.ledger.lock().violated(text);
        }
        self.unplanned = unplanned;
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
}
