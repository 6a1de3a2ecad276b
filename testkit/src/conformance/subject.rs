//! A client under test, as plain data in and out: the checks are compiled once, and not once for each client.

use super::harness::{Given, Harness, contract_of};
use crate::head;
use http::{HeaderMap, Request, Response};
use rekindle_contract::contract::{Contract, StepRequest};
use rekindle_runtime::{
    Body, Class, Deviation, Error, Expiry, Facts, Fate, Grant, MAX_BODY, MintNext, MintStarted,
    PendingMint, PendingRefresh, Progress, Provider, RefreshError, Renew, Token, TransportError,
    kit,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

/// Where a client is made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'a> {
    Environment(&'a str),
    Url(&'a str),
    Loopback(&'a str),
}

/// Which token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Access,
    Refresh,
}

/// A token to spend, with its end where that is not its own.
#[derive(Clone)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) expiry: Option<Expiry>,
}

/// Both tokens of which an exchange spends one, or both.
#[derive(Clone)]
pub(crate) struct Spends {
    pub(crate) access: Piece,
    pub(crate) refresh: Piece,
}

/// What an exchange brought.
pub(crate) struct Tokens {
    pub(crate) access: Token,
    pub(crate) refresh: Option<Token>,
    pub(crate) scope: Option<String>,
    pub(crate) deviations: Vec<Deviation>,
    /// Its `Debug` output in both forms.
    pub(crate) shown: [String; 2],
}

/// Two tokens that a client has made at one instant: one as its callers see it, one as it is kept.
pub(crate) struct Minted {
    pub(crate) direct: Tokens,
    pub(crate) kept: Grant,
}

/// A failed exchange, its credential as a grant.
pub(crate) type Failed = RefreshError<Grant>;

/// The kind of a client.
pub(crate) trait Subject: Sync {
    fn contract(&self) -> Contract;
    fn name(&self) -> &'static str;
    fn id(&self) -> &'static str;
    fn facts(&self) -> Facts;
    /// Whether an answer of the API with this status and this JSON refuses the access token by its body.
    fn refuses_in_body(&self, status: u16, body: &[u8]) -> bool;
    fn certificate(&self) -> bool;
    /// Whether the tokens can be cloned.
    fn clonable(&self) -> [bool; 2];
    fn client(&self, at: At<'_>, given: &Given) -> Result<Box<dyn Client>, Error>;
    /// The `Debug` output of settings, options and credential, in both forms.
    fn shown(&self, given: &Given, spends: &Spends) -> Vec<String>;
    /// The end of a token of this kind.
    fn expiry(&self, role: Role, piece: &Piece) -> Expiry;
    /// What is kept of a credential.
    fn keep(&self, spends: &Spends) -> Grant;
    /// The credential in a grant, as a grant.
    fn restore(&self, grant: &Grant) -> Option<Grant>;
    /// The outputs in a grant, read and kept again.
    fn outputs(&self, grant: &Grant) -> Grant;
    /// The access token that is served of a kept one.
    fn serve(&self, token: &Token) -> Token;
    fn authorize(&self, text: &str, request: &mut Request<()>) -> Option<Result<(), Error>>;
    fn attach(&self, text: &str, headers: &mut HeaderMap) -> Option<Result<(), Error>>;
}

/// A client.
pub(crate) trait Client {
    /// The request that spends these tokens: the steps before it were taken, and brought made-up values.
    fn start(&self, spends: &Spends, at: SystemTime) -> Started;
    /// The first request of an exchange.
    fn begin(&self, spends: &Spends, at: SystemTime) -> Started;
    /// The client where requests of this grant go; `None` where it is this one.
    fn for_grant(&self, grant: &Grant) -> Result<Option<Box<dyn Client>>, Deviation>;
    /// An exchange that spends what was kept; `None` where the grant lacks it.
    fn restart(&self, grant: &Grant, at: SystemTime) -> Option<Started>;
    /// A token that the client makes itself, where it does.
    fn mint(&self, at: SystemTime) -> Option<Result<Minted, Error>>;
    fn shown(&self) -> [String; 2];
    /// One exchange at the machine's own time.
    #[cfg(feature = "sockets")]
    fn refresh(&self, carrier: &super::carrier::Carrier, spends: &Spends)
    -> Result<Tokens, Failed>;
}

/// A request and what waits for its answer.
pub(crate) type Started = Result<(Request<Vec<u8>>, Box<dyn Pending>), Failed>;

/// Where an exchange is after an answer.
pub(crate) enum Proceeded<T = Tokens> {
    Done(Result<T, Failed>),
    Next(Request<Vec<u8>>, Box<dyn Pending>),
}

/// An exchange under way.
pub(crate) trait Pending {
    fn finish(self: Box<Self>, answer: Response<Vec<u8>>) -> Result<Tokens, Failed>;
    fn proceed(self: Box<Self>, answer: Response<Vec<u8>>) -> Proceeded;
    /// The same, with what is kept of the last answer.
    fn proceed_kept(self: Box<Self>, answer: Response<Vec<u8>>) -> Proceeded<Grant>;
    /// What is kept of an answer, and where it differed.
    fn finish_kept(
        self: Box<Self>,
        answer: Response<Vec<u8>>,
    ) -> Result<(Grant, Vec<Deviation>), Failed>;
    fn fail(self: Box<Self>, lost: TransportError) -> Failed;
    fn shown(&self) -> [String; 2];
    /// What takes the place of the credential, where an answer has brought it and another request follows.
    fn replacement(&self) -> Option<Grant>;
}

/// The one implementation of all three.
struct Of<H, T = ()> {
    client: T,
    /// Whether it is asked for what brings tokens where a refresh cannot.
    mints: bool,
    harness: PhantomData<fn() -> H>,
}

/// The subject of a harness.
pub(crate) fn subject<H: Harness>() -> impl Subject {
    Of::<H> { client: (), mints: false, harness: PhantomData }
}

/// The same client as one that mints, where its contract says how.
pub(crate) fn minting<H: Harness>() -> impl Subject {
    Of::<H> { client: (), mints: true, harness: PhantomData }
}

fn both(value: &impl Debug) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

fn plain(token: &impl kit::Token) -> Token {
    Token::new(token.held().expose()).with_expiry(token.held().expiry())
}

fn token<T: kit::Token>(piece: &Piece) -> T {
    let held = kit::Held::of::<T>(piece.text.as_str());
    T::of(match piece.expiry {
        Some(expiry) => held.with_expiry(expiry),
        None => held,
    })
}

fn credential<H: Harness>(spends: &Spends) -> super::harness::Credential<H> {
    H::credential(token(&spends.access), token(&spends.refresh))
}

fn tokens<H: Harness>(tokens: super::harness::Tokens<H>) -> Tokens {
    let shown = both(&tokens);
    let brought = H::tokens(tokens);
    Tokens {
        access: plain(&brought.access),
        refresh: brought.refresh.as_ref().map(plain),
        scope: brought.scope,
        deviations: looked_at(brought.deviations),
        shown,
    }
}

fn grant<H: Harness>(tokens: super::harness::Tokens<H>) -> (Grant, Vec<Deviation>) {
    let (grant, deviations) = <H::Client as Renew>::grant(tokens);
    (grant, looked_at(deviations))
}

fn kept<H: Harness>(tokens: super::harness::Tokens<H>) -> Grant {
    <H::Client as Renew>::grant(tokens).0
}

/// Deviations but for unusual lifetimes: those that are tried here are so on purpose.
fn looked_at(mut deviations: Vec<Deviation>) -> Vec<Deviation> {
    deviations.retain(|it| !matches!(it, Deviation::LifetimeUnusual { .. }));
    deviations
}

fn failed<H: Harness>(error: RefreshError<super::harness::Credential<H>>) -> Failed {
    error.map_credential(<H::Client as Renew>::of_credential)
}

impl<H: Harness> Subject for Of<H> {
    fn contract(&self) -> Contract {
        let contract = contract_of::<H>();
        let minting = if self.mints { contract.minting() } else { None };
        minting.unwrap_or_else(|| (*contract).clone())
    }

    fn name(&self) -> &'static str {
        <H::Client as Provider>::NAME
    }

    fn id(&self) -> &'static str {
        <H::Client as Provider>::ID
    }

    fn facts(&self) -> Facts {
        let facts = <H::Client as Renew>::FACTS;
        facts.minting().filter(|_| self.mints).unwrap_or(facts)
    }

    fn refuses_in_body(&self, status: u16, body: &[u8]) -> bool {
        let rules = <H::Client as Renew>::REFUSED_IN_BODY;
        rules.iter().any(|rule| rule.matches(status, &Body::new(body)))
    }

    fn certificate(&self) -> bool {
        <H::Client as Renew>::CERTIFICATE
    }

    fn clonable(&self) -> [bool; 2] {
        H::clonable()
    }

    fn client(&self, at: At<'_>, given: &Given) -> Result<Box<dyn Client>, Error> {
        let place = match at {
            At::Environment(name) => {
                let environment = H::environment_of(name, given);
                let unknown = || panic!("the harness knows no environment {name:?}");
                kit::Place::documented(environment.unwrap_or_else(unknown))
            }
            At::Url(url) => kit::Place::url(url),
            At::Loopback(url) => kit::Place::loopback(url),
        };
        let client = H::client(place, H::settings(given), H::options(given))?;
        let contract = contract_of::<H>();
        let base_url = match at {
            At::Environment(name) => super::behind_steps::environment_url(&contract, name, given),
            At::Url(url) | At::Loopback(url) => url.trim_end_matches('/').to_owned(),
        };
        let behind = Behind::of(&contract, &base_url);
        let made = Made::<H> { client: client.clone(), base_url, behind };
        Ok(Box::new(Of::<H, _> { client: made, mints: self.mints, harness: PhantomData }))
    }

    fn shown(&self, given: &Given, spends: &Spends) -> Vec<String> {
        let mut shown = both(&H::settings(given)).to_vec();
        shown.extend(both(&H::options(given)));
        shown.extend(both(&credential::<H>(spends)));
        shown
    }

    fn expiry(&self, role: Role, piece: &Piece) -> Expiry {
        match role {
            Role::Access => kit::Token::held(&token::<H::AccessToken>(piece)).expiry(),
            Role::Refresh => kit::Token::held(&token::<H::RefreshToken>(piece)).expiry(),
        }
    }

    fn keep(&self, spends: &Spends) -> Grant {
        if self.mints {
            return Grant::new();
        }
        <H::Client as Renew>::of_credential(credential::<H>(spends))
    }

    fn restore(&self, grant: &Grant) -> Option<Grant> {
        if self.mints {
            return Some(Grant::new());
        }
        <H::Client as Renew>::credential(grant).map(<H::Client as Renew>::of_credential)
    }

    fn outputs(&self, grant: &Grant) -> Grant {
        kit::Outputs::keep(&<H::Client as Renew>::outputs(grant), Grant::new())
    }

    fn serve(&self, token: &Token) -> Token {
        plain(&H::served(<H::Client as Renew>::access_token(token)))
    }

    fn authorize(&self, text: &str, request: &mut Request<()>) -> Option<Result<(), Error>> {
        H::authorize(token(&Piece { text: text.to_owned(), expiry: None }), request)
    }

    fn attach(&self, text: &str, headers: &mut HeaderMap) -> Option<Result<(), Error>> {
        H::attach(&<H::Client as Renew>::access_token(&Token::new(text)), headers)
    }
}

