//! The handle of one grant: what users call.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::activity::Unfinished;
use super::cached_token::{Access, Origin};
use super::error::SessionError;
use super::event::Events;
use super::grant_state::GrantState;
use super::pending_write::storable;
use super::provider::Renewable;
use super::refresh_attempt::join_or_start;
use super::schedule;
use super::settings::InDoubt;
use super::single_flight::{self, RefreshHandle, RefreshRequest, RefreshResult};
use super::status::Status;
use crate::expiry::Expiry;
use crate::grant::Grant;
use crate::store::{EntryId, Key, Record, Store};

/// How often one call takes part in a refresh: what one brings may have ended or been refused by the time that the call goes on.
const ROUNDS: usize = 100;

/// One grant: a token that is always fresh. Its copies are the same session.
///
/// However many callers ask, one exchange is out at a time. It belongs to none of them and goes on when they stop waiting.
pub struct Session<P: Renewable> {
    pub(super) grant: Arc<GrantState<P>>,
}

impl<P: Renewable> Session<P> {
    /// An access token that is valid now.
    ///
    /// While the held token is fresh this takes no lock and allocates nothing. Near its end the token is still handed out and
    /// replaced in the background. After its end the call waits for one exchange, together with all other callers.
    ///
    /// Where the contract says that an access token is single-use, each one is handed out once, and each further call waits
    /// for an exchange of its own.
    ///
    /// Where the client's settings alone bring tokens, as a client credentials grant does (RFC 6749 section 4.4), nobody signs in: where the
    /// store holds no token, this call has one minted, one for all processes that share the store. Where the client makes the token
    /// itself, each process makes its own, and no store is asked.
    ///
    /// # Errors
    /// There is no valid token and none can be had now. After a failure the session makes no attempt for a while, and returns
    /// the same failure meanwhile.
    #[inline]
    pub async fn access_token(&self) -> Result<Access<P>, SessionError> {
        match self.grant.fresh() {
            Some(access) => Ok(access),
            None => self.obtain().await,
        }
    }

    /// An access token that is valid now, after a refresh if need be.
    async fn obtain(&self) -> Result<Access<P>, SessionError> {
        // Of single-use tokens, each exchange brings one: callers take turns, so that the others are not woken for nothing.
        let _turn = if P::FACTS.access_token_single_use {
            Some(self.grant.turn.lock().await)
        } else {
            None
        };
        for _ in 0..ROUNDS {
            let seen = match self.grant.take_valid() {
                Ok(access) => {
                    if !self.grant.is_fresh(&access.0) {
                        // This call does not wait for the refresh. A failure is told as an event.
                        let request = RefreshRequest::newer_than(access.generation());
                        let _ = join_or_start(&self.grant, request);
                    }
                    return Ok(access);
                }
                Err(generation) => generation,
            };
            if let Err(error) = self.refresh(RefreshRequest::token(seen)).await {
                // A failure does not displace a token that is still valid (R21): the store may have brought one.
                return self.grant.take_valid().map_err(|_| error);
            }
        }
        Err(SessionError::busy())
    }

    /// Joins or starts a refresh, and waits for its result.
    async fn refresh(&self, request: RefreshRequest) -> RefreshResult {
        match join_or_start(&self.grant, request)? {
            Some(refresh) => refresh.result().await,
            None => Ok(()),
        }
    }

    /// Starts a refresh of its own, after the one that is running, and waits for its result.
    async fn refresh_anew(&self, request: RefreshRequest) -> RefreshResult {
        self.wait_for_running().await;
        self.refresh(RefreshRequest { force: true, ..request }).await
    }

    /// Waits for the refresh that is running now, if one is.
    async fn wait_for_running(&self) {
        let refresh = self.grant.inner().refresh.clone();
        if let Some(refresh) = refresh {
            drop(refresh.result().await);
        }
    }

    /// The access token, if it is fresh: what [`Session::access_token`] gives without waiting.
    pub fn try_access_token(&self) -> Option<Access<P>> {
        self.grant.fresh()
    }

    /// Reports that an API of the provider has refused this token as expired or revoked: the session stops serving it.
    ///
    /// However many callers report it, one refresh follows per generation. A report of a token that was replaced meanwhile does
    /// nothing.
    pub fn invalidate(&self, token: &Access<P>) {
        self.invalidate_generation(token.generation());
    }

    /// [`Session::invalidate`], for callers that keep only the token's [generation](Access::generation).
    pub fn invalidate_generation(&self, generation: u64) {
        self.grant.invalidate(generation);
    }

    /// Refreshes now, whatever the token's life, and even if an attempt has failed a moment ago.
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub async fn refresh_now(&self) -> Result<(), SessionError> {
        let cached = self.grant.cached.load().generation;
        if P::LOCAL.is_some() {
            return self.refresh_anew(RefreshRequest::token(cached)).await;
        }
        let stored = self.grant.stored().await?;
        // From here on a generation counts that brings another access token than this one.
        self.grant.adopt_stored(&stored);
        let request = RefreshRequest::newer_than(cached.max(stored.record.generation));
        // A mint may be recorded by a generation that has no token.
        let wants_token = P::FACTS.needs_no_sign_in();
        self.refresh_anew(RefreshRequest { wants_token, ..request }).await
    }

    /// Decides about an exchange in doubt: [`InDoubt::Gamble`] sends the credential once more, [`InDoubt::Reauthenticate`]
    /// ends the grant. [`InDoubt::Keep`] looks whether the process that began it has stored its result. Where nothing is in doubt,
    /// nothing is done, nor where the client's settings alone bring new tokens: what is not spent is in no doubt.
    ///
    /// # Errors
    /// As [`Session::access_token`].
    pub async fn resolve(&self, decision: InDoubt) -> Result<(), SessionError> {
        if P::FACTS.needs_no_sign_in() {
            return Ok(());
        }
        let stored = self.grant.stored().await?.record.generation;
        let request = RefreshRequest::newer_than(stored);
        self.refresh_anew(RefreshRequest { in_doubt: Some(decision), ..request }).await
    }

