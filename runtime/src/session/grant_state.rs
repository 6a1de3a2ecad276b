//! What this process holds of one grant: the cached token, the refresh that is running, the last failure, the next deadline,
//! and what the store has not taken yet.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

use super::activity::Unsaved;
use super::cached_token::{Access, CachedFacts, CachedToken, Fingerprint, Issue, Origin};
use super::deadline_queue::{Deadline, OnDeadline};
use super::error::{SessionError, SessionErrorKind};
use super::event::EventKind;
use super::in_doubt_policy::Doubt;
use super::mint;
use super::pending_write::{PendingWrite, Written};
use super::provider::Renewable;
use super::schedule::{self, Validity};
use super::settings::Upkeep;
use super::shared::Shared;
use super::single_flight::{RefreshHandle, RefreshRequest, RefreshResult};
use crate::clock::{Clock, SystemClock, jitter};
use crate::deviation::Deviation;
use crate::error::SignIn;
use crate::expiry::Expiry;
use crate::grant::Grant;
use crate::panics::caught;
use crate::store::{EntryId, Key, Rate, Record, Snapshot, Store, StoreErrorKind};

/// The wait before a pending write is tried again, at first and at most.
const WRITE_RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

/// The state of one grant.
pub(crate) struct GrantState<P: Renewable> {
    /// The clock of `shared`, where it is the machine's: the hot path asks it without a dynamic call.
    system_clock: Option<SystemClock>,
    pub shared: Arc<Shared<P>>,
    pub key: Key,
    pub cached: ArcSwap<CachedToken<P>>,
    /// Held by the caller whose turn it is to get a single-use token. Served in order.
    pub turn: tokio::sync::Mutex<()>,
    inner: Mutex<Inner>,
}

/// What is rarely needed, behind a lock that is never held across an `await`.
#[derive(Debug, Default)]
pub(crate) struct Inner {
    /// The refresh that was started last, to be waited for.
    pub refresh: Option<RefreshHandle>,
    /// The last failure, if nothing has succeeded since.
    pub last_failure: Option<Box<LastFailure>>,
    /// What must be written into the store before anything else happens.
    pub pending_write: Option<Arc<KeptWrite>>,
    /// Where the answer of the last refresh differed from the contract.
    pub deviations: Option<Box<[Deviation]>>,
    deadline: Option<Deadline>,
    /// The end of the refresh token that was announced.
    announced: Option<SystemTime>,
    /// The exchange that was last seen on record, and when it was first seen, on the monotonic clock.
    seen: Option<(EntryId, Duration)>,
    /// The entry that this process has journaled last.
    pub own_entry: Option<EntryId>,
    /// Whether the store has gone back to an older record than it had: newer tokens may be lost (R37).
    pub store_went_back: bool,
    /// The generation whose access token is valid and is not served, since a later exchange may have ended it.
    held_back: Option<u64>,
    /// The next request, where the contract says how many the provider takes: it counts already.
    pub reserved: Option<Reservation>,
}

/// A request that counts before it is begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reservation {
    /// When the provider takes it, on the monotonic clock.
    at: Duration,
    /// Whether it is a mint.
    mints: bool,
}

/// A write that the store has not taken yet. It counts as unsaved for as long as the grant has it.
#[derive(Debug)]
pub(crate) struct KeptWrite {
    write: PendingWrite,
    _unsaved: Unsaved,
}

/// The last failure of a grant.
#[derive(Debug)]
pub(crate) struct LastFailure {
    pub error: SessionError,
    /// Until when no attempt is made, on the monotonic clock.
    pub until: Duration,
    /// How many failures there were in a row.
    pub failures: u32,
}

impl LastFailure {
    /// Whether it says something of what was spent: another refresh token makes it void.
    fn is_of_credential(&self) -> bool {
        self.error.kind() != SessionErrorKind::Exchange || self.error.perhaps_gone().is_some()
    }
}

impl Inner {
    /// The refresh that is running. A lost one, whose executor was shut down, does not run.
    pub fn running(&self) -> Option<&RefreshHandle> {
        self.refresh.as_ref().filter(|refresh| !refresh.is_lost())
    }

    /// Drops the pending write of an exchange that spends tokens from before this generation.
    pub fn drop_writes_before(&mut self, generation: u64) {
        drop(self.pending_write.take_if(|kept| kept.write.generation() < generation));
    }

