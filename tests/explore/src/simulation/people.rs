//! What people do: callers ask, and persons sign in and out.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use rekindle_runtime::session::SessionErrorKind;

use super::life::{Event, Life, MINUTE};
use super::plan::{Else, HOUR, What};
use crate::client::{brings_tokens, tokens};
use crate::machine::BEGINNING;
use crate::process::Waits;

/// How soon callers come once the store is back.
const COME_BACK: Duration = Duration::from_secs(12);

impl Life<'_> {
    pub(super) fn meanwhile(&mut self, trouble: usize, grant: usize) {
        let What::Call(_, _, Some(meanwhile)) = self.plan.troubles[trouble].what else {
            return;
        };
        if self.quiet {
            return;
        }
        match meanwhile.what {
            Else::Ask => {
                for place in 0..self.members.len() {
                    let incarnation = self.members[place].incarnation;
                    self.happens(Event::AskAt(place, incarnation, grant));
                }
            }
            Else::SignIn => self.sign_in(grant),
            Else::SignOut => self.sign_out(grant),
            Else::Outage(lasts) => {
                self.note(|| format!("Outage for {lasts:?}"));
                self.store_goes(lasts);
            }
        }
    }

    pub(super) fn store_goes(&mut self, lasts: Duration) {
        self.outages += 1;
        self.after(lasts, Event::Back);
    }

    /// The store is there again, and callers with it.
    pub(super) fn store_is_back(&mut self) {
        self.note(|| "the store is back".to_owned());
        self.outages = self.outages.saturating_sub(1);
        if self.outages > 0 {
            return;
        }
        for place in 0..self.members.len() {
            let incarnation = self.members[place].incarnation;
            for _ in 0..3 {
                let grant = self.people.below(self.keys.len());
                let wait = COME_BACK.mul_f64(self.people.part());
                self.after(wait, Event::AskAt(place, incarnation, grant));
            }
        }
    }

    pub(super) fn sign_out(&mut self, grant: usize) {
        if let Some(place) = self.some_machine() {
            self.note(|| format!("machine {place}: the person of g{grant} signs out"));
            self.signed_out.insert(grant);
            let pool = self.members[place].pool.as_ref();
            let task = pool.map(|pool| pool.session(self.keys[grant].subject()).sign_out());
            self.spawn(place, task);
        }
    }

    /// A machine at which a person or a caller happens to be.
    pub(super) fn some_machine(&mut self) -> Option<usize> {
        let place = self.people.below(self.fleet.machines);
        let member = &self.members[place];
        (member.lives() && member.stopped.is_none()).then_some(place)
    }

    pub(super) fn spawn(&mut self, place: usize, task: Option<rekindle_runtime::session::Task>) {
        use rekindle_runtime::session::Executor as _;
        if let Some(task) = task {
            self.members[place].tasks.spawn(task);
            self.go_on(place);
        }
    }

    pub(super) fn ask(&mut self, grant: usize) {
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

    pub(super) fn ask_at(&mut self, place: usize, grant: usize, refused: bool) {
        let member = &self.members[place];
        let heard = (self.heard.clone(), place * self.keys.len() + grant);
        self.asked.insert((member.incarnation, grant));
        let waits = Waits::alone(member.incarnation, heard);
        let session = member.pool.as_ref().map(|pool| pool.session(self.keys[grant].subject()));
        let task = session.map(|session| session.ask(refused, waits, self.ledger.clone()));
        self.spawn(place, task);
    }

    /// What callers were told makes people sign in again, after a while.
    pub(super) fn react(&mut self) {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        // Where settings bring tokens, nobody does.
        let people = !brings_tokens(self.plan.contract);
        for (whose, failed) in heard {
            let (place, grant) = (whose / self.keys.len(), whose % self.keys.len());
            let ended = matches!(
                failed,
                Some(
                    SessionErrorKind::SignInNeeded(_)
                        | SessionErrorKind::InDoubt(_)
                        | SessionErrorKind::NoGrant
                )
            );
            if failed.is_none() && self.quiet {
                self.served.insert((place, grant));
            }
            if ended && people && !self.quiet && !std::mem::replace(&mut self.signs_in[grant], true)
            {
                let wait = self.people.time(MINUTE, 12 * HOUR);
                self.after(wait, Event::SignIn(grant));
            }
        }
    }

    pub(super) fn sign_in(&mut self, grant: usize) {
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
}
