//! aws-smithy-runtime: its cache of identities over a resolver by hand, which keeps the refresh token that a refresh brought.

use std::sync::PoisonError;
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityFuture, ResolveCachedIdentity, ResolveIdentity, SharedIdentityCache,
    SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::{
    RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use super::CLIENT_ID;
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer.
pub struct Aws {
    cache: SharedIdentityCache,
    resolver: SharedIdentityResolver,
    components: RuntimeComponents,
    config: ConfigBag,
}

impl Peer for Aws {
    const NAME: &'static str = "aws LazyCache";
    const STORE: bool = false;
    const READS: bool = false;

    async fn open(start: Start) -> Result<Self, Error> {
        let resolver = ByHand {
            client: reqwest::Client::new(),
            url: start.url,
            refresh_token: std::sync::Mutex::new(start.refresh_token),
        };
        let components = RuntimeComponentsBuilder::for_tests()
            .with_time_source(Some(SystemTimeSource::new()))
            .with_sleep_impl(Some(TokioSleep::new()))
            .build()?;
        Ok(Self {
            cache: IdentityCache::lazy().build(),
            resolver: SharedIdentityResolver::new(resolver),
            components,
            config: ConfigBag::base(),
        })
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let identity = self
            .cache
            .resolve_cached_identity(self.resolver.clone(), &self.components, &self.config)
            .await?;
        Ok(look(identity.data::<String>().map(String::as_str)))
    }
}

/// The refresh as people write it by hand.
#[derive(Debug)]
struct ByHand {
    client: reqwest::Client,
    url: String,
    refresh_token: std::sync::Mutex<String>,
}

impl ByHand {
    fn held(&self) -> std::sync::MutexGuard<'_, String> {
        self.refresh_token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn refresh(&self, now: std::time::SystemTime) -> Result<Identity, BoxError> {
        let refresh_token = self.held().clone();
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh_token),
            ("client_id", CLIENT_ID),
        ];
        let request = self.client.post(&self.url).form(&form);
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        let access = answer["access_token"].as_str().ok_or("no access token")?;
        let seconds = answer["expires_in"].as_u64().ok_or("no lifetime")?;
        if let Some(next) = answer["refresh_token"].as_str() {
            next.clone_into(&mut self.held());
        }
        let expires = now + Duration::from_secs(seconds);
        Ok(Identity::new(access.to_owned(), Some(expires)))
    }
}

impl ResolveIdentity for ByHand {
    fn resolve_identity<'a>(
        &'a self,
        components: &'a RuntimeComponents,
        _config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            let time = components.time_source().ok_or("no clock")?;
            self.refresh(time.now()).await
        })
    }
}