type PendingOf<H> = <<H as Harness>::Client as Provider>::Pending;

/// A client that was made.
struct Made<H: Harness> {
    client: H::Client,
    /// The base URL of its place.
    base_url: String,
    /// What comes behind the request that spends the credential, where something does.
    behind: Option<Rc<Behind>>,
}

/// How the requests behind the one that spends the credential are answered, where these are not what is looked at.
struct Behind {
    contract: Arc<Contract>,
    spending: StepRequest,
    base_url: String,
}

impl Behind {
    fn of(contract: &Arc<Contract>, base_url: &str) -> Option<Rc<Self>> {
        let (contract, base_url) = (Arc::clone(contract), base_url.to_owned());
        contract.spending().map(|spending| Rc::new(Self { contract, spending, base_url }))
    }

    /// An answer to the exchange as one to the request that spends the credential: with what the others need, where it is a success.
    fn first(&self, answer: &Response<Vec<u8>>) -> Response<Vec<u8>> {
        let mut answer = answer.clone();
        let fields = self.contract.document(answer.body()).filter(Value::is_object);
        let is_read = answer.status().is_success() && answer.body().len() <= MAX_BODY;
        if let Some(mut fields) = fields.filter(|_| is_read) {
            let told = self.contract.answer_to(&self.spending, &BTreeMap::new(), &self.base_url);
            for (_, taken) in &self.spending.take {
                if let Some(value) = taken.field.find(&told) {
                    taken.field.put(&mut fields, value.clone());
                }
            }
            *answer.body_mut() = fields.to_string().into_bytes();
        }
        answer
    }

