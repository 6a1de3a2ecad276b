//! What every transport does.

use http::{Request, StatusCode};
use rekindle_runtime::{Limits, Sent, TransportError, TransportErrorKind};

use super::server::{Behaviour, Channel, KeptServer, Plain, Server, Unasked};
use super::{CANARY, Carrier, Outcome, everything_said, impatient, request};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";

fn answer(body: &str) -> String {
    format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Sends to a server that is up to something, and checks that the error is discreet and that nothing was sent again.
fn fail(carrier: &dyn Carrier, limits: Limits, behaviour: Behaviour) -> TransportError {
    let server = Server::start(behaviour);
    let error = refuse(carrier, limits, &server.url());
    server.request();
    assert_eq!(server.further_requests(), 0, "one request and no retry");
    error
}

fn refuse(carrier: &dyn Carrier, limits: Limits, url: &str) -> TransportError {
    let error = carrier.send(limits, request(url)).expect_err("must fail");
    let said = everything_said(&error);
    assert!(!said.contains(CANARY), "{said}");
    assert!(!said.contains("token"), "no part of the URL: {said}");
    error
}

fn assert_maybe(error: &TransportError, kind: TransportErrorKind) {
    assert_eq!((error.was_sent(), error.kind()), (Sent::Maybe, kind), "{}", everything_said(error));
}

fn assert_not_sent(error: &TransportError, kind: TransportErrorKind) {
    assert_eq!((error.was_sent(), error.kind()), (Sent::No, kind), "{}", everything_said(error));
}

pub fn happy_exchange(carrier: &dyn Carrier) {
    let server = Server::answering(&answer(r#"{"access_token":"new"}"#));
    let response = carrier.send(Limits::default(), request(&server.url())).expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.body(), br#"{"access_token":"new"}"#);
    let wire = server.request();
    assert!(wire.starts_with(&format!("POST /token?token={CANARY} HTTP/1.1\r\n")), "{wire}");
    assert!(
        wire.to_ascii_lowercase().contains(&format!("\r\nx-client-secret: {CANARY}\r\n")),
        "{wire}"
    );
    assert!(wire.ends_with(&format!("\r\n\r\nrefresh_token={CANARY}")), "{wire}");
}

pub fn get_without_a_body(carrier: &dyn Carrier) {
    let server = Server::answering(&answer("{}"));
    let request = Request::get(server.url()).body(Vec::new()).expect("a valid request");
    let response = carrier.send(Limits::default(), request).expect("an answer");
    assert_eq!(response.body(), b"{}");
    assert!(server.request().starts_with("GET /token HTTP/1.1\r\n"));
}

pub fn delete_with_a_body(carrier: &dyn Carrier) {
    let server = Server::answering(&answer("{}"));
    let request =
        Request::delete(server.url()).body(b"refresh_token=a".to_vec()).expect("a valid request");
    carrier.send(Limits::default(), request).expect("an answer");
    let wire = server.request();
    assert!(wire.starts_with("DELETE /token HTTP/1.1\r\n"), "{wire}");
    assert!(wire.ends_with("\r\n\r\nrefresh_token=a"), "{wire}");
}

pub fn method_of_the_providers_own(carrier: &dyn Carrier) {
    for body in ["", "refresh_token=a"] {
        let server = Server::answering(&answer("{}"));
        let request =
            Request::builder().method("RENEW").uri(server.url()).body(body.as_bytes().to_vec());
        carrier.send(Limits::default(), request.expect("a valid request")).expect("an answer");
        let wire = server.request();
        assert!(wire.starts_with("RENEW /token HTTP/1.1\r\n"), "{wire}");
        assert!(wire.ends_with(&format!("\r\n\r\n{body}")), "{wire}");
    }
}

pub fn error_statuses_are_answers(carrier: &dyn Carrier) {
    for status in [400, 401, 429, 500, 503] {
        let text = format!(
            "HTTP/1.1 {status} No\r\nRetry-After: 5\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
        );
        let server = Server::answering(&text);
        let response = carrier.send(Limits::default(), request(&server.url())).expect("an answer");
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(
            (response.headers()["retry-after"].as_bytes(), &response.body()[..]),
            (&b"5"[..], &b"no"[..])
        );
    }
}

pub fn redirect_is_not_followed(carrier: &dyn Carrier) {
    let elsewhere = Server::answering(&answer("{}"));
    for status in [301, 302, 303, 307, 308] {
        let location = elsewhere.url();
        let text = format!(
            "HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let server = Server::answering(&text);
        let response = carrier.send(Limits::default(), request(&server.url())).expect("an answer");
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(elsewhere.further_requests(), 0);
    }
}

pub fn every_framing_is_read_up_to_the_cap(carrier: &dyn Carrier) {
    let limits = Limits { body: 1000, ..Limits::default() };
    for size in [999, 1000, 1001, 1002] {
        let body = "a".repeat(size);
        let framings = [
            answer(&body),
            format!("{HEAD}\r\n{body}"),
            format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n"),
        ];
        for text in framings {
            if size <= 1000 {
                let server = Server::answering(&text);
                let response = carrier.send(limits, request(&server.url())).expect("an answer");
                assert_eq!(response.body().len(), size);
            } else {
                let error = fail(carrier, limits, Behaviour::Answer(text.into_bytes()));
                assert_maybe(&error, TransportErrorKind::BodyTooLarge);
            }
        }
    }
}

/// RFC 9112 sections 5.1 and 5.2, and how many lines is up to the reader. The credential is spent by then.
pub fn heads_that_a_user_agent_may_read(carrier: &dyn Carrier) {
    for lines in [
        "X-Folded: one\r\n two\r\n\tthree\r\n".to_owned(),
        "X-Spaced : one\r\n".to_owned(),
        "no colon at all\r\n".to_owned(),
        "X Name: one\r\n".to_owned(),
        "X-Value: a\u{1}b\r\n".to_owned(),
        "X-Many: one\r\n".repeat(120),
        "X-Many: one\r\n".repeat(200),
    ] {
        let body = r#"{"access_token":"new"}"#;
        let server = Server::answering(&format!(
            "HTTP/1.1 200 OK\r\n{lines}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ));
        let outcome = carrier.send(Limits::default(), request(&server.url()));
        match outcome {
            Ok(response) => assert_eq!(response.body(), body.as_bytes(), "{lines}"),
            Err(error) => {
                assert!(carrier.reads_strict_heads_alone(), "{lines}: {}", everything_said(&error))
            }
        }
    }
}

pub fn headers_that_the_contract_does_not_set(carrier: &dyn Carrier) {
    let server = Server::answering(&answer("{}"));
    let sent = |request| {
        carrier.send(Limits::default(), request).expect("an answer");
        server.request().to_ascii_lowercase()
    };
    let wire = sent(request(&server.url()));
    let ours = concat!("\r\nuser-agent: rekindle/", env!("CARGO_PKG_VERSION"), "\r\n");
    assert!(wire.contains(ours), "{wire}");
    assert!(wire.contains("\r\naccept-encoding: identity\r\n"), "{wire}");
    let mut own = request(&server.url());
    own.headers_mut().insert("user-agent", "own".parse().expect("a value"));
    own.headers_mut().insert("accept-encoding", "zstd".parse().expect("a value"));
    let wire = sent(own);
    for (name, line) in [("user-agent", ": own\r\n"), ("accept-encoding", ": zstd\r\n")] {
        assert_eq!(wire.matches(name).count(), 1, "{wire}");
        assert!(wire.contains(&format!("\r\n{name}{line}")), "{wire}");
    }
}

/// A server says more than it was asked for on a connection that is kept: with an answer, after it, or after the client gave up.
pub fn what_came_unasked_is_no_answer(carrier: &dyn Carrier) {
    nothing_unasked_is_an_answer("http", &|| Plain, &|limits, requests, before| {
        carrier.send_all(limits, requests, before)
    });
}

/// Sends requests over one transport, and does something before each.
type SendAll<'a> = dyn Fn(Limits, Vec<Request<Vec<u8>>>, &mut dyn FnMut()) -> Vec<Outcome> + 'a;

pub fn nothing_unasked_is_an_answer<C: Channel>(
    scheme: &str,
    channel: &(impl Fn() -> C + Clone + Send + 'static),
    send_all: &SendAll<'_>,
) {
    use Unasked::{Later, Never, TooLate, WithTheAnswer};
    for (unasked, rounds) in [(WithTheAnswer, 20), (Later, 20), (TooLate, 2), (Never, 1)] {
        for _ in 0..rounds {
            let server = KeptServer::start(unasked, channel.clone());
            let url = format!("{scheme}://{}/token", server.authority());
            let requests = (0..4).map(|_| request(&url)).collect();
            let limits = if unasked == TooLate { impatient() } else { Limits::default() };
            let mut outcomes = send_all(limits, requests, &mut || server.say());
            if unasked == TooLate {
                let late = outcomes.remove(0).expect_err("nobody answers");
                assert_maybe(&late, TransportErrorKind::Timeout);
            }
            for outcome in outcomes {
                let answer = outcome.expect("an answer");
                assert_eq!(answer.body(), b"asked", "{unasked:?}");
            }
            // Where nothing else is said, connections are kept: what is tried here can happen.
            assert!(unasked != Never || server.connections() < 4, "{}", server.connections());
        }
    }
}

pub fn body_without_end(carrier: &dyn Carrier) {
    let chunked = Behaviour::Endless(
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes(),
        format!("1000\r\n{}\r\n", "a".repeat(0x1000)).into_bytes(),
    );
    assert_maybe(&fail(carrier, Limits::default(), chunked), TransportErrorKind::BodyTooLarge);
    let until_closed = Behaviour::Endless(format!("{HEAD}\r\n").into_bytes(), vec![b'a'; 4096]);
    // A limit above the common one is lowered to it.
    let limits = Limits { body: usize::MAX, ..Limits::default() };
    assert_maybe(&fail(carrier, limits, until_closed), TransportErrorKind::BodyTooLarge);
}

pub fn connection_refused_is_not_sent(carrier: &dyn Carrier) {
    let url = format!("http://127.0.0.1:{}/token", Server::nobody());
    assert_not_sent(&refuse(carrier, Limits::default(), &url), TransportErrorKind::Connect);
}

pub fn unknown_host_is_not_sent(carrier: &dyn Carrier) {
    // Whether TLS is there or not: the name is reserved (RFC 6761), and no request leaves.
    let error = refuse(carrier, Limits::default(), "https://nowhere.invalid/token");
    assert_eq!(error.was_sent(), Sent::No, "{}", everything_said(&error));
}

pub fn reset_after_the_request_may_be_sent(carrier: &dyn Carrier) {
    assert_maybe(&fail(carrier, Limits::default(), Behaviour::Reset), TransportErrorKind::Io);
}

pub fn close_after_the_request_may_be_sent(carrier: &dyn Carrier) {
    assert_maybe(&fail(carrier, Limits::default(), Behaviour::Close), TransportErrorKind::Io);
}

pub fn truncated_body_may_be_sent(carrier: &dyn Carrier) {
    let text = format!("{HEAD}Content-Length: 100\r\n\r\n{{\"access_");
    assert_maybe(
        &fail(carrier, Limits::default(), Behaviour::Answer(text.into())),
        TransportErrorKind::Io,
    );
}

pub fn silence_may_be_sent(carrier: &dyn Carrier) {
    let error = fail(carrier, impatient(), Behaviour::AnswerAndStall(Vec::new()));
    assert_maybe(&error, TransportErrorKind::Timeout);
}

pub fn silence_in_the_body_may_be_sent(carrier: &dyn Carrier) {
    let text = format!("{HEAD}Content-Length: 100\r\n\r\n{{\"access_");
    let error = fail(carrier, impatient(), Behaviour::AnswerAndStall(text.into()));
    assert_maybe(&error, TransportErrorKind::Timeout);
}

pub fn garbage_may_be_sent(carrier: &dyn Carrier) {
    let garbage = [
        format!("{CANARY} is no HTTP\r\n\r\n"),
        "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
        "\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{46}".to_owned(),
    ];
    for text in garbage {
        let error = fail(carrier, impatient(), Behaviour::Answer(text.into()));
        assert_maybe(&error, TransportErrorKind::NotHttp);
    }
}

pub fn plain_http_to_another_host(carrier: &dyn Carrier) {
    // The names do not resolve and the address is reserved for documentation (RFC 5737): any I/O would be another error.
    for host in
        ["nowhere.invalid", "localhost.nowhere.invalid", "192.0.2.1", "127.0.0.1.nowhere.invalid"]
    {
        let error = refuse(carrier, Limits::default(), &format!("http://{host}/token"));
        assert_not_sent(&error, TransportErrorKind::PlainHttp);
    }
}

/// Before there is a secure channel nothing of the request leaves, whatever the handshake fails of.
pub fn handshakes_that_fail_are_not_sent(carrier: &dyn Carrier) {
    // A ServerHello of TLS 1.1: version 3.2, a random, no session id, a cipher suite of that time, no compression.
    let mut hello = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let alert = |description| vec![21, 3, 3, 0, 2, 2, description];
    let failures = [
        ("silence", Behaviour::AnswerAndStall(Vec::new())),
        ("half a record", Behaviour::Blurt(vec![22, 3, 3, 1])),
        ("plain text", Behaviour::Blurt(answer("{}").into_bytes())),
        ("handshake_failure", Behaviour::Blurt(alert(40))),
        ("protocol_version", Behaviour::Blurt(alert(70))),
        ("internal_error", Behaviour::Blurt(alert(80))),
        ("TLS 1.1", Behaviour::Blurt(hello)),
        ("reset", Behaviour::Reset),
        ("close", Behaviour::Blurt(Vec::new())),
    ];
    for (failure, behaviour) in failures {
        let server = Server::start(behaviour);
        let error = refuse(carrier, impatient(), &server.https_url());
        assert_eq!(error.was_sent(), Sent::No, "{failure}: {}", everything_said(&error));
    }
}
