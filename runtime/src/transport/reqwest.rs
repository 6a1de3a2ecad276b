//! The asynchronous transport over `reqwest`.

use http::{Request, Response};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};

use super::{Limits, Sent, Transport, TransportError, TransportErrorKind, cause, guard};

/// Carries requests with a `reqwest` client.
///
/// The client keeps connections: make one and share it; a clone is cheap and shares them too.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: Client,
    limits: Limits,
}

impl ReqwestTransport {
    /// A transport with the default [`Limits`]. A proxy that the environment names is used, as reqwest does.
    ///
    /// # Errors
    /// When the client cannot be made: TLS is on and cannot be set up.
    pub fn new() -> Result<Self, TransportError> {
        Self::from_builder(Client::builder(), Limits::default())
    }

    /// A transport with other limits.
    ///
    /// # Errors
    /// As [`ReqwestTransport::new`].
    pub fn with_limits(limits: Limits) -> Result<Self, TransportError> {
        Self::from_builder(Client::builder(), limits)
    }

    /// A transport with settings of your own: proxies, certificates, a user agent.
    ///
    /// Redirects, retries and time-outs are set here, whatever the builder says about them.
    ///
    /// # Errors
    /// As [`ReqwestTransport::new`].
    pub fn from_builder(builder: ClientBuilder, limits: Limits) -> Result<Self, TransportError> {
        let client = builder
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(limits.timeout)
            .connect_timeout(limits.connect_timeout())
            .build()
            .map_err(classify)?;
        Ok(Self { client, limits })
    }
}

impl Transport for ReqwestTransport {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        guard::check(request.uri())?;
        let request = translate(request)?;
        let mut answer = self.client.execute(request).await.map_err(classify)?;
        let mut response = Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        *response.body_mut() = read(answer, self.limits.body_cap()).await?;
        Ok(response)
    }
}

/// The request as `reqwest` has it.
fn translate(request: Request<Vec<u8>>) -> Result<reqwest::Request, TransportError> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string())
        .map_err(|_| TransportError::bare(TransportErrorKind::Other, Sent::No))?;
    let mut request = reqwest::Request::new(parts.method, url);
    *request.headers_mut() = parts.headers;
    *request.version_mut() = parts.version;
    *request.body_mut() = Some(body.into());
    Ok(request)
}

/// The body, as far as the cap.
async fn read(mut answer: reqwest::Response, cap: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(after_sending)? {
        if chunk.len() > cap - body.len() {
            return Err(TransportError::bare(TransportErrorKind::BodyTooLarge, Sent::Maybe));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn classify(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if error.is_builder() {
        return TransportError::not_sent(TransportErrorKind::Other, error);
    }
    if !error.is_connect() {
        return after_sending(error);
    }
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { cause::of_connecting(&error) };
    TransportError::not_sent(kind, error)
}

fn after_sending(error: reqwest::Error) -> TransportError {
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Io };
    TransportError::maybe_sent(kind, error.without_url())
}
