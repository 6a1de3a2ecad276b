//! The reqwest transport over loopback sockets.
#![cfg(feature = "reqwest")]

mod support;

use http::{Request, Response};
use rekindle_runtime::{Limits, ReqwestTransport, Transport, TransportError};
use support::{Carrier, block_on};

struct Reqwest;

impl Carrier for Reqwest {
    fn send(
        &self,
        limits: Limits,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        // The tests are about this machine, whatever proxy its environment names.
        let builder = reqwest::Client::builder().no_proxy();
        let transport = ReqwestTransport::from_builder(builder, limits)?;
        block_on(transport.send(request))
    }
}

transport_tests!(Reqwest);

#[test]
fn the_default_transport_can_be_made() {
    assert!(ReqwestTransport::new().is_ok());
}

#[cfg(all(feature = "reqwest-rustls", feature = "hyper-rustls"))]
#[test]
fn untrusted_certificate_is_not_sent() {
    support::tls::untrusted_certificate_is_not_sent(&Reqwest);
}
