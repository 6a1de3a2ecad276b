//! What a test file says of the client under test.

use crate::fake::contract_in;
use http::{HeaderMap, Request};
use rekindle_contract::contract::Contract;
use rekindle_runtime::{Deviation, Error, Renew, kit};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

/// How the client under test is made, and what its types are. A generated test file implements it in a few lines; nothing of what
/// is expected comes from here.
pub trait Harness: 'static {
    /// The client.
    type Client: Renew<Credential: Debug, Tokens: Debug, Pending: Debug, Outputs: kit::Outputs>
        + kit::Contract
        + Clone
        + Debug;
    /// Its access token.
    type AccessToken: kit::Token + Debug;
    /// Its refresh token; [`NoRefreshToken`] where there is none.
    type RefreshToken: kit::Token + Debug;

    /// The contract as JSON, with every default filled in.
    const CONTRACT: &'static str;

    /// The client at this place.
    ///
    /// # Errors
    /// The client refuses what was given.
    fn client(
        at: kit::Place<Self::Client>,
        settings: Settings<Self>,
        options: Options<Self>,
    ) -> Result<Self::Client, Error>;

    /// The documented host of this name.
    fn environment(_name: &str) -> Option<Environment<Self>> {
        None
    }

    /// The same with what it alone needs of these values.
    fn environment_of(name: &str, _given: &Given) -> Option<Environment<Self>> {
        Self::environment(name)
    }

    /// What must be given.
    fn settings(given: &Given) -> Settings<Self>;

    /// What may be given.
    fn options(_given: &Given) -> Options<Self> {
        Options::<Self>::default()
    }

    /// What an exchange spends of these tokens.
    fn credential(access: Self::AccessToken, refresh: Self::RefreshToken) -> Credential<Self>;

    /// What an exchange brought.
    fn tokens(tokens: Tokens<Self>) -> Brought<Self>;

    /// The access token as sessions serve it, taken.
    fn served(token: <Self::Client as Renew>::AccessToken) -> Self::AccessToken;

    /// Whether the access token and the refresh token can be cloned: [`is_clone!`](crate::is_clone).
    fn clonable() -> [bool; 2];

    /// Puts the access token into a request; `None` where the contract does not say how.
    fn authorize(_: Self::AccessToken, _: &mut Request<()>) -> Option<Result<(), Error>> {
        None
    }

    /// Puts the access token, as sessions serve it, into headers; `None` where the contract does not say how.
    fn attach(
        _: &<Self::Client as Renew>::AccessToken,
        _: &mut HeaderMap,
    ) -> Option<Result<(), Error>> {
        None
    }
}

/// The documented hosts of a client.
pub type Environment<H> = <<H as Harness>::Client as kit::Contract>::Environment;
/// What must be given to a client.
pub type Settings<H> = <<H as Harness>::Client as kit::Contract>::Settings;
/// What may be given to a client.
pub type Options<H> = <<H as Harness>::Client as kit::Contract>::Options;
/// What an exchange of a client spends.
pub type Credential<H> = <<H as Harness>::Client as rekindle_runtime::Provider>::Credential;
/// What an exchange of a client brings.
pub type Tokens<H> = <<H as Harness>::Client as rekindle_runtime::Provider>::Tokens;

/// What an exchange brought, by the roles of its parts.
#[derive(Debug)]
pub struct Brought<H: Harness + ?Sized> {
    /// The access token.
    pub access: H::AccessToken,
    /// The refresh token; `None` where the provider has none.
    pub refresh: Option<H::RefreshToken>,
    /// The scope, where answers may tell one.
    pub scope: Option<String>,
    /// Where the answer differed from the contract.
    pub deviations: Vec<Deviation>,
}

/// The values of a client's parameters, by name.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeMap<String, String>);

impl Given {
    /// These values.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// The same with this value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The value of a parameter; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Does `set` to `options` where there is a value.
    pub fn set<O>(&self, name: &str, options: O, set: impl FnOnce(O, &str) -> O) -> O {
        match self.0.get(name) {
            Some(value) => set(options, value),
            None => options,
        }
    }
}

/// The refresh token of a provider that has none.
#[derive(Debug)]
pub struct NoRefreshToken(kit::Held);

rekindle_runtime::token!(NoRefreshToken, refresh, once, "refresh token");

/// The contract of a harness. It is read once: a check makes thousands of clients.
pub(super) fn contract_of<H: Harness>() -> Arc<Contract> {
    static READ: Mutex<BTreeMap<&'static str, Arc<Contract>>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let read = read.entry(H::CONTRACT).or_insert_with(|| Arc::new(contract_in(H::CONTRACT)));
    Arc::clone(read)
}
