//! The reqwest transport over loopback sockets.
#![cfg(feature = "reqwest")]

mod support;

use http::Request;
use rekindle_runtime::{Limits, ReqwestTransport};
use support::{Carrier, Outcome};

struct Reqwest;

impl Carrier for Reqwest {
    fn send_all(
        &self,
        limits: Limits,
        requests: Vec<Request<Vec<u8>>>,
        before: &mut dyn FnMut(),
    ) -> Vec<Outcome> {
        // The tests are about this machine, whatever proxy its environment names.
        let builder = reqwest::Client::builder().no_proxy();
        let transport = ReqwestTransport::from_builder(builder, limits).expect("a transport");
        support::send_all(&transport, requests, before)
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

#[cfg(all(feature = "reqwest-rustls", feature = "hyper-rustls"))]
#[test]
fn a_certificate_is_shown() {
    support::tls::a_certificate_is_shown(&|certificate, request| {
        let transport = ReqwestTransport::with_certificate(certificate, Limits::default())?;
        support::send_all(&transport, vec![request], &mut || ()).remove(0)
    });
}
