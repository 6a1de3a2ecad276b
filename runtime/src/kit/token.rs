//! Tokens: what each provider's own types are made of.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::request::header_value;
use crate::{Authorize, Deviation, Error, Expiry, Secret, SingleUse, expiry};

/// A token's text and its end: what a token type is made of. Not [`Clone`]: whoever wants the text twice must expose it.
pub struct Held {
    secret: Secret,
    expiry: Expiry,
}

/// What a token says of its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnEnd {
    /// Nothing: answers, the contract or a store tell it.
    Elsewhere,
    /// It is a JWT and says it itself.
    Jwt,
    /// It never ends.
    Never,
}

impl Held {
    /// A token of this type, with the end that it says itself.
    pub fn of<T: Token>(text: impl Into<String>) -> Self {
        Self::new(text, T::FACTS.ends)
    }

    fn new(text: impl Into<String>, ends: OwnEnd) -> Self {
        let secret = Secret::new(text);
        let expiry = match ends {
            OwnEnd::Elsewhere => Expiry::Undeclared,
            OwnEnd::Jwt => expiry::jwt(secret.expose()).unwrap_or_default(),
            OwnEnd::Never => Expiry::Never,
        };
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

    pub(super) fn check(&self, what: &'static str) -> Result<(), Error> {
        self.secret.check(what)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.secret.matches(text)
    }

    pub(super) fn keep(&self) -> crate::Token {
        crate::Token::new(self.expose()).with_expiry(self.expiry)
    }
}

/// `Debug` shows the end alone.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("expiry", &self.expiry).finish_non_exhaustive()
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

/// What a contract says of a token by itself. Errors call it by its name: `refresh token`, `refresh token expiry`.
#[derive(Debug, Clone, Copy)]
pub struct TokenFacts {
    pub(super) name: &'static str,
    pub(super) expiry: &'static str,
    pub(super) ends: OwnEnd,
    pub(super) lives: Option<Duration>,
    pub(super) max_length: usize,
}

impl TokenFacts {
    /// An opaque token of any length, of which something else tells the end.
    pub const fn new(name: &'static str, expiry: &'static str) -> Self {
        Self { name, expiry, ends: OwnEnd::Elsewhere, lives: None, max_length: usize::MAX }
    }

    /// It says its end itself.
    pub const fn ends(self, ends: OwnEnd) -> Self {
        Self { ends, ..self }
    }

    /// It lives so long from its issue.
    pub const fn lives(self, lifetime: Duration) -> Self {
        Self { lives: Some(lifetime), ..self }
    }

    /// It has so many bytes at most.
    pub const fn max_length(self, bytes: usize) -> Self {
        Self { max_length: bytes, ..self }
    }
}

/// The token of an answer that does not tell its end: it is the token's own, or the contract's constant.
pub fn issued<T: Token>(text: &str, started_at: SystemTime) -> T {
    let held = Held::of::<T>(text);
    T::of(match T::FACTS.lives {
        Some(lifetime) => held.with_expiry(expiry::constant(lifetime, started_at)),
        None => held,
    })
}

/// The token of an answer that tells its end. Where it does not, the end is undeclared, and that is a deviation.
///
/// # Errors
/// The end cannot be read.
pub fn ending<T: Token>(
    text: &str,
    ends: Result<Option<Expiry>, Error>,
    deviations: &mut Vec<Deviation>,
) -> Result<T, Error> {
    let expiry = expiry::declared(T::FACTS.expiry, ends, deviations)?;
    Ok(T::of(Held::new(text, OwnEnd::Elsewhere).with_expiry(expiry)))
}

/// As [`ending`], of a token that an answer may leave out.
///
/// # Errors
/// The end cannot be read.
pub fn ending_if<T: Token>(
    text: Option<&str>,
    ends: Result<Option<Expiry>, Error>,
    deviations: &mut Vec<Deviation>,
) -> Result<Option<T>, Error> {
    text.map(|text| ending(text, ends, deviations)).transpose()
}

/// Adds a token to a request's headers: header and scheme are where the contract says that it is sent.
///
/// # Errors
/// It holds what a header cannot carry.
pub fn attach<T: Token>(
    token: &T,
    (header, scheme): (&'static str, &str),
    headers: &mut HeaderMap,
) -> Result<(), Error> {
    let value = match scheme {
        "" => header_value(T::FACTS.name, token.held().expose())?,
        _ => header_value(T::FACTS.name, &format!("{scheme} {}", token.held().expose()))?,
    };
    headers.insert(header, value);
    Ok(())
}

/// A single-use access token of which the contract says how requests carry it. Its own type has `authorize(self)`.
pub trait AuthorizeOnce: Token {
    /// Header and scheme.
    const SENT_AS: (&'static str, &'static str);
}

/// Attaches the token once: it is taken.
impl<T: AuthorizeOnce> Authorize for SingleUse<T> {
    fn authorize(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        match self.take() {
            Some(token) => attach(&token, T::SENT_AS, headers),
            None => Err(Error::invalid_credential(T::FACTS.name, "was handed out already")),
        }
    }
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
                $crate::kit::TokenFacts::new($name, concat!($name, " expiry"))$(.$fact($value))*;
            type Served = $crate::token!(@served $use);

            fn of(held: $crate::kit::Held) -> Self {
                Self(held)
            }

            fn held(&self) -> &$crate::kit::Held {
                &self.0
            }
        }

        impl ::core::fmt::Debug for $token {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut shown = f.debug_struct(stringify!($token));
                shown.field("expiry", &self.0.expiry()).finish_non_exhaustive()
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
                Self::new(self.expose()).with_expiry(self.expiry())
            }
        }
    };
}

/// Gives a token the way in which requests carry it, a header and a scheme, which may be empty:
/// `authorize!(AccessToken, many, "authorization", "Bearer")`. One that is good `once` is spent by that.
#[macro_export]
macro_rules! authorize {
    ($token:ident, many, $header:literal, $scheme:literal) => {
        impl $token {
            #[doc = concat!("Adds the token to a request as the provider wants it: `", $header, ": ", $scheme, " …`.")]
            ///
            /// # Errors
            /// The token holds a line break or another control character.
            pub fn authorize<B>(
                &self,
                request: &mut $crate::kit::Request<B>,
            ) -> $crate::kit::Result<(), $crate::kit::Error> {
                $crate::kit::attach(self, ($header, $scheme), request.headers_mut())
            }
        }

        impl $crate::kit::Authorize for $token {
            fn authorize(
                &self,
                headers: &mut $crate::kit::HeaderMap,
            ) -> $crate::kit::Result<(), $crate::kit::Error> {
                $crate::kit::attach(self, ($header, $scheme), headers)
            }
        }
    };
    ($token:ident, once, $header:literal, $scheme:literal) => {
        impl $token {
            #[doc = concat!("Adds the token to a request as the provider wants it, `", $header, ": ", $scheme, " …`, which spends it.")]
            ///
            /// # Errors
            /// The token holds a line break or another control character.
            pub fn authorize<B>(
                self,
                request: &mut $crate::kit::Request<B>,
            ) -> $crate::kit::Result<(), $crate::kit::Error> {
                $crate::kit::attach(&self, ($header, $scheme), request.headers_mut())
            }
        }

        impl $crate::kit::AuthorizeOnce for $token {
            const SENT_AS: (&'static str, &'static str) = ($header, $scheme);
        }
    };
}
