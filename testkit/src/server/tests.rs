use super::*;
use crate::{answer, expect};
use std::io;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

const REQUEST: &[u8] =
    b"POST /token?v=2 HTTP/1.1\r\nhost: a\r\nx-key: k\r\ncontent-length: 5\r\n\r\nhello";

fn exchange(server: &Server) -> io::Result<String> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(REQUEST)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn the_script_is_followed_and_requests_are_kept() {
    let server = Server::start([
        answer(200).text("one"),
        answer(503).header("retry-after", "1").text("two"),
    ]);
    assert!(exchange(&server).unwrap().ends_with("one"));
    assert!(exchange(&server).unwrap().contains("retry-after: 1"));
    assert!(exchange(&server).unwrap().starts_with("HTTP/1.1 501 "));
    assert_eq!(server.requests().len(), 3);
    expect(&server.requests()[0])
        .method("POST")
        .target("/token?v=2")
        .header("x-key", "k")
        .text("hello");
}

#[test]
fn a_reset_before_reading_keeps_nothing() {
    let server = Server::start([Script::ResetBeforeReading, answer(200).text("one").into()]);
    exchange(&server).unwrap_err();
    assert!(server.requests().is_empty());
    assert!(exchange(&server).unwrap().ends_with("one"));
    expect(&server.request()).text("hello");
}

#[test]
fn a_reset_after_reading_keeps_the_request() {
    let server = Server::start([Script::ResetAfterReading]);
    assert_eq!(exchange(&server).unwrap_err().kind(), ErrorKind::ConnectionReset);
    expect(&server.request()).text("hello");
}

#[test]
fn a_server_that_never_answers_stops_when_dropped() {
    let server = Server::start([Script::NeverAnswer]);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(REQUEST).unwrap();
    drop(server);
    let mut answer = Vec::new();
    // Reset or closed: either way there is no answer.
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty());
}
