//! One attempt to get newer tokens, from reading the store to serving the tokens. It is a task of its own, so that it goes on
//! when its callers stop waiting (R28).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::OwnedSemaphorePermit;

use super::activity::Attempt;
use super::error::{SessionError, SessionErrorKind};
use super::event::EventKind;
use super::exchange::Exchange;
use super::exchange_outcome::ExchangeOutcome;
use super::failure::{asked_at_most, asked_for, is_tried_again, pause_after, postponed_for};
use super::grant_state::{GrantState, LastFailure};
use super::in_doubt_policy::{
    InDoubtPolicy, NextStep, Repeat, closes_within, is_urgent, may_repeat,
};
use super::mint;
use super::provider::Renewable;
use super::settings::{InDoubt, Upkeep};
use super::shared::Shared;
use super::single_flight::{self, Completion, RefreshHandle, RefreshRequest, RefreshResult};
use super::telemetry;
use crate::clock::jitter;
use crate::error::{Class, SignIn};
use crate::facts::Facts;
use crate::grant::Grant;
use crate::panics::{caught, caught_call};
use crate::store::{
    Acquired, EntryId, InFlight, Key, Lease, Record, Snapshot, Store, StoreErrorKind,
};

/// The wait before a lease that another process holds is asked for again, at first and at most.
const LEASE_WAIT: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));
/// How often one attempt reads the store again because it has changed.
const READS_AGAIN: u32 = 3;

/// A due grant's lease, which this process has taken before the attempt begins, and one of the exchanges that may be out at a time.
pub(super) struct Share {
    pub lease: Lease,
    pub slot: OwnedSemaphorePermit,
}

/// The refresh that is running, or a new one if it is needed and may be tried; `None` when it is no longer needed.
pub(super) fn join_or_start<P: Renewable>(
    grant: &Arc<GrantState<P>>,
    request: RefreshRequest,
) -> Result<Option<RefreshHandle>, SessionError> {
    start(grant, request, &mut None)
}

/// Starts to refresh a grant that is due and whose lease was taken. Does not wait for the result.
pub(super) async fn start_share<P: Renewable>(grant: &Arc<GrantState<P>>, share: Share) {
    let mut share = Some(share);
    let _ = start(grant, RefreshRequest::upkeep(), &mut share);
    let Some(unused) = share else {
        return;
    };
    // This process is at it already, or has failed a moment ago: the lease goes back, and the grant is left out until then.
    let GrantState { shared, key, .. } = &**grant;
    if shared.activity.is_closed() {
        // Another process may take it at once.
        give_back(shared, key, &unused.lease, None).await;
        return;
    }
    let until = grant.inner().last_failure.as_ref().map(|failure| failure.until);
    let pause = until.unwrap_or_default().saturating_sub(shared.clock.monotonic());
    give_back(shared, key, &unused.lease, Some(pause.max(shared.settings.lease))).await;
}

/// Gives a lease back, and puts the grant off for every process where there is a `pause`.
async fn give_back<P: Renewable>(
    shared: &Shared<P>,
    key: &Key,
    lease: &Lease,
    pause: Option<Duration>,
) {
    if let Some(pause) = pause {
        let until = shared.now().checked_add(pause);
        let until = until.unwrap_or_else(|| shared.now());
        if shared.store.postpone(key, lease, until).await.is_err() {
            // What could not be put off is not tried again before the lease has ended by itself.
            return;
        }
    }
    // A lease that cannot be released ends by itself.
    let _ = shared.store.release(key, lease).await;
}

/// [`join_or_start`], with a share: it is taken if a new refresh starts.
fn start<P: Renewable>(
    grant: &Arc<GrantState<P>>,
    request: RefreshRequest,
    share: &mut Option<Share>,
) -> Result<Option<RefreshHandle>, SessionError> {
    let mut inner = grant.inner();
    if let Some(running) = inner.running() {
        return Ok(Some(running.clone()));
    }
    if grant.satisfies(&request) {
        return Ok(None);
    }
    if let Some(failure) = &inner.last_failure
        && !request.force
        && grant.shared.clock.monotonic() < failure.until
    {
        return Err(failure.error.clone());
    }
    let Some(counted) = grant.shared.activity.begin() else {
        return Err(SessionError::closed());
    };
    let (completion, handle) = single_flight::pair();
    inner.refresh = Some(handle.clone());
    drop(inner);
    let completion = Some(completion);
    let attempt = RefreshAttempt { grant: Arc::clone(grant), completion, _counted: counted };
    grant.shared.executor.spawn(Box::pin(attempt.run(request, share.take())));
    Ok(Some(handle))
}