    /// Whether this end of the refresh token was announced.
    fn has_announced(&self, end: SystemTime) -> bool {
        self.announced.is_some_and(|announced| schedule::is_same_end(announced, end))
    }

    /// Whether `write` is the pending write, and no later one.
    fn is_pending(&self, write: &Arc<KeptWrite>) -> bool {
        self.pending_write.as_ref().is_some_and(|pending| Arc::ptr_eq(pending, write))
    }
}

impl<P: Renewable> GrantState<P> {
    pub fn new(shared: Arc<Shared<P>>, key: Key) -> Arc<Self> {
        Arc::new(Self {
            system_clock: SystemClock::behind(&*shared.clock),
            shared,
            key,
            cached: ArcSwap::from_pointee(CachedToken::empty(0, CachedFacts::NONE)),
            turn: tokio::sync::Mutex::new(()),
            inner: Mutex::default(),
        })
    }

    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The access token, if it is fresh: no lock, no allocation, one look at the clock.
    #[inline]
    pub fn fresh(&self) -> Option<Access<P>> {
        let cached = self.cached.load();
        let fresh = !P::FACTS.access_token_single_use && self.is_fresh(&cached);
        fresh.then(|| Access(cached))
    }

    #[inline]
    pub fn is_fresh(&self, cached: &CachedToken<P>) -> bool {
        self.monotonic() < cached.fresh_until
    }

    #[inline]
    fn monotonic(&self) -> Duration {
        match self.system_clock {
            Some(clock) => clock.monotonic(),
            None => self.shared.clock.monotonic(),
        }
    }

    /// The cached token, if it is valid and the caller may have it; else its generation.
    pub fn take_valid(&self) -> Result<Access<P>, u64> {
        let cached = self.cached.load();
        if self.is_valid(&cached) && cached.take() {
            Ok(Access(cached))
        } else {
            Err(cached.generation)
        }
    }

    fn is_valid(&self, cached: &CachedToken<P>) -> bool {
        !cached.is_taken() && self.monotonic() < cached.valid_until
    }

    /// Whether the cached token is what is asked for.
    pub fn satisfies(&self, request: &RefreshRequest) -> bool {
        let cached = self.cached.load();
        let is_newer = cached.facts.came_as > request.newer_than;
        is_newer && (!request.wants_token || self.is_valid(&cached))
    }

    /// The grant as the store holds it; `None` where there is none.
    pub async fn find(&self) -> Result<Option<Snapshot>, SessionError> {
        let found = self.shared.store.read(&self.key).await.map_err(SessionError::store)?;
        self.shared.learn_time_of_store().await;
        Ok(found)
    }

    /// The grant as the store holds it. Where there is none and the client's settings alone bring tokens, it begins here.
    pub async fn stored(&self) -> Result<Snapshot, SessionError> {
        match self.find().await? {
            Some(found) => Ok(found),
            None if P::FACTS.needs_no_sign_in() => self.create().await,
            None => Err(SessionError::no_grant()),
        }
    }

    /// Puts a grant without tokens, unless another process has done so meanwhile.
    async fn create(&self) -> Result<Snapshot, SessionError> {
        let shared = &self.shared;
        let mut record = Record::new(Grant::new(), shared.now());
        record.sign_in = Some(EntryId::of(&*self.shared.clock));
        record.due = self.next_due(&record, None);
        shared.store.create(&self.key, &record).await.map_err(SessionError::store)?;
        // Somebody may have removed it again.
        let changed = || SessionError::store(StoreErrorKind::Conflict.into());
        self.find().await?.ok_or_else(changed)
    }

    /// What is in doubt, by what the store holds: an exchange on record, or whether the record is the last one.
    pub fn doubt(&self, snapshot: &Snapshot) -> Option<Doubt> {
        let now = self.monotonic();
        let mut inner = self.inner();
        let Some(entry) = snapshot.doubted() else {
            inner.seen = None;
            let went_back = inner.store_went_back;
            drop(inner);
            if snapshot.may_be_outdated && !went_back {
                self.store_went_back(snapshot.record.generation, None);
            }
            return (went_back || snapshot.may_be_outdated).then_some(Doubt::OF_THE_RECORD);
        };
        let seen = match inner.seen {
            Some((id, at)) if id == entry.id => at,
            _ => now,
        };
        inner.seen = Some((entry.id, seen));
        Some(Doubt {
            attempt: entry.attempt,
            age: snapshot.in_flight_for,
            seen_for: now.saturating_sub(seen),
            is_ours: inner.own_entry == Some(entry.id),
            outdated: inner.store_went_back || snapshot.may_be_outdated,
        })
    }

