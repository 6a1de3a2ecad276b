//! An exchange under way, and what its answer makes of what it spends.

use http::Response;
use http::response::Parts;

use super::contract::{Operation, TokensOf};
use super::credential::{Credential, Slot, keep_credential};
use super::explain;
use super::place::{Endpoint, Nth};
use super::taken::Taken;
use super::token::{Held, Token as _};
use crate::provider::{PendingRefresh, Progress};
use crate::{
    Body, Deviation, Error, Failure, Grant, Pending, RefreshError, Token, TransportError,
    TransportErrorKind, Verdict,
};

/// The name of the request that spends the credential, in those of what others behind it need of its answer: `refresh.bearer`.
pub const SPENDING: &str = "refresh";

/// An exchange under way: it holds what the request spends until the answer says what became of it.
#[derive(Debug)]
#[must_use]
pub struct Exchange<O: Operation> {
    /// Its credential is what is held by now: behind the request that spends it, what that one's answer has left.
    pending: Pending<O::Credential>,
    endpoint: Endpoint<O>,
    /// How many requests were answered.
    answered: usize,
    taken: Taken,
    /// Whether an answer has brought another credential in place of the one that was spent.
    replaced: bool,
    /// Where answers so far differed from the contract.
    deviations: Vec<Deviation>,
}

/// What an exchange brought, or why it brought nothing.
pub type Finished<O> = Result<<O as Operation>::Tokens, RefreshError<<O as Operation>::Credential>>;

impl<O: Operation> Exchange<O> {
    pub(super) fn new(
        pending: Pending<O::Credential>,
        endpoint: Endpoint<O>,
        taken: Taken,
    ) -> Self {
        Self { pending, endpoint, answered: 0, taken, replaced: false, deviations: Vec::new() }
    }

    /// The request whose answer is awaited.
    fn out(&self) -> Nth {
        Nth::of::<O>(self.answered)
    }

    /// Whether no request follows the one that is out.
    fn is_last(&self) -> bool {
        self.answered == O::STEPS.len() + O::THEN.len()
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
        self.failed(|pending| pending.transport(error))
    }

    /// A failure of the request that is out. Unless that one spends the credential, what it does to the credential is nothing.
    fn failed(
        self,
        fails: impl FnOnce(Pending<O::Credential>) -> RefreshError<O::Credential>,
    ) -> RefreshError<O::Credential> {
        let (step, RefreshError { error, fate }) = match self.out() {
            Nth::Spending if self.replaced => return self.pending.failed_behind(true, fails),
            Nth::Spending => return fails(self.pending),
            Nth::Step(step) => (step, fails(self.pending.without_credential())),
            Nth::Then(step) => {
                let RefreshError { error, fate } = self.pending.failed_behind(self.replaced, fails);
                (step, RefreshError { error: error.behind_credential(), fate })
            }
        };
        RefreshError { error: error.in_step(step), fate }
    }

    /// A refusal by a rule of the contract.
    fn refused(
        self,
        failure: Failure,
        parts: &Parts,
        body: &Body<'_>,
    ) -> RefreshError<O::Credential> {
        let error = self.explained(self.pending.refusal(failure, parts), parts, body);
        self.failed(|pending| pending.refused_with(error, failure))
    }

    /// What the answer means to a request that another one follows.
    fn proceed_from(mut self, out: Nth, parts: &Parts, body: &Body<'_>) -> Progress<Self> {
        let (name, verdict) = match out {
            Nth::Spending => (SPENDING, O::classify(parts.status.as_u16(), body)),
            Nth::Step(step) | Nth::Then(step) => {
                (step, O::classify_step(parts.status.as_u16(), body))
            }
        };
        if let Verdict::Failure(failure) = verdict {
            return Progress::Done(Err(self.refused(failure, parts, body)));
        }
        if let Nth::Spending = out {
            self = match self.renewed(parts, body) {
                Ok(renewed) => renewed,
                Err(failed) => return Progress::Done(Err(failed)),
            };
        }
        let next = O::take(name, body, &mut self.taken).and_then(|()| {
            let (credential, at) = (self.pending.credential(), self.pending.started_at());
            self.endpoint.request(self.answered + 1, credential, at, &self.taken)
        });
        match next {
            Ok(request) => {
                self.answered += 1;
                Progress::Next(request, self)
            }
            Err(error) => Progress::Done(Err(self.unusable(error, parts, body))),
        }
    }