/// A running attempt.
struct RefreshAttempt<P: Renewable> {
    grant: Arc<GrantState<P>>,
    /// `None` once the waiters have the result.
    completion: Option<Completion>,
    /// Who closes the sessions waits for it.
    _counted: Attempt,
}

impl<P: Renewable> Drop for RefreshAttempt<P> {
    /// The executor was shut down during the attempt: makes room for the next one.
    fn drop(&mut self) {
        if self.completion.is_some() {
            self.grant.inner().refresh = None;
        }
    }
}

impl<P: Renewable> RefreshAttempt<P> {
    /// Makes the attempt and gives its result to all waiters.
    async fn run(mut self, request: RefreshRequest, share: Option<Share>) {
        // A panic of the clock, say, or of a subscriber: what the store and the transport do is caught where they are called.
        let result = match (P::LOCAL, &share) {
            (Some(make), _) => caught(async { self.grant.make(make, request) }).await,
            (None, Some(share)) => caught(self.refresh_share(&share.lease, request)).await,
            (None, None) => caught(self.refresh(request)).await,
        };
        let result = result.unwrap_or_else(|_| Err(SessionError::panicked("a refresh")));
        if let Err(error) = &result {
            // Telling of it may panic as well; it is remembered by then.
            let _ = caught_call(|| self.remember(error, request));
        }
        if let Some(Share { lease, slot }) = share {
            let GrantState { shared, key, .. } = &*self.grant;
            let chance = jitter(&*shared.clock);
            // What this process leaves undone as it closes, another may do at once.
            let failure = result.as_ref().err();
            let failure = failure.filter(|error| error.kind() != SessionErrorKind::Closed);
            let pause = failure.map(|error| postponed_for(error, &shared.settings, chance));
            give_back(shared, key, &lease, pause).await;
            drop(slot);
        }
        if let Some(completion) = self.completion.take() {
            self.grant.inner().refresh = None;
            completion.complete(result);
        }
    }

    async fn refresh(&self, request: RefreshRequest) -> RefreshResult {
        let grant = &self.grant;
        grant.retry_pending().await?;
        let Some(snapshot) = self.stored(request).await? else {
            return Ok(());
        };
        if self.adopt(&snapshot, request)? {
            if self.is_urgent(&snapshot) {
                // The caller is served with what is stored, at once. The window closes, so the background refresher has a look.
                grant.set_deadline(Some(grant.shared.clock.monotonic()));
            }
            return Ok(());
        }
        self.is_not_refused(request)?;
        let heeds_wait = !self.closes_while_held_off(&snapshot);
        let Some((_slot, lease)) = self.lease(request, !request.upkeep, heeds_wait).await? else {
            return Ok(());
        };
        let result = self.refresh_under(&lease, request).await;
        give_back(&grant.shared, &grant.key, &lease, None).await;
        result
    }

    /// The same under a lease that was taken as the grant was found to be due.
    async fn refresh_share(&self, lease: &Lease, request: RefreshRequest) -> RefreshResult {
        self.grant.retry_pending().await?;
        self.refresh_under(lease, request).await
    }

    /// The grant as the store holds it. `None` where it was removed, and no caller asks for another one that the client's settings alone
    /// would bring.
    async fn stored(&self, request: RefreshRequest) -> Result<Option<Snapshot>, SessionError> {
        if P::FACTS.needs_no_sign_in() && request.upkeep && self.grant.cached.load().generation != 0
        {
            return self.grant.find().await;
        }
        self.grant.stored().await.map(Some)
    }

