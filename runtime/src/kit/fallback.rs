//! What brings tokens where a refresh cannot: a request that spends none, of an operation that does.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use http::{Method, Request, Response};
use zeroize::Zeroizing;

use super::client::Started;
use super::contract::{Answer, Checked, Contract, Given, NextBaseUrl, Operation, Setup, TokensOf};
use super::credential::{Anew, Credential, Nothing, Slot};
use super::exchange::Exchange;
use super::place::{Endpoint, Place};
use super::taken::Taken;
use super::{MintProgress, Minting, Result};
use crate::facts::BodyRefusal;
use crate::provider::{MintNext, MintStarted, PendingMint, Provider};
use crate::{Body, Deviation, Error, Facts, TransportError, Verdict};

/// An operation whose tokens can be brought without what it spends: its [`Facts::fallback`] says what such a request does besides. The
/// answer is read as its own is.
pub trait Fallback: Operation {
    /// The method of the request.
    const MINT_METHOD: Method = Method::POST;
    /// The requests before it, by name: the operation fills them and reads their answers.
    const MINT_STEPS: &'static [&'static str] = &[];

    /// As [`Operation::path`].
    fn mint_path(_setup: &Setup<Self::Contract>) -> String {
        String::new()
    }

    /// As [`Operation::request`].
    ///
    /// # Errors
    /// A value cannot be put where the contract wants it.
    fn mint_request(
        setup: &Setup<Self::Contract>,
        spends: &Checked<'_, Mint<Self>>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<()>
    where
        Self::Tokens: TokensOf<Mint<Self>>;
}

/// The operation that brings the tokens of `O` without spending any.
pub struct Mint<O>(PhantomData<fn() -> O>);

impl<O> Clone for Mint<O> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<O> fmt::Debug for Mint<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

impl<O: Fallback> Operation for Mint<O>
where
    O::Tokens: TokensOf<Self>,
{
    type Contract = O::Contract;
    type AccessToken = O::AccessToken;
    type Credential = Anew<O::Credential>;
    type Outputs = O::Outputs;
    type Tokens = O::Tokens;
    const FACTS: Facts = match O::FACTS.minting() {
        Some(minting) => minting,
        None => O::FACTS,
    };
    const REFUSED_IN_BODY: &'static [BodyRefusal] = O::REFUSED_IN_BODY;
    const METHOD: Method = O::MINT_METHOD;
    const FORMAT: crate::body::Format = O::FORMAT;
    const STEPS: &'static [&'static str] = O::MINT_STEPS;
    const NEXT_BASE_URL: Option<NextBaseUrl> = O::NEXT_BASE_URL;
    const WHOLE_URL: bool = O::WHOLE_URL;
    const HEAD: &'static [rekindle_syntax::Head<'static>] = O::HEAD;

    fn path(setup: &Setup<Self::Contract>) -> String {
        O::mint_path(setup)
    }

    fn request(
        setup: &Setup<Self::Contract>,
        spends: &Checked<'_, Self>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<()> {
        O::mint_request(setup, spends, request)
    }

    fn step(
        name: &str,
        setup: &Setup<Self::Contract>,
        spends: &Checked<'_, impl Operation>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<()> {
        O::step(name, setup, spends, request)
    }

    fn classify_step(status: u16, body: &Body<'_>) -> Verdict {
        O::classify_step(status, body)
    }

    fn take(name: &str, body: &Body<'_>, taken: &mut Taken) -> Result<()> {
        O::take(name, body, taken)
    }

    fn classify(status: u16, body: &Body<'_>) -> Verdict {
        O::classify(status, body)
    }

    fn read(
        body: &Body<'_>,
        started_at: SystemTime,
        deviations: &mut Vec<Deviation>,
    ) -> Result<Answer<Self>> {
        let (access, refresh, outputs) = O::read(body, started_at, deviations)?;
        let refresh = <O::Credential as Credential>::Refresh::required(refresh)?;
        Ok((access, refresh, outputs))
    }
}

impl<O: Fallback<Tokens: TokensOf<Mint<O>>>> Endpoint<O> {
    /// As [`Endpoint::new`], and what brings tokens where this operation cannot.
    ///
    /// # Errors
    /// As [`Endpoint::new`].
    pub fn with_fallback(
        at: impl Into<Place<O::Contract>>,
        settings: <O::Contract as Contract>::Settings,
        options: <O::Contract as Contract>::Options,
    ) -> Result<(Self, Endpoint<Mint<O>>)> {
        let setup = Arc::new(Given { settings, options });
        let both = || {
            O::Contract::check(&setup)?;
            let target = at.into().target(O::WHOLE_URL, &setup)?;
            Ok((Self::at(&target, &setup)?, Endpoint::at(&target, &setup)?))
        };
        both().map_err(|error: Error| error.for_provider(O::Contract::NAME))
    }
}

impl<O: Operation> Provider for Endpoint<O> {
    type Credential = O::Credential;
    type Tokens = O::Tokens;
    type Pending = Exchange<O>;
    const NAME: &'static str = O::Contract::NAME;
    const ID: &'static str = O::Contract::ID;

    fn start(&self, spends: O::Credential, at: SystemTime) -> Started<O> {
        Endpoint::start(self, spends, at)
    }
}

/// The request of one mint, and what waits for its answer, as sessions see it.
#[doc(hidden)]
pub fn start_boxed_mint<O: Operation<Credential: Nothing, Tokens: 'static>>(
    endpoint: &Endpoint<O>,
    started_at: SystemTime,
) -> MintStarted<O::Tokens> {
    let (request, pending) = Minting::start(endpoint, started_at)?;
    Ok((request, Box::new(pending)))
}

impl<O: Operation<Credential: Nothing, Tokens: 'static>> PendingMint<O::Tokens> for Minting<O> {
    fn proceed(self: Box<Self>, response: Response<Zeroizing<Vec<u8>>>) -> MintNext<O::Tokens> {
        match Minting::proceed(*self, response) {
            MintProgress::Done(result) => MintNext::Done(result),
            MintProgress::Next(request, waiting) => MintNext::Next(request, Box::new(waiting)),
        }
    }

    fn fail(self: Box<Self>, error: TransportError) -> Error {
        Minting::fail(*self, error)
    }
}
