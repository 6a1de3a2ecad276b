//! A fake provider: it behaves as a contract says, and refuses what the contract does not allow.
//!
//! Architecture invariant: it interprets the [`Contract`] and shares no code with clients: neither with generated ones, nor with
//! the reference client of this crate, nor with the contract's own reading of exchanges. The one exception is where it writes a
//! refusal: it asks [`Contract::classify`] whether that will be read as it is meant. It knows no socket and no machine clock.

mod answer;
mod applies;
mod behaviour;
mod credential;
mod credentials;
mod issue;
mod lifetime;
mod local;
mod mint;
mod protect;
mod refresh;
mod refuse;
mod request;
mod rule;
mod rules;
mod state;
mod steps;
mod told;
mod values;

pub use refuse::made_up_refusals;
pub use rule::Rule;

use crate::clock::Clock;
use http::{Request, Response, Uri};
use jiff::Timestamp;
use protect::PROTECTED;
use rekindle_contract::contract::{Contract, CredentialAfter, Parameter, ParameterKind, Slot};
use request::Known;
use rules::{Broken, Rules};
use state::State;
use std::collections::BTreeMap;
use std::fmt;

/// A fake provider with its clients, grants and tokens. `Debug` shows none of them. A copy goes its own way, by the same clock.
#[derive(Clone)]
pub struct Provider {
    contract: Contract,
    clock: Clock,
    base_url: String,
    client: BTreeMap<String, String>,
    seed: u64,
    rules: Rules,
    state: State,
    rotate_next: bool,
    /// Whether the request at hand went to the base URL that answers tell.
    at_told: bool,
    /// Whether the request at hand is for what brings tokens where a refresh cannot.
    stands_in: bool,
}

/// What the provider made of one request. `Debug` shows no body.
#[derive(Clone)]
pub struct Answered {
    /// What it answers.
    pub response: Response<Vec<u8>>,
    /// Why.
    pub verdict: Verdict,
}

/// Why the provider answered as it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// New tokens were issued.
    Issued,
    /// The request was one of before, and got the answer of before.
    Replayed,
    /// An access token was accepted.
    Accepted,
    /// A step of an exchange was answered: another request follows.
    Prepared,
    /// The request was refused.
    Refused {
        /// By this rule.
        rule: Rule,
        /// What exactly was wrong, for people. It shows no secret.
        why: String,
    },
}

