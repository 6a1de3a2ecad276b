//! What brings tokens where a refresh cannot: a request that spends none, of an operation that does.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use http::{Method, Request, Response};
use zeroize::Zeroizing;

use super::client::Started;
use super::contract::{Answer, Checked, Contract, Operation, Setup, TokensOf};
use super::credential::{Anew, Credential, Nothing, Slot};
use super::exchange::Exchange;
use super::place::Endpoint;
use super::{Minting, Result};
use crate::facts::BodyRefusal;
use crate::provider::{MintStarted, PendingMint, Provider};
use crate::{Body, Deviation, Error, Facts, TransportError, Verdict};

/// An operation whose tokens can be brought without what it spends: its [`Facts::fallback`] says what such a request does besides. The
/// answer is read as its own is.
pub trait Fallback: Operation {
    /// The method of the request.
    const MINT_METHOD: Method = Method::POST;

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

/// The request of one mint, and what waits for its answer.
///
/// # Errors
/// A setting cannot be put where the contract wants it.
pub fn start_mint<O: Operation<Credential: Nothing>>(
    endpoint: &Endpoint<O>,
    started_at: SystemTime,
) -> Result<(Request<Vec<u8>>, Minting<O>)> {
    let started = endpoint.start(O::Credential::default(), started_at);
    let (request, exchange) = started.map_err(|failed| failed.error)?;
    Ok((request, Minting::new(exchange)))
}

/// The same, as sessions see it.
#[doc(hidden)]
pub fn start_boxed_mint<O: Operation<Credential: Nothing, Tokens: 'static>>(
    endpoint: &Endpoint<O>,
    started_at: SystemTime,
) -> MintStarted<O::Tokens> {
    let (request, pending) = start_mint(endpoint, started_at)?;
    Ok((request, Box::new(pending)))
}

impl<O: Operation<Credential: Nothing>> PendingMint<O::Tokens> for Minting<O> {
    fn finish(self: Box<Self>, response: Response<Zeroizing<Vec<u8>>>) -> Result<O::Tokens> {
        Minting::finish(*self, response)
    }

    fn fail(self: Box<Self>, error: TransportError) -> Error {
        Minting::fail(*self, error)
    }
}

/// Gives a client that has an [`Endpoint`] of a [`Fallback`] beside that of its refresh what clients have that spend no token:
/// `falls_back!(Client, Refresh, Tokens)`.
#[macro_export]
macro_rules! falls_back {
    ($client:ident, $operation:ident, $tokens:ident) => {
        impl $client {
            /// The request that brings tokens without a refresh token, and what to give the answer to. You own the socket: send the
            /// request, then call [`finish`](PendingMint::finish) or [`fail`](PendingMint::fail). `started_at` is the moment at which
            /// you send it: lifetimes count from there.
            ///
            /// # Errors
            /// A setting cannot be put where the contract wants it.
            pub fn mint_request(
                &self,
                started_at: $crate::kit::SystemTime,
            ) -> $crate::kit::Result<(
                $crate::kit::Request<$crate::kit::Vec<u8>>,
                $crate::kit::Minting<$crate::kit::Mint<$operation>>,
            )> {
                $crate::kit::start_mint(&self.1, started_at)
            }
            /// Brings tokens without a refresh token, through an async transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`mint_request`](Self::mint_request), the transport and the answer can say.
            pub async fn mint(
                &self,
                transport: &impl $crate::kit::Transport,
            ) -> $crate::kit::Result<$tokens> {
                let minted = $crate::refresh(&self.1, transport, $crate::kit::Anew::default());
                minted.await.map_err(|failed| failed.error)
            }
            /// Brings tokens without a refresh token, through a blocking transport. The clock is read once, before the request is
            /// sent.
            ///
            /// # Errors
            /// What [`mint_request`](Self::mint_request), the transport and the answer can say.
            pub fn mint_blocking(
                &self,
                transport: &impl $crate::kit::BlockingTransport,
            ) -> $crate::kit::Result<$tokens> {
                let minted =
                    $crate::refresh_blocking(&self.1, transport, $crate::kit::Anew::default());
                minted.map_err(|failed| failed.error)
            }
        }
    };
}
