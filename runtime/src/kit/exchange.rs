//! An exchange under way, and what its answer makes of what it spends.

use std::fmt;

use http::{Request, Response};

use super::client::Endpoint;
use super::contract::{Checked, New, Operation, RefreshOf, TokensOf};
use super::credential::{Credential, Slot};
use crate::provider::{PendingRefresh, Progress};
use crate::{
    Body, Error, Fate, Pending, RefreshError, Token, TransportError, TransportErrorKind, Verdict,
};

/// An exchange under way: it holds what the request spends until the answer says what became of it.
#[must_use]
pub struct Exchange<O: Operation> {
    pending: Pending<O::Credential>,
    endpoint: Endpoint<O>,
    /// How many requests were answered.
    answered: usize,
}

impl<O: Operation> Exchange<O> {
    pub(super) fn new(pending: Pending<O::Credential>, endpoint: Endpoint<O>) -> Self {
        Self { pending, endpoint, answered: 0 }
    }

    /// What the answer means, where it may ask for another request.
    pub fn proceed<B: AsRef<[u8]>>(mut self, response: Response<B>) -> Progress<Self> {
        let (parts, body) = response.into_parts();
        let body = if O::FORM { Body::form(body.as_ref()) } else { Body::new(body.as_ref()) };
        if let Verdict::Failure(failure) = O::classify(parts.status.as_u16(), &body) {
            let answered = self.answered;
            return Progress::Done(Err(spent_in::<O>(
                answered,
                self.pending.refused(failure, &parts),
            )));
        }
        match self.next(&body) {
            Ok(Some(request)) => {
                self.answered += 1;
                return Progress::Next(request, self);
            }
            Ok(None) => {}
            Err(error) => return Progress::Done(Err(self.unusable(error, parts.status, &body))),
        }
        let mut deviations = Vec::new();
        Progress::Done(match O::read(&body, self.pending.started_at(), &mut deviations) {
            Ok(answer) => {
                let (_, held) = self.pending.into_credential().into_parts();
                let refresh_token = held.settle(answer.refresh_token, &O::FACTS, &mut deviations);
                let (access_token, outputs) = (answer.access_token, answer.outputs);
                Ok(O::Tokens::of(New { access_token, refresh_token, outputs, deviations }))
            }
            Err(error) => Err(self.unusable(error, parts.status, &body)),
        })
    }

    /// What the answer to the only request means.
    ///
    /// # Errors
    /// Every answer that brings no new access token ends in one class of error, which also says what became of the credential.
    pub fn finish<B: AsRef<[u8]>>(
        self,
        response: Response<B>,
    ) -> Result<O::Tokens, RefreshError<O::Credential>> {
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
        spent_in::<O>(self.answered, self.pending.transport(error))
    }

    /// The request that follows the answered one, if one does.
    fn next(&self, body: &Body<'_>) -> Result<Option<Request<Vec<u8>>>, Error> {
        let Endpoint { setup, .. } = &self.endpoint;
        let mut request = self.endpoint.blank();
        let spends = Checked(self.pending.credential());
        Ok(O::next(setup, &spends, self.answered, body, &mut request)?.then_some(request))
    }

    /// A success that cannot be used. A new refresh token in it is not lost.
    fn unusable(
        self,
        error: Error,
        status: http::StatusCode,
        body: &Body<'_>,
    ) -> RefreshError<O::Credential> {
        let replacement = self.salvage(body);
        spent_in::<O>(self.answered, self.pending.unusable(error, status, replacement))
    }

    fn salvage(&self, body: &Body<'_>) -> Option<O::Credential> {
        if O::REFRESH_TOKEN_AT.is_empty() {
            return None;
        }
        let found = body.json().at(O::REFRESH_TOKEN_AT).optional_text("refresh token").ok()??;
        let (access, refresh) = self.pending.credential().parts();
        if refresh.matches(found) {
            return None;
        }
        let access = Slot::restore(access.keep().as_ref())?;
        let refresh = <RefreshOf<O> as Slot>::restore(Some(&Token::new(found)))?;
        Some(O::Credential::from_parts(access, refresh))
    }
}

/// The rule for the fates between the requests of one exchange: before the one that spends the credential it is unspent, whatever
/// became of the request; behind it, it is spent.
fn spent_in<O: Operation>(
    answered: usize,
    failed: RefreshError<O::Credential>,
) -> RefreshError<O::Credential> {
    let RefreshError { error, fate } = failed;
    let fate = match fate {
        Fate::InDoubt(doubtful) if answered < O::SPENT_IN => Fate::Unspent(doubtful.accept_risk()),
        Fate::InDoubt(_) | Fate::Unspent(_) if answered > O::SPENT_IN && O::FACTS.single_use => {
            Fate::Spent { replacement: None }
        }
        fate => fate,
    };
    RefreshError { error, fate }
}

impl<O: Operation> PendingRefresh for Exchange<O> {
    type Credential = O::Credential;
    type Tokens = O::Tokens;

    fn finish<B: AsRef<[u8]>>(
        self,
        response: Response<B>,
    ) -> Result<O::Tokens, RefreshError<O::Credential>> {
        Exchange::finish(self, response)
    }

    fn proceed<B: AsRef<[u8]>>(self, response: Response<B>) -> Progress<Self> {
        Exchange::proceed(self, response)
    }

    fn fail(self, error: TransportError) -> RefreshError<O::Credential> {
        Exchange::fail(self, error)
    }
}

impl<O: Operation> fmt::Debug for Exchange<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pending.fmt(f)
    }
}
