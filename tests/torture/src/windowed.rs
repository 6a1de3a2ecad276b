//! A client whose provider answers a lost exchange once more, for a short time, and whose tokens live shortly.

use std::time::{Duration, SystemTime};

use http::Request;
use rekindle_contract::contract::{Contract, ReplayEnd, Spent as ContractSpent};
use rekindle_language::replay_window as within;
use rekindle_runtime::facts::{Facts, Spent};
use rekindle_runtime::fate::RefreshError;
use rekindle_runtime::grant::Grant;
use rekindle_runtime::renew::Renew;
use rekindle_runtime::{Deviation, Place, Provider, Token};
use rekindle_sessions::{Integrator as _, contract};

use crate::provider::{Registered, Tried};

/// For how long a spent refresh token may be sent again: shorter than the spec says, so that it is over while a scenario runs.
pub(crate) const WINDOW: Duration = Duration::from_millis(1500);
/// How long an access token lives.
const LIFE: Duration = Duration::from_secs(1);

type Inner = within::Client;

/// The client. It goes by [`WINDOW`].
pub(crate) struct Windowed(Inner);

impl Tried for Windowed {
    fn of(registered: &Registered) -> Result<Self, String> {
        let settings = within::Settings {
            client_id: registered.client_id.clone(),
            client_secret: registered.client_secret.as_str().into(),
        };
        let client = Inner::new(Place::loopback(&registered.url), settings);
        client.map(Self).map_err(|error| error.to_string())
    }

    fn contract() -> Contract {
        let mut contract = contract(Inner::SPEC);
        contract.access.usual_lifetime = Some(LIFE);
        if let Some(ContractSpent::Good { until, .. }) =
            contract.refresh.as_mut().map(|refresh| &mut refresh.spent)
        {
            *until = ReplayEnd::After(WINDOW);
        }
        contract
    }
}

impl Windowed {
    /// The text of an access token.
    pub(crate) fn text(token: &within::AccessToken) -> String {
        token.expose().to_owned()
    }
}

impl Provider for Windowed {
    type Credential = <Inner as Provider>::Credential;
    type Tokens = <Inner as Provider>::Tokens;
    type Pending = <Inner as Provider>::Pending;

    const NAME: &'static str = Inner::NAME;
    const ID: &'static str = Inner::ID;

    fn start(
        &self,
        credential: Self::Credential,
        started_at: SystemTime,
    ) -> Result<(Request<Vec<u8>>, Self::Pending), RefreshError<Self::Credential>> {
        self.0.start(credential, started_at)
    }
}

impl Renew for Windowed {
    type AccessToken = <Inner as Renew>::AccessToken;
    type Outputs = <Inner as Renew>::Outputs;

    const FACTS: Facts = Facts { spent: Spent::GoodFor(WINDOW), ..Inner::FACTS };

    fn grant(tokens: Self::Tokens) -> (Grant, Vec<Deviation>) {
        Inner::grant(tokens)
    }

    fn credential(grant: &Grant) -> Option<Self::Credential> {
        Inner::credential(grant)
    }

    fn of_credential(credential: Self::Credential) -> Grant {
        Inner::of_credential(credential)
    }

    fn access_token(token: &Token) -> Self::AccessToken {
        Inner::access_token(token)
    }

    fn outputs(grant: &Grant) -> Self::Outputs {
        Inner::outputs(grant)
    }
}
