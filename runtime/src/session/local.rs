//! Tokens that the client makes itself: each process makes those that it serves. Nothing is sent and nothing is spent, so nothing is
//! stored, waited for or in doubt.

use std::sync::Arc;

use super::cached_token::Origin;
use super::error::SessionError;
use super::event::EventKind;
use super::grant_state::GrantState;
use super::provider::Renewable;
use super::single_flight::{RefreshRequest, RefreshResult};
use super::status::Status;
use crate::grant::Grant;
use crate::panics::caught_call;
use crate::renew::MakesTokens;
use crate::store::Record;

impl<P: Renewable> GrantState<P> {
    /// Makes a token and serves it from now on, unless nobody asks for it and the one before is still fresh.
    pub fn make(self: &Arc<Self>, make: MakesTokens<P>, request: RefreshRequest) -> RefreshResult {
        let cached = self.cached.load();
        if request.upkeep && self.is_fresh(&cached) {
            self.set_deadline(Some(cached.fresh_until));
            return Ok(());
        }
        drop(cached);
        let made = caught_call(|| make(&self.shared.client, self.shared.now()));
        let made = made.map_err(|_| SessionError::panicked("the client"))?;
        let (grant, _) = P::grant(made.map_err(SessionError::exchange_failed)?);
        let expiry = grant.access_token_ends();
        self.serve(grant, Origin::Issued);
        let generation = self.cached.load().generation;
        self.shared.emit(&self.key, EventKind::Refreshed { generation, expiry });
        Ok(())
    }

    /// Serves a token of this process alone.
    pub fn serve(self: &Arc<Self>, grant: Grant, origin: Origin) {
        let mut record = Record::new(grant, self.shared.now());
        record.generation = self.cached.load().generation + 1;
        self.adopt(&record, origin);
    }

    /// How it stands, as this process knows it.
    pub fn status_of_made(&self) -> Status {
        let cached = self.cached.load();
        let inner = self.inner();
        let failure = inner.last_failure.as_ref();
        let now = self.shared.clock.monotonic();
        let issued = cached.facts.issue.filter(|_| !cached.valid_until.is_zero());
        Status {
            generation: cached.generation,
            access_ends: cached.access_ends,
            refresh_ends: cached.facts.refresh_ends,
            issued_at: issued.map(|issue| issue.at),
            due: None,
            ended: None,
            in_flight: None,
            trouble: failure.map(|failure| failure.error.clone()),
            next_try: failure.map(|failure| failure.until.saturating_sub(now)),
            deviations: Vec::new(),
            unsaved: false,
            mints: true,
            needs_no_sign_in: true,
        }
    }
}
