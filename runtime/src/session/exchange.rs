//! One request to the provider, under a lease and a journal entry.

use std::time::{Duration, SystemTime};

use http::{Request, Response};

use super::core::{Core, Source};
use super::error::SessionError;
use super::event::EventKind;
use super::provider::Renewable;
use super::timeline::{Moment, Told, corrected};
use super::unsaved::Unsaved;
use crate::error::Class;
use crate::expiry::Expiry;
use crate::facts::Ends;
use crate::fate::{Fate, RefreshError};
use crate::grant::{Grant, Token};
use crate::provider::PendingRefresh;
use crate::store::{InFlight, Lease, Record, Snapshot, Store, StoreErrorKind};
use crate::transport::{Sent as Left, TransportError, TransportErrorKind};

/// What came of one request.
pub(super) enum Sent {
    /// New tokens are stored and served.
    Renewed,
    /// Its answer is lost.
    InDoubt {
        error: SessionError,
        /// How long to wait before it is repeated, where the contract allows it.
        again: Option<Duration>,
    },
}

/// When an exchange began: by the clocks, and as the provider's time was believed to be.
struct Began {
    moment: Moment,
    assumed: SystemTime,
}

type Failed<P> = RefreshError<<P as crate::Provider>::Credential>;

impl<P: Renewable> Core<P> {
    /// Journals, sends and settles one exchange.
    pub(super) async fn exchange(
        &self,
        snapshot: Snapshot,
        lease: &Lease,
        entry: InFlight,
    ) -> Result<Sent, SessionError> {
        let Some(credential) = P::credential(&snapshot.record.grant) else {
            return Err(SessionError::no_grant());
        };
        let journaled = self.shared.clock.monotonic();
        self.journal(lease, &entry).await?;
        let began = Began { moment: self.shared.moment(), assumed: entry.started_at };
        // Stopped since then for as long as the lease: somebody else may have begun.
        let stopped = began.moment.monotonic.saturating_sub(journaled);
        if stopped >= self.shared.settings.lease {
            // What an earlier request of the same exchange may have spent is as much in doubt as before.
            if entry.attempt == 1 {
                self.abandon(entry).await;
            }
            return Err(SessionError::store(StoreErrorKind::LeaseLost.into()));
        }
        let (outcome, told) = self.request(credential, lease, &began).await;
        match outcome {
            Ok(tokens) => {
                let (grant, deviations) = P::grant(tokens);
                let expiry = grant.access_token_ends();
                let ends = P::FACTS.access_token_ends;
                self.shared.timeline.learn(told, expiry, ends);
                self.renewed(&snapshot.record, entry, grant, &began).await?;
                self.tell_deviations(deviations);
                Ok(Sent::Renewed)
            }
            // The time of an error page is not believed: gateways answer, too, and a replay window goes by this clock.
            Err(failed) => self.failed(&snapshot, entry, failed).await,
        }
    }

    /// Puts the exchange on record before a byte of it is sent.
    pub(super) async fn journal(
        &self,
        lease: &Lease,
        entry: &InFlight,
    ) -> Result<(), SessionError> {
        let begun = self.shared.store.begin(&self.key, lease, entry).await;
        if let Err(error) = begun {
            // It may be on record although nobody was told so.
            if error.kind() == StoreErrorKind::Unavailable && entry.attempt == 1 {
                self.keep_unsaved(Unsaved::Abandon { entry: entry.clone() });
            }
            return Err(SessionError::store(error));
        }
        Ok(())
    }

    /// Sends, and keeps the lease meanwhile.
    async fn request(
        &self,
        credential: P::Credential,
        lease: &Lease,
        began: &Began,
    ) -> (Result<P::Tokens, Failed<P>>, Option<Told>) {
        let (request, pending) = match self.shared.client.start(credential, began.assumed) {
            Ok(started) => started,
            Err(refused) => return (Err(refused), None),
        };
        let answer = tokio::select! {
            // An answer that is there counts, however late a stopped process comes to look.
            biased;
            answer = self.carry(request) => answer,
            () = self.keep_lease(lease) => Err(lost()),
        };
        match answer {
            Ok(response) => {
                let told = Told::by(response.headers(), began.moment, self.shared.moment());
                (pending.finish(response), told)
            }
            Err(error) => (Err(pending.fail(error)), None),
        }
    }