    /// What comes of an exchange that is answered so: the request that spends the credential, and the last one.
    fn ended<P: PendingRefresh>(
        &self,
        pending: P,
        answer: Response<Vec<u8>>,
    ) -> Result<P::Tokens, RefreshError<P::Credential>> {
        let mut progress = pending.proceed(self.first(&answer));
        let then = &self.contract.request.then;
        for step in &then[..then.len() - 1] {
            let Progress::Next(_, waiting) = progress else { break };
            let body = self.contract.answer_to(step, &BTreeMap::new(), &self.base_url);
            progress = waiting.proceed(crate::answer(200).json(body.to_string()));
        }
        match progress {
            Progress::Done(result) => result,
            Progress::Next(_, waiting) => waiting.finish(answer),
        }
    }
}

impl<H: Harness> Of<H, Made<H>> {
    fn last(&self, spends: super::harness::Credential<H>, at: SystemTime) -> Started {
        let begun = self.client.client.start(spends, at).map_err(failed::<H>)?;
        let last =
            super::behind_steps::behind_steps::<H>(begun, &BTreeMap::new(), &self.client.base_url);
        let (request, pending) = last.map_err(failed::<H>)?;
        Ok((request, Box::new(Under::<H>(pending, self.client.behind.clone()))))
    }

