//! The client: how an exchange begins, and what sessions see of it.

use std::time::SystemTime;

use http::Request;

use super::contract::{Contract, Operation, TokensOf};
use super::credential::{Credential, Slot, grant, restored};
use super::exchange::Exchange;
use super::place::Endpoint;
use super::taken::Taken;
use super::token::Held;
use crate::{Class, Deviation, Grant, Pending, RefreshError, Token};

impl<O: Operation> Endpoint<O> {
    /// The request of one exchange, and what waits for its answer, or an error: a credential that is empty or holds a line break, or that the provider does not take yet, is handed back unspent. One
    /// that it does not take any more is spent: no request is made.
    pub fn start(&self, spends: O::Credential, started_at: SystemTime) -> Started<O> {
        let ends = spends.parts().0.get().map(Held::expiry);
        let refused = ends.and_then(|ends| O::FACTS.window.refuses(ends, started_at, O::SIGN_IN));
        if let Some(error) = refused.map(|error| error.for_provider(O::Contract::NAME)) {
            return Err(match error.class() {
                Class::Reauthenticate(_) => RefreshError::spent(error),
                _ => RefreshError::unspent(error, spends),
            });
        }
        let taken = Taken::at(self.base.clone());
        match self.request(0, &spends, started_at, &taken) {
            Ok(request) => {
                let pending =
                    Pending::new(O::Contract::NAME, spends, started_at, O::FACTS.replay());
                Ok((request, Exchange::new(pending, self.clone(), taken)))
            }
            Err(error) => Err(RefreshError::unspent(error.for_provider(O::Contract::NAME), spends)),
        }
    }
}

/// A request and what waits for its answer, or the reason why there is no request.
pub type Started<O> =
    Result<(Request<Vec<u8>>, Exchange<O>), RefreshError<<O as Operation>::Credential>>;

/// An operation's access token, as sessions serve it.
pub type ServedBy<O> = <<O as Operation>::AccessToken as super::Token>::Served;

/// What an exchange brought, as a store keeps it.
pub fn keep<O: Operation>(tokens: O::Tokens) -> (Grant, Vec<Deviation>) {
    let outputs = tokens.keep_outputs(Grant::new());
    let (access, refresh, deviations) = tokens.into_parts();
    (grant(access.keep(), refresh.keep()).keeping_outputs_of(&outputs), deviations)
}

/// What the next exchange spends.
pub fn restore<C: Credential>(grant: &Grant) -> Option<C> {
    let access = Slot::restore(grant.access_token())?;
    Some(C::from_parts(access, Slot::restore(grant.refresh_token())?))
}

/// The access token, as sessions serve it.
pub fn serve<O: Operation>(token: &Token) -> ServedBy<O> {
    restored::<O::AccessToken>(token).into()
}