    /// Caches what the store holds; `true` if that is all that was asked for.
    fn adopt(&self, snapshot: &Snapshot, request: RefreshRequest) -> Result<bool, SessionError> {
        let record = &snapshot.record;
        self.grant.adopt_stored(snapshot);
        if let Some(how) = record.ended {
            // An access token that is still valid is served all the same; no newer one comes.
            self.may_try_refused(record, how, request)?;
        }
        if !request.upkeep {
            return Ok(self.grant.satisfies(&request));
        }
        let due = self.is_due(snapshot);
        if !due {
            let fresh_until = self.grant.cached.load().fresh_until;
            self.grant.plan_deadline(record, fresh_until);
        }
        Ok(!due)
    }

    /// Whether a grant may be tried of which the provider has said that it has ended, or that it refuses the client. An error if not.
    fn may_try_refused(
        &self,
        record: &Record,
        how: SignIn,
        request: RefreshRequest,
    ) -> Result<(), SessionError> {
        if !P::FACTS.needs_no_sign_in() {
            return Err(SessionError::sign_in_needed(how, None));
        }
        let refused = self.grant.refused(record).filter(|_| !request.force);
        // By itself it is not tried, however long that is ago.
        let refused =
            refused.or_else(|| request.upkeep.then(|| SessionError::client_refused(None)));
        refused.map_or(Ok(()), Err)
    }

    /// Whether a grant needs a refresh even if no caller asks for a token.
    fn is_due(&self, snapshot: &Snapshot) -> bool {
        let shared = &self.grant.shared;
        let now = shared.now();
        snapshot.record.due.is_some_and(|due| due <= now)
            || (shared.settings.upkeep == Upkeep::Always
                && !self.grant.is_fresh(&self.grant.cached.load()))
            || self.is_urgent(snapshot)
    }

    /// Whether a process may have crashed during an exchange, and the window in which it can be repeated is closing.
    fn is_urgent(&self, snapshot: &Snapshot) -> bool {
        let doubt = self.grant.doubt(snapshot);
        let facts = mint::facts_for::<P>(&snapshot.record.grant);
        doubt.is_some_and(|doubt| is_urgent(&facts, &doubt))
    }

    /// Whether the provider asked to wait for longer than the window is open in which an exchange on record can be repeated: a grant is
    /// worth more than one request that comes too soon.
    fn closes_while_held_off(&self, snapshot: &Snapshot) -> bool {
        let facts = mint::facts_for::<P>(&snapshot.record.grant);
        let doubt = self.grant.doubt(snapshot);
        let held_off = doubt.zip(self.grant.shared.held_off());
        held_off.is_some_and(|(doubt, left)| closes_within(&facts, &doubt, left))
    }

    /// One of the exchanges that may be out at a time at this provider. The rate limit is waited for before a lease is taken, which
    /// may not last as long; once for an attempt, of which `admitted` is the record.
    async fn slot(
        &self,
        admitted: &mut bool,
        heeds_wait: bool,
    ) -> Result<OwnedSemaphorePermit, SessionError> {
        let shared = &self.grant.shared;
        let held_off = || {
            let left = shared.held_off().filter(|_| heeds_wait);
            left.map_or(Ok(()), |left| Err(SessionError::held_off(left)))
        };
        held_off()?;
        let permit = self.unless_closed(Arc::clone(&shared.permits).acquire_owned()).await?;
        let permit = permit.map_err(|_| SessionError::no_executor())?;
        if !std::mem::replace(admitted, true) {
            let admission = self.unless_closed(shared.wait_for_rate()).await?;
            admission.map_err(SessionError::store)?;
        }
        // The provider may have asked to wait in the meantime.
        held_off()?;
        self.is_open()?;
        Ok(permit)
    }

