//! gcp_auth: a service account whose key is made for the run, with the token server's address beside it.

use ::gcp_auth::{CustomServiceAccount, TokenProvider};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::json;

use super::SCOPE;
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer. It holds no refresh token: it signs an assertion again.
pub struct GcpAuth(CustomServiceAccount);

impl Peer for GcpAuth {
    const NAME: &'static str = "gcp_auth 0.12";
    const STORE: bool = false;

    async fn open(start: Start) -> Result<Self, Error> {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048)?;
        let account = json!({
            "type": "service_account",
            "project_id": "project",
            "private_key": *key.to_pkcs8_pem(LineEnding::LF)?,
            "client_email": "account@project.example",
            "token_uri": format!("{}/token", start.url),
        });
        Ok(Self(CustomServiceAccount::from_json(&account.to_string())?))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.0.token(&[SCOPE]).await?;
        Ok(look(Some(token.as_str())))
    }
}
