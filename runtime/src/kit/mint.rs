//! Clients of operations that spend no token.

use http::{Request, Response};

use super::Result;
use super::contract::Operation;
use super::exchange::Exchange;
use crate::{Error, PendingRefresh as _, Progress, TransportError};

/// A mint under way: what waits for the answer. As no token is spent, a failure says why, and nothing else.
#[derive(Debug)]
#[must_use]
pub struct Minting<O: Operation<Credential = ()>>(Exchange<O>);

impl<O: Operation<Credential = ()>> Minting<O> {
    #[doc(hidden)]
    pub fn new(exchange: Exchange<O>) -> Self {
        Self(exchange)
    }

    /// What the answer means.
    ///
    /// # Errors
    /// Every answer that brings no access token ends in one class of error. Nothing is lost: another mint may follow, by the class
    /// and, where the contract has one, the limit.
    pub fn finish<B: AsRef<[u8]>>(self, response: Response<B>) -> Result<O::Tokens> {
        self.0.finish(response).map_err(Error::from)
    }

    /// What the answer means where an exchange takes several requests: this one may bring what the next one needs.
    pub fn proceed<B: AsRef<[u8]>>(self, response: Response<B>) -> MintProgress<O> {
        match self.0.proceed(response) {
            Progress::Done(result) => MintProgress::Done(result.map_err(Error::from)),
            Progress::Next(request, exchange) => MintProgress::Next(request, Self(exchange)),
        }
    }

    /// What it means that the transport brought no answer.
    pub fn fail(self, error: TransportError) -> Error {
        self.0.fail(error).into()
    }
}

/// Where a mint is after an answer.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum MintProgress<O: Operation<Credential = ()>> {
    /// It has ended.
    Done(Result<O::Tokens>),
    /// Another request is to be sent, and this waits for its answer.
    Next(Request<Vec<u8>>, Minting<O>),
}

/// Gives a struct around an [`Endpoint`](crate::kit::Endpoint) what all clients have that spend no token: `mint!(Client, Mint, Tokens)`.
/// `Mint` is the [`Operation`], `Tokens` what it brings.
#[macro_export]
macro_rules! mint {
    ($client:ident, $operation:ident, $tokens:ident $(, $outputs:ident)?) => {
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
                let (request, exchange) = self.0.start((), started_at)?;
                $crate::kit::Result::Ok((request, $crate::kit::Minting::new(exchange)))
            }
            /// Mints a token through an async transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`mint_request`](Self::mint_request), the transport and the answer can say.
            pub async fn mint(
                &self,
                transport: &impl $crate::kit::Transport,
            ) -> $crate::kit::Result<$tokens> {
                $crate::kit::Result::Ok($crate::refresh(self, transport, ()).await?)
            }
            /// Mints a token through a blocking transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`mint_request`](Self::mint_request), the transport and the answer can say.
            pub fn mint_blocking(
                &self,
                transport: &impl $crate::kit::BlockingTransport,
            ) -> $crate::kit::Result<$tokens> {
                $crate::kit::Result::Ok($crate::refresh_blocking(self, transport, ())?)
            }
        }

        $crate::client!(@provider $client, $operation, (), $tokens $(, $outputs)?);
    };
}