/// What a token is worth at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It was never issued.
    Unknown,
    /// It is good.
    Live,
    /// It was used, and is good for nothing, or for a replay only.
    Spent,
    /// Its life is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl Provider {
    /// A provider that keeps `contract`. Its base URL is `https://<id>.example`, with hyphens for underscores, its clock stands at
    /// 2026-11-21T08:00:00Z, and one client is registered whose values are made up.
    pub fn new(contract: Contract) -> Self {
        let id = contract.provider.id.replace('_', "-");
        let begin = Timestamp::from_second(1_795_248_000).unwrap_or(Timestamp::UNIX_EPOCH);
        let values = contract.client.iter();
        let client = values
            .map(|(name, parameter)| (name.clone(), made_up(&contract, name, parameter)))
            .collect();
        Self {
            contract,
            clock: Clock::standing(begin),
            base_url: format!("https://{id}.example"),
            client,
            seed: 0,
            rules: Rules::default(),
            state: State::default(),
            rotate_next: false,
            at_told: false,
            stands_in: false,
        }
    }

    /// The same at another base URL, without a slash at its end: `http://127.0.0.1:4000/acme`.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The same with this value of the registered client.
    #[must_use]
    pub fn with_client(mut self, name: &str, value: impl Into<String>) -> Self {
        self.client.insert(name.to_owned(), value.into());
        self
    }

    /// The same without a value for this parameter, which its client was not given.
    #[cfg(feature = "conformance")]
    #[must_use]
    pub(crate) fn without_client(mut self, name: &str) -> Self {
        self.client.remove(name);
        self
    }

    /// The same with tokens that are told apart by `seed`.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Stops to enforce a rule.
    pub fn switch_off(&mut self, rule: Rule) {
        self.rules.switch_off(rule);
    }

    /// What it keeps.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The time it goes by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where it is, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The registered client: the value of each parameter of the contract.
    pub fn client(&self) -> &BTreeMap<String, String> {
        &self.client
    }

    /// Revokes the grant that this token, of either kind, belongs to; where no token is spent, all tokens that were minted.
    pub fn revoke(&mut self, token: &str) {
        if let Some(grant) = self.state.grant_of(token) {
            self.state.revoke(grant, self.contract.request.operation.mints());
        }
    }

    /// Revokes every grant.
    pub fn revoke_all(&mut self) {
        let mints = self.contract.request.operation.mints();
        (0..self.state.grants.len()).for_each(|grant| self.state.revoke(grant, mints));
    }

    /// Answers a request. Its URI is absolute. What goes to `/-/` directly below the base URL is for the provider's own pages,
    /// of which `GET /-/protected` shows an access token; whatever else is taken for a refresh. Where a contract declares a path
    /// below `/-/`, that one is a refresh as well, if it is not `/-/protected`.
    pub fn handle(&mut self, request: &Request<Vec<u8>>) -> Answered {
        if let Some(page) = self.page(request.uri()) {
            return self.own_page(page, request);
        }
        self.answer(request).unwrap_or_else(|broken| self.refused(broken))
    }

    /// The answer of the error rule with this index in [`Contract::errors`]. Nothing is processed.
    pub fn refusal(&self, index: usize) -> Response<Vec<u8>> {
        refuse::by_rule(&self.contract, index, self.clock.now())
    }

    /// Answers a request by the error rule with this index. Nothing is processed, unless the rule says that the credential is spent by
    /// then: what the refresh brings is lost in that case.
    pub fn refuse(&mut self, index: usize, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let rule = self.contract.errors.get(index);
        if rule.is_some_and(|rule| rule.credential == Some(CredentialAfter::Spent)) {
            // A request that is not as it should be spends nothing.
            let _ = self.answer(request);
        }
        self.refusal(index)
    }

    /// From here on, until the next answer that issues tokens, that answer replaces the refresh token whatever the contract says.
    pub fn rotate_next(&mut self) {
        self.rotate_next = true;
    }

    /// How often a refresh token that was spent and not open to a replay arrived.
    pub fn reuses(&self) -> usize {
        self.state.reuses
    }

    /// Whether a request to `uri` is for a page of the provider's own, and no refresh.
    pub(crate) fn is_own_page(&self, uri: &Uri) -> bool {
        self.page(uri).is_some()
    }

    /// The page of the provider's own that `uri` names.
    fn page<'a>(&self, uri: &'a Uri) -> Option<&'a str> {
        let target = self.target(uri);
        let page = request::own_page(&target).filter(|_| target.is_here)?;
        let path = target.path?;
        let mut requests = self.contract.requests();
        let declared = page != PROTECTED && requests.any(|it| request::is_declared(it, path));
        (!declared).then_some(page)
    }

    fn answer(&mut self, request: &Request<Vec<u8>>) -> Result<Answered, Broken> {
        if self.contract.request.operation.is_local() {
            let why = "there is no token endpoint: clients make their tokens themselves";
            return Err(Broken::new(Rule::Path, why));
        }
        let target = self.target(request.uri());
        self.at_told = self.is_at_told(request.uri());
        self.rules.demand(Rule::Origin, target.is_here, || {
            format!("the request does not go to {}", self.base_url)
        })?;
        let path = target.path.unwrap_or_default();
        if let Some(step) = self.step_of(request.method(), path).cloned() {
            return self.answer_step(&step, path, request);
        }
        match self.contract.minting().filter(|_| self.is_for_mint(path, request)) {
            None => self.exchange(path, request),
            Some(minting) => {
                let contract = std::mem::replace(&mut self.contract, minting);
                self.stands_in = true;
                let answered = self.exchange(path, request);
                self.stands_in = false;
                self.contract = contract;
                answered
            }
        }
    }

    /// Whether a request is for what brings tokens where a refresh cannot: it goes where that is alone, or it holds nothing that a
    /// refresh spends.
    fn is_for_mint(&self, path: &str, request: &Request<Vec<u8>>) -> bool {
        let Some(fallback) = &self.contract.fallback else { return false };
        let (own, method) = (&self.contract.request, request.method().as_str());
        let goes_to = |it| request::is_declared(&self.at_home(it), path);
        match (goes_to(own), goes_to(&fallback.request)) {
            (_, false) => false,
            (false, true) => true,
            (true, true) if own.method != fallback.request.method => {
                method == fallback.request.method
            }
            (true, true) => {
                let own = self.with_request_at_home(&self.contract);
                let read = request::read(&own, &Rules::NONE, self, path, request);
                let sent = |slot| read.as_ref().map(|read| read.all(slot)).unwrap_or_default();
                let mut tokens = sent(&Slot::RefreshToken);
                tokens.extend(sent(&Slot::AccessToken));
                let parameters = self.parameters_of_mint(path, request);
                tokens.iter().all(|token| parameters.iter().any(|parameter| parameter == token))
            }
        }
    }

    /// What a request that brings tokens without a refresh holds of the client, as it is registered: a parameter may stand where the
    /// refresh has its token.
    fn parameters_of_mint(&self, path: &str, request: &Request<Vec<u8>>) -> Vec<String> {
        let Some(minting) = self.contract.minting() else { return Vec::new() };
        let minting = self.with_request_at_home(&minting);
        let Ok(read) = request::read(&minting, &Rules::NONE, self, path, request) else {
            return Vec::new();
        };
        let registered = |(slot, text): &(Slot, String)| match slot {
            Slot::Client(name) => self.client.get(name) == Some(text),
            _ => false,
        };
        read.bound.iter().filter(|bound| registered(bound)).map(|(_, text)| text.clone()).collect()
    }

    /// Answers a request by the contract.
    fn exchange(&mut self, path: &str, request: &Request<Vec<u8>>) -> Result<Answered, Broken> {
        self.check_limit()?;
        let contract = self.with_request_at_home(&self.contract);
        let mut reading = request::read(&contract, &self.rules, self, path, request)?;
        self.read_values(&mut reading);
        self.check_places(&reading)?;
        self.check_client(&reading)?;
        self.check_taken(&self.contract, &reading)?;
        self.check_values(&reading)?;
        self.use_up(&reading);
        let traded = self.find(&reading)?;
        self.check_told(&traded)?;
        self.refresh(&traded)
    }

    fn refused(&self, Broken { rule, why }: Broken) -> Answered {
        let why = self.masked(why);
        Answered {
            response: refuse::broken(&self.contract, rule, self.clock.now()),
            verdict: Verdict::Refused { rule, why },
        }
    }

    /// `why` without the client's secrets: somebody may have sent one as a name.
    fn masked(&self, why: String) -> String {
        let secrets = self.client.iter().filter(|(name, value)| {
            let declared = self.contract.client.get(*name);
            value.len() > 3 && declared.is_some_and(|parameter| parameter.secret)
        });
        secrets.fold(why, |why, (_, value)| why.replace(value.as_str(), "(secret)"))
    }
}

