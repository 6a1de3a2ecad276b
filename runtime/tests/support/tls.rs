//! A server whose certificate nobody trusts.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use rekindle_runtime::{Limits, Sent, TransportErrorKind};

use super::{CANARY, Carrier, everything_said, request};

/// Takes connections one after another. Gives its port, and what arrived inside the secure channel of each.
pub fn start() -> (u16, Receiver<Vec<u8>>) {
    // Made anew for each server: no key is kept anywhere.
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("a certificate and its key");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, received) = channel();
    thread::spawn(move || {
        let config = Arc::new(config);
        for socket in listener.incoming() {
            let mut socket = socket.expect("a connection");
            let mut connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut bytes = Vec::new();
            let _ = Stream::new(&mut connection, &mut socket).read_to_end(&mut bytes);
            if sender.send(bytes).is_err() {
                return;
            }
        }
    });
    (port, received)
}

/// A certificate that nobody vouches for: the request stays here, and the error says so.
pub fn untrusted_certificate_is_not_sent(carrier: &dyn Carrier) {
    let (port, received) = start();
    let url = format!("https://127.0.0.1:{port}/token");
    let error = carrier.send(Limits::default(), request(&url)).expect_err("must fail");
    let said = everything_said(&error);
    assert_eq!(
        (error.was_sent(), error.kind()),
        (Sent::No, TransportErrorKind::Certificate),
        "{said}"
    );
    assert!(!said.contains(CANARY), "{said}");
    assert_eq!(received.recv().expect("the end of the connection"), b"");
}
