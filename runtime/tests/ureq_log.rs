//! What ureq writes to the log, with a logger that keeps everything.
#![cfg(feature = "ureq")]

mod support;

use std::error::Error;
use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};
use rekindle_runtime::{BlockingTransport, Sent, TransportErrorKind, UreqTransport};
use support::server::Server;
use support::{CANARY, request};

struct Everything(Mutex<String>);

impl Log for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}\n", record.target(), record.args());
        self.0.lock().expect("no panic").push_str(&line);
    }

    fn flush(&self) {}
}

static LOG: Everything = Everything(Mutex::new(String::new()));

/// The only test of its binary: there is one logger in a process. TRACE writes bytes in hexadecimal and sixteen to a row: what is
/// looked for is the beginning of the canary too.
#[test]
fn no_level_of_the_log_shows_a_request_or_an_answer() {
    log::set_logger(&LOG).expect("the first logger");
    let answer = format!("HTTP/1.1 200 OK\r\nX-Token: {CANARY}\r\nContent-Length: 1\r\n\r\n1");
    let server = Server::answering(&answer);
    let transport = UreqTransport::new();

    log::set_max_level(LevelFilter::Trace);
    let error = transport.send(request(&server.url())).expect_err("must not be sent");
    assert_eq!((error.was_sent(), error.kind()), (Sent::No, TransportErrorKind::Misconfigured));
    assert!(error.source().expect("the reason").to_string().contains("TRACE"));

    log::set_max_level(LevelFilter::Debug);
    transport.send(request(&server.url())).expect("an answer");
    server.request();
    assert_eq!(server.further_requests(), 0, "the first request did not leave");
    let said = LOG.0.lock().expect("no panic");
    assert!(said.contains("ureq"), "the logger is heard: {said}");
    for part in [CANARY, &CANARY[..6]] {
        assert!(!said.contains(part), "{said}");
    }
}