    fn stand_in(&self, at: SystemTime) -> MintStarted<super::harness::Tokens<H>> {
        self.client
            .client
            .mint(at)
            .expect("the contract says what brings tokens where a refresh cannot")
    }

    fn begin_stand_in(&self, at: SystemTime) -> Started {
        let (request, pending) = self.stand_in(at).map_err(not_minted)?;
        Ok((request, Box::new(UnderMint::<H>(pending))))
    }

    /// The last request of such an exchange.
    fn last_stand_in(&self, at: SystemTime) -> Started {
        let (mut request, mut pending) = self.stand_in(at).map_err(not_minted)?;
        let contract = contract_of::<H>();
        let minting = contract.minting();
        for step in minting.iter().flat_map(|minting| &minting.steps) {
            let answer = contract.answer_to(step, &BTreeMap::new(), &self.client.base_url);
            let answer = crate::answer(200).json(answer.to_string());
            match pending.proceed(answer.map(Into::into)) {
                MintNext::Next(next, waiting) => (request, pending) = (next, waiting),
                MintNext::Done(result) => {
                    result.map_err(not_minted)?;
                    panic!("behind the step {:?} another request follows", step.id)
                }
            }
        }
        Ok((request, Box::new(UnderMint::<H>(pending))))
    }
}

impl<H: Harness> Client for Of<H, Made<H>> {
    fn start(&self, spends: &Spends, at: SystemTime) -> Started {
        if self.mints {
            return self.last_stand_in(at);
        }
        self.last(credential::<H>(spends), at)
    }

    fn begin(&self, spends: &Spends, at: SystemTime) -> Started {
        if self.mints {
            return self.begin_stand_in(at);
        }
        let begun = self.client.client.start(credential::<H>(spends), at);
        let (request, pending) = begun.map_err(failed::<H>)?;
        Ok((request, Box::new(Under::<H>(pending, self.client.behind.clone()))))
    }

