//! One grant: the token that is served, and the exchange that replaces it, of which there is one at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

use super::arrival::{self, Arrival};
use super::error::SessionError;
use super::event::EventKind;
use super::flight::Need;
use super::keeper::{Due, Kept};
use super::live::{Access, Live, LiveFacts};
use super::provider::Renewable;
use super::schedule::{self, Service};
use super::settings::Upkeep;
use super::shared::Shared;
use super::status::Status;
use super::unsaved::Unsaved;
use crate::clock::Clock;
use crate::expiry::Expiry;
use crate::grant::Grant;
use crate::store::{Key, Record, Store};

/// One grant.
pub(crate) struct Core<P: Renewable> {
    /// The clock of `shared`, a step nearer to those who ask for a token.
    clock: Arc<dyn Clock>,
    pub shared: Arc<Shared<P>>,
    pub key: Key,
    pub live: ArcSwap<Live<P>>,
    inner: Mutex<Inner>,
    me: Weak<Self>,
}

/// What is rarely touched, behind a lock that is never held across an `await`.
#[derive(Default)]
pub(crate) struct Inner {
    /// The exchange under way, to be waited for.
    pub flight: Option<Arrival>,
    /// The last failure, if nothing has succeeded since.
    pub trouble: Option<Box<Trouble>>,
    /// What the store must be told before anything else.
    pub unsaved: Option<Arc<Unsaved>>,
    /// Its place among what is due.
    due: Option<Due>,
    /// Since which generation the end of the refresh token is announced.
    announced: u64,
}

/// The last failure.
pub(crate) struct Trouble {
    pub error: SessionError,
    /// Until when nothing is tried, on the monotonic clock.
    pub until: Duration,
    /// How many failures there were in a row.
    pub failures: u32,
}

/// How often one who asks for a token waits for an exchange.
const ROUNDS: usize = 10_000;

/// Where tokens come from that are to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// They were issued a moment ago, to this process.
    Issued,
    /// They are what this process had before, written anew.
    Kept,
    /// The store held them.
    Store,
}

impl Inner {
    /// The exchange under way. One that has ended without a word, because its executor was shut down, is none.
    fn out(&self) -> Option<&Arrival> {
        self.flight.as_ref().filter(|flight| !flight.is_lost())
    }

    /// Whether this is what the store must be told, and nothing that came later.
    pub fn is_unsaved(&self, one: &Arc<Unsaved>) -> bool {
        let unsaved = self.unsaved.as_ref();
        unsaved.is_some_and(|unsaved| Arc::ptr_eq(unsaved, one))
    }

    /// The store was told this, or needs not be told any more. What came later stays: then it is `false`.
    pub fn saved(&mut self, one: &Arc<Unsaved>) -> bool {
        let is_last = self.is_unsaved(one);
        if is_last {
            self.unsaved = None;
        }
        is_last
    }
}

