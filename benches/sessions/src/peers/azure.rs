//! azure_identity: an application's secret. It wants an https address, but takes a transport of its user's, which goes to the
//! server whatever the address is.

use std::sync::Arc;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, HttpClient, Request, StatusCode, Transport,
};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};

use super::{CLIENT_ID, CLIENT_SECRET, SCOPE};
use crate::Error;
use crate::peer::{Peer, Start};

/// The peer. It holds no refresh token: it signs in again.
pub struct Azure(Arc<ClientSecretCredential>);

impl Peer for Azure {
    const NAME: &'static str = "azure_identity 1.1";
    const STORE: bool = false;

    async fn open(start: Start) -> Result<Self, Error> {
        let transport = Loopback { client: reqwest::Client::new(), url: start.url };
        let options = ClientSecretCredentialOptions {
            client_options: ClientOptions {
                transport: Some(Transport::new(Arc::new(transport))),
                ..ClientOptions::default()
            },
        };
        let credential = ClientSecretCredential::new(
            "tenant",
            CLIENT_ID.to_owned(),
            Secret::new(CLIENT_SECRET),
            Some(options),
        )?;
        Ok(Self(credential))
    }

    async fn token<R: Send>(
        &self,
        look: impl FnOnce(Option<&str>) -> R + Send,
    ) -> Result<R, Error> {
        let token = self.0.get_token(&[SCOPE], None).await?;
        Ok(look(Some(token.token.secret())))
    }
}

/// Sends everything to one address.
#[derive(Debug)]
struct Loopback {
    client: reqwest::Client,
    url: String,
}

#[async_trait::async_trait]
impl HttpClient for Loopback {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let Body::Bytes(body) = request.body().clone() else {
            return Err(failed("a body that is a stream"));
        };
        let answer = self.client.post(&self.url).body(body).send().await;
        let answer = answer.map_err(failed)?;
        let status = StatusCode::from(answer.status().as_u16());
        let body = answer.bytes().await.map_err(failed)?;
        Ok(AsyncRawResponse::from_bytes(status, Headers::new(), body))
    }
}

fn failed(error: impl Into<Error>) -> azure_core::Error {
    azure_core::Error::new(ErrorKind::Io, error)
}
