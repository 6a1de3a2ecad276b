//! Sessions in other stacks, with real parts: a generated client, a fake provider on a port of this machine, and the
//! HTTP clients that people use.
//!
//! [`Place`] is a provider with its API, [`Strict`] a service that insists on being ready.

mod strict;
mod watched;

use std::path::Path;
use std::time::{Duration, SystemTime};

use rekindle_clients::wetix;
use rekindle_runtime::clock::VirtualClock;
use rekindle_runtime::session::{Renewable, Session, SessionBuilder};
use rekindle_runtime::{Grant, HyperTransport, Token, kit};
use rekindle_testkit::Fake;
use rekindle_testkit::conformance::words::expiry;
use rekindle_testkit::provider::Provider;
use rekindle_testkit::serve::Serving;

pub use rekindle_contract::contract::{Fault, Trouble};
pub use strict::Strict;
pub use watched::Watched;

/// The provider of a spec of the language's own.
///
/// # Panics
/// When there is no such spec.
pub fn provider_of(spec: &str) -> Fake {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../language/specs").join(spec);
    let checked = rekindle_contract::check(&rekindle_contract::load(&[path]).expect("a spec"));
    Fake::new(Provider::new(checked.contracts.into_iter().next().expect("a contract")))
}

/// A session of a person who has signed in, with time that stands, and what signing in brought.
///
/// # Panics
/// When the session cannot be had.
pub async fn signed_in<P: Renewable>(fake: &Fake, client: P) -> (Session<P>, Grant) {
    let clock = VirtualClock::new(SystemTime::from(fake.clock().now()));
    let session = Session::builder(client, HyperTransport::http()).clock(clock);
    let session = session.open().await.expect("a session");
    let grant = sign_in(fake);
    session.sign_in(grant.clone()).await.expect("tokens");
    (session, grant)
}

fn sign_in(fake: &Fake) -> Grant {
    let held = fake.provider().sign_in();
    let access = Token::new(held.access_token).with_expiry(expiry(held.access_expires));
    let refresh = Token::new(held.refresh_token.unwrap_or_default())
        .with_expiry(expiry(held.refresh_expires));
    Grant::new().with_access_token(access).with_refresh_token(refresh)
}

/// The registered client's secret.
pub const CLIENT_SECRET: &str = "CLIENT_SECRET_CANARY";

/// A fake provider on a port of this machine. Its API is one page, which is read with an access token.
#[derive(Debug)]
pub struct Place {
    /// The provider.
    pub fake: Fake,
    /// The time of its sessions; the provider's own is [`Fake::clock`].
    pub clock: VirtualClock,
    /// What carries the requests of its sessions.
    pub transport: Watched,
    _serving: Serving,
}

impl Place {
    /// A provider that keeps the contract of WeTix, but for its access tokens: they last an hour and not 60 days, so that they
    /// end before the refresh token does.
    pub fn open() -> Self {
        let contract = include_str!("../../../generated/contracts/wetix.json");
        let fake = Fake::of(&contract.replace("5184000", "3600"))
            .with_client("client_id", "fitting")
            .with_client("client_secret", CLIENT_SECRET);
        let clock = VirtualClock::new(SystemTime::from(fake.clock().now()));
        let serving = fake.serve();
        Self { fake, clock, transport: Watched::default(), _serving: serving }
    }

    /// A client of it.
    ///
    /// # Panics
    /// When the settings are not complete.
    pub fn client(&self) -> wetix::Client {
        let settings = wetix::Settings {
            client_id: "fitting".to_owned(),
            client_secret: CLIENT_SECRET.into(),
        };
        let client = wetix::Client::new(kit::Place::loopback(self.fake.url()), settings);
        client.expect("the settings are complete")
    }

    /// The tokens of a new sign-in.
    pub fn sign_in(&self) -> Grant {
        sign_in(&self.fake)
    }

    /// Describes a session, with time that stands.
    pub fn describe(&self) -> SessionBuilder<wetix::Client> {
        Session::builder(self.client(), self.transport.clone()).clock(self.clock.clone())
    }

    /// A session of a person who has signed in.
    ///
    /// # Panics
    /// When the session cannot be had.
    pub async fn session(&self) -> Session<wetix::Client> {
        let session = self.describe().open().await.expect("a session");
        session.sign_in(self.sign_in()).await.expect("tokens");
        session
    }

    /// The page that is read with an access token.
    pub fn api(&self) -> String {
        format!("{}/-/protected", self.fake.url())
    }

    /// Ends every access token without the sessions knowing: the provider's clock alone goes on, by two hours.
    pub fn outlive(&self) {
        self.fake.clock().advance(Duration::from_secs(2 * 3600));
    }

    /// How many refreshes have arrived.
    pub fn refreshes(&self) -> usize {
        let arrived = self.fake.arrived();
        let posted = arrived.iter().filter(|one| one.request.method() == "POST");
        posted.count()
    }

    /// By which rules requests to the API were refused; `None` where one was not. The oldest first.
    pub fn reads(&self) -> Vec<Option<&'static str>> {
        let arrived = self.fake.arrived();
        let read = arrived.iter().filter(|one| one.request.method() == "GET");
        read.map(|one| one.refused_by()).collect()
    }
}
