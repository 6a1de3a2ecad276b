//! The asynchronous transport over `reqwest`.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};
use zeroize::Zeroizing;

use super::answer_body::AnswerBody;
use super::{
    Limits, MAX_HEADERS, OUR_USER_AGENT, Sent, Transport, TransportError, TransportErrorKind,
    carry_out, cause, guard,
};

/// Carries requests with a `reqwest` client. It runs inside a `tokio` runtime with time and I/O enabled.
///
/// The client keeps connections: make one and share it; a clone is cheap and shares them too. Plain `http`, which stays on this machine,
/// goes through no proxy, whatever the environment or the builder names.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: Client,
    /// For plain `http`. A proxy would see the credentials, and a builder's proxies cannot be told to leave a request alone: this is another
    /// client, made when it is needed.
    direct: Arc<OnceLock<Client>>,
    limits: Limits,
}

impl ReqwestTransport {
    /// A transport with the default [`Limits`]. A proxy that the environment names is used for `https`, as reqwest does. The user agent is
    /// `rekindle/` and the version, where the contract has none.
    ///
    /// # Errors
    /// When the client cannot be made: TLS is on and cannot be set up.
    pub fn new() -> Result<Self, TransportError> {
        Self::with_limits(Limits::default())
    }

    /// A transport with other limits.
    ///
    /// # Errors
    /// As [`ReqwestTransport::new`].
    pub fn with_limits(limits: Limits) -> Result<Self, TransportError> {
        Self::from_builder(Client::builder().user_agent(OUR_USER_AGENT), limits)
    }

    /// A transport with settings of your own: proxies, certificates, a user agent (there is none unless the builder has one).
    ///
    /// Redirects, retries, time-outs and how answers are read are set here, whatever the builder says about them. They are for `https`: plain
    /// `http` to this machine goes as [`ReqwestTransport::new`] sends it.
    ///
    /// # Errors
    /// As [`ReqwestTransport::new`].
    pub fn from_builder(builder: ClientBuilder, limits: Limits) -> Result<Self, TransportError> {
        let client = build(builder, &limits)?;
        Ok(Self { client, direct: Arc::default(), limits })
    }

    /// A transport that shows a client certificate (RFC 8705).
    ///
    /// # Errors
    /// The certificate, its key or the authorities cannot be read; else as [`ReqwestTransport::new`].
    #[cfg(feature = "reqwest-rustls")]
    pub fn with_certificate(
        certificate: &super::ClientCertificate,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        use super::certificate::unreadable;
        let identity = reqwest::Identity::from_pem(certificate.pem()).map_err(|_| unreadable())?;
        let mut builder = Client::builder().user_agent(OUR_USER_AGENT).identity(identity);
        if let Some(authorities) = certificate.authorities() {
            let authorities = reqwest::Certificate::from_pem_bundle(authorities);
            builder = builder.tls_certs_only(authorities.map_err(|_| unreadable())?);
        }
        Self::from_builder(builder, limits)
    }

    fn direct(&self) -> Result<&Client, TransportError> {
        if let Some(client) = self.direct.get() {
            return Ok(client);
        }
        let builder = Client::builder().user_agent(OUR_USER_AGENT).no_proxy();
        let client = build(builder, &self.limits)?;
        Ok(self.direct.get_or_init(|| client))
    }
}

fn build(builder: ClientBuilder, limits: &Limits) -> Result<Client, TransportError> {
    builder
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .timeout(Duration::MAX)
        .connect_timeout(limits.connect_timeout())
        // What RFC 9112 lets a user agent read (sections 5.1, 5.2) is read: a credential is spent by then.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_max_headers(MAX_HEADERS)
        .build()
        .map_err(classify)
}

impl Transport for ReqwestTransport {
    async fn send(
        &self,
        mut request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        guard::prepare(&mut request)?;
        let client = if guard::is_plain(request.uri()) { self.direct()? } else { &self.client };
        let request = translate(request)?;
        carry_out(&self.limits, async {
            let mut answer = client.execute(request).await.map_err(classify)?;
            let mut response = Response::new(Vec::new());
            *response.status_mut() = answer.status();
            *response.version_mut() = answer.version();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            let whole = AnswerBody::new(&self.limits, response.status(), response.headers());
            *response.body_mut() = read(answer, whole).await?;
            Ok(response)
        })
        .await
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
    *request.body_mut() = Some(Bytes::from_owner(Zeroizing::new(body)).into());
    Ok(request)
}

/// The body, as far as the cap.
async fn read(
    mut answer: reqwest::Response,
    mut body: AnswerBody,
) -> Result<Vec<u8>, TransportError> {
    while let Some(chunk) = answer.chunk().await.map_err(|error| body.cut(late_or_broken(error)))? {
        body.push(&chunk)?;
    }
    Ok(body.finish())
}

fn classify(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if error.is_builder() {
        return TransportError::not_sent(TransportErrorKind::Other, error);
    }
    if !error.is_connect() {
        return match cause::of_answering(&error) {
            TransportErrorKind::NotHttp => {
                TransportError::maybe_sent(TransportErrorKind::NotHttp, error)
            }
            _ => late_or_broken(error),
        };
    }
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { cause::of_connecting(&error) };
    TransportError::not_sent(kind, error)
}

fn late_or_broken(error: reqwest::Error) -> TransportError {
    let kind =
        if error.is_timeout() { TransportErrorKind::Timeout } else { TransportErrorKind::Io };
    TransportError::maybe_sent(kind, error.without_url())
}