    /// Remembers, and tells, that the store holds what may not be the last state of the grant.
    fn store_went_back(&self, stored: u64, known: Option<u64>) {
        self.inner().store_went_back = true;
        self.shared.emit(&self.key, EventKind::StoreWentBack { stored, known });
    }

    /// Caches the tokens of what the store holds, if they are newer than the cached ones; unless a request on record may have ended them.
    pub fn adopt_stored(self: &Arc<Self>, snapshot: &Snapshot) {
        let requests = snapshot.in_flight.as_ref().map_or(0, |entry| entry.attempt);
        if mint::may_end(&mint::facts_for::<P>(&snapshot.record.grant), requests) {
            self.hold_back(snapshot.record.generation);
        } else {
            self.serve_again(&snapshot.record);
            self.adopt(&snapshot.record, Origin::Store);
        }
    }

    /// Stops serving the token of this generation or an earlier one: a request that is under way may end it.
    pub fn hold_back(&self, generation: u64) {
        let mut inner = self.inner();
        let cached = self.cached.load();
        if cached.generation <= generation && !cached.valid_until.is_zero() {
            inner.held_back = Some(cached.generation);
            self.cached.store(Arc::new(CachedToken::empty(cached.generation, cached.facts)));
        }
    }

    /// Serves the token of `record` again if it was held back: nothing has ended it.
    pub fn serve_again(&self, record: &Record) {
        let mut inner = self.inner();
        if inner.held_back == Some(record.generation) {
            inner.held_back = None;
            let mut again = self.cacheable(record, Origin::Store);
            again.facts.came_as = self.cached.load().facts.came_as;
            self.cached.store(Arc::new(again));
        }
    }

    /// Caches the tokens of `record`, if they are newer than the cached ones.
    pub fn adopt(self: &Arc<Self>, record: &Record, origin: Origin) {
        let mut new = self.cacheable(record, origin);
        let (before, fresh_until) = {
            // Under the lock: of two records that are adopted at once, the newer one stays.
            let mut inner = self.inner();
            let cached = self.cached.load();
            match compare(record, &cached, origin) {
                Age::Newer => {}
                Age::Same => return,
                Age::Older => {
                    let is_known = inner.store_went_back;
                    drop(inner);
                    if !is_known {
                        self.store_went_back(record.generation, Some(cached.generation));
                    }
                    return;
                }
            }
            let is_same = matches!(origin, Origin::Rewritten | Origin::Store)
                && cached.generation < record.generation
                && cached.facts.is_same_token(&new.facts);
            if is_same {
                new.facts.came_as = cached.facts.came_as;
                if cached.valid_until.is_zero() && inner.held_back.is_none() {
                    // An API has refused it.
                    new = CachedToken::empty(record.generation, new.facts);
                }
            }
            let known = (cached.generation, new.fresh_until);
            drop(cached);
            self.cached.store(Arc::new(new));
            inner.store_went_back = false;
            inner.held_back = None;
            if record.ended.is_none() {
                // What replaced the refresh token alone is no success: exchanges that bring no more than that are made after longer pauses.
                inner.last_failure.take_if(|failure| !is_same || failure.is_of_credential());
            }
            known
        };
        self.plan_deadline(record, fresh_until);
        if before != 0 && origin == Origin::Store {
            let generation = record.generation;
            self.shared.emit(&self.key, EventKind::Adopted { generation });
        }
    }

    /// The access token of `record`, and until when it is served.
    fn cacheable(&self, record: &Record, origin: Origin) -> CachedToken<P> {
        let shared = &self.shared;
        let moment = shared.moment();
        let now = shared.timeline.at(moment);
        let mut validity = schedule::validity(
            &P::FACTS,
            &shared.settings,
            record,
            now,
            jitter(&*self.shared.clock),
        );
        match origin {
            Origin::Issued => validity = schedule::validity_of_new(validity),
            Origin::SignedIn => {}
            // The process that received it may have handed it out.
            Origin::Rewritten | Origin::Store if P::FACTS.access_token_single_use => {
                validity = Validity::NONE;
            }
            Origin::Rewritten | Origin::Store => {}
        }
        let facts = CachedFacts {
            refresh_ends: record.grant.refresh_token_ends(),
            issue: Some(Issue::of(record)),
            access: record.grant.access_token().map(Fingerprint::of),
            came_as: record.generation,
        };
        CachedToken::new(&record.grant, record.generation, validity, moment.monotonic, facts)
    }

