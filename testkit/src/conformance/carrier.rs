//! The transports of the runtime, as one.

use crate::Executor;
use http::{Request, Response};
use hyper_util::client::legacy::connect::HttpConnector;
use rekindle_runtime::{
    BlockingTransport, HyperTransport, Limits, ReqwestTransport, Transport, TransportError,
    UreqTransport,
};
use std::time::Duration;

/// Which transport.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Through {
    Reqwest,
    Hyper,
    Ureq,
}

impl Through {
    pub(super) const ALL: [Self; 3] = [Self::Reqwest, Self::Hyper, Self::Ureq];
}

enum Kind {
    Reqwest(ReqwestTransport),
    Hyper(HyperTransport<HttpConnector>),
    Ureq(UreqTransport),
}

/// A transport and what runs it.
pub(crate) struct Carrier {
    executor: Executor,
    kind: Kind,
}

impl Carrier {
    pub(super) fn new(through: Through) -> Self {
        Self::patient(through, Limits::default().timeout)
    }

    /// One that waits so long for an answer.
    pub(super) fn patient(through: Through, timeout: Duration) -> Self {
        let limits = Limits { timeout, ..Limits::default() };
        let kind = match through {
            Through::Reqwest => {
                Kind::Reqwest(ReqwestTransport::with_limits(limits).expect("a transport"))
            }
            Through::Hyper => Kind::Hyper(HyperTransport::http_with(limits)),
            Through::Ureq => Kind::Ureq(UreqTransport::with_limits(limits)),
        };
        Self { executor: Executor::new(), kind }
    }

    /// Whether it blocks its thread of itself.
    pub(super) fn blocks(&self) -> bool {
        matches!(self.kind, Kind::Ureq(_))
    }

    /// Runs what it carries without blocking.
    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.executor.block_on(future)
    }

    /// Carries a request in whichever way.
    pub(super) fn carry(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        if self.blocks() {
            BlockingTransport::send(self, request)
        } else {
            self.block_on(Transport::send(self, request))
        }
    }
}

impl Transport for Carrier {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        match &self.kind {
            Kind::Reqwest(transport) => Transport::send(transport, request).await,
            Kind::Hyper(transport) => Transport::send(transport, request).await,
            Kind::Ureq(transport) => BlockingTransport::send(transport, request),
        }
    }
}

impl BlockingTransport for Carrier {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        match &self.kind {
            Kind::Ureq(transport) => BlockingTransport::send(transport, request),
            _ => self.block_on(Transport::send(self, request)),
        }
    }
}
