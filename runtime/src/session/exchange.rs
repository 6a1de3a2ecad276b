//! One request to the provider, under a lease and a journal entry.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{Request, Response};
use zeroize::Zeroizing;

use super::cached_token::{Issue, Origin};
use super::credential::{keeping_end, with_credential};
use super::error::SessionError;
use super::event::EventKind;
use super::exchange_outcome::ExchangeOutcome;
use super::failure::asked_at_most;
use super::grant_state::GrantState;
use super::in_doubt_policy::{Doubt, Repeat, may_repeat, repeat, repeat_limit};
use super::mint;
use super::pending_write::PendingWrite;
use super::provider::Renewable;
use super::schedule;
use super::timeline::{Moment, ServerDate, kept_end};
use crate::error::{Class, SignIn};
use crate::expiry::Expiry;
use crate::facts::{Ends, Facts};
use crate::fate::{Fate, RefreshError};
use crate::grant::{Grant, Token};
use crate::output::Output;
use crate::panics::caught_call;
use crate::provider::{MintNext, PendingRefresh, Progress};
use crate::store::{EntryId, InFlight, Lease, Record, Snapshot, Store, StoreError, StoreErrorKind};
use crate::transport::{Sent, TransportError, TransportErrorKind};

/// One exchange: what it spends, and the lease and the journal entry under which it is sent.
pub(super) struct Exchange<'a, P: Renewable> {
    pub grant: &'a Arc<GrantState<P>>,
    pub lease: &'a Lease,
    /// What the store held before.
    pub before: Snapshot,
    pub entry: InFlight,
    /// When its first request was journaled, on this process's monotonic clock.
    pub first_sent: Duration,
    /// How many requests this attempt has sent with this one; some of them may be off the record, since they brought nothing.
    pub sent: u32,
    /// Whether it is sent although the contract does not say that it may be.
    pub gamble: bool,
    /// Whether it spends the token that the stored one has replaced.
    pub with_predecessor: bool,
    /// Whether what takes the place of the spent token is stored already, and the exchange goes on: nothing is spent any more.
    pub replaced: bool,
}

/// When an exchange began.
struct Began {
    /// When this request of it began.
    moment: Moment,
    /// When its first request began, on the machine's clock.
    machine: SystemTime,
    /// The same on the clock by which the access token's end is told: what the client is told.
    told: SystemTime,
}

/// What is about to spend the credential.
enum Ready<P: Renewable> {
    /// The exchange has one request, which is made once it is on record.
    Not(P::Credential),
    /// The steps of the exchange were taken.
    Prepared(Box<Prepared<P>>),
}

/// An exchange whose steps were taken.
struct Prepared<P: Renewable> {
    request: Request<Vec<u8>>,
    pending: P::Pending,
}

/// Why an exchange goes no further.
enum Stopped {
    /// The client has panicked.
    ClientPanicked {
        /// Whether a request may have left before.
        sent: bool,
    },
    /// What takes the place of the spent token is not stored.
    NotStored(SessionError),
    /// The store holds something newer.
    Overtaken,
}

type Failed<P> = RefreshError<<P as crate::Provider>::Credential>;

