//! The hyper transport over loopback sockets.
#![cfg(feature = "hyper")]

mod support;

use http::Request;
use rekindle_runtime::{HyperTransport, Limits};
use support::{Carrier, Driven, Outcome};

struct Hyper(Driven);

impl Carrier for Hyper {
    fn send_all(
        &self,
        limits: Limits,
        requests: Vec<Request<Vec<u8>>>,
        before: &mut dyn FnMut(),
    ) -> Vec<Outcome> {
        support::send_all(self.0, &HyperTransport::http_with(limits), requests, before)
    }
}

transport_tests!(Hyper(Driven::ByOneThread));

/// R45.
#[test]
fn what_came_unasked_is_no_answer_to_several_threads() {
    support::cases::what_came_unasked_is_no_answer(&Hyper(Driven::ByThreads));
}

#[cfg(feature = "hyper-rustls")]
mod tls {
    use support::tls::sending;

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
            support::send_all(Driven::ByOneThread, &transport, requests, before)
        }
    }

    transport_tests!(HyperTls);

    #[test]
    fn untrusted_certificate_is_not_sent() {
        support::tls::untrusted_certificate_is_not_sent(&HyperTls);
    }

    #[test]
    fn a_certificate_is_shown() {
        let send_all = sending(HyperTransport::https_with_certificate, Driven::ByOneThread);
        support::tls::a_certificate_is_shown(&*send_all);
    }

    /// R45.
    #[test]
    fn what_came_unasked_in_tls_is_no_answer() {
        for driven in [Driven::ByOneThread, Driven::ByThreads] {
            let send_all = sending(HyperTransport::https_with_certificate, driven);
            support::tls::what_came_unasked_is_no_answer(&*send_all);
        }
    }
}
