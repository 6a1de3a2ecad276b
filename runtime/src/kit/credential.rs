//! What an exchange spends, and what is held after it.

use std::fmt::{self, Debug};
use std::marker::PhantomData;

use super::token::{Held, Token};
use crate::expiry::OwnEnd;
use crate::facts::Rotation;
use crate::{Deviation, Error, Expiry, Facts, Grant, parameter};

/// What one exchange spends: a token, or two. Implemented by [`token!`](crate::token) and [`pair!`](crate::pair).
pub trait Credential: Sized + Send {
    /// The access token in it, or `()`.
    type Access: Slot;
    /// The refresh token in it, or `()`.
    type Refresh: Slot;
    /// Both, looked at.
    fn parts(&self) -> (&Self::Access, &Self::Refresh);
    /// Both, taken apart.
    fn into_parts(self) -> (Self::Access, Self::Refresh);
    /// Both, put together.
    fn from_parts(access: Self::Access, refresh: Self::Refresh) -> Self;
}

/// What is left of a grant of which this is known and nothing else.
pub fn keep_credential<C: Credential>(spends: &C) -> Grant {
    let (access, refresh) = spends.parts();
    grant(access.keep(), refresh.keep())
}

/// A grant of these tokens.
pub(super) fn grant(access: Option<crate::Token>, refresh: Option<crate::Token>) -> Grant {
    let grant = access.into_iter().fold(Grant::new(), Grant::with_access_token);
    refresh.into_iter().fold(grant, Grant::with_refresh_token)
}

/// For operations that spend nothing: the settings alone bring a new token (RFC 6749 section 4.4).
impl Credential for () {
    type Access = ();
    type Refresh = ();
    fn parts(&self) -> (&(), &()) {
        (self, self)
    }
    fn into_parts(self) -> ((), ()) {
        ((), ())
    }
    fn from_parts((): (), (): ()) {}
}

/// What is spent by an exchange that spends no token.
pub trait Nothing: Credential + Default + Debug {}

impl Nothing for () {}

impl<C: Credential + 'static> Nothing for Anew<C> {}

/// What a mint spends that brings what `C` is made of: nothing. Its answer must hold a new refresh token where `C` has one.
pub struct Anew<C>(PhantomData<fn() -> C>);

impl<C> Debug for Anew<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anew")
    }
}

impl<C> Default for Anew<C> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<C: Credential + 'static> Credential for Anew<C> {
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

pub use sealed::Slot;

mod sealed {
    use super::*;

    /// A place for a token in a credential: a [`Token`], or `()` where the contract has none. It cannot be named outside of the
    /// kit: there is no way from a kept token, which can be cloned, to one that cannot.
    #[allow(missing_docs, reason = "it is private")]
    pub trait Slot: Sized + Send + Sync + 'static {
        /// What an answer brings for it.
        type New;
        /// What is held afterwards.
        type Next: Slot;
        fn get(&self) -> Option<&Held>;
        fn check(&self) -> Result<(), Error>;
        fn restore(kept: Option<&crate::Token>) -> Option<Self>;
        fn settle(
            self,
            new: Self::New,
            facts: &Facts,
            deviations: &mut Vec<Deviation>,
        ) -> Self::Next;
        fn end_of_next(&self) -> Expiry;
        /// The same after an answer that others follow.
        fn renewed(
            self,
            _new: Option<Self>,
            _facts: &Facts,
            _deviations: &mut Vec<Deviation>,
        ) -> Self {
            self
        }
        /// What is held after an answer that must hold a new one.
        fn required(new: Self::New) -> Result<Self::Next, Error>;

        fn keep(&self) -> Option<crate::Token> {
            self.get().map(Held::keep)
        }