    /// Stores the tokens of a sign-in, in place of whatever was stored, and serves them.
    ///
    /// Where the contract counts the life of the refresh token from signing in, it begins now, unless the token has an end already.
    ///
    /// Where the client's settings alone bring new tokens, nobody needs to sign in. An access token that is there from elsewhere can be
    /// handed in all the same: it is served until its end.
    ///
    /// # Errors
    /// The store does not take them: they are not served.
    pub async fn sign_in(&self, grant: Grant) -> Result<(), SessionError> {
        if P::LOCAL.is_some() {
            self.grant.serve(grant, Origin::SignedIn);
            return Ok(());
        }
        let GrantState { shared, key, .. } = &*self.grant;
        shared.learn_time_of_store().await;
        let now = shared.now();
        let mut record = Record::new(schedule::signed_in(&P::FACTS, grant, now), now);
        record.sign_in = Some(EntryId::of(&*shared.clock));
        record.due = self.grant.next_due(&record, None);
        let generation = shared.store.put(key, &storable::<P>(&record)).await;
        record.generation = generation.map_err(SessionError::store)?;
        {
            let mut inner = self.grant.inner();
            // A refresh may have met the new grant already: what it has to write stays.
            inner.drop_writes_before(record.generation);
            inner.last_failure = None;
        }
        self.grant.adopt(&record, Origin::SignedIn);
        Ok(())
    }

    /// Forgets the grant: the session stops serving its tokens and removes them from the store, after an exchange that is out
    /// has ended. Other processes serve the token that they hold until it is no longer fresh. Where the client's settings alone bring new
    /// tokens, the next caller that asks for one has one minted.
    ///
    /// The provider is not told. Revoke there what must not stay valid (RFC 7009).
    ///
    /// # Errors
    /// The store cannot be reached: nothing is forgotten.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        // It takes the place of a refresh: a caller that asks for a token meanwhile waits until the grant is removed. The
        // refresh that is running ends first, because its tokens could not be stored afterwards.
        let (completion, leaving) = single_flight::pair();
        while let Some(running) = self.take_turn(&leaving) {
            drop(running.result().await);
        }
        let removed = match P::LOCAL {
            Some(_) => Ok(()),
            None => self.grant.shared.store.remove(&self.grant.key).await,
        };
        if removed.is_ok() {
            self.grant.clear();
        }
        self.grant.inner().refresh = None;
        completion.complete(Ok(()));
        removed.map_err(SessionError::store)
    }

    /// Puts `handle` in the place of a running refresh, unless there is one: then that one is returned.
    fn take_turn(&self, handle: &RefreshHandle) -> Option<RefreshHandle> {
        let mut inner = self.grant.inner();
        let running = inner.running().cloned();
        if running.is_none() {
            inner.refresh = Some(handle.clone());
        }
        running
    }

    /// How the grant stands. Reads the store.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn status(&self) -> Result<Status, SessionError> {
        if P::LOCAL.is_some() {
            return Ok(self.grant.status_of_made());
        }
        let found = self.grant.shared.store.read(&self.grant.key).await;
        let found = found.map_err(SessionError::store)?;
        let record = found.as_ref().map(|snapshot| &snapshot.record);
        let inner = self.grant.inner();
        let failure = inner.last_failure.as_ref();
        let now = self.grant.shared.clock.monotonic();
        Ok(Status {
            generation: record.map_or(0, |record| record.generation),
            access_ends: record
                .map_or(Expiry::Undeclared, |record| record.grant.access_token_ends()),
            refresh_ends: record
                .map_or(Expiry::Undeclared, |record| record.grant.refresh_token_ends()),
            issued_at: record.map(|record| record.issued_at),
            due: record.and_then(|record| record.due),
            ended: record.and_then(|record| record.ended),
            in_flight: found.as_ref().and_then(|snapshot| snapshot.doubted().cloned()),
            trouble: failure.map(|failure| failure.error.clone()),
            next_try: failure.map(|failure| failure.until.saturating_sub(now)),
            deviations: inner.deviations.as_deref().map(<[_]>::to_vec).unwrap_or_default(),
            unsaved: inner.pending_write.is_some(),
            mints: P::FACTS.mint.is_some(),
            needs_no_sign_in: P::FACTS.needs_no_sign_in(),
        })
    }

    /// What happens to this grant, from now on.
    pub fn events(&self) -> Events {
        let receiver = self.grant.shared.events.subscribe();
        Events::new(receiver, Some(self.grant.key.clone()))
    }

    /// Which grant it is.
    pub fn key(&self) -> &Key {
        &self.grant.key
    }

    /// Closes the sessions of this provider, as a process does before it ends: nothing more begins, exchanges that are out end, and new
    /// tokens that the store has not taken are stored, until `limit` has passed. Returns what remains by then.
    ///
    /// A session of a pool closes its pool with it. A valid token is served all the same; who needs another one is told
    /// [`SessionErrorKind::Closed`](super::SessionErrorKind::Closed).
    pub async fn close(&self, limit: Duration) -> Unfinished {
        self.grant.shared.close(limit).await
    }
}

impl<P: Renewable> Clone for Session<P> {
    fn clone(&self) -> Self {
        Self { grant: Arc::clone(&self.grant) }
    }
}

/// All that the process holds of the grant, but for the tokens.
impl<P: Renewable> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("key", &self.grant.key)
            .field("cached", &*self.grant.cached.load())
            .field("inner", &*self.grant.inner())
            .finish()
    }
}