    /// How the provider has refused the client, if that still holds: it is not to be asked again.
    pub fn refused(&self, record: &Record) -> Option<SessionError> {
        let shared = &self.shared;
        let recorded_ago = schedule::until(shared.now(), record.ended_at?);
        let running_for = self.monotonic().saturating_sub(shared.began);
        if record.ended.is_none() || !mint::is_still_refused(recorded_ago, running_for) {
            return None;
        }
        let inner = self.inner();
        let known = inner.last_failure.as_ref().map(|failure| &failure.error);
        let unknown = match record.ended {
            // Who refuses to bring tokens in another way has said how to sign in.
            Some(how) if how != SignIn::Unspecified => SessionError::sign_in_needed(how, None),
            _ => SessionError::client_refused(None),
        };
        let known = known.filter(|error| error.kind() == unknown.kind());
        Some(known.cloned().unwrap_or(unknown))
    }

    /// When the provider takes one more mint, or one more refresh, on the monotonic clock. It counts from here on, until it is begun, or so
    /// long ago that others have begun since.
    pub async fn reserve(&self, rate: Rate, mints: bool) -> Result<Duration, SessionError> {
        let now = self.monotonic();
        let known = self.inner().reserved;
        if let Some(known) = known
            && known.mints == mints
            && known.at.saturating_add(rate.every()) > now
        {
            return Ok(known.at);
        }
        let wait = self.shared.reserve_of(&self.key, rate, mints).await;
        let wait = wait.map_err(SessionError::store)?;
        let at = self.monotonic().saturating_add(wait);
        self.inner().reserved = Some(Reservation { at, mints });
        Ok(at)
    }

    /// Stops serving the token that came as this generation: an API has refused it.
    pub fn invalidate(&self, generation: u64) {
        let cached = self.cached.load();
        if cached.facts.came_as != generation {
            return;
        }
        if cached.valid_until.is_zero() {
            // One that is held back is served no more, whatever becomes of the request that may end it.
            self.inner().held_back.take_if(|held| *held == cached.generation);
            return;
        }
        let empty = Arc::new(CachedToken::empty(cached.generation, cached.facts));
        // A token that was cached meanwhile stays: it is newer.
        let before = self.cached.compare_and_swap(&cached, empty);
        if Arc::ptr_eq(&before, &cached) {
            super::telemetry::invalidated(P::ID, &self.key, generation);
        }
    }

    /// `grant` without an access token of `generation` that was refused: it is stored as ended, so that no process serves it.
    pub fn without_refused(&self, grant: Grant, generation: u64) -> Grant {
        let cached = self.cached.load();
        let held_back = self.inner().held_back == Some(generation);
        let refused = cached.generation == generation && cached.valid_until.is_zero() && !held_back;
        match grant.access_token() {
            Some(token) if refused => {
                let ended = token.clone().with_expiry(Expiry::At(SystemTime::UNIX_EPOCH));
                grant.with_access_token(ended)
            }
            _ => grant,
        }
    }

    /// Forgets the tokens, the last failure and the pending write: the grant was removed from the store.
    pub fn clear(self: &Arc<Self>) {
        self.set_deadline(None);
        let mut inner = self.inner();
        inner.pending_write = None;
        inner.last_failure = None;
        inner.announced = None;
        inner.store_went_back = false;
        inner.held_back = None;
        self.cached.store(Arc::new(CachedToken::empty(0, CachedFacts::NONE)));
    }

    /// When the grant needs its next refresh even if no caller asks for a token.
    pub fn next_due(&self, record: &Record, before: Option<&Record>) -> Option<SystemTime> {
        let settings = &self.shared.settings;
        let now = self.shared.clocks();
        let facts = mint::facts_for::<P>(&record.grant);
        schedule::next_due(&facts, settings, record, before, now, jitter(&*self.shared.clock))
    }

