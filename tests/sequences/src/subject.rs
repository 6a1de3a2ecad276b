//! Every generated client behind one face.

use http::{Request, Response};
use rekindle_contract::contract::Contract;
use rekindle_runtime::Place;
use rekindle_testkit::conformance::words::{end, expiry, failure, lost};
use rekindle_testkit::{Ask, End, Fake, Held, Lost, Outcome};
use std::collections::BTreeMap;

/// Carries a request and brings the answer.
pub type Carry<'a> = &'a mut dyn FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Lost>;

/// A generated client.
#[derive(Clone, Copy)]
pub struct Subject {
    /// The provider's id.
    pub id: &'static str,
    /// The path of the contract, as JSON.
    contract: &'static str,
    refresh: Refresh,
}

/// One refresh: the provider's URL, the integrator's settings, what is asked, and what carries the request.
pub type Refresh = fn(&str, &BTreeMap<String, String>, Ask<'_>, Carry<'_>) -> Outcome;

impl Subject {
    /// A client of the same provider that refreshes in another way.
    pub fn with(self, refresh: Refresh) -> Self {
        Self { refresh, ..self }
    }

    /// A fake provider that keeps the contract from which the client was generated.
    ///
    /// # Panics
    /// When the committed contract is none.
    pub fn fake(&self) -> Fake {
        Fake::of(&self.text())
    }

    /// The contract from which the client was generated.
    ///
    /// # Panics
    /// When the committed contract is none.
    pub fn contract(&self) -> Contract {
        serde_json::from_str(&self.text()).expect("a committed contract")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.contract).expect("the committed contract of the client")
    }

    /// One refresh by the client, as an integrator with these `settings` whose provider is at `url`.
    pub fn refresh(
        &self,
        url: &str,
        settings: &BTreeMap<String, String>,
        ask: Ask<'_>,
        carry: Carry<'_>,
    ) -> Outcome {
        (self.refresh)(url, settings, ask, carry)
    }
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// A subject: how the client is built, what it spends of what is held, and where its tokens are.
macro_rules! subject {
    (
        $module:ident,
        client: |$url:ident, $settings:ident| $client:expr,
        credential: |$held:ident| $credential:expr,
        access: $access:ident,
        refresh: $($refresh:ident)?,
        replaced: |$new:ident: $spent:ident| $replaced:expr $(,)?
    ) => {
        Subject {
            id: stringify!($module),
            contract: concat!(env!("CARGO_MANIFEST_DIR"), "/../../generated/contracts/", stringify!($module), ".json"),
            refresh: |$url, $settings, ask, carry| {
                use rekindle_clients::$module::*;
                let $url = Place::loopback($url);
                let client = $client.expect("the settings are complete");
                let $held = ask.held;
                let failure = |error, sent| {
                    Outcome::Failed(failure(error, sent, |$new: $spent| $replaced))
                };
                match client.refresh_request($credential, ask.started_at()) {
                    Err(error) => failure(error, false),
                    Ok((request, pending)) => {
                        let ended = match carry(request) {
                            Ok(response) => pending.finish(response),
                            Err(gone) => Err(pending.fail(lost(gone))),
                        };
                        match ended {
                            Err(error) => failure(error, true),
                            Ok(tokens) => Outcome::Tokens(Held {
                                access_token: tokens.$access.expose().to_owned(),
                                access_expires: end(tokens.$access.expiry()),
                                refresh_token: None $(.or(Some(tokens.$refresh.expose().to_owned())))?,
                                refresh_expires: [End::Undeclared $(, end(tokens.$refresh.expiry()))?]
                                    .last().copied().unwrap_or(End::Undeclared),
                                base_url: None,
                            }),
                        }
                    }
                }
            },
        }
    };
}

/// The five first providers' clients.
pub const SUBJECTS: [Subject; 5] = [
    subject!(
        blazex,
        client: |url, _settings| Client::new(url),
        credential: |held| RefreshToken::new(held.refresh_text()).with_expiry(expiry(held.refresh_expires)),
        access: access_token,
        refresh: refresh_token,
        replaced: |new: RefreshToken| new.expose().to_owned(),
    ),
    subject!(
        seven_g,
        client: |url, _settings| Client::new(url),
        credential: |held| Credential {
            access_token: AccessToken::new(held.access_token.as_str())
                .with_expiry(expiry(held.access_expires)),
            refresh_token: RefreshToken::new(held.refresh_text())
                .with_expiry(expiry(held.refresh_expires)),
        },
        access: access_token,
        refresh: refresh_token,
        replaced: |new: Credential| new.refresh_token.expose().to_owned(),
    ),
    subject!(
        transak,
        client: |url, _settings| Client::new(url),
        credential: |held| AccessToken::new(held.access_token.as_str())
            .with_expiry(expiry(held.access_expires)),
        access: access_token,
        refresh: ,
        replaced: |new: AccessToken| new.expose().to_owned(),
    ),
    subject!(
        wetix,
        client: |url, settings| Client::new(url, Settings {
            client_id: settings["client_id"].clone(),
            client_secret: settings["client_secret"].as_str().into(),
        }),
        credential: |held| RefreshToken::new(held.refresh_text()).with_expiry(expiry(held.refresh_expires)),
        access: access_token,
        refresh: refresh_token,
        replaced: |new: RefreshToken| new.expose().to_owned(),
    ),
    subject!(
        xellar,
        client: |url, settings| Client::new(url, Settings {
            client_secret: settings["client_secret"].as_str().into(),
        }),
        credential: |held| RefreshToken::new(held.refresh_text()).with_expiry(expiry(held.refresh_expires)),
        access: wallet_token,
        refresh: refresh_token,
        replaced: |new: RefreshToken| new.expose().to_owned(),
    ),
];
