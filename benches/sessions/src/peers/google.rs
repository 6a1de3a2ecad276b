//! google-cloud-auth: a user's credentials, with the token server's address in them.

use google_cloud_auth::credentials::AccessTokenCredentials;
use google_cloud_auth::credentials::user_account::Builder;
use serde_json::json;

use super::{CLIENT_ID, CLIENT_SECRET};
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer.
pub struct Google(AccessTokenCredentials);

impl Peer for Google {
    const NAME: &'static str = "google-cloud-auth 1";
    const STORE: bool = false;

    async fn open(start: Start) -> Result<Self, Error> {
        let user = json!({
            "type": "authorized_user",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": start.refresh_token,
            "token_uri": format!("{}/token", start.url),
        });
        Ok(Self(Builder::new(user).build_access_token_credentials()?))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.0.access_token().await?;
        Ok(look(Some(&token.token)))
    }
}
