//! yup-oauth2: an installed application's flow. Over a store of ours, which is how a user's refresh token outlives a process, and
//! over its own store in memory, which costs less.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Mutex;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::authenticator_delegate::InstalledFlowDelegate;
use yup_oauth2::storage::{TokenInfo, TokenStorage, TokenStorageError};
use yup_oauth2::{
    ApplicationSecret, CustomHyperClientBuilder, InstalledFlowAuthenticator,
    InstalledFlowReturnMethod,
};

use super::{CLIENT_ID, CLIENT_SECRET, SCOPE};
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer.
pub struct Yup {
    authenticator: Authenticator<HttpConnector>,
    asked: Arc<AtomicBool>,
}

impl Peer for Yup {
    const NAME: &'static str = "yup-oauth2 12";
    const STORE: bool = true;

    async fn open(start: Start) -> Result<Self, Error> {
        let asked = Arc::new(AtomicBool::new(false));
        let storage = Storage {
            token: Mutex::new(expired(start.refresh_token)),
            fails: AtomicBool::new(start.first_write_fails),
        };
        let user = Absent(Arc::clone(&asked));
        let authenticator = built(&start.url, Some(Box::new(storage)), user).await?;
        Ok(Self { authenticator, asked })
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.authenticator.token(&[SCOPE]).await?;
        Ok(look(token.token()))
    }

    fn asked_user(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

/// The peer with its store in memory, whose user signs in once.
pub struct YupInMemory(Authenticator<HttpConnector>);

impl Peer for YupInMemory {
    const NAME: &'static str = Yup::NAME;
    const STORE: bool = false;

    async fn open(start: Start) -> Result<Self, Error> {
        Ok(Self(built(&start.url, None, Present).await?))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.0.token(&[SCOPE]).await?;
        Ok(look(token.token()))
    }
}

async fn built(
    url: &str,
    storage: Option<Box<dyn TokenStorage>>,
    user: impl InstalledFlowDelegate + 'static,
) -> Result<Authenticator<HttpConnector>, Error> {
    // As its default client, less TLS.
    let client = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build::<_, String>(HttpConnector::new());
    let mut flow = InstalledFlowAuthenticator::with_client(
        secret(url),
        InstalledFlowReturnMethod::Interactive,
        CustomHyperClientBuilder::from(client),
    )
    .flow_delegate(Box::new(user));
    if let Some(storage) = storage {
        flow = flow.with_storage(storage);
    }
    Ok(flow.build().await?)
}

fn secret(url: &str) -> ApplicationSecret {
    ApplicationSecret {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        token_uri: format!("{url}/token"),
        auth_uri: format!("{url}/authorize"),
        ..ApplicationSecret::default()
    }
}

fn expired(refresh_token: String) -> TokenInfo {
    TokenInfo {
        access_token: Some("access-0".to_owned()),
        refresh_token: Some(refresh_token),
        expires_at: Some(time::OffsetDateTime::UNIX_EPOCH),
        id_token: None,
    }
}

/// A store of one token, whose first write may fail.
struct Storage {
    token: Mutex<TokenInfo>,
    fails: AtomicBool,
}

#[async_trait]
impl TokenStorage for Storage {
    async fn set(&self, _scopes: &[&str], token: TokenInfo) -> Result<(), TokenStorageError> {
        if self.fails.swap(false, Ordering::Relaxed) {
            return Err(TokenStorageError::Other("the disk is full".into()));
        }
        *self.token.lock().await = token;
        Ok(())
    }

    async fn get(&self, _scopes: &[&str]) -> Option<TokenInfo> {
        Some(self.token.lock().await.clone())
    }
}

/// A user who signs in at once.
struct Present;

impl InstalledFlowDelegate for Present {
    fn present_user_url<'a>(
        &'a self,
        _url: &'a str,
        _need_code: bool,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        Box::pin(async { Ok("code".to_owned()) })
    }
}

/// A user who is not there.
struct Absent(Arc<AtomicBool>);

impl InstalledFlowDelegate for Absent {
    fn present_user_url<'a>(
        &'a self,
        _url: &'a str,
        _need_code: bool,
    ) -> Pin<Box<dyn Future<Output = Result<String, String>> + Send + 'a>> {
        self.0.store(true, Ordering::Relaxed);
        Box::pin(async { Err("no person is there".to_owned()) })
    }
}
