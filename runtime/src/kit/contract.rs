//! What generated code says: the provider as a [`Contract`], each of its exchanges as an [`Operation`].

use std::fmt::Debug;
use std::ops::Deref;
use std::time::SystemTime;

use http::{Method, Request};
use rekindle_syntax::Head;

use super::credential::{Credential, Slot};
use super::taken::Taken;
use super::token::Token;
use crate::body::Format;
use crate::facts::BodyRefusal;
use crate::{Body, Deviation, Error, Facts, Grant, SignIn, Verdict};

/// A provider: who it is, where it is, and what it knows an integrator by.
pub trait Contract: Sized + Debug + Clone + Send + Sync + 'static {
    /// The provider's name, for people.
    const NAME: &'static str;
    /// The provider's id: that of its spec.
    const ID: &'static str;

    /// The documented hosts, or [`Undocumented`](super::Undocumented).
    type Environment: Debug + Clone + Send + Sync;
    /// What an integrator must give; `()` where that is nothing.
    type Settings: Debug + Clone + Send + Sync;
    /// What an integrator may give; `()` where that is nothing.
    type Options: Debug + Clone + Default + Send + Sync;

    /// The base URL of an environment.
    fn base_url(environment: Self::Environment, setup: &Setup<Self>) -> String;

    /// Checks what an environment holds besides its name, once, when a client is made there: an error where a value is not of its kind,
    /// or none of those allowed.
    fn check_environment(_environment: &Self::Environment) -> Result<(), Error> {
        Ok(())
    }

    /// Checks what the integrator gave, once, when a client is made: an error where a value is empty, not of its kind, or none of
    /// those allowed.
    fn check(_setup: &Setup<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// One exchange that a provider offers: what it spends, its request, the reading of its answer. A provider may have several, each a
/// type of its own over the same [`Contract`]: a refresh, and a mint that spends nothing (`Credential = ()`).
pub trait Operation: Sized + Debug + Clone + Send + Sync + 'static {
    /// The provider.
    type Contract: Contract;
    /// The access token that an answer brings.
    type AccessToken: Token;
    /// What an exchange spends: a refresh token, an access token, a pair of them, or `()`.
    type Credential: Credential;
    /// What an answer brings besides tokens: the scope; `()` where that is nothing.
    type Outputs: Send;
    /// What to hold afterwards, by the provider's own names.
    type Tokens: TokensOf<Self> + Send;

    /// What is known of the tokens.
    const FACTS: Facts;
    /// By which fields of their bodies answers refuse an access token as expired or revoked.
    const REFUSED_IN_BODY: &'static [BodyRefusal] = &[];
    /// Whether the connection must show a client certificate (RFC 8705): the transport is given one.
    const CERTIFICATE: bool = false;
    /// How to sign in again when the credential is known to be dead without a request.
    const SIGN_IN: SignIn = SignIn::Unspecified;
    /// The request's method. [`request`](Self::request) sets one of the provider's own.
    const METHOD: Method = Method::POST;
    /// Where answers hold a new refresh token; empty where they hold none.
    const REFRESH_TOKEN_AT: &'static [&'static [&'static str]] = &[];
    /// What the bodies of answers are.
    const FORMAT: Format = Format::Json;
    /// What is read of the heads of answers: headers and cookies. [`read`](Self::read) finds each by its label beside the fields of the
    /// body.
    const HEAD: &'static [Head<'static>] = &[];
    /// Whether no answer brings an access token: the one that was sent lives on, and [`read`](Self::read) finds it with
    /// [`Body::sent_token`].
    const KEEPS_ACCESS_TOKEN: bool = false;
    /// The requests before the one that spends the credential, by name. [`step`](Self::step) fills them and [`take`](Self::take) reads
    /// their answers; [`request`](Self::request) fills the last one. A failure of a step leaves the credential unspent. Both know the
    /// steps of a [`Fallback`](super::Fallback) as well.
    const STEPS: &'static [&'static str] = &[];
    /// The requests behind the one that spends the credential, by name, of which the last brings the access token. [`step`](Self::step)
    /// fills them. What [`take`](Self::take) reads of the answer before them is called [`SPENDING`](super::SPENDING), and
    /// [`replacement`](Self::replacement) reads the new refresh token there. A failure of one of these loses nothing that was replaced.
    const THEN: &'static [&'static str] = &[];
    /// The output that tells where the next exchange goes, and at which hosts that may be besides the client's own.
    const NEXT_BASE_URL: Option<NextBaseUrl> = None;
    /// Whether the URL that the integrator brings is all of it: nothing follows.
    const WHOLE_URL: bool = false;

    /// What follows the base URL, where no token and no secret is in it. Others are added by [`request`](Self::request), with
    /// [`extend_uri`](super::extend_uri).
    fn path(_setup: &Setup<Self::Contract>) -> String {
        String::new()
    }

    /// Fills the request of one exchange: its method and its URL are there, and `accept` asks for JSON. An error where a value
    /// cannot be put where the contract wants it.
    fn request(
        setup: &Setup<Self::Contract>,
        spends: &Checked<'_, Self>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error>;

    /// Fills the request of the step of this name: it is a POST request to the base URL, and `accept` asks for JSON. It holds no token,
    /// whatever the exchange `spends`.
    fn step(
        _name: &str,
        _setup: &Setup<Self::Contract>,
        _spends: &Checked<'_, impl Operation>,
        _request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error> {
        Ok(())
    }

    /// What the answer to a step means, whichever it is, and to a request behind the one that spends the credential: no refusal ends the
    /// grant, as no token that it is made of was sent.
    fn classify_step(status: u16, _body: &Body<'_>) -> Verdict {
        match status {
            200..=299 => Verdict::SUCCESS,
            _ => Verdict::undescribed(status),
        }
    }

    /// Takes what later requests need from the answer to the step of this name, a success. An error where it lacks something.
    fn take(_name: &str, _body: &Body<'_>, _taken: &mut Taken) -> Result<(), Error> {
        Ok(())
    }

    /// What an answer means: first the refusals that the contract names, then success, then [`Verdict::undescribed`].
    fn classify(status: u16, body: &Body<'_>) -> Verdict;

    /// The new refresh token in the answer to the request that spends the old one, where other requests follow. An error where it cannot
    /// be used.
    fn replacement(
        _body: &Body<'_>,
        _started_at: SystemTime,
        _deviations: &mut Vec<Deviation>,
    ) -> Result<Replacement<Self>, Error> {
        Ok(None)
    }

    /// The tokens of a success. An error where it cannot be used.
    fn read(
        body: &Body<'_>,
        started_at: SystemTime,
        deviations: &mut Vec<Deviation>,
    ) -> Result<Answer<Self>, Error>;
}

/// An output that is the base URL from then on.
#[derive(Debug, Clone, Copy)]
pub struct NextBaseUrl {
    /// Its name.
    pub output: &'static str,
    /// At which hosts it may be besides that of the client's base URL: `auth.example.com`, `*.example.com`.
    pub hosts: &'static [&'static str],
}

/// The refresh token that is held after an operation, or `()`.
pub type RefreshOf<O> = <<<O as Operation>::Credential as Credential>::Refresh as Slot>::Next;

/// The access token, the refresh token or `()`, and where the answer differed from the contract.
pub type Parts<O> = (<O as Operation>::AccessToken, RefreshOf<O>, Vec<Deviation>);

/// What an integrator gave.
#[derive(Debug, Clone)]
pub struct Given<S, O> {
    /// What it must give.
    pub settings: S,
    /// What it may give.
    pub options: O,
}

/// What an integrator gave to a client of this provider. That of providers with the same settings is the same.
pub type Setup<C> = Given<<C as Contract>::Settings, <C as Contract>::Options>;

/// A credential that may be sent: it is well formed, and the provider takes it now. Nothing but a client makes one, so a
/// single-use token is in one request at most. It also knows what a request is made of besides: when it starts, and chance.
pub struct Checked<'a, O: Operation> {
    pub(super) spends: &'a O::Credential,
    pub(super) started_at: SystemTime,
    pub(super) taken: &'a Taken,
    #[cfg(feature = "random")]
    pub(super) random: &'a super::random::Random,
}

