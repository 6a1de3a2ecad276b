//! The asynchronous transport over a pooled `hyper` client.

use std::fmt;

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{Limits, Sent, Transport, TransportError, TransportErrorKind, cause, guard};

/// The connector of [`HyperTransport::https`].
#[cfg(feature = "hyper-rustls")]
pub type HttpsConnector = hyper_rustls::HttpsConnector<HttpConnector>;

/// Carries requests with a pooled `hyper` client over HTTP/1.1. It runs inside a `tokio` runtime with time enabled.
///
/// The client keeps connections: make one and share it; a clone is cheap and shares them too.
pub struct HyperTransport<C> {
    client: Client<C, Full<Bytes>>,
    limits: Limits,
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

impl<C: Connect + Clone + Send + Sync + 'static> HyperTransport<C> {
    /// A transport over a connector of your own.
    pub fn from_connector(connector: C, limits: Limits) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder.pool_timer(TokioTimer::new()).build(connector);
        Self { client, limits }
    }
}

impl<C: Connect + Clone + Send + Sync + 'static> Transport for HyperTransport<C> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        guard::check(request.uri())?;
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let exchange = async {
            let answer = self.client.request(request).await.map_err(classify)?;
            let (parts, body) = answer.into_parts();
            let body = read(body, self.limits.body_cap()).await?;
            Ok(Response::from_parts(parts, body))
        };
        match tokio::time::timeout(self.limits.timeout, exchange).await {
            Ok(outcome) => outcome,
            Err(late) => Err(TransportError::maybe_sent(TransportErrorKind::Timeout, late)),
        }
    }
}

/// The body, as far as the cap.
async fn read(mut incoming: Incoming, cap: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame =
            frame.map_err(|error| TransportError::maybe_sent(TransportErrorKind::Io, error))?;
        // Anything but data is a trailer, which nothing here reads.
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > cap - body.len() {
            return Err(TransportError::bare(TransportErrorKind::BodyTooLarge, Sent::Maybe));
        }
        body.extend_from_slice(&data);
    }
    Ok(body)
}

fn classify(error: Error) -> TransportError {
    if !error.is_connect() {
        return TransportError::maybe_sent(TransportErrorKind::Io, error);
    }
    TransportError::not_sent(cause::of_connecting(&error), error)
}

impl<C: Clone> Clone for HyperTransport<C> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), limits: self.limits }
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