    fn for_grant(&self, grant: &Grant) -> Result<Option<Box<dyn Client>>, Deviation> {
        let Some(client) = self.client.client.for_grant(grant)? else { return Ok(None) };
        let contract = contract_of::<H>();
        let told = contract.base.output.as_ref();
        let told = told.and_then(|name| Some(grant.output(name)?.expose().to_owned()));
        let base_url = told.unwrap_or_default().trim_end_matches('/').to_owned();
        // A base URL that answers tell is not supported beside such requests.
        let made = Made::<H> { client, base_url, behind: None };
        Ok(Some(Box::new(Of::<H, _> { client: made, mints: self.mints, harness: PhantomData })))
    }

    fn restart(&self, grant: &Grant, at: SystemTime) -> Option<Started> {
        if self.mints {
            return Some(self.last_stand_in(at));
        }
        let spends = <H::Client as Renew>::credential(grant)?;
        Some(self.last(spends, at))
    }

    fn mint(&self, at: SystemTime) -> Option<Result<Minted, Error>> {
        let make = <H::Client as Renew>::LOCAL?;
        let direct = make(&self.client.client, at).map(tokens::<H>);
        Some(direct.and_then(|direct| {
            let (kept, _) = <H::Client as Renew>::grant(make(&self.client.client, at)?);
            Ok(Minted { direct, kept })
        }))
    }

    fn shown(&self) -> [String; 2] {
        both(&self.client.client)
    }

    #[cfg(feature = "sockets")]
    fn refresh(
        &self,
        carrier: &super::carrier::Carrier,
        spends: &Spends,
    ) -> Result<Tokens, Failed> {
        if self.mints {
            use rekindle_runtime::{BlockingTransport, Transport};
            let (mut request, mut pending) =
                self.stand_in(rekindle_runtime::clock::now()).map_err(not_minted)?;
            let minted = loop {
                let answer = match carrier.blocks() {
                    true => BlockingTransport::send(carrier, request),
                    false => carrier.block_on(Transport::send(carrier, request)),
                };
                match answer {
                    Ok(answer) => match pending.proceed(answer.map(Into::into)) {
                        MintNext::Next(next, waiting) => (request, pending) = (next, waiting),
                        MintNext::Done(result) => break result,
                    },
                    Err(lost) => break Err(pending.fail(lost)),
                }
            };
            return minted.map(tokens::<H>).map_err(not_minted);
        }
        let spends = credential::<H>(spends);
        let result = if carrier.blocks() {
            rekindle_runtime::refresh_blocking(&self.client.client, carrier, spends)
        } else {
            carrier.block_on(rekindle_runtime::refresh(&self.client.client, carrier, spends))
        };
        result.map(tokens::<H>).map_err(failed::<H>)
    }
}

/// An answer with what a check put before its body in its head.
fn in_place<H: Harness>(answer: Response<Vec<u8>>) -> Response<Vec<u8>> {
    match head::body(answer.body()).len() == answer.body().len() {
        true => answer,
        false => head::moved(&contract_of::<H>(), answer),
    }
}

/// A failed mint as an exchange that spends nothing.
fn not_minted(error: Error) -> Failed {
    let fate = match error.class() {
        Class::Reauthenticate(_) => Fate::Spent { replacement: None },
        _ => Fate::Unspent(Grant::new()),
    };
    RefreshError { error, fate }
}

/// A mint of a client.
struct UnderMint<H: Harness>(Box<dyn PendingMint<super::harness::Tokens<H>>>);

impl<H: Harness> UnderMint<H> {
    /// What the answer to the last request brings.
    fn ended(self, answer: Response<Vec<u8>>) -> Result<super::harness::Tokens<H>, Error> {
        match self.0.proceed(in_place::<H>(answer).map(Into::into)) {
            MintNext::Done(result) => result,
            MintNext::Next(..) => panic!("no request follows the last"),
        }
    }
}

impl<H: Harness> Pending for UnderMint<H> {
    fn proceed(self: Box<Self>, answer: Response<Vec<u8>>) -> Proceeded {
        match self.0.proceed(in_place::<H>(answer).map(Into::into)) {
            MintNext::Next(request, waiting) => Proceeded::Next(request, Box::new(Self(waiting))),
            MintNext::Done(result) => Proceeded::Done(result.map(tokens::<H>).map_err(not_minted)),
        }
    }