impl<O: Operation> Checked<'_, O> {
    /// When the request starts.
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// What a step has taken, by the names of both: `challenge.nonce`.
    pub fn taken(&self, name: &str) -> &str {
        self.taken.get(name)
    }

    /// A random UUID (RFC 9562 section 5.4).
    ///
    /// # Errors
    /// The machine has no random numbers to give: [`ErrorKind::NoRandomness`](crate::ErrorKind::NoRandomness).
    #[cfg(feature = "random")]
    pub fn uuid(&self) -> Result<String, Error> {
        self.random.uuid()
    }
}

impl<O: Operation> Deref for Checked<'_, O> {
    type Target = O::Credential;

    fn deref(&self) -> &O::Credential {
        self.spends
    }
}

/// The refresh token that an answer brings; `None` where it brings none.
pub type Replacement<O> = Option<<<O as Operation>::Credential as Credential>::Refresh>;

/// What a success answer holds: the access token, a refresh token where there is one, and what else is in it.
pub type Answer<O> = (
    <O as Operation>::AccessToken,
    <<<O as Operation>::Credential as Credential>::Refresh as Slot>::New,
    <O as Operation>::Outputs,
);

/// What to hold from now on, by the provider's own names. Implemented by [`tokens!`](crate::tokens).
pub trait TokensOf<O: Operation> {
    /// Gives each part its name.
    fn of(parts: Parts<O>, outputs: O::Outputs) -> Self;
    /// The tokens by their roles, for stores.
    fn into_parts(self) -> Parts<O>;
    /// Adds to what a store keeps what came beside the tokens.
    fn keep_outputs(&self, grant: Grant) -> Grant {
        grant
    }
}

/// Gives the type of what an exchange brings its conversions: its access token's field, its refresh token's where there is one,
/// behind a semicolon those of what else answers hold, in the order of its [`Operation::Outputs`](crate::kit::Operation::Outputs):
/// `tokens!(Tokens, Refresh, access_token, refresh_token; scope, outputs)`.
#[macro_export]
macro_rules! tokens {
    ($tokens:ident, $operation:ty, $access:ident $(, $refresh:ident)? $(; $($output:ident),+)?) => {
        impl $crate::kit::TokensOf<$operation> for $tokens {
            #[allow(unused_variables, unused_parens, reason = "not every provider has all of them")]
            fn of(
                (access, refresh, deviations): $crate::kit::Parts<$operation>,
                outputs: <$operation as $crate::kit::Operation>::Outputs,
            ) -> Self {
                $(let ($($output),+) = outputs;)?
                Self { $access: access, $($refresh: refresh,)? $($($output,)+)? deviations }
            }
            fn into_parts(self) -> $crate::kit::Parts<$operation> {
                (self.$access, $crate::tokens!(@refresh self $(.$refresh)?), self.deviations)
            }
            $($($crate::tokens!(@keep $output);)+)?
        }
    };
    (@keep outputs) => {
        fn keep_outputs(&self, grant: $crate::Grant) -> $crate::Grant {
            $crate::kit::Outputs::keep(&self.outputs, grant)
        }
    };
    (@keep $other:ident) => {};
    (@refresh $tokens:ident) => { () };
    (@refresh $tokens:ident.$refresh:ident) => { $tokens.$refresh };
}