impl<P: Renewable> Core<P> {
    pub fn new(shared: Arc<Shared<P>>, key: Key) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            clock: Arc::clone(&shared.clock),
            shared,
            key,
            live: ArcSwap::from_pointee(Live::nothing(0, LiveFacts::NONE)),
            inner: Mutex::default(),
            me: Weak::clone(me),
        })
    }

    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This grant, to be held by a task.
    ///
    /// Whoever can call this holds it already: the pointer is there.
    pub fn strong(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// The access token, if it is fresh: no lock, no allocation, one look at the clock.
    #[inline]
    pub fn fresh(&self) -> Option<Access<P>> {
        let live = self.live.load();
        let fresh = !P::FACTS.access_token_single_use && self.clock.monotonic() < live.fresh_until;
        fresh.then(|| Access(live))
    }

    /// An access token that is valid now, after an exchange if need be.
    pub async fn obtain(&self) -> Result<Access<P>, SessionError> {
        // Of a token for one use, others may take what was fetched: then the next is fetched. Otherwise a round or two will do.
        for _ in 0..ROUNDS {
            let seen = match self.hand_out() {
                Ok(access) => {
                    if self.clock.monotonic() >= access.0.fresh_until {
                        // Nobody waits for it: what it says is told as an event.
                        let _ = self.join(Need::newer_than(access.generation()));
                    }
                    return Ok(access);
                }
                Err(generation) => generation,
            };
            if let Err(error) = self.fetch(seen).await {
                // A failure does not displace a token that is still valid (R21): the store may have brought one.
                return self.hand_out().map_err(|_| error);
            }
        }
        Err(SessionError::busy())
    }

    /// Has tokens fetched that are newer than what was seen.
    async fn fetch(&self, seen: u64) -> Result<(), SessionError> {
        match self.join(Need::token(seen))? {
            Some(flight) => flight.outcome().await,
            None => Ok(()),
        }
    }

    /// The token that is held, if it is good for one more; else its generation.
    fn hand_out(&self) -> Result<Access<P>, u64> {
        let live = self.live.load();
        if self.is_valid(&live) && live.may_hand_out() {
            Ok(Access(live))
        } else {
            Err(live.generation)
        }
    }

    fn is_valid(&self, live: &Live<P>) -> bool {
        !live.is_handed_out() && self.clock.monotonic() < live.valid_until
    }

    /// The exchange under way, or a new one if it is needed and may be tried; `None` when it is no longer needed.
    pub fn join(&self, need: Need) -> Result<Option<Arrival>, SessionError> {
        let mut inner = self.inner();
        if let Some(flight) = inner.out() {
            return Ok(Some(flight.clone()));
        }
        if self.is_met(&need) {
            return Ok(None);
        }
        if let Some(trouble) = &inner.trouble
            && !need.insists
            && self.clock.monotonic() < trouble.until
        {
            return Err(trouble.error.clone());
        }
        let Some(me) = self.strong() else {
            return Ok(None);
        };
        let (report, flight) = arrival::flight();
        inner.flight = Some(flight.clone());
        drop(inner);
        self.shared.executor.spawn(me.fly(need, report));
        Ok(Some(flight))
    }

    /// Waits until the exchange that is out now has ended, if one is.
    pub async fn landed(&self) {
        let flight = self.inner().flight.clone();
        if let Some(flight) = flight {
            drop(flight.outcome().await);
        }
    }

    /// Waits until no exchange is out, and nothing waits to be stored.
    pub async fn idle(&self) {
        const PAUSE: Duration = Duration::from_millis(20);
        loop {
            self.landed().await;
            let (out, unsaved) = {
                let inner = self.inner();
                (inner.out().is_some(), inner.unsaved.is_some())
            };
            match (out, unsaved) {
                (false, false) => return,
                (true, _) => {}
                (false, true) => self.shared.clock.sleep(PAUSE).await,
            }
        }
    }

    /// Whether what is held is what is needed.
    pub fn is_met(&self, need: &Need) -> bool {
        let live = self.live.load();
        live.generation > need.newer_than && (!need.wants_token || self.is_valid(&live))
    }

    /// Serves the tokens of `record`, if they are newer than what is served.
    pub fn adopt(&self, record: &Record, source: Source) {
        let live = self.live_of(record, source);
        let ahead = live.fresh_until;
        let before = {
            // Under the lock: of two that adopt at once, the newer stays.
            let mut inner = self.inner();
            let held = self.live.load();
            if !is_newer(record, &held) {
                return;
            }
            let before = held.generation;
            drop(held);
            self.live.store(Arc::new(live));
            if record.ended.is_none() {
                inner.trouble = None;
            }
            before
        };
        self.plan(record, ahead);
        if before != 0 && source == Source::Store {
            let generation = record.generation;
            self.shared.tell(&self.key, EventKind::Adopted { generation });
        }
    }

    /// The access token of `record`, and until when it is served.
    fn live_of(&self, record: &Record, source: Source) -> Live<P> {
        let shared = &self.shared;
        let moment = shared.moment();
        let now = shared.timeline.at(moment);
        let mut service =
            schedule::service(&P::FACTS, &shared.settings, record, now, fastrand::f64());
        if source == Source::Issued {
            service = schedule::service_of_new(service);
        } else if P::FACTS.access_token_single_use {
            // Whoever got it may have handed it out.
            service = Service::NONE;
        }
        let facts = LiveFacts {
            refresh_ends: record.grant.refresh_token_ends(),
            issued_at: Some(record.issued_at),
        };
        let token = record.grant.access_token();
        Live::new(token, record.generation, service, moment.monotonic, facts)
    }

    /// Finds its place among what is due anew, with nothing changed.
    pub fn replan(&self, record: &Record) {
        let ahead = self.live.load().fresh_until;
        self.plan(record, ahead);
    }

    /// Finds its place among what is due. `ahead` is when the access token ceases to be fresh.
    fn plan(&self, record: &Record, ahead: Duration) {
        let shared = &self.shared;
        let moment = shared.moment();
        let now = shared.timeline.at(moment);
        let wait = |at: SystemTime| moment.monotonic.saturating_add(schedule::until(at, now));
        let keep = record.due.map(wait);
        let end = schedule::final_end(&P::FACTS, record)
            .filter(|_| record.ended.is_none())
            .filter(|end| *end > now)
            .map(|end| wait(schedule::announced_at(end, record.issued_at)));
        let announced = self.inner().announced >= record.generation;
        let end = end.filter(|_| !announced);
        let always = shared.settings.upkeep == Upkeep::Always && record.ended.is_none();
        let ahead = always.then_some(ahead);
        let next = [ahead, keep, end].into_iter().flatten().min();
        self.look_again(next);
    }

    /// Lets the keeper wake it at this moment of the monotonic clock, and at no other.
    pub fn look_again(&self, at: Option<Duration>) {
        let mut inner = self.inner();
        if let Some(due) = inner.due.take() {
            self.shared.keeper.cancel(&due);
        }
        let Some(me) = at.and_then(|_| self.strong()) else {
            return;
        };
        if let Some(at) = at.filter(|at| *at < Duration::MAX) {
            let weak: Weak<dyn Kept> = Arc::downgrade(&(me as Arc<dyn Kept>));
            inner.due = Some(self.shared.keeper.enter(at, weak));
        }
    }

    /// The token of this generation was refused: it is not served any more.
    pub fn invalidate(&self, generation: u64) {
        let live = self.live.load();
        if live.generation != generation || live.valid_until.is_zero() {
            return;
        }
        let nothing = Arc::new(Live::nothing(generation, live.facts));
        // Who has replaced it meanwhile has something better.
        let before = self.live.compare_and_swap(&live, nothing);
        if Arc::ptr_eq(&before, &live) {
            super::telemetry::invalidated(P::ID, &self.key, generation);
        }
    }

    /// How the grant stands.
    pub async fn status(&self) -> Result<Status, SessionError> {
        let found = self.shared.store.read(&self.key).await;
        let found = found.map_err(SessionError::store)?;
        let record = found.as_ref().map(|snapshot| &snapshot.record);
        let inner = self.inner();
        let trouble = inner.trouble.as_ref();
        let now = self.clock.monotonic();
        Ok(Status {
            generation: record.map_or(0, |record| record.generation),
            access_ends: record
                .map_or(Expiry::Undeclared, |record| record.grant.access_token_ends()),
            refresh_ends: record
                .map_or(Expiry::Undeclared, |record| record.grant.refresh_token_ends()),
            issued_at: record.map(|record| record.issued_at),
            due: record.and_then(|record| record.due),
            ended: record.and_then(|record| record.ended),
            in_flight: found.as_ref().and_then(|snapshot| snapshot.in_flight.clone()),
            trouble: trouble.map(|trouble| trouble.error.clone()),
            next_try: trouble.map(|trouble| trouble.until.saturating_sub(now)),
            unsaved: inner.unsaved.is_some(),
        })
    }

    /// Takes over the tokens of a sign-in.
    pub async fn sign_in(&self, grant: Grant) -> Result<(), SessionError> {
        let shared = &self.shared;
        let now = shared.now();
        let mut record = Record::new(grant, now);
        record.due = self.due_of(&record, None);
        let kept = Self::as_kept(&record);
        let generation = shared.store.put(&self.key, &kept).await;
        record.generation = generation.map_err(SessionError::store)?;
        {
            let mut inner = self.inner();
            inner.unsaved = None;
            inner.trouble = None;
        }
        self.adopt(&record, Source::Issued);
        Ok(())
    }

    /// Forgets the grant, here and in the store. A flight of its own kind: whoever asks meanwhile waits for its end.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        let (report, leaving) = arrival::flight();
        // What is out ends first: what it brings would have no place any more.
        while let Some(flight) = self.begin(&leaving) {
            drop(flight.outcome().await);
        }
        let removed = self.shared.store.remove(&self.key).await;
        if removed.is_ok() {
            self.look_again(None);
        }
        let mut inner = self.inner();
        if removed.is_ok() {
            inner.unsaved = None;
            inner.trouble = None;
            inner.announced = 0;
            let nothing = Live::nothing(0, LiveFacts::NONE);
            self.live.store(Arc::new(nothing));
        }
        inner.flight = None;
        drop(inner);
        report.tell(Ok(()));
        removed.map_err(SessionError::store)
    }

    /// Lets a flight begin, unless one is out: then that one is returned.
    fn begin(&self, flight: &Arrival) -> Option<Arrival> {
        let mut inner = self.inner();
        let out = inner.out().cloned();
        if out.is_none() {
            inner.flight = Some(flight.clone());
        }
        out
    }

    /// What of a record is kept. An access token for one use is not: whoever reads it there could not know whether somebody
    /// has used it. It stays where the next exchange needs it.
    pub fn as_kept(record: &Record) -> Record {
        let mut kept = record.clone();
        if P::FACTS.access_token_single_use {
            let without = record.grant.clone().without_access_token();
            if P::credential(&without).is_some() {
                kept.grant = without;
            }
        }
        kept
    }

    /// Announces the refresh token's end, if that is what it was woken for.
    fn announce(&self) {
        let live = self.live.load();
        let (Expiry::At(end), generation) = (live.facts.refresh_ends, live.generation) else {
            return;
        };
        let Some(issued_at) = live.facts.issued_at else {
            return;
        };
        drop(live);
        let now = self.shared.now();
        if !schedule::end_is_final(&P::FACTS)
            || now >= end
            || now < schedule::announced_at(end, issued_at)
        {
            return;
        }
        let mut inner = self.inner();
        if inner.announced < generation {
            inner.announced = generation;
            drop(inner);
            self.shared.tell(&self.key, EventKind::RefreshTokenEnding(end));
        }
    }
}

/// Whether what the store holds replaces what is served. Generations grow; where a grant was removed and put again they begin
/// anew, and the time at which the tokens were issued tells.
fn is_newer<P: Renewable>(record: &Record, live: &Live<P>) -> bool {
    record.generation > live.generation
        || (record.generation < live.generation && Some(record.issued_at) > live.facts.issued_at)
}

impl<P: Renewable> Kept for Core<P> {
    fn awake(self: Arc<Self>) {
        self.inner().due = None;
        self.announce();
        let shared = Arc::clone(&self.shared);
        shared.enqueue(self);
    }
}

impl<P: Renewable> Drop for Core<P> {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(due) = inner.due.take() {
            self.shared.keeper.cancel(&due);
        }
    }
}
