//! The fake provider, on a port of this machine, and what it counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rekindle_contract::contract::Contract;
use rekindle_language::atlassian;
use rekindle_runtime::Place;
use rekindle_runtime::session::Renewable;
use rekindle_runtime::store::Key;
use rekindle_sessions::{Integrator as _, contract};
use rekindle_testkit::provider::{Provider, Verdict};
use rekindle_testkit::serve::{Exchange, Options, Serving};
use rekindle_testkit::{Clock, Fake, Held};

use crate::report::Failure;

/// The client whose contract is the strictest there is: each refresh token is good for one exchange, and one that comes back
/// revokes the grant.
pub(crate) type Client = atlassian::Client;

/// What a client needs to reach the provider.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Where the provider is.
    pub url: String,
    /// The id of the client, where it has one.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// A client with which processes are tried.
pub(crate) trait Tried: Renewable + Sized {
    /// One that reaches the provider.
    fn of(registered: &Registered) -> Result<Self, String>;

    /// What the provider keeps.
    fn contract() -> Contract;
}

impl Tried for Client {
    fn of(registered: &Registered) -> Result<Self, String> {
        let settings = atlassian::Settings {
            client_id: registered.client_id.clone(),
            client_secret: registered.client_secret.as_str().into(),
        };
        let client = Self::new(Place::loopback(&registered.url), settings);
        client.map_err(|error| error.to_string())
    }

    fn contract() -> Contract {
        contract(Self::SPEC)
    }
}

/// The one grant's key.
pub(crate) fn key<P: Tried>() -> Key {
    Key::new(P::ID, "default")
}

/// What the provider has counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    issued: AtomicU64,
    replayed: AtomicU64,
    refused: AtomicU64,
    other: AtomicU64,
}

impl Counts {
    fn count(&self, exchange: &Exchange) {
        let one = match &exchange.verdict {
            Some(Verdict::Issued) => &self.issued,
            Some(Verdict::Replayed) => &self.replayed,
            Some(Verdict::Refused { .. }) => &self.refused,
            _ => &self.other,
        };
        one.fetch_add(1, Ordering::SeqCst);
    }
}

/// The provider, served over HTTP until it is dropped.
pub(crate) struct Served {
    pub(crate) fake: Fake,
    counts: Arc<Counts>,
    _serving: Serving,
}

impl Served {
    pub(crate) fn start<P: Tried>(seed: u64) -> Result<Self, Failure> {
        let provider = Provider::new(P::contract()).with_clock(Clock::running(1.0)).with_seed(seed);
        let fake = Fake::new(provider);
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        let options = Options {
            control: false,
            observer: Some(Box::new(move |exchange| counted.count(exchange))),
            ..Options::default()
        };
        let serving = Serving::start(vec![fake.clone()], options).map_err(Failure::setup)?;
        Ok(Self { fake, counts, _serving: serving })
    }

    /// What a client needs to reach it.
    pub(crate) fn registered(&self) -> Registered {
        let provider = self.fake.provider();
        let value = |name: &str| provider.client().get(name).cloned().unwrap_or_default();
        Registered {
            url: provider.base_url().to_owned(),
            client_id: value("client_id"),
            client_secret: value("client_secret"),
        }
    }

    /// A person signs in.
    pub(crate) fn sign_in(&self) -> Held {
        self.fake.provider().sign_in()
    }

    /// How many exchanges were granted.
    pub(crate) fn issued(&self) -> u64 {
        self.counts.issued.load(Ordering::SeqCst)
    }

    /// How many requests had been granted before, and got the same answer.
    pub(crate) fn replayed(&self) -> u64 {
        self.counts.replayed.load(Ordering::SeqCst)
    }

    /// How many requests were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.counts.refused.load(Ordering::SeqCst)
    }

    /// How often a spent token came back.
    pub(crate) fn reuses(&self) -> u64 {
        u64::try_from(self.fake.provider().reuses()).unwrap_or(u64::MAX)
    }
}