    async fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let limit = self.shared.clock.sleep(self.shared.settings.exchange_limit);
        tokio::select! {
            // An answer that is there counts, however late a stopped process comes to look.
            biased;
            answer = self.shared.transport.carry(request) => answer,
            () = limit => Err(lost()),
        }
    }

    /// Renews the lease for as long as it is polled. A lease that cannot be kept is no reason to give up: the request has
    /// left, and the journal entry, not the lease, decides who commits.
    async fn keep_lease(&self, lease: &Lease) {
        let shared = &self.shared;
        loop {
            shared.clock.sleep(shared.settings.lease / 3).await;
            let renewed = shared.store.renew(&self.key, lease, shared.settings.lease).await;
            if renewed.is_err_and(|error| error.kind() == StoreErrorKind::LeaseLost) {
                std::future::pending::<()>().await;
            }
        }
    }

    /// New tokens: stored first, shown then (R27).
    async fn renewed(
        &self,
        before: &Record,
        entry: InFlight,
        grant: Grant,
        began: &Began,
    ) -> Result<(), SessionError> {
        // What time it was, as is known now.
        let known =
            if entry.attempt == 1 { self.shared.timeline.at(began.moment) } else { began.assumed };
        let end = |token: &Token, ends: Ends| {
            let expiry = corrected(token.expiry(), ends, began.assumed, known);
            token.clone().with_expiry(expiry)
        };
        let mut kept = Grant::new();
        if let Some(token) = grant.access_token() {
            kept = kept.with_access_token(end(token, P::FACTS.access_token_ends));
        }
        if let Some(token) = grant.refresh_token() {
            let known = end(token, P::FACTS.refresh_token_ends);
            kept = kept.with_refresh_token(keeping_end(known, before));
        } else if let Some(token) = before.grant.refresh_token() {
            kept = kept.with_refresh_token(token.clone());
        }
        let mut record = Record::new(kept, known);
        record.generation = entry.generation + 1;
        record.due = self.due_of(&record, Some(before));
        let generation = record.generation;
        let expiry = record.grant.access_token_ends();
        if self.commit(before, entry, record, Source::Issued).await? {
            self.shared.tell(&self.key, EventKind::Refreshed { generation, expiry });
        }
        Ok(())
    }

    /// No new tokens. What became of the credential decides what is written.
    async fn failed(
        &self,
        snapshot: &Snapshot,
        entry: InFlight,
        failed: Failed<P>,
    ) -> Result<Sent, SessionError> {
        let RefreshError { error, fate } = failed;
        let since = entry.started_at;
        match fate {
            // What this request did not spend, an earlier one of the same exchange may have spent.
            Fate::Unspent(_) if entry.attempt > 1 && P::FACTS.single_use => {
                let again = self.repeat_after(&entry).filter(|_| error.class() == Class::Transient);
                let error = SessionError::in_doubt(since, Some(error));
                Ok(Sent::InDoubt { error, again })
            }
            Fate::Unspent(_) => {
                self.abandon(entry).await;
                Err(SessionError::exchange_failed(error))
            }
            Fate::Spent { replacement: Some(credential) } => {
                self.replaced(snapshot, entry, P::of_credential(credential)).await?;
                Err(SessionError::exchange_failed(error))
            }
            Fate::Spent { replacement: None } => match error.class() {
                Class::Reauthenticate(how) => {
                    if self.end(snapshot, entry, how).await? {
                        Err(SessionError::sign_in_needed(how, Some(error)))
                    } else {
                        Ok(Sent::Renewed)
                    }
                }
                _ => Err(SessionError::in_doubt(since, Some(error))),
            },
            Fate::InDoubt(_) => {
                let again = self.repeat_after(&entry);
                let error = SessionError::in_doubt(since, Some(error));
                Ok(Sent::InDoubt { error, again })
            }
        }
    }

    /// An unusable answer that brought a new credential: the grant lives on with it.
    async fn replaced(
        &self,
        snapshot: &Snapshot,
        entry: InFlight,
        replacement: Grant,
    ) -> Result<(), SessionError> {
        let mut record = snapshot.record.clone();
        record.generation = entry.generation + 1;
        let mut grant = self.without_refused(record.grant, entry.generation);
        if let Some(token) = replacement.refresh_token() {
            grant = grant.with_refresh_token(token.clone());
        } else if let Some(token) = replacement.access_token() {
            grant = grant.with_access_token(token.clone());
        }
        record.grant = grant;
        let spent = &snapshot.record;
        self.commit(spent, entry, record, Source::Kept).await?;
        Ok(())
    }

    /// Ends the journal's entry of an exchange that spent nothing.
    async fn abandon(&self, entry: InFlight) {
        let ended = self.shared.store.abandon(&self.key, &entry).await;
        if ended.is_err() {
            self.keep_unsaved(Unsaved::Abandon { entry });
        }
    }
}

/// A refresh token that came back as it was, without an end, keeps the end that is known.
fn keeping_end(token: Token, before: &Record) -> Token {
    match (token.expiry(), before.grant.refresh_token()) {
        (Expiry::Undeclared, Some(old)) if old.expose() == token.expose() => old.clone(),
        _ => token,
    }
}

/// The answer did not come in time.
fn lost() -> TransportError {
    TransportError::bare(TransportErrorKind::Timeout, Left::Maybe)
}
