//! The hyper transport over loopback sockets.
#![cfg(feature = "hyper")]

mod support;

use http::{Request, Response};
use rekindle_runtime::{HyperTransport, Limits, Transport, TransportError};
use support::{Carrier, block_on};

struct Hyper;

impl Carrier for Hyper {
    fn send(
        &self,
        limits: Limits,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        block_on(async { HyperTransport::http_with(limits).send(request).await })
    }
}

transport_tests!(Hyper);

#[cfg(feature = "hyper-rustls")]
mod tls {
    use super::*;

    struct HyperTls;

    impl Carrier for HyperTls {
        fn send(
            &self,
            limits: Limits,
            request: Request<Vec<u8>>,
        ) -> Result<Response<Vec<u8>>, TransportError> {
            block_on(async { HyperTransport::https_with(limits)?.send(request).await })
        }
    }

    transport_tests!(HyperTls);

    #[test]
    fn untrusted_certificate_is_not_sent() {
        support::tls::untrusted_certificate_is_not_sent(&HyperTls);
    }
}
