//! The ureq transport over loopback sockets.
#![cfg(feature = "ureq")]

mod support;

use http::{Request, Response};
use rekindle_runtime::{BlockingTransport, Limits, TransportError, UreqTransport};
use support::Carrier;
use support::server::Server;

struct Ureq;

impl Carrier for Ureq {
    fn send(
        &self,
        limits: Limits,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        // The tests are about this machine, whatever proxy its environment names.
        let config = ureq::Agent::config_builder().proxy(None);
        UreqTransport::from_config(config, limits).send(request)
    }
}

transport_tests!(Ureq);

#[test]
fn the_default_transport_adds_no_headers_of_its_own() {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let request = Request::post(server.url()).body(b"a=b".to_vec()).expect("a valid request");
    // A proxy of the environment may stand between: then there is nothing to see.
    if UreqTransport::new().send(request).is_ok() {
        let wire = server.request().to_ascii_lowercase();
        for name in ["user-agent", "accept"] {
            assert!(!wire.contains(name), "{wire}");
        }
    }
}

#[cfg(all(feature = "ureq-rustls", feature = "hyper-rustls"))]
#[test]
fn untrusted_certificate_is_not_sent() {
    support::tls::untrusted_certificate_is_not_sent(&Ureq);
}