/// Gives a struct around an [`Endpoint`] what all clients have: `client!(Client, Refresh, RefreshToken, Tokens)`. `Refresh` is the
/// [`Operation`], `RefreshToken` what it spends, `Tokens` what it brings. Behind them stands the type of its [`Outputs`](crate::kit::Outputs), where it has some,
/// and behind a semicolon `falls_back` where the client has a second endpoint, of its [`Fallback`](crate::kit::Fallback).
#[macro_export]
macro_rules! client {
    (@outputs) => { () };
    (@outputs $outputs:ident) => { $outputs };
    (@falls_back $client:ident, $operation:ident, $tokens:ident) => {
        $crate::mint!(@methods $client, $crate::kit::Mint<$operation>, $tokens, 1);
    };
    (@for_grant falls_back) => {
        fn for_grant(
            &self,
            grant: &$crate::Grant,
        ) -> $crate::kit::Result<$crate::kit::Option<Self>, $crate::kit::Deviation> {
            let moved = self.0.for_grant(grant)?.zip(self.1.for_grant(grant)?);
            $crate::kit::Result::Ok(moved.map(|(refresh, mint)| Self(refresh, mint)))
        }
    };
    (@for_grant) => {
        fn for_grant(
            &self,
            grant: &$crate::Grant,
        ) -> $crate::kit::Result<$crate::kit::Option<Self>, $crate::kit::Deviation> {
            self.0.for_grant(grant).map(|moved| moved.map(Self))
        }
    };
    (@falls_back) => {
        fn mint(
            &self,
            at: $crate::kit::SystemTime,
        ) -> $crate::kit::Option<$crate::kit::MintStarted<Self::Tokens>> {
            $crate::kit::Option::Some($crate::kit::start_boxed_mint(&self.1, at))
        }
    };
    ($client:ident, $operation:ident, $spends:ident, $tokens:ident $(, $outputs:ident)? $(; $falls_back:tt)?) => {
        impl $client {
            /// The request of one refresh, and what to give the answer to. You own the socket: send the request, then call
            /// [`finish`](PendingRefresh::finish) or [`fail`](PendingRefresh::fail). `started_at` is the moment at which you
            /// send it: lifetimes count from there.
            ///
            /// # Errors
            /// A credential that is empty or holds a line break, or that the provider does not take yet, is handed back
            /// unspent. One that it does not take any more is spent: sign in again, no request is made.
            pub fn refresh_request(
                &self,
                spends: $spends,
                started_at: $crate::kit::SystemTime,
            ) -> $crate::kit::Started<$operation> {
                self.0.start(spends, started_at)
            }
            /// Refreshes through an async transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`refresh_request`](Self::refresh_request), the transport and the answer can say.
            pub async fn refresh(
                &self,
                transport: &impl $crate::kit::Transport,
                spends: $spends,
            ) -> $crate::kit::Result<$tokens, $crate::kit::RefreshError<$spends>> {
                $crate::refresh(self, transport, spends).await
            }
            /// Refreshes through a blocking transport. The clock is read once, before the request is sent.
            ///
            /// # Errors
            /// What [`refresh_request`](Self::refresh_request), the transport and the answer can say.
            pub fn refresh_blocking(
                &self,
                transport: &impl $crate::kit::BlockingTransport,
                spends: $spends,
            ) -> $crate::kit::Result<$tokens, $crate::kit::RefreshError<$spends>> {
                $crate::refresh_blocking(self, transport, spends)
            }
        }

        $crate::client!(@provider $client, $operation, $spends, $tokens $(, $outputs)? $(; $falls_back)?);
        $($crate::client!(@$falls_back $client, $operation, $tokens);)?
    };
    // What every client has, whatever it spends.
    (@provider $client:ident, $operation:ident, $spends:ty, $tokens:ident $(, $outputs:ident)? $(; $falls_back:tt)?) => {
        impl $crate::kit::Provider for $client {
            type Credential = $spends;
            type Tokens = $tokens;
            type Pending = $crate::kit::Exchange<$operation>;
            const NAME: &'static str = <Self as $crate::kit::Contract>::NAME;
            const ID: &'static str = <Self as $crate::kit::Contract>::ID;
            fn start(
                &self,
                spends: $spends,
                at: $crate::kit::SystemTime,
            ) -> $crate::kit::Started<$operation> {
                self.0.start(spends, at)
            }
        }

        impl $crate::kit::Renew for $client {
            type AccessToken = $crate::kit::ServedBy<$operation>;
            type Outputs = $crate::client!(@outputs $($outputs)?);
            const FACTS: $crate::kit::Facts = <$operation as $crate::kit::Operation>::FACTS;
            const REFUSED_IN_BODY: &'static [$crate::kit::facts::BodyRefusal] =
                <$operation as $crate::kit::Operation>::REFUSED_IN_BODY;
            const CERTIFICATE: bool = <$operation as $crate::kit::Operation>::CERTIFICATE;
            const STEPS: usize = <$operation as $crate::kit::Operation>::STEPS.len();
            fn grant(tokens: $tokens) -> ($crate::Grant, $crate::kit::Vec<$crate::kit::Deviation>) {
                $crate::kit::keep::<$operation>(tokens)
            }
            fn credential(grant: &$crate::Grant) -> $crate::kit::Option<$spends> {
                $crate::kit::restore(grant)
            }
            $($crate::client!(@$falls_back);)?
            fn of_credential(spends: $spends) -> $crate::Grant {
                $crate::kit::keep_credential(&spends)
            }
            $crate::client!(@for_grant $($falls_back)?);
            fn access_token(token: &$crate::Token) -> Self::AccessToken {
                $crate::kit::serve::<$operation>(token)
            }
            fn outputs(grant: &$crate::Grant) -> Self::Outputs {
                $crate::kit::Outputs::restore(grant)
            }
        }
    };
}
