//! Tokens: what each provider's own types are made of.

use std::time::SystemTime;

use http::{HeaderMap, Request};

use super::carrier::Carrier;
use crate::facts::TokenFacts;
use crate::{Authorize, Deviation, Error, Expiry, Secret, SingleUse, expiry};

/// A token's text and its end: what a token type is made of. Not [`Clone`]: whoever wants the text twice must expose it.
#[derive(Debug)]
pub struct Held {
    pub(super) secret: Secret,
    pub(super) expiry: Expiry,
}

impl Held {
    /// A token of this type, with the end that it says itself.
    pub fn of<T: Token>(text: impl Into<String>) -> Self {
        let secret = Secret::new(text);
        let expiry = T::FACTS.ends.read(secret.expose());
        Self { secret, expiry }
    }

    /// The same with this end.
    #[must_use]
    pub fn with_expiry(self, expiry: Expiry) -> Self {
        Self { expiry, ..self }
    }

    /// When it ends.
    pub fn expiry(&self) -> Expiry {
        self.expiry
    }

    /// The text. Whoever shows it, leaks it.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }

    pub(super) fn keep(&self) -> crate::Token {
        crate::Token::new(self.expose()).with_expiry(self.expiry)
    }
}

/// A provider's own token type. Implemented by [`token!`](crate::token).
pub trait Token: Sized + Send + Sync + 'static {
    /// What the contract says of it.
    const FACTS: TokenFacts;
    /// As what a session serves it: itself, or [`SingleUse`].
    type Served: From<Self> + Send + Sync + 'static;

    /// From what it is made of.
    fn of(held: Held) -> Self;
    /// What it is made of.
    fn held(&self) -> &Held;
}

/// What a store keeps of it. The way back is that of sessions, [`Renew`](crate::Renew).
impl<T: Token> From<T> for crate::Token {
    fn from(token: T) -> Self {
        token.held().keep()
    }
}

/// A copy of a token that may be used often, without reading its end out of it again.
pub fn copy<T: Token + Clone>(token: &T) -> T {
    let Held { secret, expiry } = token.held();
    T::of(Held { secret: secret.clone(), expiry: *expiry })
}

/// The token of an answer that does not tell its end: it is the token's own, or the contract's constant.
pub fn issued<T: Token>(text: &str, started_at: SystemTime) -> T {
    let held = Held::of::<T>(text);
    T::of(match T::FACTS.lives {
        Some(lifetime) => held.with_expiry(expiry::constant(lifetime, started_at)),
        None => held,
    })
}

/// The token of an answer that tells its end. Where it does not, or in a way that cannot be right, the end is undeclared, and that is
/// a deviation.
pub fn ending<T: Token>(text: &str, ends: expiry::Told, deviations: &mut Vec<Deviation>) -> T {
    T::of(Held { secret: Secret::new(text), expiry: ends.settle(deviations) })
}

/// Adds a token to a request as the contract says. An error where it holds what cannot be carried there.
pub fn attach<T: SentAs + Clone, B>(token: &T, request: &mut Request<B>) -> Result<(), Error> {
    T::SENT_AS.put(T::FACTS.name, token.held().expose(), request)
}

/// As [`attach`], of a token that is spent by it. One that cannot be carried is lost as well.
pub fn attach_once<T: SentAs, B>(token: T, request: &mut Request<B>) -> Result<(), Error> {
    T::SENT_AS.put(T::FACTS.name, token.held().expose(), request)
}

/// An access token of which the contract says how requests carry it. Implemented by [`authorize!`](crate::authorize).
pub trait SentAs: Token {
    /// Where.
    const SENT_AS: Carrier;
}

impl<T: SentAs + Clone> Authorize for T {
    fn authorize(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        T::SENT_AS.put_into_headers(T::FACTS.name, self.held().expose(), headers)
    }

    fn authorize_request<B>(&self, request: &mut Request<B>) -> Result<(), Error> {
        attach(self, request)
    }
}

/// Attaches the token once: it is taken.
impl<T: SentAs> Authorize for SingleUse<T> {
    fn authorize(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        T::SENT_AS.fits_headers(T::FACTS.name)?;
        T::SENT_AS.put_into_headers(T::FACTS.name, taken(self)?.held().expose(), headers)
    }

    fn authorize_request<B>(&self, request: &mut Request<B>) -> Result<(), Error> {
        attach_once(taken(self)?, request)
    }
}

fn taken<T: Token>(token: &SingleUse<T>) -> Result<T, Error> {
    let handed_out = || Error::invalid_credential(T::FACTS.name, "was handed out already");
    token.take().ok_or_else(handed_out)
}