    /// Sets the deadline at which the grant needs attention: a refresh, or the announcement that its refresh token ends.
    /// `fresh_until` is when the access token stops being fresh.
    pub fn plan_deadline(self: &Arc<Self>, record: &Record, fresh_until: Duration) {
        let shared = &self.shared;
        let moment = shared.moment();
        let now = shared.timeline.at(moment);
        let wait = |at: SystemTime, now: SystemTime| {
            moment.monotonic.saturating_add(schedule::until(at, now))
        };
        let due = record.due.map(|due| wait(due, now.machine));
        let now = now.by(P::FACTS.refresh_token_ends);
        let end = schedule::final_end(&P::FACTS, record)
            .filter(|_| record.ended.is_none())
            .filter(|end| *end > now)
            .filter(|end| !self.inner().has_announced(*end))
            .map(|end| wait(schedule::announced_at(&P::FACTS, end, record.issued_at), now));
        let always = shared.settings.upkeep == Upkeep::Always && record.ended.is_none();
        let fresh_until = always.then_some(fresh_until);
        self.set_deadline([fresh_until, due, end].into_iter().flatten().min());
    }

    /// Replaces the deadline by this moment of the monotonic clock.
    pub fn set_deadline(self: &Arc<Self>, at: Option<Duration>) {
        let queue = &self.shared.deadlines;
        let mut inner = self.inner();
        if let Some(before) = inner.deadline.take() {
            queue.cancel(&before);
        }
        if let Some(at) = at.filter(|at| *at < Duration::MAX) {
            let owner = Arc::downgrade(self) as Weak<dyn OnDeadline>;
            inner.deadline = Some(queue.add(at, owner));
        }
    }

    /// Keeps the grant, which no session may hold, until this process has looked at it at this moment of the monotonic clock: its deadline
    /// would end with it, and the next sweep may come too late.
    pub fn keep_until(self: &Arc<Self>, at: Duration) {
        let grant = Arc::clone(self);
        self.shared.executor.spawn(Box::pin(async move {
            let wait = at.saturating_sub(grant.monotonic());
            let over = caught(async { grant.shared.clock.sleep(wait).await });
            if !matches!(grant.shared.activity.unless_closed(over).await, Some(Ok(()))) {
                return;
            }
            // The queue may not have come to it yet, and could not once the grant is dropped.
            let now = grant.monotonic();
            let passed = grant.inner().deadline.take_if(|deadline| deadline.has_passed(now));
            if let Some(deadline) = passed {
                grant.shared.deadlines.cancel(&deadline);
                grant.deadline_passed();
            }
        }));
    }

    /// Announces the end of the refresh token, if the time for it has come.
    fn announce_end(&self) {
        let facts = self.cached.load().facts;
        let (Expiry::At(end), Some(issue)) = (facts.refresh_ends, facts.issue) else {
            return;
        };
        let now = self.shared.clocks().by(P::FACTS.refresh_token_ends);
        if !schedule::end_is_final(&P::FACTS)
            || now >= end
            || now < schedule::announced_at(&P::FACTS, end, issue.at)
        {
            return;
        }
        let mut inner = self.inner();
        if !inner.has_announced(end) {
            inner.announced = Some(end);
            drop(inner);
            self.shared.emit(&self.key, EventKind::RefreshTokenEnding(end));
        }
    }

    /// Writes the result of an exchange and caches its tokens, or keeps it in memory where the store does not take it. As which generation
    /// it is stored; `None` when the store holds something newer.
    pub async fn save(self: &Arc<Self>, write: PendingWrite) -> Result<Option<u64>, SessionError> {
        match self.write(&write).await {
            Ok(stored) => {
                self.adopt_written(&write, stored);
                Ok(stored)
            }
            Err(error) => {
                let is_commit = matches!(write, PendingWrite::Commit { .. });
                self.keep_pending(write);
                if is_commit {
                    self.shared.emit(&self.key, EventKind::SaveFailed(error.clone()));
                }
                Err(error)
            }
        }
    }

    /// Caches the tokens of a commit, as the generation as which they are stored.
    fn adopt_written(self: &Arc<Self>, write: &PendingWrite, stored: Option<u64>) {
        if let (Some(generation), PendingWrite::Commit { record, origin, .. }) = (stored, write) {
            self.adopt(&Record { generation, ..record.clone() }, *origin);
        }
    }

    /// Writes, and returns the generation; `None` when the store holds something newer, which is then cached.
    async fn write(self: &Arc<Self>, write: &PendingWrite) -> Result<Option<u64>, SessionError> {
        let written = write.write(&self.shared, &self.key).await;
        match written.map_err(SessionError::unsaved)? {
            Written::Stored(generation) => Ok(Some(generation)),
            Written::Overtaken(by) => {
                if let Some(snapshot) = by {
                    self.adopt_stored(&snapshot);
                    if snapshot.in_flight.is_some() {
                        // Another session is at it, and nothing else here waits for what it brings.
                        let lease = self.shared.settings.lease;
                        self.set_deadline(Some(self.monotonic().saturating_add(lease)));
                    }
                }
                Ok(None)
            }
        }
    }

