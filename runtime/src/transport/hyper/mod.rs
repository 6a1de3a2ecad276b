//! The asynchronous transport over a pooled `hyper` client.

mod within;

use std::fmt;

use http::header::USER_AGENT;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use zeroize::Zeroizing;

use self::within::Within;
use super::answer_body::AnswerBody;
use super::{
    Limits, MAX_HEADERS, OUR_USER_AGENT, Transport, TransportError, TransportErrorKind, carry_out,
    cause, guard,
};

/// The connector of [`HyperTransport::https`].
#[cfg(feature = "hyper-rustls")]
pub type HttpsConnector = hyper_rustls::HttpsConnector<HttpConnector>;

/// Carries requests with a pooled `hyper` client over HTTP/1.1. It runs inside a `tokio` runtime with time and I/O
/// enabled.
///
/// The client keeps connections: make one and share it; a clone is cheap and shares them too. It goes through no proxy, unless its
/// connector does.
pub struct HyperTransport<C> {
    client: Client<Within<C>, Full<Bytes>>,
    limits: Limits,
    user_agent: HeaderValue,
}

impl HyperTransport<HttpConnector> {
    /// A transport without TLS, which therefore reaches loopback hosts alone, with the default [`Limits`].
    pub fn http() -> Self {
        Self::http_with(Limits::default())
    }

    /// The same with limits of your own.
    pub fn http_with(limits: Limits) -> Self {
        Self::from_connector(tcp(&limits), limits)
    }
}

#[cfg(feature = "hyper-rustls")]
impl HyperTransport<HttpsConnector> {
    /// A transport with TLS (rustls, ring, the web's root certificates) and the default [`Limits`].
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn https() -> Result<Self, TransportError> {
        Self::https_with(Limits::default())
    }

    /// The same with limits of your own.
    ///
    /// # Errors
    /// As [`HyperTransport::https`].
    pub fn https_with(limits: Limits) -> Result<Self, TransportError> {
        let mut tcp = tcp(&limits);
        tcp.enforce_http(false);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(hyper_rustls_provider())
            .map_err(|error| TransportError::not_sent(TransportErrorKind::Tls, error))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self::from_connector(connector, limits))
    }

    /// A transport that shows a client certificate (RFC 8705).
    ///
    /// # Errors
    /// The certificate, its key or the authorities cannot be read; else as [`HyperTransport::https`].
    pub fn https_with_certificate(
        certificate: &super::ClientCertificate,
        limits: Limits,
    ) -> Result<Self, TransportError> {
        use super::certificate::unreadable;
        use hyper_rustls::ConfigBuilderExt;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
        let certificates = |pem: &[u8]| {
            let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            found.map_err(|_| unreadable())
        };
        let chain = certificates(certificate.pem())?;
        let key = PrivateKeyDer::from_pem_slice(certificate.pem()).map_err(|_| unreadable())?;
        let tls = rustls::ClientConfig::builder_with_provider(hyper_rustls_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| TransportError::not_sent(TransportErrorKind::Tls, error))?;
        let tls = match certificate.authorities() {
            None => tls.with_webpki_roots(),
            Some(authorities) => {
                let mut roots = rustls::RootCertStore::empty();
                for authority in certificates(authorities)? {
                    roots.add(authority).map_err(|_| unreadable())?;
                }
                tls.with_root_certificates(roots)
            }
        };
        let tls = tls.with_client_auth_cert(chain, key).map_err(|_| unreadable())?;
        let mut tcp = tcp(&limits);
        tcp.enforce_http(false);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self::from_connector(connector, limits))
    }
}

#[cfg(feature = "hyper-rustls")]
fn hyper_rustls_provider() -> rustls::crypto::CryptoProvider {
    rustls::crypto::ring::default_provider()
}

fn tcp(limits: &Limits) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_connect_timeout(Some(limits.connect_timeout()));
    tcp.set_nodelay(true);
    tcp
}

impl<C> HyperTransport<C>
where
    Within<C>: Connect + Clone + Send + Sync + 'static,
{
    /// A transport over a connector of your own: a `tower` service that makes connections, with a future that is `Send` and `'static`.
    pub fn from_connector(connector: C, limits: Limits) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            // What RFC 9112 lets a user agent read (sections 5.1, 5.2) is read: a credential is spent by then.
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_max_headers(MAX_HEADERS)
            .build(Within::new(connector, limits.connect_timeout()));
        Self { client, limits, user_agent: HeaderValue::from_static(OUR_USER_AGENT) }
    }

    /// The `User-Agent` of requests whose contract has none. It is `rekindle/` and the version unless told otherwise.
    #[must_use]
    pub fn user_agent(mut self, user_agent: HeaderValue) -> Self {
        self.user_agent = user_agent;
        self
    }
}

impl<C> Transport for HyperTransport<C>
where
    Within<C>: Connect + Clone + Send + Sync + 'static,
    C: Send + Sync,
{
    async fn send(
        &self,
        mut request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        guard::prepare(&mut request)?;
        request.headers_mut().entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        let request = request.map(|body| Full::new(Bytes::from_owner(Zeroizing::new(body))));
        carry_out(&self.limits, async {
            let answer = self.client.request(request).await.map_err(classify)?;
            let (parts, body) = answer.into_parts();
            let whole = AnswerBody::new(&self.limits, parts.status, &parts.headers);
            let body = read(body, whole).await?;
            Ok(Response::from_parts(parts, body))
        })
        .await
    }
}

/// The body, as far as the cap.
async fn read(mut incoming: Incoming, mut body: AnswerBody) -> Result<Vec<u8>, TransportError> {
    while let Some(frame) = incoming.frame().await {
        let frame = frame
            .map_err(|error| body.cut(TransportError::maybe_sent(TransportErrorKind::Io, error)))?;
        // Anything but data is a trailer, which nothing here reads.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        body.push(&data)?;
    }
    Ok(body.finish())
}

fn classify(error: Error) -> TransportError {
    if !error.is_connect() {
        return TransportError::maybe_sent(cause::of_answering(&error), error);
    }
    TransportError::not_sent(cause::of_connecting(&error), error)
}

impl<C: Clone> Clone for HyperTransport<C> {
    fn clone(&self) -> Self {
        let client = self.client.clone();
        Self { client, limits: self.limits, user_agent: self.user_agent.clone() }
    }
}

impl<C> fmt::Debug for HyperTransport<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_limits() {
        let shown = format!("{:?}", HyperTransport::http());
        assert_eq!(shown, format!("HyperTransport {{ limits: {:?}, .. }}", Limits::default()));
    }
}