impl Known for Provider {
    fn is(&self, slot: &Slot, text: &str) -> bool {
        match slot {
            Slot::AccessToken => self.state.access.contains_key(text),
            Slot::RefreshToken => self.state.refresh.contains_key(text),
            Slot::Client(name) => self.client.get(name).is_some_and(|value| value == text),
            Slot::Taken(name) => self.gave_out(name, text),
            Slot::Value(name) => self.may_be_value(name, text),
            Slot::TokenUrl => false,
        }
    }
}

/// A value for a parameter: the default, the first of those that are allowed, or one that says what it is.
fn made_up(contract: &Contract, name: &str, parameter: &Parameter) -> String {
    if let Some(key) = contract.synthetic_key(name) {
        // In one line, fit to be pasted into a shell: without those around a PEM, the rest is base64.
        return key.lines().filter(|line| !line.starts_with('-')).collect();
    }
    if let Some(lifetime) = contract.assumed_choice(name) {
        return lifetime.as_secs().to_string();
    }
    let allowed = parameter.default.as_ref().or(parameter.one_of.first());
    let name = name.replace('_', "-").to_ascii_lowercase();
    allowed.cloned().unwrap_or_else(|| match parameter.kind {
        ParameterKind::Text | ParameterKind::HostLabel | ParameterKind::SigningKey => {
            format!("synthetic-{name}-1")
        }
        ParameterKind::Host => format!("synthetic-{name}.example"),
    })
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.contract.provider.id)
            .field("base_url", &self.base_url)
            .field("now", &self.clock.now())
            .field("grants", &self.state.grants.len())
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
            .field("status", &self.response.status())
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}
