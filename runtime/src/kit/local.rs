//! Clients that make and sign their access tokens themselves: nothing is sent for one, and nothing spent.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::SystemTime;

use http::Response;

use super::Result;
use super::contract::{Contract, Given, Setup};
use super::token::Token;
use crate::facts::BodyRefusal;
use crate::provider::PendingRefresh;
use crate::{Deviation, Error, Facts, Grant, RefreshError, TransportError};

/// A provider whose access tokens its clients make themselves.
pub trait Local: Contract {
    /// The access token.
    type AccessToken: Token;

    /// What is known of it.
    const FACTS: Facts;
    /// By which fields of their bodies answers refuse an access token as expired or revoked.
    const REFUSED_IN_BODY: &'static [BodyRefusal] = &[];

    /// A token. An error where it cannot be signed.
    fn token(setup: &Setup<Self>, makes: &Making) -> Result<Self::AccessToken>;
}

/// What a token is made of besides what the integrator gave: when it begins, and chance.
#[derive(Debug)]
pub struct Making {
    started_at: SystemTime,
    #[cfg(feature = "random")]
    random: super::random::Random,
}

impl Making {
    /// When the token begins.
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// A random UUID (RFC 9562 section 5.4).
    ///
    /// # Errors
    /// The machine has no random numbers to give: [`ErrorKind::NoRandomness`](crate::ErrorKind::NoRandomness).
    #[cfg(feature = "random")]
    pub fn uuid(&self) -> Result<String> {
        self.random.uuid()
    }
}

/// What such a client is made of: an integrator's settings. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Signer<C: Contract> {
    setup: Arc<Setup<C>>,
    #[cfg(feature = "random")]
    random: super::random::Random,
}

impl<C: Local> Signer<C> {
    /// Checks what the integrator gave.
    ///
    /// # Errors
    /// A setting is empty or not of its kind; a key cannot be read.
    pub fn new(settings: C::Settings, options: C::Options) -> Result<Self> {
        let setup = Given { settings, options };
        C::check(&setup).map_err(|error| error.for_provider(C::NAME))?;
        Ok(Self {
            setup: Arc::new(setup),
            #[cfg(feature = "random")]
            random: super::random::Random::default(),
        })
    }

    /// The same with random numbers from `source`, each of 64 bits.
    #[cfg(feature = "random")]
    #[must_use]
    pub fn with_random(self, source: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self { random: super::random::Random::of(source), ..self }
    }

    /// A token that begins at `at`.
    ///
    /// # Errors
    /// The machine has no random numbers to give.
    pub fn mint_at(&self, at: SystemTime) -> Result<C::AccessToken> {
        let making = Making {
            started_at: at,
            #[cfg(feature = "random")]
            random: self.random.clone(),
        };
        C::token(&self.setup, &making).map_err(|error| error.for_provider(C::NAME))
    }

    /// A token that begins now, by the machine's clock.
    ///
    /// # Errors
    /// The machine has no random numbers to give.
    pub fn mint(&self) -> Result<C::AccessToken> {
        self.mint_at(crate::clock::now())
    }
}

/// The exchange of a client that has none.
#[derive(Debug)]
pub struct NoExchange<T>(Never, std::marker::PhantomData<fn() -> T>);

/// There is no value of it.
#[derive(Debug, Clone, Copy)]
enum Never {}

impl<T> PendingRefresh for NoExchange<T> {
    type Credential = ();
    type Tokens = T;

    fn finish<B: AsRef<[u8]>>(self, _: Response<B>) -> Result<T, RefreshError<()>> {
        match self.0 {}
    }

    fn fail(self, _: TransportError) -> RefreshError<()> {
        match self.0 {}
    }
}

/// What a store would keep of a token.
#[doc(hidden)]
pub fn keep_local<T: Token>(token: T) -> (Grant, Vec<Deviation>) {
    (Grant::new().with_access_token(token.into()), Vec::new())
}

/// A token as sessions serve it.
#[doc(hidden)]
pub fn serve_local<T: Token>(token: &crate::Token) -> T::Served {
    super::credential::restored::<T>(token).into()
}

/// Why such a client makes no request.
#[doc(hidden)]
pub fn no_request(provider: &'static str) -> RefreshError<()> {
    RefreshError::unspent(Error::no_request().for_provider(provider), ())
}

/// Gives a struct around a [`Signer`](crate::kit::Signer) of itself what all clients have that make their tokens themselves:
/// `local!(Client, AccessToken)`.
#[macro_export]
macro_rules! local {
    ($client:ident, $access:ident) => {
        impl $client {
            /// Makes a token. It begins now, by the machine's clock, and its end is in it.
            ///
            /// # Errors
            /// The machine has no random numbers to give.
            pub fn mint(&self) -> $crate::kit::Result<$access> {
                self.0.mint()
            }
            /// Makes a token that begins at `at`, by a clock of yours.
            ///
            /// # Errors
            /// As [`mint`](Self::mint).
            pub fn mint_at(&self, at: $crate::kit::SystemTime) -> $crate::kit::Result<$access> {
                self.0.mint_at(at)
            }
        }

        impl $crate::kit::Provider for $client {
            type Credential = ();
            type Tokens = $access;
            type Pending = $crate::kit::NoExchange<$access>;
            const NAME: &'static str = <Self as $crate::kit::Contract>::NAME;
            const ID: &'static str = <Self as $crate::kit::Contract>::ID;
            fn start(
                &self,
                (): (),
                _: $crate::kit::SystemTime,
            ) -> $crate::kit::Result<
                ($crate::kit::Request<$crate::kit::Vec<u8>>, Self::Pending),
                $crate::kit::RefreshError<()>,
            > {
                $crate::kit::Result::Err($crate::kit::no_request(
                    <Self as $crate::kit::Contract>::NAME,
                ))
            }
        }

        impl $crate::kit::Renew for $client {
            type AccessToken = <$access as $crate::kit::Token>::Served;
            type Outputs = ();
            const FACTS: $crate::kit::Facts = <Self as $crate::kit::Local>::FACTS;
            const REFUSED_IN_BODY: &'static [$crate::kit::facts::BodyRefusal] =
                <Self as $crate::kit::Local>::REFUSED_IN_BODY;
            const LOCAL: $crate::kit::Option<$crate::MakesTokens<Self>> =
                $crate::kit::Option::Some(Self::mint_at);
            fn grant(token: $access) -> ($crate::Grant, $crate::kit::Vec<$crate::kit::Deviation>) {
                $crate::kit::keep_local(token)
            }
            fn credential(_: &$crate::Grant) -> $crate::kit::Option<()> {
                $crate::kit::Option::Some(())
            }
            fn of_credential((): ()) -> $crate::Grant {
                $crate::Grant::new()
            }
            fn access_token(token: &$crate::Token) -> Self::AccessToken {
                $crate::kit::serve_local::<$access>(token)
            }
            fn outputs(_: &$crate::Grant) {}
        }
    };
}