    /// Tries the pending write again, if there is one. It comes before anything else (R27).
    pub async fn retry_pending(self: &Arc<Self>) -> RefreshResult {
        let pending = self.inner().pending_write.clone();
        match pending {
            Some(write) => self.retry(&write).await,
            None => Ok(()),
        }
    }

    async fn retry(self: &Arc<Self>, kept: &Arc<KeptWrite>) -> RefreshResult {
        let write = &kept.write;
        let stored = self.write(write).await?;
        // A sign-in or a sign-out may have dropped the write meanwhile: then its tokens are of no use.
        let is_last = {
            let mut inner = self.inner();
            let is_last = inner.is_pending(kept);
            if is_last {
                inner.pending_write = None;
            }
            is_last
        };
        let stored = stored.filter(|_| is_last);
        self.adopt_written(write, stored);
        if let (Some(generation), PendingWrite::Commit { .. }) = (stored, write) {
            self.shared.emit(&self.key, EventKind::Saved { generation });
        }
        Ok(())
    }

    /// Keeps a write that the store did not take, and tries it until it succeeds, even if the session is dropped meanwhile.
    pub fn keep_pending(self: &Arc<Self>, write: PendingWrite) {
        let _unsaved = self.shared.activity.keep(&self.key);
        let kept = Arc::new(KeptWrite { write, _unsaved });
        // The grant has it, and not this task: what a sign-in or another attempt has made superfluous is not unsaved.
        let pending = Arc::downgrade(&kept);
        let superseded = self.inner().pending_write.replace(kept);
        drop(superseded);
        let grant = Arc::clone(self);
        self.shared.executor.spawn(Box::pin(async move {
            let (mut wait, longest) = WRITE_RETRY;
            let mut is_closing = false;
            loop {
                // A clock that panics ends the wait and not the retrying.
                let pause = caught(async { grant.shared.clock.sleep(wait).await });
                if is_closing {
                    let _ = pause.await;
                } else if grant.shared.activity.unless_closed(pause).await.is_none() {
                    // The process is about to end: at once, however long the store has been away, and soon again.
                    (is_closing, wait) = (true, WRITE_RETRY.0);
                }
                let Some(kept) = pending.upgrade() else {
                    return;
                };
                let is_pending = grant.inner().is_pending(&kept);
                if !is_pending || matches!(caught(grant.retry(&kept)).await, Ok(Ok(()))) {
                    return;
                }
                wait = (wait * 2).min(longest);
            }
        }));
    }
}

/// How a record stands to the cached tokens.
enum Age {
    Newer,
    Same,
    Older,
}

/// Compares a record with the cached tokens. Generations grow; where a grant was removed and put again they begin anew, and the issue tells
/// such a grant from one that an older state of the store has brought back. What was issued after such a return counts from there on: this
/// process has just stored it; or nothing was spent for it, and so nothing is risked by taking the store's word for when it was.
fn compare<P: Renewable>(record: &Record, cached: &CachedToken<P>, origin: Origin) -> Age {
    let (issue, known) = (Issue::of(record), cached.facts.issue);
    let counts_anew = origin == Origin::Issued || P::FACTS.needs_no_sign_in();
    let is_before = |known: Issue| {
        let is_anew = counts_anew && known.at < issue.at;
        !is_anew && issue.is_before(&known)
    };
    match record.generation.cmp(&cached.generation) {
        Ordering::Greater => Age::Newer,
        Ordering::Equal if known == Some(issue) => Age::Same,
        Ordering::Equal => Age::Newer,
        Ordering::Less if known.is_some_and(is_before) => Age::Older,
        Ordering::Less => Age::Newer,
    }
}

impl<P: Renewable> OnDeadline for GrantState<P> {
    fn deadline_passed(self: Arc<Self>) {
        self.inner().deadline = None;
        // Closed sessions do nothing more, and so have nothing to tell.
        if self.shared.activity.is_closed() {
            return;
        }
        self.announce_end();
        let shared = Arc::clone(&self.shared);
        shared.enqueue(self);
    }
}

impl<P: Renewable> Drop for GrantState<P> {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(deadline) = inner.deadline.take() {
            self.shared.deadlines.cancel(&deadline);
        }
    }
}
