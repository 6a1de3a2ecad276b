//! A transport that knows whether an exchange is out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, Response};
use hyper_util::client::legacy::connect::HttpConnector;
use rekindle_runtime::{HyperTransport, Transport, TransportError};

/// Carries requests out over HTTP, and says whether one is out: time that a test moves must not overtake it. Its copies are the same
/// transport.
#[derive(Debug, Clone)]
pub struct Watched {
    inner: HyperTransport<HttpConnector>,
    out: Arc<AtomicUsize>,
}

impl Default for Watched {
    fn default() -> Self {
        Self { inner: HyperTransport::http(), out: Arc::default() }
    }
}

impl Watched {
    /// Whether no exchange is out.
    pub fn is_idle(&self) -> bool {
        self.out.load(Ordering::SeqCst) == 0
    }
}

/// An exchange that is out until it is answered or dropped.
struct Out(Arc<AtomicUsize>);

impl Drop for Out {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Watched {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.out.fetch_add(1, Ordering::SeqCst);
        let _out = Out(Arc::clone(&self.out));
        self.inner.send(request).await
    }
}
