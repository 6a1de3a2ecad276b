//! A server whose certificate nobody trusts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use http::Request;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use rekindle_runtime::{ClientCertificate, Limits, Sent, TransportError, TransportErrorKind};

use super::cases::nothing_unasked_is_an_answer;
use super::server::{Channel, read_request};
use super::{CANARY, Carrier, Outcome, everything_said, request};

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

/// What a server goes by that its own certificate vouches for and that asks for another which the same vouches for (RFC 8705 section 3).
/// Gives its certificate besides, and that of a client with its key, as PEM.
fn mutual() -> (Arc<ServerConfig>, String, String) {
    let authority_key = rcgen::KeyPair::generate().expect("a key");
    let mut about = rcgen::CertificateParams::new(Vec::new()).expect("a certificate");
    about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = about.self_signed(&authority_key).expect("a certificate");
    let issuer = rcgen::Issuer::new(about, authority_key);
    let issue = |name: &str| {
        let key = rcgen::KeyPair::generate().expect("a key");
        let about = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a certificate");
        (about.signed_by(&key, &issuer).expect("a certificate"), key)
    };
    let (own, key) = issue("127.0.0.1");
    let (of_client, client_key) = issue("client");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.der().clone()).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let asks = rustls::server::WebPkiClientVerifier::builder_with_provider(
        roots.into(),
        Arc::clone(&provider),
    );
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(asks.build().expect("a verifier"))
        .with_single_cert(vec![own.der().clone()], key)
        .expect("a certificate and its key");
    let certificate = |certificate: &rcgen::Certificate| pem("CERTIFICATE", certificate.der());
    let of_client = certificate(&of_client) + &pem("PRIVATE KEY", &client_key.serialize_der());
    (Arc::new(config), certificate(&authority), of_client)
}

/// Such a server, by its port.
pub fn start_mutual() -> (u16, String, String) {
    let (config, authority, of_client) = mutual();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a connection");
            let mut connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut stream = Stream::new(&mut connection, &mut socket);
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
            connection.send_close_notify();
            let _ = connection.complete_io(&mut socket);
        }
    });
    (port, authority, of_client)
}

/// PEM (RFC 7468), in one line.
fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let content = base64::prelude::BASE64_STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{content}\n-----END {label}-----\n")
}

/// A transport shows its certificate to a server that asks for one; without one, that server answers nothing. What is no certificate
/// makes no transport, and is not shown.
pub fn a_certificate_is_shown(send_all: &SendAll<'_>) {
    let (port, authority, client) = start_mutual();
    let request = || request(&format!("https://127.0.0.1:{port}/token"));
    let send = |certificate: &ClientCertificate, request| {
        send_all(certificate, Limits::default(), vec![request], &mut || ())?.remove(0)
    };
    let shown = ClientCertificate::from_pem(client.as_str()).for_servers_of(authority.as_str());
    let answer = send(&shown, request()).expect("the server takes the certificate");
    assert_eq!(answer.status(), 200);
    let (_, _, of_another) = start_mutual();
    let strange = ClientCertificate::from_pem(of_another).for_servers_of(authority);
    send(&strange, request()).expect_err("nobody vouches for this certificate");
    for pem in ["", CANARY, "-----BEGIN PRIVATE KEY-----\ncanary-5a1f\n-----END PRIVATE KEY-----\n"]
    {
        let error = send(&ClientCertificate::from_pem(pem), request()).expect_err("no certificate");
        let said = everything_said(&error);
        assert_eq!((error.was_sent(), error.kind()), (Sent::No, TransportErrorKind::Tls), "{said}");
        assert!(!said.contains(CANARY), "{said}");
    }
}

/// Makes a transport that shows this certificate, sends requests over it, and does something before each.
pub type SendAll<'a> = dyn Fn(
        &ClientCertificate,
        Limits,
        Vec<Request<Vec<u8>>>,
        &mut dyn FnMut(),
    ) -> Result<Vec<Outcome>, TransportError>
    + 'a;

/// The same of an asynchronous transport, which this makes, and which is driven in this way.
#[cfg(any(feature = "reqwest", feature = "hyper"))]
pub fn sending<'a, T: rekindle_runtime::Transport>(
    make: impl Fn(&ClientCertificate, Limits) -> Result<T, TransportError> + 'a,
    driven: super::Driven,
) -> Box<SendAll<'a>> {
    Box::new(move |certificate, limits, requests, before| {
        Ok(super::send_all(driven, &make(certificate, limits)?, requests, before))
    })
}

impl Channel for ServerConnection {
    fn request(&mut self, socket: &mut TcpStream) -> String {
        read_request(&mut Stream::new(self, socket))
    }

    fn wire(&mut self, text: &str) -> Vec<u8> {
        self.writer().write_all(text.as_bytes()).expect("room");
        let mut wire = Vec::new();
        while self.wants_write() {
            self.write_tls(&mut wire).expect("a vector takes everything");
        }
        wire
    }
}

/// As it is without TLS, whose layers keep bytes of their own.
pub fn what_came_unasked_is_no_answer(send_all: &SendAll<'_>) {
    let (config, authority, client) = mutual();
    let shown = ClientCertificate::from_pem(client).for_servers_of(authority);
    let channel = move || ServerConnection::new(Arc::clone(&config)).expect("a connection");
    nothing_unasked_is_an_answer("https", &channel, &|limits, requests, before| {
        send_all(&shown, limits, requests, before).expect("a transport")
    });
}
