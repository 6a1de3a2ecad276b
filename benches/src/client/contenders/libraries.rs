//! Libraries that refresh tokens.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use oauth2::basic::BasicClient;
use oauth2::{ClientId, ClientSecret, RefreshToken, TokenResponse, TokenUrl};
use rekindle_benches::Error;
use rekindle_benches::rounds::Contender;
use yup_oauth2::storage::{TokenInfo, TokenStorage, TokenStorageError};
use yup_oauth2::{ApplicationSecret, DeviceFlowAuthenticator};

use super::{OAUTH2, runtime, waiting};
use crate::exchange::{CLIENT_ID, CLIENT_SECRET, HELD};

/// As its documentation shows it.
pub fn oauth2(url: &str) -> Result<Contender<'static>, Error> {
    let client = BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
        .set_client_secret(ClientSecret::new(CLIENT_SECRET.to_owned()))
        .set_token_uri(TokenUrl::new(url.to_owned())?);
    let policy = oauth2::reqwest::redirect::Policy::none();
    let http = oauth2::reqwest::ClientBuilder::new().redirect(policy).build()?;
    let first = RefreshToken::new(HELD.to_owned());
    Ok(waiting(OAUTH2, runtime()?, first, async move |held: RefreshToken| {
        let answer = client.exchange_refresh_token(&held).request_async(&http).await?;
        std::hint::black_box((answer.access_token(), answer.expires_in()));
        Ok(answer.refresh_token().ok_or("no refresh token")?.clone())
    }))
}

/// With a store in memory.
pub fn yup(url: &str) -> Result<Contender<'static>, Error> {
    let secret = ApplicationSecret {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        token_uri: url.to_owned(),
        ..ApplicationSecret::default()
    };
    let store = Store(Arc::new(Mutex::new(TokenInfo {
        access_token: None,
        refresh_token: Some(HELD.to_owned()),
        expires_at: None,
        id_token: None,
    })));
    let runtime = runtime()?;
    let client = runtime
        .block_on(DeviceFlowAuthenticator::builder(secret).with_storage(Box::new(store)).build())?;
    Ok(waiting("yup-oauth2 12", runtime, (), async move |()| {
        std::hint::black_box(client.force_refreshed_token(&["scope"]).await?);
        Ok(())
    }))
}

/// The tokens that are held.
struct Store(Arc<Mutex<TokenInfo>>);

#[async_trait]
impl TokenStorage for Store {
    async fn set(&self, _: &[&str], token: TokenInfo) -> Result<(), TokenStorageError> {
        if let Ok(mut held) = self.0.lock() {
            *held = token;
        }
        Ok(())
    }

    async fn get(&self, _: &[&str]) -> Option<TokenInfo> {
        self.0.lock().ok().map(|held| held.clone())
    }
}
