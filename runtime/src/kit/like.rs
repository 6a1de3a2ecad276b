//! A provider that does what another does, elsewhere and under its own name.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use http::{Method, Request};
use rekindle_syntax::Head;

use super::contract::{
    Answer, Checked, Contract, NextBaseUrl, Operation, Replacement, Setup, TokensOf,
};
use super::fallback::{Fallback, Mint};
use super::taken::Taken;
use crate::facts::BodyRefusal;
use crate::{Body, Deviation, Error, Facts, SignIn, Verdict};

/// The operation `O` of another provider, at the provider `C`: the same request, the same reading of its answer, the same types of tokens
/// and settings. Names and hosts are those of `C`.
/// [`tokens!`](crate::tokens) says that they hold for this operation, too.
pub struct Like<C, O>(PhantomData<fn() -> (C, O)>);

impl<C, O> Clone for Like<C, O> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<C, O> fmt::Debug for Like<C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Like")
    }
}

type Settings<O> = <<O as Operation>::Contract as Contract>::Settings;
type Options<O> = <<O as Operation>::Contract as Contract>::Options;

/// What is spent, as the other provider's operation looks at it.
fn checked<'a, C, O>(own: &Checked<'a, Like<C, O>>) -> Checked<'a, O>
where
    C: Contract<Settings = Settings<O>, Options = Options<O>>,
    O: Operation,
    O::Tokens: TokensOf<Like<C, O>>,
{
    Checked {
        spends: own.spends,
        started_at: own.started_at,
        taken: own.taken,
        #[cfg(feature = "random")]
        random: own.random,
    }
}

impl<C, O> Operation for Like<C, O>
where
    C: Contract<Settings = Settings<O>, Options = Options<O>>,
    O: Operation,
    O::Tokens: TokensOf<Self>,
{
    type Contract = C;
    type AccessToken = O::AccessToken;
    type Credential = O::Credential;
    type Outputs = O::Outputs;
    type Tokens = O::Tokens;
    const FACTS: Facts = O::FACTS;
    const REFUSED_IN_BODY: &'static [BodyRefusal] = O::REFUSED_IN_BODY;
    const CERTIFICATE: bool = O::CERTIFICATE;
    const SIGN_IN: SignIn = O::SIGN_IN;
    const METHOD: Method = O::METHOD;
    const REFRESH_TOKEN_AT: &'static [&'static [&'static str]] = O::REFRESH_TOKEN_AT;
    const FORMAT: crate::body::Format = O::FORMAT;
    const HEAD: &'static [Head<'static>] = O::HEAD;
    const KEEPS_ACCESS_TOKEN: bool = O::KEEPS_ACCESS_TOKEN;
    const STEPS: &'static [&'static str] = O::STEPS;
    const THEN: &'static [&'static str] = O::THEN;
    const NEXT_BASE_URL: Option<NextBaseUrl> = O::NEXT_BASE_URL;
    const WHOLE_URL: bool = O::WHOLE_URL;

    fn path(own: &Setup<C>) -> String {
        O::path(own)
    }

    fn request(
        own: &Setup<C>,
        spends: &Checked<'_, Self>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error> {
        O::request(own, &checked(spends), request)
    }

    fn step(
        name: &str,
        own: &Setup<C>,
        spends: &Checked<'_, impl Operation>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error> {
        O::step(name, own, spends, request)
    }

    fn classify_step(status: u16, body: &Body<'_>) -> Verdict {
        O::classify_step(status, body)
    }

    fn take(name: &str, body: &Body<'_>, taken: &mut Taken) -> Result<(), Error> {
        O::take(name, body, taken)
    }

    fn classify(status: u16, body: &Body<'_>) -> Verdict {
        O::classify(status, body)
    }

    fn replacement(
        body: &Body<'_>,
        started_at: SystemTime,
        deviations: &mut Vec<Deviation>,
    ) -> Result<Replacement<Self>, Error> {
        O::replacement(body, started_at, deviations)
    }

    fn read(
        body: &Body<'_>,
        started_at: SystemTime,
        deviations: &mut Vec<Deviation>,
    ) -> Result<Answer<Self>, Error> {
        O::read(body, started_at, deviations)
    }
}

impl<C, O> Fallback for Like<C, O>
where
    C: Contract<Settings = Settings<O>, Options = Options<O>>,
    O: Fallback,
    O::Tokens: TokensOf<Self> + TokensOf<Mint<O>>,
{
    const MINT_METHOD: Method = O::MINT_METHOD;
    const MINT_STEPS: &'static [&'static str] = O::MINT_STEPS;

    fn mint_path(own: &Setup<C>) -> String {
        O::mint_path(own)
    }

    fn mint_request(
        own: &Setup<C>,
        spends: &Checked<'_, Mint<Self>>,
        request: &mut Request<Vec<u8>>,
    ) -> Result<(), Error>
    where
        O::Tokens: TokensOf<Mint<Self>>,
    {
        let spends = Checked {
            spends: spends.spends,
            started_at: spends.started_at,
            taken: spends.taken,
            #[cfg(feature = "random")]
            random: spends.random,
        };
        O::mint_request(own, &spends, request)
    }
}