    /// Whether the provider has not refused what would be sent for one of two reasons, without saying which. What it has refused so is
    /// sent again where a person asks for it; a newer record has made the session forget the refusal by now.
    fn is_not_refused(&self, request: RefreshRequest) -> Result<(), SessionError> {
        let inner = self.grant.inner();
        let failure = inner.last_failure.as_ref().map(|failure| &failure.error);
        match failure.filter(|error| error.perhaps_gone().is_some()) {
            Some(error) if !request.force && request.in_doubt.is_none() => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Whether something may still begin.
    fn is_open(&self) -> Result<(), SessionError> {
        if self.grant.shared.activity.is_closed() { Err(SessionError::closed()) } else { Ok(()) }
    }

    /// Waits for something that spends nothing, for as long as something may still begin.
    async fn unless_closed<T>(&self, waiting: impl Future<Output = T>) -> Result<T, SessionError> {
        let waited = self.grant.shared.activity.unless_closed(waiting).await;
        waited.ok_or_else(SessionError::closed)
    }

    /// The lease and a slot. `None` when another process has done what was asked for; or when it holds the lease and this
    /// attempt is not `patient`: then the grant is looked at again when that lease must have ended. An attempt that `heeds_wait` begins
    /// nothing while the provider asks to wait.
    async fn lease(
        &self,
        request: RefreshRequest,
        patient: bool,
        heeds_wait: bool,
    ) -> Result<Option<(OwnedSemaphorePermit, Lease)>, SessionError> {
        let GrantState { shared, key, .. } = &*self.grant;
        let (mut wait, longest) = LEASE_WAIT;
        let mut waited = Duration::ZERO;
        let mut admitted = false;
        let mut slot = self.slot(&mut admitted, heeds_wait).await?;
        loop {
            let asked = shared.store.acquire(key, &shared.owner, shared.settings.lease).await;
            let asked = match asked {
                // It was removed since it was read: it begins anew.
                Err(error)
                    if P::FACTS.needs_no_sign_in() && error.kind() == StoreErrorKind::Missing =>
                {
                    Acquired::Busy { at_most: Some(wait) }
                }
                asked => asked.map_err(SessionError::store)?,
            };
            match asked {
                Acquired::Held(lease) => {
                    if !waited.is_zero() {
                        telemetry::lease_wait(P::ID, waited);
                    }
                    return Ok(Some((slot, lease)));
                }
                Acquired::Busy { at_most } if !patient => {
                    let pause = at_most.unwrap_or(shared.settings.lease);
                    let at = shared.clock.monotonic().saturating_add(pause);
                    self.grant.set_deadline(Some(at));
                    return Ok(None);
                }
                // Other grants need not wait for a lease that another process holds, or held when it crashed.
                Acquired::Busy { .. } => drop(slot),
            }
            if waited > shared.settings.exchange_limit.saturating_mul(2) {
                telemetry::lease_wait(P::ID, waited);
                return Err(SessionError::busy());
            }
            // At random, so that waiting processes do not ask at the same moment.
            let pause = wait.mul_f64(0.5 + jitter(&*shared.clock) / 2.0);
            self.unless_closed(shared.clock.sleep(pause)).await?;
            waited += pause;
            // Who has waited for long is asked for less often: a lease of a crashed process lasts half a minute.
            wait = (wait * 2).min(longest.max(waited / 8));
            let Some(snapshot) = self.stored(request).await? else {
                return Ok(None);
            };
            if self.adopt(&snapshot, request)? {
                telemetry::lease_wait(P::ID, waited);
                return Ok(None);
            }
            slot = self.slot(&mut admitted, heeds_wait).await?;
        }
    }

    /// Under the lease: reads again, makes the exchange, and repeats it where the contract allows it.
    async fn refresh_under(&self, lease: &Lease, mut request: RefreshRequest) -> RefreshResult {
        let GrantState { shared, key, .. } = &*self.grant;
        let mut policy = InDoubtPolicy {
            in_doubt: request.in_doubt.unwrap_or(shared.settings.in_doubt),
            decided: request.in_doubt.is_some(),
            exchange_limit: shared.settings.exchange_limit,
            lease: shared.settings.lease,
            gambled: false,
        };
        let mut with_predecessor = false;
        let mut sent = 0;
        let mut changes = 0;
        // Nothing was sent, since the store has changed after it was read: it is read again.
        let mut has_changed = |error: &SessionError| {
            changes += 1;
            let changed = SessionErrorKind::Store(StoreErrorKind::Conflict);
            error.kind() == changed && changes <= READS_AGAIN
        };
        loop {
            let read_at = shared.clock.monotonic();
            let Some(before) = self.stored(request).await? else {
                return Ok(());
            };
            if self.adopt(&before, request)? {
                return Ok(());
            }
            self.is_not_refused(request)?;
            let before = self.without_empty_entry(before).await?;
            let doubt = self.grant.doubt(&before);
            if policy.decided && doubt.is_none() {
                // There is nothing to decide about.
                return Ok(());
            }
            if doubt.is_none_or(|doubt| !doubt.is_ours) {
                // What this process has sent already it may send again.
                self.is_open()?;
            }
            let facts = mint::facts_for::<P>(&before.record.grant);
            let step = match policy.next_step(&facts, doubt) {
                NextStep::Send { .. } if self.is_dead(&facts, &before.record.grant) => {
                    NextStep::Forget
                }
                step => step,
            };
            if let NextStep::Wait { look_again } = step {
                return Err(match look_again.filter(|_| P::FACTS.needs_no_sign_in()) {
                    Some(after) => SessionError::not_yet(after),
                    None => SessionError::waiting(doubted_since(&before), look_again),
                });
            }
            let gamble = step == (NextStep::Send { gamble: true });
            sent += 1;
            let mut exchange = Exchange {
                grant: &self.grant,
                lease,
                entry: self.entry(&before, lease),
                first_sent: read_at.saturating_sub(doubt.map_or(Duration::ZERO, |doubt| doubt.age)),
                sent,
                before,
                gamble,
                with_predecessor,
                replaced: false,
            };
            if matches!(step, NextStep::Send { .. }) {
                exchange.reserve().await?;
            }
            self.grant.inner().own_entry = Some(exchange.entry.id);
            if step == NextStep::GiveUp {
                match exchange.give_up().await {
                    Err(error) if has_changed(&error) => continue,
                    given_up => return given_up,
                }
            }
            if step == NextStep::Forget {
                match exchange.forget().await {
                    Err(error) if !has_changed(&error) => return Err(error),
                    Err(_) => {}
                    Ok(()) => request = request.beyond(exchange.entry.generation + 1),
                }
                continue;
            }
            let watched = telemetry::watch(P::ID, key, &*shared.clock, &exchange.entry);
            let outcome = match watched.run(exchange.run(), ExchangeOutcome::name).await {
                Err(error) if has_changed(&error) => continue,
                outcome => outcome?,
            };
            policy.gambled |= gamble;
            match outcome {
                ExchangeOutcome::Renewed => return Ok(()),
                ExchangeOutcome::Superseded => with_predecessor = true,
                ExchangeOutcome::LaidDown => {
                    request = request.beyond(exchange.entry.generation + 1);
                }
                // The next round asks the journal whether it may be sent again.
                ExchangeOutcome::InDoubt { repeat: Repeat::After(pause), .. } => {
                    shared.clock.sleep(pause).await;
                }
                ExchangeOutcome::InDoubt { error, repeat: Repeat::Later(after) } => {
                    return Err(error.looking_again(after));
                }
                ExchangeOutcome::InDoubt { error, repeat: Repeat::Never } => {
                    self.may_decide(&policy, &exchange, error)?;
                }
            }
        }
    }

    /// Ends an entry under which nothing was sent. In its place, the next one would take over how long ago it was begun.
    async fn without_empty_entry(&self, mut before: Snapshot) -> Result<Snapshot, SessionError> {
        let GrantState { shared, key, .. } = &*self.grant;
        if let Some(empty) = before.in_flight.take_if(|entry| entry.attempt == 0) {
            shared.store.abandon(key, &empty).await.map_err(SessionError::store)?;
            before.in_flight_for = Duration::ZERO;
        }
        Ok(before)
    }

    /// Whether the next round decides at once about an exchange in doubt that the contract does not let be repeated: the policy does, or
    /// what cannot be repeated is laid down. An error if not.
    fn may_decide(
        &self,
        policy: &InDoubtPolicy,
        exchange: &Exchange<'_, P>,
        error: SessionError,
    ) -> RefreshResult {
        if may_repeat(&P::FACTS, &exchange.doubt()) {
            // There is nothing to decide about: it was repeated often enough for now.
            return Err(error);
        }
        let gambles = policy.in_doubt == InDoubt::Gamble && !policy.gambled;
        let sends = P::FACTS.fallback.is_some() || gambles;
        if let Some(asked) = error.exchange().and_then(asked_at_most).filter(|_| sends) {
            // Who asks to wait is not asked again at once.
            return Err(error.looking_again(asked));
        }
        if sends || policy.in_doubt == InDoubt::Reauthenticate { Ok(()) } else { Err(error) }
    }

    /// Whether the refresh token has died by what is known of it, and something else brings tokens.
    fn is_dead(&self, facts: &Facts, held: &Grant) -> bool {
        let now = self.grant.shared.clocks().by(facts.refresh_token_ends);
        facts.fallback.is_some() && held.refresh_token_ends().has_passed(now)
    }

    /// The journal's entry of the exchange that comes next.
    fn entry(&self, before: &Snapshot, lease: &Lease) -> InFlight {
        let earlier = before.in_flight.as_ref();
        InFlight {
            id: EntryId::of(&*self.grant.shared.clock),
            generation: before.record.generation,
            fence: lease.fence,
            owner: Arc::clone(&lease.owner),
            started_at: earlier.map_or_else(|| self.grant.shared.now(), |entry| entry.started_at),
            attempt: earlier.map_or(0, |entry| entry.attempt).saturating_add(1),
        }
    }

    /// Remembers a failure, and when to try again.
    fn remember(&self, error: &SessionError, request: RefreshRequest) {
        let GrantState { shared, key, .. } = &*self.grant;
        let (known, until) = {
            let mut inner = self.grant.inner();
            let before = inner.last_failure.take();
            let failures = before.as_ref().map_or(1, |before| before.failures + 1);
            let same = |before: &SessionError| {
                before.kind() == error.kind() && before.perhaps_gone() == error.perhaps_gone()
            };
            let known = before.is_some_and(|before| same(&before.error));
            let wait = pause_after(error, failures, &shared.settings, jitter(&*shared.clock));
            let until = shared.clock.monotonic().saturating_add(wait);
            let failure = LastFailure { error: error.clone(), until, failures };
            inner.last_failure = Some(Box::new(failure));
            (known, until)
        };
        let class = error.exchange().map_or_else(|| error.class(), crate::Error::class);
        if let (Class::RateLimited { .. }, Some(after)) = (class, asked_for(error)) {
            shared.hold_off(after);
        }
        if is_tried_again(error) && (request.upkeep || error.look_again().is_some()) {
            self.grant.set_deadline(Some(until));
        }
        let repeats = error.exchange().is_some() && error.look_again().is_some();
        if repeats && P::FACTS.spent.window().is_some() {
            self.grant.keep_until(until);
        }
        match error.kind() {
            SessionErrorKind::SignInNeeded(how) if !known => {
                shared.emit(key, EventKind::SignInNeeded { how, error: error.clone() });
            }
            SessionErrorKind::InDoubt(since) if !known => {
                shared.emit(key, EventKind::InDoubt { since, error: error.clone() });
            }
            SessionErrorKind::ClientRefused | SessionErrorKind::NotYet if known => {}
            SessionErrorKind::SignInNeeded(_)
            | SessionErrorKind::InDoubt(_)
            | SessionErrorKind::Closed
            | SessionErrorKind::Unsaved(_) => {}
            // It was told, and nothing was sent since.
            _ if known && error.perhaps_gone().is_some() => {}
            _ => shared.emit(key, EventKind::Failed(error.clone())),
        }
    }
}

/// Since when it is in doubt what became of the tokens: since the exchange on record, or since the record was written.
fn doubted_since(snapshot: &Snapshot) -> SystemTime {
    let entry = snapshot.doubted();
    entry.map_or(snapshot.record.issued_at, |entry| entry.started_at)
}