        fn matches(&self, text: &str) -> bool {
            self.get().is_some_and(|held| held.secret.matches(text))
        }
    }

    impl Slot for () {
        type New = Option<()>;
        type Next = ();
        fn get(&self) -> Option<&Held> {
            None
        }
        fn check(&self) -> Result<(), Error> {
            Ok(())
        }
        fn restore(_: Option<&crate::Token>) -> Option<Self> {
            Some(())
        }
        fn settle(self, _: Option<()>, _: &Facts, _: &mut Vec<Deviation>) {}
        fn end_of_next(&self) -> Expiry {
            Expiry::Undeclared
        }
        fn required(_: Option<()>) -> Result<(), Error> {
            Ok(())
        }
    }

    impl<C: Credential + 'static> Slot for Anew<C> {
        type New = <C::Refresh as Slot>::Next;
        type Next = <C::Refresh as Slot>::Next;
        fn get(&self) -> Option<&Held> {
            None
        }
        fn check(&self) -> Result<(), Error> {
            Ok(())
        }
        fn restore(_: Option<&crate::Token>) -> Option<Self> {
            Some(Self::default())
        }
        fn settle(self, new: Self::New, _: &Facts, _: &mut Vec<Deviation>) -> Self::Next {
            new
        }
        fn end_of_next(&self) -> Expiry {
            Expiry::Undeclared
        }
        fn required(new: Self::New) -> Result<Self::Next, Error> {
            Ok(new)
        }
    }

    impl<T: Token> Slot for T {
        type New = Option<T>;
        type Next = T;
        fn get(&self) -> Option<&Held> {
            Some(self.held())
        }

        fn check(&self) -> Result<(), Error> {
            self.held().secret.check(T::FACTS.name)?;
            parameter::max_length(T::FACTS.name, self.held().expose(), T::FACTS.max_length)
        }

        fn restore(kept: Option<&crate::Token>) -> Option<Self> {
            kept.map(restored)
        }

        /// The new token, or the old one where the answer brought none (R16); the contract says which of them is expected. A
        /// lifetime that runs from the issue does not begin again because the same token is repeated.
        fn settle(self, new: Option<Self>, facts: &Facts, deviations: &mut Vec<Deviation>) -> Self {
            let [same, other, none] = facts.rotation.map_or([None; 3], Rotation::deviations);
            let (token, deviation) = match new {
                Some(new) if self.matches(new.held().expose()) => {
                    let is_issued_once =
                        T::FACTS.lives.is_some() || T::FACTS.ends == OwnEnd::SignIn;
                    (if is_issued_once { self } else { new }, same)
                }
                Some(new) => {
                    deviations.extend(other);
                    let too_long = new.held().expose().len() > T::FACTS.max_length;
                    let new = match self.end_of_next() {
                        Expiry::Undeclared => new,
                        expiry => T::of(Held { secret: new.held().secret.clone(), expiry }),
                    };
                    (new, too_long.then_some(Deviation::RefreshTokenTooLong))
                }
                None => (self, none),
            };
            deviations.extend(deviation);
            token
        }

        fn renewed(
            self,
            new: Option<Self>,
            facts: &Facts,
            deviations: &mut Vec<Deviation>,
        ) -> Self {
            self.settle(new, facts, deviations)
        }

        fn required(new: Option<Self>) -> Result<Self, Error> {
            new.ok_or_else(|| Error::missing(T::FACTS.name))
        }

        /// The end of a token that takes the place of this one, where this one settles it.
        fn end_of_next(&self) -> Expiry {
            match T::FACTS.ends {
                OwnEnd::SignIn => self.held().expiry,
                OwnEnd::Elsewhere | OwnEnd::Jwt | OwnEnd::Never => Expiry::Undeclared,
            }
        }
    }
}

/// A token out of a store: its end is the one that was kept with it; where none was, the one that it says itself.
pub(super) fn restored<T: Token>(kept: &crate::Token) -> T {
    T::of(match kept.expiry() {
        Expiry::Undeclared => Held::of::<T>(kept.expose()),
        expiry => Held { secret: kept.expose().into(), expiry },
    })
}

/// Makes a struct of two tokens a credential that can be taken from what an exchange brought.
#[macro_export]
macro_rules! pair {
    ($pair:ident, $tokens:ident, $access:ident, $access_type:ident, $refresh:ident, $refresh_type:ident) => {
        impl $crate::kit::Credential for $pair {
            type Access = $access_type;
            type Refresh = $refresh_type;
            fn parts(&self) -> (&$access_type, &$refresh_type) {
                (&self.$access, &self.$refresh)
            }
            fn into_parts(self) -> ($access_type, $refresh_type) {
                (self.$access, self.$refresh)
            }
            fn from_parts($access: $access_type, $refresh: $refresh_type) -> Self {
                Self { $access, $refresh }
            }
        }

        impl ::core::convert::From<$tokens> for $pair {
            fn from(tokens: $tokens) -> Self {
                Self { $access: tokens.$access, $refresh: tokens.$refresh }
            }
        }
    };
}