/// Gives a struct around a [`Held`] what all tokens have: `token!(RefreshToken, refresh, once, "refresh token")`.
///
/// Its role is `access` or `refresh`, it is good `once` or `many` times, and errors call it by its name. What else is known
/// follows, as the methods of [`TokenFacts`]: `lives(kit::Duration::from_secs(604_800))`.
#[macro_export]
macro_rules! token {
    ($token:ident, $role:ident, $use:ident, $name:literal $(, $fact:ident($value:expr))* $(,)?) => {
        impl $token {
            /// A token as the provider issued it. Its expiry is what the token says itself; see
            /// [`with_expiry`](Self::with_expiry) where it says nothing.
            pub fn new(token: impl $crate::kit::Into<$crate::kit::String>) -> Self {
                Self($crate::kit::Held::of::<Self>(token))
            }
            /// The same token with an expiry that is known otherwise, such as one kept in a store.
            #[must_use]
            pub fn with_expiry(self, expiry: $crate::kit::Expiry) -> Self {
                Self(self.0.with_expiry(expiry))
            }
            /// When it ends.
            pub fn expiry(&self) -> $crate::kit::Expiry {
                self.0.expiry()
            }
            /// The token itself. Whoever shows it, leaks it.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl $crate::kit::Token for $token {
            const FACTS: $crate::kit::TokenFacts =
                $crate::kit::TokenFacts::new($name)$(.$fact($value))*;
            type Served = $crate::token!(@served $use);
            fn of(held: $crate::kit::Held) -> Self {
                Self(held)
            }
            fn held(&self) -> &$crate::kit::Held {
                &self.0
            }
        }

        $crate::token!(@$role $token);
        $crate::token!(@$use $token);
    };
    (@served many) => { Self };
    (@served once) => { $crate::kit::SingleUse<Self> };
    (@access $token:ident) => {
        impl $crate::kit::Credential for $token {
            type Access = Self;
            type Refresh = ();
            fn parts(&self) -> (&Self, &()) {
                (self, &())
            }
            fn into_parts(self) -> (Self, ()) {
                (self, ())
            }
            fn from_parts(access: Self, (): ()) -> Self {
                access
            }
        }
    };
    (@refresh $token:ident) => {
        impl $crate::kit::Credential for $token {
            type Access = ();
            type Refresh = Self;
            fn parts(&self) -> (&(), &Self) {
                (&(), self)
            }
            fn into_parts(self) -> ((), Self) {
                ((), self)
            }
            fn from_parts((): (), refresh: Self) -> Self {
                refresh
            }
        }
    };
    (@once $token:ident) => {};
    (@many $token:ident) => {
        impl ::core::clone::Clone for $token {
            fn clone(&self) -> Self {
                $crate::kit::copy(self)
            }
        }
    };
}

/// Gives a token the place where requests carry it: the header and its scheme, which may be empty,
/// `authorize!(AccessToken, many, "authorization", "Bearer")`; or `cookie("session")`, or `query("access_token")`. One that is good
/// `once` is spent by that.
#[macro_export]
macro_rules! authorize {
    ($token:ident, $use:ident, $header:literal, $scheme:literal) => {
        $crate::authorize!(@at $token, $use, Header($header, $scheme));
    };
    ($token:ident, $use:ident, cookie($name:literal)) => {
        $crate::authorize!(@at $token, $use, Cookie($name));
    };
    ($token:ident, $use:ident, query($name:literal)) => {
        $crate::authorize!(@at $token, $use, Query($name));
    };
    (@at $token:ident, $use:ident, $place:ident($($said:literal),+)) => {
        impl $crate::kit::SentAs for $token {
            const SENT_AS: $crate::kit::Carrier = $crate::kit::Carrier::$place($($said),+);
        }

        $crate::authorize!(@$use $token);
    };
    (@many $token:ident) => {
        impl $token {
            /// Adds the token to a request as the provider wants it. An error where it cannot be carried there.
            pub fn authorize<B>(&self, to: &mut $crate::kit::Request<B>) -> $crate::kit::Result<(), $crate::kit::Error> {
                $crate::kit::attach(self, to)
            }
        }
    };
    (@once $token:ident) => {
        impl $token {
            /// Adds the token to a request as the provider wants it, which spends it. An error where it cannot be carried there.
            pub fn authorize<B>(self, to: &mut $crate::kit::Request<B>) -> $crate::kit::Result<(), $crate::kit::Error> {
                $crate::kit::attach_once(self, to)
            }
        }
    };
}
