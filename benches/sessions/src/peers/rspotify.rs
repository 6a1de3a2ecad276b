//! rspotify: the flow with PKCE, whose refresh tokens are for single use. What each of its calls does first is asked for alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rspotify::clients::BaseClient;
use rspotify::{
    AuthCodePkceSpotify, CallbackError, Config, Credentials, OAuth, Token, TokenCallback,
};

use super::CLIENT_ID;
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer.
pub struct Rspotify(AuthCodePkceSpotify);

impl Peer for Rspotify {
    const NAME: &'static str = "rspotify 0.16";
    const STORE: bool = true;

    async fn open(start: Start) -> Result<Self, Error> {
        // The default token has expired when it is made.
        let token = Token { refresh_token: Some(start.refresh_token), ..Token::default() };
        let config = Config {
            auth_base_url: start.url,
            token_refreshing: true,
            token_callback_fn: Arc::new(Some(callback(start.first_write_fails))),
            ..Config::default()
        };
        let client = AuthCodePkceSpotify::from_token_with_config(
            token,
            Credentials::new_pkce(CLIENT_ID),
            OAuth::default(),
            config,
        );
        Ok(Self(client))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        self.0.auto_reauth().await?;
        let token = self.0.get_token();
        let token = token.lock().await.map_err(|_| "the lock is poisoned")?;
        let token = token.as_ref().ok_or("no token is left")?;
        Ok(look(Some(&token.access_token)))
    }
}

/// Writes a token, but for the first time perhaps.
fn callback(first_fails: bool) -> TokenCallback {
    let fails = AtomicBool::new(first_fails);
    TokenCallback(Box::new(move |_| {
        if fails.swap(false, Ordering::Relaxed) {
            let full = "the disk is full".to_owned();
            return Err(CallbackError::CustomizedError(full));
        }
        Ok(())
    }))
}