    /// The same with what the answer to the request that spent the credential has left of it.
    fn renewed(
        mut self,
        parts: &Parts,
        body: &Body<'_>,
    ) -> Result<Self, RefreshError<O::Credential>> {
        let mut deviations = Vec::new();
        let new = match O::replacement(body, self.pending.started_at(), &mut deviations) {
            Ok(new) => new,
            Err(error) => return Err(self.unusable(error, parts, body)),
        };
        let (_, held) = self.pending.credential().parts();
        let text = new.as_ref().and_then(Slot::get).map(Held::expose);
        let replaced = text.is_some_and(|text| !held.matches(text));
        let pending = self.pending.with_credential(|credential| {
            let (access, held) = credential.into_parts();
            let refresh = held.renewed(new, &O::FACTS, &mut deviations);
            O::Credential::from_parts(access, refresh)
        });
        explain::moved::<O>(body, &mut deviations);
        self.deviations.extend(deviations);
        Ok(Self { pending, replaced, ..self })
    }

    /// What a success brings.
    fn settle(mut self, body: &Body<'_>, parts: &Parts) -> Finished<O> {
        let mut deviations = std::mem::take(&mut self.deviations);
        let started_at = self.pending.started_at();
        let read = O::read(body, started_at, &mut deviations);
        let (access_token, new, outputs) = match read {
            Ok(answer) => answer,
            Err(error) => return Err(self.unusable(error, parts, body)),
        };
        let ends = access_token.held().expiry();
        deviations.extend(explain::deviations::<O>(parts, body, started_at, ends));
        let (_, held) = self.pending.into_credential().into_parts();
        let refresh_token = if O::THEN.is_empty() {
            let refresh_token = held.settle(new, &O::FACTS, &mut deviations);
            explain::moved::<O>(body, &mut deviations);
            refresh_token
        } else {
            // An earlier answer has said what is held from now on.
            held.settle(new, &O::FACTS, &mut Vec::new())
        };
        Ok(O::Tokens::of((access_token, refresh_token, deviations), outputs))
    }

    /// A success that cannot be used. A new refresh token in it is not lost.
    fn unusable(self, error: Error, parts: &Parts, body: &Body<'_>) -> RefreshError<O::Credential> {
        let error = self.explained(error, parts, body);
        let replacement = match self.out() {
            Nth::Spending => self.salvage(body, parts),
            Nth::Step(_) | Nth::Then(_) => None,
        };
        self.failed(|pending| pending.unusable(error, parts.status, replacement))
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
        let out = self.out();
        if !self.is_last() {
            return self.proceed_from(out, &parts, &Body::new(body.as_ref()));
        }
        let body = O::FORMAT.read(body.as_ref());
        // Rules look at the body as it came, which may be a list.
        let verdict = match out {
            Nth::Spending => O::classify(parts.status.as_u16(), &body),
            Nth::Step(_) | Nth::Then(_) => O::classify_step(parts.status.as_u16(), &body),
        };
        let mut body =
            body.with_head(O::HEAD, &parts.headers).of_client_at(self.endpoint.chosen.clone());
        if O::KEEPS_ACCESS_TOKEN {
            let (access, _) = self.pending.credential().parts();
            body = body.with_sent(access.get().map(|held| &held.secret));
        }
        if let Verdict::Failure(failure) = verdict {
            return Progress::Done(Err(self.refused(failure, &parts, &body)));
        }
        Progress::Done(self.settle(&body, &parts))
    }

    fn finish<B: AsRef<[u8]>>(self, response: Response<B>) -> Finished<O> {
        Exchange::finish(self, response)
    }

    fn fail(self, error: TransportError) -> RefreshError<O::Credential> {
        Exchange::fail(self, error)
    }

    fn replacement(&self) -> Option<Grant> {
        self.replaced.then(|| keep_credential(self.pending.credential()))
    }
}
