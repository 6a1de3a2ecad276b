//! An exchange under way, and what its answer makes of what it spends.

use http::Response;
use http::response::Parts;

use super::contract::{Operation, TokensOf};
use super::credential::{Credential, Slot};
use super::explain;
use super::place::Endpoint;
use super::taken::Taken;
use super::token::Token as _;
use crate::provider::{PendingRefresh, Progress};
use crate::{
    Body, Error, Pending, RefreshError, Token, TransportError, TransportErrorKind, Verdict,
};

/// An exchange under way: it holds what the request spends until the answer says what became of it.
#[derive(Debug)]
#[must_use]
pub struct Exchange<O: Operation> {
    pending: Pending<O::Credential>,
    endpoint: Endpoint<O>,
    /// How many requests were answered, all of them steps.
    answered: usize,
    taken: Taken,
}

/// What an exchange brought, or why it brought nothing.
pub type Finished<O> = Result<<O as Operation>::Tokens, RefreshError<<O as Operation>::Credential>>;

impl<O: Operation> Exchange<O> {
    pub(super) fn new(
        pending: Pending<O::Credential>,
        endpoint: Endpoint<O>,
        taken: Taken,
    ) -> Self {
        Self { pending, endpoint, answered: 0, taken }
    }

    /// The step whose answer is awaited; `None` where the credential is out.
    fn step(&self) -> Option<&'static str> {
        O::STEPS.get(self.answered).copied()
    }

    /// What the answer means.
    ///
    /// # Errors
    /// Every answer that is no success ends in one class of error, which also says what became of the credential.
    pub fn finish<B: AsRef<[u8]>>(self, response: Response<B>) -> Finished<O> {
        match self.proceed(response) {
            Progress::Done(result) => result,
            Progress::Next(_, exchange) => {
                let never = "another request was to follow";
                Err(exchange.fail(TransportError::not_sent(TransportErrorKind::Other, never)))
            }
        }
    }

    /// What it means that the transport brought no answer.
    pub fn fail(self, error: TransportError) -> RefreshError<O::Credential> {
        match self.step() {
            Some(step) => self.failed_in(step, |pending| pending.transport(error)),
            None => self.pending.transport(error),
        }
    }

    /// A failure of a step: the credential was not sent.
    fn failed_in(
        self,
        step: &'static str,
        fails: impl FnOnce(Pending<O::Credential>) -> RefreshError<O::Credential>,
    ) -> RefreshError<O::Credential> {
        let RefreshError { error, fate } = fails(self.pending.without_credential());
        RefreshError { error: error.in_step(step), fate }
    }

    /// What the answer to a step means.
    fn proceed_from(
        mut self,
        step: &'static str,
        parts: &Parts,
        body: &Body<'_>,
    ) -> Progress<Self> {
        if let Verdict::Failure(failure) = O::classify_step(parts.status.as_u16(), body) {
            let error = self.explained(self.pending.refusal(failure, parts), parts, body);
            let failed = self.failed_in(step, |pending| pending.refused_with(error, failure));
            return Progress::Done(Err(failed));
        }
        let next = O::take(step, body, &mut self.taken).and_then(|()| {
            let (credential, at) = (self.pending.credential(), self.pending.started_at());
            self.endpoint.request(self.answered + 1, credential, at, &self.taken)
        });
        match next {
            Ok(request) => {
                self.answered += 1;
                Progress::Next(request, self)
            }
            Err(error) => {
                let error = self.explained(error, parts, body);
                let fails = |pending: Pending<_>| pending.unusable(error, parts.status, None);
                Progress::Done(Err(self.failed_in(step, fails)))
            }
        }
    }

    /// What a success brings.
    fn settle(self, body: &Body<'_>, parts: &Parts) -> Finished<O> {
        let mut deviations = Vec::new();
        let started_at = self.pending.started_at();
        let read = O::read(body, started_at, &mut deviations);
        let (access_token, new, outputs) = match read {
            Ok(answer) => answer,
            Err(error) => return Err(self.unusable(error, parts, body)),
        };
        let ends = access_token.held().expiry();
        deviations.extend(explain::deviations::<O>(parts, body, started_at, ends));
        let (_, held) = self.pending.into_credential().into_parts();
        let refresh_token = held.settle(new, &O::FACTS, &mut deviations);
        explain::moved::<O>(body, &mut deviations);
        Ok(O::Tokens::of((access_token, refresh_token, deviations), outputs))
    }

    /// A success that cannot be used. A new refresh token in it is not lost.
    fn unusable(self, error: Error, parts: &Parts, body: &Body<'_>) -> RefreshError<O::Credential> {
        let replacement = self.salvage(body, parts);
        let error = self.explained(error, parts, body);
        self.pending.unusable(error, parts.status, replacement)
    }

    /// The same error, which says more of the answer.
    fn explained(&self, error: Error, parts: &Parts, body: &Body<'_>) -> Error {
        let started_at = self.pending.started_at();
        let credential = self.pending.credential();
        let detail = explain::detail::<O>(&error, parts, body, started_at, credential);
        error.with_detail(detail)
    }

    fn salvage(&self, body: &Body<'_>, parts: &Parts) -> Option<O::Credential> {
        if O::REFRESH_TOKEN_AT.is_empty() {
            return None;
        }
        // A body that was cut holds fewer fields than a whole one, and may hold this one.
        let mut start = body.start();
        start.add_head(O::HEAD, &parts.headers);
        let fields = body.require_json().unwrap_or(start.root());
        let found = fields.first(O::REFRESH_TOKEN_AT).optional_token("refresh token").ok()??;
        let (access, refresh) = self.pending.credential().parts();
        if refresh.matches(found) {
            return None;
        }
        let access = Slot::restore(access.keep().as_ref())?;
        let found = Token::new(found).with_expiry(refresh.end_of_next());
        let refresh = <<O::Credential as Credential>::Refresh as Slot>::restore(Some(&found))?;
        Some(O::Credential::from_parts(access, refresh))
    }
}

impl<O: Operation> PendingRefresh for Exchange<O> {
    type Credential = O::Credential;
    type Tokens = O::Tokens;

    fn proceed<B: AsRef<[u8]>>(self, response: Response<B>) -> Progress<Self> {
        let (parts, body) = response.into_parts();
        if let Some(step) = self.step() {
            return self.proceed_from(step, &parts, &Body::new(body.as_ref()));
        }
        let body = O::FORMAT.read(body.as_ref());
        // Rules look at the body as it came, which may be a list.
        let verdict = O::classify(parts.status.as_u16(), &body);
        let mut body =
            body.with_head(O::HEAD, &parts.headers).of_client_at(self.endpoint.chosen.clone());
        if O::KEEPS_ACCESS_TOKEN {
            let (access, _) = self.pending.credential().parts();
            body = body.with_sent(access.get().map(|held| &held.secret));
        }
        if let Verdict::Failure(failure) = verdict {
            let error = self.explained(self.pending.refusal(failure, &parts), &parts, &body);
            return Progress::Done(Err(self.pending.refused_with(error, failure)));
        }
        Progress::Done(self.settle(&body, &parts))
    }

    fn finish<B: AsRef<[u8]>>(self, response: Response<B>) -> Finished<O> {
        Exchange::finish(self, response)
    }

    fn fail(self, error: TransportError) -> RefreshError<O::Credential> {
        Exchange::fail(self, error)
    }
}