impl<P: Renewable> Exchange<'_, P> {
    /// Journals the exchange, sends it, and writes what came of it.
    pub async fn run(&mut self) -> Result<ExchangeOutcome, SessionError> {
        let grant = Arc::clone(self.grant);
        let shared = &grant.shared;
        let facts = self.facts();
        let credential = P::credential(&self.spent());
        if credential.is_none() && P::FACTS.fallback.is_none() {
            return Err(SessionError::no_grant());
        }
        // Steps spend nothing: a crash in one of them leaves nothing in doubt.
        let ready = match (credential, P::STEPS) {
            (None, _) => None,
            (Some(credential), 0) => Some(Ready::Not(credential)),
            (Some(credential), _) => match self.prepare(credential).await? {
                Ok(ready) => Some(ready),
                Err(failed) => return self.not_prepared(failed).await,
            },
        };
        let journaled = shared.clock.monotonic();
        self.journal().await?;
        if self.entry.attempt == 1 {
            self.first_sent = journaled;
        }
        let began = self.begin_now();
        // This process was stopped since then for as long as the lease lasts: another may have begun.
        let stopped = began.moment.monotonic.saturating_sub(journaled);
        if stopped >= shared.settings.lease {
            // What an earlier request of the same exchange may have spent is as much in doubt as before.
            if self.entry.attempt == 1 {
                self.abandon().await;
            }
            return Err(SessionError::store(StoreErrorKind::LeaseLost.into()));
        }
        // Journaling takes time as well: a window may have closed meanwhile (R36).
        if self.is_repeat() && !may_repeat(&facts, &self.doubt()) {
            return Err(match P::FACTS.fallback {
                Some(_) => SessionError::not_yet(Duration::ZERO),
                None => SessionError::in_doubt(self.entry.started_at, None),
            });
        }
        if mint::may_end(&facts, self.entry.attempt) {
            self.grant.hold_back(self.entry.generation);
        }
        let reserved = self.grant.inner().reserved.take();
        let ended = match ready {
            Some(ready) => self.request(ready, &began).await,
            None => self.mint(&began).await,
        };
        let (result, date) = match ended {
            Ok(ended) => ended,
            Err(stopped) => return self.stopped(stopped).await,
        };
        // A turn that nothing came of is still there.
        if result.as_ref().is_err_and(|failed| !mint::may_have_left(&failed.error)) {
            self.grant.inner().reserved = reserved;
        }
        match result {
            Ok(tokens) => {
                let Ok((grant, deviations)) = caught_call(|| P::grant(tokens)) else {
                    return self.stopped(Stopped::ClientPanicked { sent: true }).await;
                };
                let expiry = grant.access_token_ends();
                shared.timeline.learn(date, expiry, P::FACTS.access_token_ends);
                if self.replaced {
                    // Under an entry of its own, as each commit. Where the store does not take it, the commit makes another.
                    let _ = self.begin().await;
                }
                self.renewed(grant, &began).await?;
                for deviation in &deviations {
                    shared.emit(&self.grant.key, EventKind::Deviation(*deviation));
                }
                let told = (!deviations.is_empty()).then(|| deviations.into());
                self.grant.inner().deviations = told;
                Ok(ExchangeOutcome::Renewed)
            }
            Err(failed) if self.replaced => Err(SessionError::exchange_failed(failed.error)),
            // The date of an error page is not believed: gateways answer, too, and a replay window goes by this clock.
            Err(failed) => self.failed(failed).await,
        }
    }

    /// This request's beginning.
    fn begin_now(&self) -> Began {
        let shared = &self.grant.shared;
        let moment = shared.moment();
        let ago = moment.monotonic.saturating_sub(self.first_sent);
        let ago = if self.entry.attempt == 1 { Duration::ZERO } else { ago };
        let clocks = shared.timeline.at(moment);
        let machine = clocks.machine.checked_sub(ago).unwrap_or(clocks.machine);
        let told = clocks.told_by(machine, P::FACTS.access_token_ends);
        Began { moment, machine, told }
    }

    /// What is said of it.
    fn facts(&self) -> Facts {
        mint::facts_for::<P>(&self.before.record.grant)
    }

    /// What this exchange is in doubt about, as of now.
    pub fn doubt(&self) -> Doubt {
        let age = self.grant.shared.clock.monotonic().saturating_sub(self.first_sent);
        let outdated = self.before.may_be_outdated || self.grant.inner().store_went_back;
        Doubt { attempt: self.entry.attempt, age, seen_for: age, is_ours: true, outdated }
    }

    /// The tokens of which it spends one.
    fn spent(&self) -> Grant {
        let grant = self.before.record.grant.clone();
        match &self.before.record.predecessor {
            Some(predecessor) if self.with_predecessor => {
                with_credential(grant, predecessor.clone())
            }
            _ => grant,
        }
    }

    /// Ends the grant without sending anything, because the user wants it so.
    pub async fn give_up(&self) -> Result<(), SessionError> {
        // Under a journal entry of its own, so that the session that began the other exchange does not take this commit for
        // the one it made itself.
        self.journal().await?;
        let mut record = self.next_record();
        record.ended = Some(SignIn::Unspecified);
        // The provider has not said so: nobody can take back that it has, and what is in doubt is not sent again.
        record.ended_at = None;
        record.due = None;
        if self.commit(record, Origin::Rewritten).await? {
            return Err(SessionError::sign_in_needed(SignIn::Unspecified, None));
        }
        Ok(())
    }

    /// Records that what is on record can bring nothing any more, and that the access token from before it may have ended.
    pub async fn forget(&self) -> Result<(), SessionError> {
        // Under an entry of its own, as above.
        self.journal().await?;
        if P::FACTS.fallback.is_some() && !self.mints() {
            return self.lay_down().await;
        }
        let mut record = self.next_record();
        record.grant = record.grant.without_access_token();
        record.due = self.grant.next_due(&record, Some(&self.before.record));
        self.commit(record, Origin::Rewritten).await?;
        Ok(())
    }

    /// Whether nothing is spent.
    pub fn mints(&self) -> bool {
        self.facts().mint.is_some()
    }

    /// Records that what a refresh would spend is of no use any more, and that tokens are due which something else brings.
    async fn lay_down(&self) -> Result<(), SessionError> {
        let mut record = self.next_record();
        record.grant = record.grant.without_credential();
        record.predecessor = None;
        record.due = Some(self.grant.shared.now());
        self.commit(record, Origin::Rewritten).await?;
        Ok(())
    }

    /// Waits until the provider takes one more request, where the contract says how many it takes in a time, or how far refreshes must be
    /// apart; not for longer than an exchange may take.
    pub async fn reserve(&self) -> Result<(), SessionError> {
        let Some(rate) = mint::rate_of_grant(&self.facts()) else {
            return Ok(());
        };
        let shared = &self.grant.shared;
        let at = self.grant.reserve(rate, self.mints()).await?;
        let wait = at.saturating_sub(shared.clock.monotonic());
        if wait > shared.settings.exchange_limit {
            return Err(SessionError::not_yet(wait));
        }
        tokio::select! {
            biased;
            waited = shared.activity.unless_closed(shared.clock.sleep(wait)) => {
                waited.ok_or_else(SessionError::closed)?;
            }
            () = Self::keep_lease(self.grant, self.lease) => {}
        }
        Ok(())
    }

    /// Puts the exchange on record before a byte of it is sent.
    async fn journal(&self) -> Result<(), SessionError> {
        self.begin().await.map_err(|error| {
            // The store may have written the entry and failed to say so.
            if error.kind() == StoreErrorKind::Unavailable && self.entry.attempt <= 1 {
                self.grant.keep_pending(self.abandoned());
            }
            SessionError::store(error)
        })
    }

    async fn begin(&self) -> Result<(), StoreError> {
        let GrantState { shared, key, .. } = &**self.grant;
        shared.store.begin(key, self.lease, &self.entry, self.before.entry_id()).await
    }

    /// Ends the journal entry of an exchange that spent nothing.
    async fn abandon(&self) {
        // What the store does not take is written later.
        let _ = self.grant.save(self.abandoned()).await;
    }

    fn abandoned(&self) -> PendingWrite {
        PendingWrite::Abandon { entry: self.entry.clone(), lease: self.lease.clone() }
    }

    /// Takes a request off the record that brought nothing, where it alone would have ended the access token from before: that is served
    /// again. What the store does not take stays as it is, and the token is held back for as long as the exchange is on record.
    async fn uncount(&mut self) {
        let GrantState { shared, key, .. } = &**self.grant;
        let facts = self.facts();
        let others = self.entry.attempt - 1;
        if !mint::may_end(&facts, self.entry.attempt) || mint::may_end(&facts, others) {
            return;
        }
        let id = EntryId::of(&*shared.clock);
        let entry = InFlight { id, attempt: others, ..self.entry.clone() };
        if shared.store.begin(key, self.lease, &entry, Some(self.entry.id)).await.is_ok() {
            self.grant.inner().own_entry = Some(id);
            self.entry = entry;
            self.grant.serve_again(&self.before.record);
        }
    }

    /// What the client makes, where requests of this grant go.
    fn at_home<T>(&self, make: impl FnOnce(&P) -> T) -> T {
        self.grant.shared.at_home(&self.grant.key, &self.before.record.grant, make)
    }

    /// Takes the steps of the exchange, and keeps the lease meanwhile: what is left is the request that spends the credential.
    async fn prepare(
        &self,
        credential: P::Credential,
    ) -> Result<Result<Ready<P>, Failed<P>>, SessionError> {
        let shared = &self.grant.shared;
        let panicked = |_| SessionError::panicked("the client");
        let started = shared.clock.monotonic();
        let told = self.begin_now().told;
        let begun = caught_call(|| self.at_home(|client| client.start(credential, told)))
            .map_err(panicked)?;
        let (mut request, mut pending) = match begun {
            Ok(begun) => begun,
            Err(refused) => return Ok(Err(refused)),
        };
        // One lease and one limit for all of them.
        let mut kept = pin!(Self::keep_lease(self.grant, self.lease));
        for _ in 0..P::STEPS {
            let answer = tokio::select! {
                biased;
                answer = self.send(request, started) => answer,
                () = &mut kept => Err(timed_out()),
            };
            let proceeded = match answer {
                Ok(response) => caught_call(|| pending.proceed(response.map(Zeroizing::new))),
                Err(lost) => caught_call(|| Progress::Done(Err(pending.fail(lost)))),
            };
            match proceeded.map_err(panicked)? {
                Progress::Next(next, waiting) => (request, pending) = (next, waiting),
                Progress::Done(Err(failed)) => return Ok(Err(failed)),
                // The client is not as its contract says: it has spent nothing that is on record.
                Progress::Done(Ok(_)) => return Err(SessionError::panicked("the client")),
            }
        }
        Ok(Ok(Ready::Prepared(Box::new(Prepared { request, pending }))))
    }

    /// A step failed. Where that says something of the grant, it goes on record as what another request would have: the end of the grant, a
    /// refusal that all processes are to know, or one more attempt of an exchange that is as much in doubt as before.
    async fn not_prepared(&mut self, failed: Failed<P>) -> Result<ExchangeOutcome, SessionError> {
        let goes_on_record = self.entry.attempt > 1
            || !matches!(failed.fate, Fate::Unspent(_))
            || (self.mints() && mint::is_refusal(&failed.error));
        if !goes_on_record {
            return Err(SessionError::exchange_failed(failed.error));
        }
        self.journal().await?;
        self.failed(failed).await
    }

    /// Sends the request that spends the credential and those behind it, and keeps the lease meanwhile.
    async fn request(
        &mut self,
        ready: Ready<P>,
        began: &Began,
    ) -> Result<(Result<P::Tokens, Failed<P>>, Option<ServerDate>), Stopped> {
        let shared = &self.grant.shared;
        let (mut request, mut pending, started) = match ready {
            Ready::Prepared(prepared) => {
                let Prepared { request, pending } = *prepared;
                (request, pending, began.moment.monotonic)
            }
            Ready::Not(credential) => {
                let not_sent = |_| Stopped::ClientPanicked { sent: false };
                let begun =
                    caught_call(|| self.at_home(|client| client.start(credential, began.told)));
                match begun.map_err(not_sent)? {
                    Ok((request, pending)) => (request, pending, began.moment.monotonic),
                    Err(refused) => return Ok((Err(refused), None)),
                }
            }
        };
        let sent = |_| Stopped::ClientPanicked { sent: true };
        let mut kept = pin!(Self::keep_lease(self.grant, self.lease));
        loop {
            let answer = tokio::select! {
                // An answer that is there counts, however late a stopped process looks for it.
                biased;
                answer = self.send(request, started) => answer,
                () = &mut kept => Err(timed_out()),
            };
            let response = match answer {
                Ok(response) => response,
                Err(error) => {
                    let failed = caught_call(|| pending.fail(error)).map_err(sent)?;
                    return Ok((Err(failed), None));
                }
            };
            let date = ServerDate::of(response.headers(), began.moment, shared.moment());
            match caught_call(|| pending.proceed(response.map(Zeroizing::new))).map_err(sent)? {
                Progress::Done(result) => return Ok((result, date)),
                // Nothing that it spends may be lost with what follows.
                Progress::Next(next, waiting) => (request, pending) = (next, waiting),
            }
            let replacement = caught_call(|| pending.replacement()).map_err(sent)?;
            if let Some(replacement) = replacement.filter(|_| !self.replaced) {
                self.keep(&replacement, began).await?;
            }
        }
    }

    /// Stores what takes the place of the spent token before another request leaves: whatever becomes of that one, nothing is in doubt. It
    /// ends the journal's entry; the next one is there to be committed, and nothing is sent under it that spends something.
    async fn keep(&mut self, replacement: &Grant, began: &Began) -> Result<(), Stopped> {
        let ends = P::FACTS.refresh_token_ends;
        let mut record = self
            .with_replacement(replacement, |told| kept_end(told, ends, began.told, began.machine));
        record.predecessor = self.predecessor(&record.grant);
        match self.save(record.clone(), Origin::Rewritten).await {
            Ok(Some(generation)) => record.generation = generation,
            Ok(None) => return Err(Stopped::Overtaken),
            Err(error) => return Err(Stopped::NotStored(error)),
        }
        let id = EntryId::of(&*self.grant.shared.clock);
        self.entry =
            InFlight { id, generation: record.generation, attempt: 0, ..self.entry.clone() };
        self.grant.inner().own_entry = Some(id);
        self.before = Snapshot::new(record);
        self.replaced = true;
        Ok(())
    }

    /// Sends the request of a mint that stands in for a refresh, and keeps the lease meanwhile.
    async fn mint(
        &self,
        began: &Began,
    ) -> Result<(Result<P::Tokens, Failed<P>>, Option<ServerDate>), Stopped> {
        let shared = &self.grant.shared;
        let failed = |error| Err(RefreshError { error, fate: Fate::Spent { replacement: None } });
        let started = caught_call(|| self.at_home(|client| client.mint(began.told)));
        let (mut request, mut pending) =
            match started.map_err(|_| Stopped::ClientPanicked { sent: false })? {
                Some(Ok(started)) => started,
                Some(Err(error)) => return Ok((failed(error), None)),
                // Its facts say otherwise.
                None => return Err(Stopped::ClientPanicked { sent: false }),
            };
        let sent = |_| Stopped::ClientPanicked { sent: true };
        let mut kept = pin!(Self::keep_lease(self.grant, self.lease));
        loop {
            let answer = tokio::select! {
                // As above.
                biased;
                answer = self.send(request, began.moment.monotonic) => answer,
                () = &mut kept => Err(timed_out()),
            };
            let response = match answer {
                Ok(response) => response,
                Err(error) => {
                    return Ok((failed(caught_call(|| pending.fail(error)).map_err(sent)?), None));
                }
            };
            let date = ServerDate::of(response.headers(), began.moment, shared.moment());
            let response = response.map(Zeroizing::new);
            match caught_call(|| pending.proceed(response)).map_err(sent)? {
                MintNext::Done(result) => return Ok((result.or_else(failed), date)),
                MintNext::Next(next, waiting) => (request, pending) = (next, waiting),
            }
        }
    }

    /// Sends one request. The limit counts from `started`, on this process's monotonic clock: it is one for all steps, and another for the
    /// request that spends the credential, which must not leave with no time left for its answer.
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        started: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        let shared = &self.grant.shared;
        if shared.transport.outlives() {
            // What cannot be called back is not given up (R42).
            return shared.transport.send_boxed(request).await;
        }
        let gone = shared.clock.monotonic().saturating_sub(started);
        let most = shared.settings.exchange_limit.saturating_sub(gone);
        let limit = shared.clock.sleep(self.limit().map_or(most, |limit| limit.min(most)));
        tokio::select! {
            // As above.
            biased;
            answer = shared.transport.send_boxed(request) => answer,
            () = limit => Err(timed_out()),
        }
    }

    /// Whether it is sent once more because the contract says that it may be.
    fn is_repeat(&self) -> bool {
        self.entry.attempt > 1 && !self.gamble
    }

    /// How long this request may be under way by the contract.
    fn limit(&self) -> Option<Duration> {
        self.is_repeat().then(|| repeat_limit(&self.facts(), self.doubt().age)).flatten()
    }

    /// Renews the lease for as long as it is polled. A lease that is lost is no reason to give up: the request has left, and
    /// the journal entry, not the lease, decides who commits.
    async fn keep_lease(grant: &GrantState<P>, lease: &Lease) {
        let GrantState { shared, key, .. } = grant;
        loop {
            shared.clock.sleep(shared.settings.lease / 3).await;
            let renewed = shared.store.renew(key, lease, shared.settings.lease).await;
            if renewed.is_err_and(|error| error.kind() == StoreErrorKind::LeaseLost) {
                std::future::pending::<()>().await;
            }
        }
    }

    /// New tokens: stored first, served then (R27).
    async fn renewed(&self, grant: Grant, began: &Began) -> Result<(), SessionError> {
        let shared = &self.grant.shared;
        let before = &self.before.record;
        let grant = match self.mints() {
            true => schedule::signed_in(&P::FACTS, grant, began.machine),
            false => grant,
        };
        let with_end = |token: &Token, ends: Ends| {
            let expiry = kept_end(token.expiry(), ends, began.told, began.machine);
            token.clone().with_expiry(expiry)
        };
        let mut kept = Grant::new().keeping_outputs_of(&grant).keeping_outputs_of(&before.grant);
        if let Some(token) = grant.access_token() {
            kept = kept.with_access_token(with_end(token, P::FACTS.access_token_ends));
        }
        if let Some(token) = grant.refresh_token() {
            let token = with_end(token, P::FACTS.refresh_token_ends);
            kept = kept.with_refresh_token(keeping_end::<P>(token, before));
        } else if let Some(token) = before.grant.refresh_token() {
            kept = kept.with_refresh_token(token.clone());
        }
        let mut record = Record::new(kept, began.machine);
        record.generation = self.entry.generation + 1;
        record.sign_in = before.sign_in;
        record.predecessor = match self.replaced {
            true => before.predecessor.clone(),
            false => self.predecessor(&record.grant),
        };
        record.due = self.grant.next_due(&record, Some(before));
        let generation = record.generation;
        let expiry = record.grant.access_token_ends();
        let known =
            |name, new: &Output| before.grant.output(name).is_some_and(|old| old.matches(new));
        let outputs = record.grant.outputs().filter(|(name, new)| !known(name, new));
        let changed: Vec<Box<str>> = outputs.map(|(name, _)| name.into()).collect();
        shared.count_renewal();
        if self.commit(record, Origin::Issued).await? {
            shared.emit(&self.grant.key, EventKind::Refreshed { generation, expiry });
            for name in changed {
                shared.emit(&self.grant.key, EventKind::OutputChanged { name });
            }
        }
        Ok(())
    }

    /// No new tokens. What became of the credential decides what is written.
    async fn failed(&mut self, failed: Failed<P>) -> Result<ExchangeOutcome, SessionError> {
        let RefreshError { error, fate } = failed;
        if self.mints() {
            return self.not_minted(error).await;
        }
        if mint::is_superfluous(&P::FACTS, &error) && !self.may_be_superseded() {
            self.lay_down().await?;
            return Ok(ExchangeOutcome::LaidDown);
        }
        let shared = &self.grant.shared;
        match fate {
            // What this request did not spend, an earlier one of the same exchange may have spent.
            Fate::Unspent(_) if self.entry.attempt > 1 && P::FACTS.spends() => {
                let repeat = match error.class() {
                    Class::Transient | Class::RateLimited { .. } => self.repeat(&error),
                    _ => Repeat::Never,
                };
                self.uncount().await;
                Ok(ExchangeOutcome::InDoubt { error: self.in_doubt(error), repeat })
            }
            Fate::Unspent(_) => {
                self.abandon().await;
                let arrived = self.entry.attempt - u32::from(!mint::may_have_minted(&error));
                if !mint::may_end(&self.facts(), arrived) {
                    self.grant.serve_again(&self.before.record);
                }
                Err(SessionError::exchange_failed(error))
            }
            Fate::Spent { replacement: Some(credential) } => {
                self.replaced(&P::of_credential(credential)).await?;
                Err(SessionError::exchange_failed(error))
            }
            Fate::Spent { replacement: None } => match error.class() {
                Class::Reauthenticate(_) if self.may_be_superseded() => {
                    Ok(ExchangeOutcome::Superseded)
                }
                Class::Reauthenticate(_) if !shared.believes_ending(&self.grant.key) => {
                    self.kept(error).await
                }
                Class::Reauthenticate(how) => {
                    if self.end(how).await? {
                        Err(SessionError::sign_in_needed(how, Some(error)))
                    } else {
                        Ok(ExchangeOutcome::Renewed)
                    }
                }
                _ => {
                    let (error, repeat) = (self.in_doubt(error), Repeat::Never);
                    Ok(ExchangeOutcome::InDoubt { error, repeat })
                }
            },
            Fate::InDoubt(_) => {
                let repeat = self.repeat(&error);
                Ok(ExchangeOutcome::InDoubt { error: self.in_doubt(error), repeat })
            }
        }
    }

    /// When it is sent again after this failure, which leaves it in doubt.
    fn repeat(&self, error: &crate::Error) -> Repeat {
        let asked = asked_at_most(error);
        let attempt = self.entry.attempt.max(self.sent);
        repeat(&P::FACTS, &Doubt { attempt, ..self.doubt() }, asked)
    }

    /// It is not known what became of the credential. Where something else brings tokens, nobody needs to decide about it.
    fn in_doubt(&self, error: crate::Error) -> SessionError {
        match P::FACTS.fallback {
            Some(_) => SessionError::exchange_failed(error),
            None => SessionError::in_doubt(self.entry.started_at, Some(error)),
        }
    }

    /// No new tokens where nothing is spent. A request that may have brought one, and ended others, stays on record: the next exchange
    /// waits for it. Any other one is over, and is sent again after the usual pauses.
    async fn not_minted(&self, error: crate::Error) -> Result<ExchangeOutcome, SessionError> {
        let ends_others = mint::ends_others(&self.facts());
        if mint::is_refusal(&error) {
            let mut record = self.next_record();
            if ends_others && self.entry.attempt > 1 {
                // An earlier request of this exchange may have ended it.
                record.grant = record.grant.without_access_token();
            }
            let how = match error.class() {
                Class::Reauthenticate(how) => how,
                _ => SignIn::Unspecified,
            };
            let refused = self.end_with(record, how).await?;
            let error = match how {
                SignIn::Unspecified => SessionError::client_refused(Some(error)),
                how => SessionError::sign_in_needed(how, Some(error)),
            };
            return if refused { Err(error) } else { Ok(ExchangeOutcome::Renewed) };
        }
        if !ends_others || (self.entry.attempt == 1 && !mint::may_have_minted(&error)) {
            self.abandon().await;
            self.grant.serve_again(&self.before.record);
        }
        Err(SessionError::exchange_failed(error))
    }

    /// The provider says that the grant has ended, as of many others, and is not believed: it is tried again later.
    async fn kept(&self, error: crate::Error) -> Result<ExchangeOutcome, SessionError> {
        if self.entry.attempt > 1 && P::FACTS.spends() {
            // An earlier request of the same exchange may have spent the credential.
            return Err(SessionError::in_doubt(self.entry.started_at, Some(error)));
        }
        self.abandon().await;
        Err(SessionError::exchange_failed(error))
    }

    /// An unusable answer that brought a new credential: the grant continues with it.
    async fn replaced(&self, replacement: &Grant) -> Result<(), SessionError> {
        let record = self.with_replacement(replacement, |told| told);
        self.commit(record, Origin::Rewritten).await?;
        Ok(())
    }

    /// Records, for every process, that the grant has ended. `false` when the store holds something newer: another process
    /// has signed in meanwhile.
    async fn end(&self, how: SignIn) -> Result<bool, SessionError> {
        self.end_with(self.next_record(), how).await
    }

    /// The same with this record.
    async fn end_with(&self, mut record: Record, how: SignIn) -> Result<bool, SessionError> {
        record.ended = Some(how);
        record.ended_at = Some(self.grant.shared.now());
        record.due = None;
        self.commit(record, Origin::Rewritten).await
    }

    /// Whether a refused token may have been replaced by the answer to a request that was given up, and came to the provider later than
    /// the one that took its place: then the token that both were made with is still good (R38).
    fn may_be_superseded(&self) -> bool {
        let until_used = P::FACTS.spent.ends_with_use();
        until_used && !self.with_predecessor && self.before.record.predecessor.is_some()
    }

    /// The token that this exchange has spent, where it stays good until its successor is used: kept until the next one is spent.
    fn predecessor(&self, new: &Grant) -> Option<Token> {
        let until_used = self.facts().spends() && P::FACTS.spent.ends_with_use();
        let spent = self.spent();
        let credential =
            |grant: &Grant| grant.refresh_token().or_else(|| grant.access_token()).cloned();
        let (spent, new) = (credential(&spent)?, credential(new)?);
        (until_used && spent.expose() != new.expose()).then_some(spent)
    }

    /// It ended before its last answer was read.
    async fn stopped(&self, stopped: Stopped) -> Result<ExchangeOutcome, SessionError> {
        match stopped {
            Stopped::ClientPanicked { .. } if self.replaced => {
                Err(SessionError::panicked("the client"))
            }
            Stopped::ClientPanicked { sent } => self.panicked(sent).await,
            Stopped::NotStored(error) => Err(error),
            Stopped::Overtaken => Ok(ExchangeOutcome::Renewed),
        }
    }

    /// The client has panicked: what was sent is as much in doubt as if its answer were lost.
    async fn panicked(&self, sent: bool) -> Result<ExchangeOutcome, SessionError> {
        let error = SessionError::panicked("the client");
        if !sent && self.entry.attempt == 1 {
            self.abandon().await;
            self.grant.serve_again(&self.before.record);
            return Err(error);
        }
        if self.mints() && !mint::ends_others(&self.facts()) {
            self.abandon().await;
        }
        if P::FACTS.needs_no_sign_in() {
            return Err(error);
        }
        self.grant.shared.emit(&self.grant.key, EventKind::Failed(error));
        Err(SessionError::in_doubt(self.entry.started_at, None))
    }

    /// The stored record with its tokens as they are, as the next generation.
    fn next_record(&self) -> Record {
        let mut record = self.before.record.clone();
        record.generation = self.entry.generation + 1;
        record.grant = self.grant.without_refused(record.grant, self.entry.generation);
        record
    }

    /// The same with what takes the place of the spent token; `end` is its end as it is kept, of the one that was told.
    fn with_replacement(&self, replacement: &Grant, end: impl FnOnce(Expiry) -> Expiry) -> Record {
        let mut record = self.next_record();
        if let Some(token) = replacement.refresh_token().or_else(|| replacement.access_token()) {
            let token = token.clone().with_expiry(end(token.expiry()));
            let token = keeping_end::<P>(token, &self.before.record);
            record.grant = with_credential(record.grant, token);
        }
        record
    }

    async fn commit(&self, record: Record, origin: Origin) -> Result<bool, SessionError> {
        Ok(self.save(record, origin).await?.is_some())
    }

    /// Commits, and returns as which generation.
    async fn save(&self, record: Record, origin: Origin) -> Result<Option<u64>, SessionError> {
        let (entry, spent) = (self.entry.clone(), Issue::of(&self.before.record));
        self.grant.save(PendingWrite::Commit { entry, record, origin, spent }).await
    }
}

/// The answer did not come in time.
fn timed_out() -> TransportError {
    TransportError::bare(TransportErrorKind::Timeout, Sent::Maybe)
}
