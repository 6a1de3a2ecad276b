//! The hyper transport over loopback sockets.
#![cfg(feature = "hyper")]

mod support;

use http::Request;
use rekindle_runtime::{HyperTransport, Limits};
use support::{Carrier, Outcome};

struct Hyper;

impl Carrier for Hyper {
    fn send_all(
        &self,
        limits: Limits,
        requests: Vec<Request<Vec<u8>>>,
        before: &mut dyn FnMut(),
    ) -> Vec<Outcome> {
        support::send_all(&HyperTransport::http_with(limits), requests, before)
    }
}

transport_tests!(Hyper);

#[cfg(feature = "hyper-rustls")]
mod tls {
    use super::*;

    struct HyperTls;

    impl Carrier for HyperTls {
        fn send_all(
            &self,
            limits: Limits,
            requests: Vec<Request<Vec<u8>>>,
            before: &mut dyn FnMut(),
        ) -> Vec<Outcome> {
            let transport = HyperTransport::https_with(limits).expect("a transport");
            support::send_all(&transport, requests, before)
        }
    }

    transport_tests!(HyperTls);

    #[test]
    fn untrusted_certificate_is_not_sent() {
        support::tls::untrusted_certificate_is_not_sent(&HyperTls);
    }

    #[test]
    fn a_certificate_is_shown() {
        support::tls::a_certificate_is_shown(&|certificate, request| {
            let transport = HyperTransport::https_with_certificate(certificate, Limits::default())?;
            support::send_all(&transport, vec![request], &mut || ()).remove(0)
        });
    }
}
