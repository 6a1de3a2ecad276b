//! Clients of operations that spend no token.

use std::time::SystemTime;

use http::{Request, Response};

use super::Result;
use super::contract::Operation;
use super::credential::Nothing;
use super::exchange::Exchange;
use super::place::Endpoint;
use crate::{Error, PendingRefresh as _, Progress, TransportError};

/// A mint under way: what waits for the answer. As no token is spent, a failure says why, and nothing else.
#[derive(Debug)]
#[must_use]
pub struct Minting<O: Operation<Credential: Nothing>>(Exchange<O>);

impl<O: Operation<Credential: Nothing>> Minting<O> {
    #[doc(hidden)]
    pub fn start(
        endpoint: &Endpoint<O>,
        started_at: SystemTime,
    ) -> Result<(Request<Vec<u8>>, Self)> {
        let started = endpoint.start(O::Credential::default(), started_at);
        let (request, exchange) = started.map_err(|failed| failed.error)?;
        Ok((request, Self(exchange)))
    }

    /// What the answer means.
    ///
    /// # Errors
    /// Every answer that brings no access token ends in one class of error. Nothing is lost: another mint may follow, by the class
    /// and, where the contract has one, the limit.
    pub fn finish<B: AsRef<[u8]>>(self, response: Response<B>) -> Result<O::Tokens> {
        self.0.finish(response).map_err(|failed| failed.error)
    }

    /// What the answer means where an exchange takes several requests: this one may bring what the next one needs.
    pub fn proceed<B: AsRef<[u8]>>(self, response: Response<B>) -> MintProgress<O> {
        match self.0.proceed(response) {
            Progress::Done(result) => MintProgress::Done(result.map_err(|failed| failed.error)),
            Progress::Next(request, exchange) => MintProgress::Next(request, Self(exchange)),
        }
    }

    /// What it means that the transport brought no answer.
    pub fn fail(self, error: TransportError) -> Error {
        self.0.fail(error).error
    }
}

/// Where a mint is after an answer.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum MintProgress<O: Operation<Credential: Nothing>> {
    /// It has ended.
    Done(Result<O::Tokens>),
    /// Another request is to be sent, and this waits for its answer.
    Next(Request<Vec<u8>>, Minting<O>),
}

/// Gives a struct around an [`Endpoint`](crate::kit::Endpoint) what all clients have that spend no token: `mint!(Client, Mint, Tokens)`.
/// `Mint` is the [`Operation`], `Tokens` what it brings. Behind `@methods` stands the field of the endpoint, where it is not the first.
#[macro_export]
macro_rules! mint {
    ($client:ident, $operation:ident, $tokens:ident $(, $outputs:ident)?) => {
        $crate::mint!(@methods $client, $operation, $tokens, 0);
        $crate::client!(@provider $client, $operation, (), $tokens $(, $outputs)?);
    };
    (@methods $client:ident, $operation:ty, $tokens:ident, $endpoint:tt) => {
        impl $client {
            /// The request of one mint, and what to give the answer to. You own the socket: send the request, then call
            /// [`finish`](PendingMint::finish) or [`fail`](PendingMint::fail). `started_at` is the moment at which you send it:
            /// lifetimes count from there.
            ///
            /// # Errors
            /// A setting cannot be put where the contract wants it.
            pub fn mint_request(
                &self,
                started_at: $crate::kit::SystemTime,
            ) -> $crate::kit::Result<(
                $crate::kit::Request<$crate::kit::Vec<u8>>,
                $crate::kit::Minting<$operation>,
            )> {
                $crate::kit::Minting::start(&self.$endpoint, started_at)
            }
            /// Mints a token through an async transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`mint_request`](Self::mint_request), the transport and the answer can say.
            pub async fn mint(
                &self,
                transport: &impl $crate::kit::Transport,
            ) -> $crate::kit::Result<$tokens> {
                let nothing = $crate::kit::Default::default();
                let minted = $crate::refresh(&self.$endpoint, transport, nothing).await;
                minted.map_err(|failed| failed.error)
            }
            /// Mints a token through a blocking transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`mint_request`](Self::mint_request), the transport and the answer can say.
            pub fn mint_blocking(
                &self,
                transport: &impl $crate::kit::BlockingTransport,
            ) -> $crate::kit::Result<$tokens> {
                let nothing = $crate::kit::Default::default();
                let minted = $crate::refresh_blocking(&self.$endpoint, transport, nothing);
                minted.map_err(|failed| failed.error)
            }
        }
    };
}