    fn proceed_kept(self: Box<Self>, answer: Response<Vec<u8>>) -> Proceeded<Grant> {
        match self.0.proceed(in_place::<H>(answer).map(Into::into)) {
            MintNext::Next(request, waiting) => Proceeded::Next(request, Box::new(Self(waiting))),
            MintNext::Done(result) => Proceeded::Done(result.map(kept::<H>).map_err(not_minted)),
        }
    }

    fn finish(self: Box<Self>, answer: Response<Vec<u8>>) -> Result<Tokens, Failed> {
        self.ended(answer).map(tokens::<H>).map_err(not_minted)
    }

    fn finish_kept(
        self: Box<Self>,
        answer: Response<Vec<u8>>,
    ) -> Result<(Grant, Vec<Deviation>), Failed> {
        self.ended(answer).map(grant::<H>).map_err(not_minted)
    }

    fn fail(self: Box<Self>, lost: TransportError) -> Failed {
        not_minted(self.0.fail(lost))
    }

    fn shown(&self) -> [String; 2] {
        both(&self.0)
    }

    fn replacement(&self) -> Option<Grant> {
        None
    }
}

/// An exchange of a client.
struct Under<H: Harness>(PendingOf<H>, Option<Rc<Behind>>);

impl<H: Harness> Under<H> {
    /// What the answer to the exchange brings.
    fn ended(
        self,
        answer: Response<Vec<u8>>,
    ) -> Result<super::harness::Tokens<H>, RefreshError<super::harness::Credential<H>>> {
        let answer = in_place::<H>(answer);
        match self.1 {
            Some(behind) => behind.ended(self.0, answer),
            None => self.0.finish(answer),
        }
    }
}

impl<H: Harness> Pending for Under<H> {
    fn finish(self: Box<Self>, answer: Response<Vec<u8>>) -> Result<Tokens, Failed> {
        self.ended(answer).map(tokens::<H>).map_err(failed::<H>)
    }

    fn proceed(self: Box<Self>, answer: Response<Vec<u8>>) -> Proceeded {
        let Self(pending, behind) = *self;
        match pending.proceed(in_place::<H>(answer)) {
            Progress::Done(result) => Proceeded::Done(result.map(tokens::<H>).map_err(failed::<H>)),
            Progress::Next(request, next) => Proceeded::Next(request, Box::new(Self(next, behind))),
        }
    }

    fn proceed_kept(self: Box<Self>, answer: Response<Vec<u8>>) -> Proceeded<Grant> {
        let Self(pending, behind) = *self;
        match pending.proceed(in_place::<H>(answer)) {
            Progress::Done(result) => Proceeded::Done(result.map(kept::<H>).map_err(failed::<H>)),
            Progress::Next(request, next) => Proceeded::Next(request, Box::new(Self(next, behind))),
        }
    }

    fn finish_kept(
        self: Box<Self>,
        answer: Response<Vec<u8>>,
    ) -> Result<(Grant, Vec<Deviation>), Failed> {
        self.ended(answer).map(grant::<H>).map_err(failed::<H>)
    }

    fn fail(self: Box<Self>, lost: TransportError) -> Failed {
        failed::<H>(self.0.fail(lost))
    }

    fn shown(&self) -> [String; 2] {
        both(&self.0)
    }

    fn replacement(&self) -> Option<Grant> {
        self.0.replacement()
    }
}

impl Tokens {
    /// The refresh token's text.
    #[track_caller]
    pub(crate) fn refresh_text(&self) -> &str {
        self.refresh.as_ref().expect("there is a refresh token").expose()
    }

    /// The refresh token's end.
    #[track_caller]
    pub(crate) fn refresh_expiry(&self) -> Expiry {
        self.refresh.as_ref().expect("there is a refresh token").expiry()
    }
}

/// Shows no token.
impl Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("deviations", &self.deviations).finish_non_exhaustive()
    }
}
