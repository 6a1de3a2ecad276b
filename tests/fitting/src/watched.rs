//! A transport that knows whether an exchange is out.

use std::sync::Arc;

use http::{Request, Response};
use hyper_util::client::legacy::connect::HttpConnector;
use rekindle_runtime::{HyperTransport, Transport, TransportError};

/// Carries requests out over HTTP, and says whether one is out: time that a test moves must not overtake it. Its copies are the same
/// transport.
#[derive(Debug, Clone)]
pub struct Watched {
    inner: HyperTransport<HttpConnector>,
    /// Each exchange that is out holds the inner one.
    out: Arc<Arc<()>>,
}

impl Watched {
    /// A transport to this machine.
    pub fn new() -> Self {
        Self { inner: HyperTransport::http(), out: Arc::new(Arc::new(())) }
    }

    /// Whether no exchange is out.
    pub fn is_idle(&self) -> bool {
        Arc::strong_count(&*self.out) == 1
    }
}

impl Transport for Watched {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let _out = Arc::clone(&*self.out);
        self.inner.send(request).await
    }
}
