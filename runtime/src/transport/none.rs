//! No transport.

use http::{Request, Response};

use super::{BlockingTransport, Transport, TransportError, TransportErrorKind};

/// The transport of clients that make their tokens themselves ([`Renew::LOCAL`](crate::Renew::LOCAL)), for sessions of theirs: nothing is
/// ever sent, and where another client is given it, each exchange fails before it leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoTransport;

const NOTHING: &str = "there is no transport";

impl Transport for NoTransport {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Err(TransportError::not_sent(TransportErrorKind::Other, NOTHING))
    }
}

impl BlockingTransport for NoTransport {
    fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Err(TransportError::not_sent(TransportErrorKind::Other, NOTHING))
    }
}
