//! The ureq transport over loopback sockets.
#![cfg(feature = "ureq")]

mod support;

use http::Request;
use rekindle_runtime::{BlockingTransport, Limits, UreqTransport};
use support::{Carrier, Outcome};

struct Ureq;

fn send_all(
    transport: &UreqTransport,
    requests: Vec<Request<Vec<u8>>>,
    before: &mut dyn FnMut(),
) -> Vec<Outcome> {
    let mut send = |request| {
        before();
        transport.send(request)
    };
    requests.into_iter().map(&mut send).collect()
}

impl Carrier for Ureq {
    fn send_all(
        &self,
        limits: Limits,
        requests: Vec<Request<Vec<u8>>>,
        before: &mut dyn FnMut(),
    ) -> Vec<Outcome> {
        // The tests are about this machine, whatever proxy its environment names.
        let config = ureq::Agent::config_builder().proxy(None);
        let config = config.user_agent(concat!("rekindle/", env!("CARGO_PKG_VERSION")));
        let transport = UreqTransport::from_config(config, limits);
        send_all(&transport, requests, before)
    }

    /// ureq's parser has no such settings, and room for 128 lines.
    fn reads_strict_heads_alone(&self) -> bool {
        true
    }
}

transport_tests!(Ureq);

#[cfg(all(feature = "ureq-rustls", feature = "hyper-rustls"))]
mod tls {
    use rekindle_runtime::{ClientCertificate, TransportError};

    use super::*;

    #[test]
    fn untrusted_certificate_is_not_sent() {
        support::tls::untrusted_certificate_is_not_sent(&Ureq);
    }

    fn send_all(
        certificate: &ClientCertificate,
        limits: Limits,
        requests: Vec<Request<Vec<u8>>>,
        before: &mut dyn FnMut(),
    ) -> Result<Vec<Outcome>, TransportError> {
        let transport = UreqTransport::with_certificate(certificate, limits)?;
        Ok(super::send_all(&transport, requests, before))
    }

    #[test]
    fn a_certificate_is_shown() {
        support::tls::a_certificate_is_shown(&send_all);
    }

    /// R45.
    #[test]
    fn what_came_unasked_in_tls_is_no_answer() {
        support::tls::what_came_unasked_is_no_answer(&send_all);
    }
}
