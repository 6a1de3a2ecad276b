//! huskarl: its cache over a refresh grant and a store of ours.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use huskarl::cache::{
    GrantTokenSource, InMemoryTokenCache, NoSource, RefreshTokenStore, TokenSource,
};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::{self, RetryAdvice};
use huskarl::grant::refresh::RefreshGrant;
use huskarl::token::RefreshToken;
use huskarl_reqwest::ReqwestClient;

use super::CLIENT_ID;
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer.
pub struct Huskarl(InMemoryTokenCache<GrantTokenSource<RefreshGrant, Store>>);

impl Peer for Huskarl {
    const NAME: &'static str = "huskarl 0.11";
    const STORE: bool = true;

    async fn open(start: Start) -> Result<Self, Error> {
        let token = RefreshToken::new(start.refresh_token.as_str().into(), None);
        let grant = RefreshGrant::builder()
            .client_id(CLIENT_ID)
            .http_client(ReqwestClient::from(reqwest::Client::new()))
            .token_endpoint(format!("{}/token", start.url).parse()?)
            .build();
        let source = GrantTokenSource::builder()
            .grant(grant)
            .grant_parameters(NoSource)
            .refresh_store(Store {
                token: Mutex::new(Some(token)),
                fails: AtomicBool::new(start.first_write_fails),
            })
            .build();
        Ok(Self(InMemoryTokenCache::builder().source(source).build()))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let response = self.0.token().await?;
        Ok(look(Some(response.access_token().token().expose_secret())))
    }
}

/// A store of one token, whose first write may fail.
struct Store {
    token: Mutex<Option<RefreshToken>>,
    fails: AtomicBool,
}

impl Store {
    fn put(&self, token: Option<RefreshToken>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

impl RefreshTokenStore for Store {
    fn get(&self) -> MaybeSendBoxFuture<'_, Result<Option<RefreshToken>, core::Error>> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let token = token.clone();
        Box::pin(async { Ok(token) })
    }

    fn set<'a>(
        &'a self,
        token: &'a RefreshToken,
    ) -> MaybeSendBoxFuture<'a, Result<(), core::Error>> {
        Box::pin(async {
            if self.fails.swap(false, Ordering::Relaxed) {
                return Err(core::Error::new(RetryAdvice::No, "the disk is full"));
            }
            self.put(Some(token.clone()));
            Ok(())
        })
    }

    fn clear(&self) -> MaybeSendBoxFuture<'_, Result<(), core::Error>> {
        Box::pin(async {
            self.put(None);
            Ok(())
        })
    }
}
