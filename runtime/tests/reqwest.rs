//! The reqwest transport over loopback sockets.
#![cfg(feature = "reqwest")]

mod support;

use http::Request;
use rekindle_runtime::{Limits, ReqwestTransport};
use support::{Carrier, Driven, Outcome};

struct Reqwest(Driven);

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
        support::send_all(self.0, &transport, requests, before)
    }
}

transport_tests!(Reqwest(Driven::ByOneThread));

/// R45.
#[test]
fn what_came_unasked_is_no_answer_to_several_threads() {
    support::cases::what_came_unasked_is_no_answer(&Reqwest(Driven::ByThreads));
}

#[test]
fn the_default_transport_can_be_made() {
    assert!(ReqwestTransport::new().is_ok());
}

#[cfg(all(feature = "reqwest-rustls", feature = "hyper-rustls"))]
mod tls {
    use support::tls::sending;

    use super::*;

    #[test]
    fn untrusted_certificate_is_not_sent() {
        support::tls::untrusted_certificate_is_not_sent(&Reqwest(Driven::ByOneThread));
    }

    #[test]
    fn a_certificate_is_shown() {
        let send_all = sending(ReqwestTransport::with_certificate, Driven::ByOneThread);
        support::tls::a_certificate_is_shown(&*send_all);
    }

    /// R45.
    #[test]
    fn what_came_unasked_in_tls_is_no_answer() {
        for driven in [Driven::ByOneThread, Driven::ByThreads] {
            let send_all = sending(ReqwestTransport::with_certificate, driven);
            support::tls::what_came_unasked_is_no_answer(&*send_all);
        }
    }
}
