//! Answers that no HTTP library would send.

use super::Options;
use crate::clock::pause;
use crate::loopback::reset;
use crate::network::Delivery;
use http::Response;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What an endless body goes on with: white space, so that what came before it stays JSON.
static FILLER: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// How long to wait between two pieces of an endless body, so that a client that reads them all does not have the whole machine.
const BREATH: Duration = Duration::from_millis(5);

/// Carries out a delivery on a connection whose request has been read.
pub(super) async fn perform(mut stream: TcpStream, delivery: Delivery, options: &Options) {
    let done = match delivery {
        // Once there is a connection, a reset is as near as it gets.
        Delivery::Unreachable | Delivery::Reset => return reset(stream),
        Delivery::Silence => Ok(()),
        Delivery::Late(response) => {
            pause(options.late).await;
            stream.write_all(&bytes(&response)).await
        }
        Delivery::Answer(response) => stream.write_all(&bytes(&response)).await,
        Delivery::SlowHead(response) => slow_head(&mut stream, &response, options.pace).await,
        Delivery::Partial(response) => {
            let partial = stream.write_all(&half(&response)).await;
            // Here the end is the point: nobody waits for the client.
            let _ = stream.shutdown().await;
            partial
        }
        Delivery::Endless(response) => endless(&mut stream, &response).await,
        Delivery::Twice(response) => {
            let twice = [bytes(&response), bytes(&response)].concat();
            let written = stream.write_all(&twice).await;
            let _ = stream.shutdown().await;
            written
        }
    };
    if done.is_ok() {
        gone(&mut stream).await;
    }
}

/// Waits until the client goes away.
async fn gone(stream: &mut TcpStream) {
    let mut ignored = [0; 1024];
    while let Ok(1..) = stream.read(&mut ignored).await {}
}

async fn slow_head(
    stream: &mut TcpStream,
    response: &Response<Vec<u8>>,
    pace: Duration,
) -> io::Result<()> {
    for byte in head(response, Length::Right) {
        stream.write_all(&[byte]).await?;
        pause(pace).await;
    }
    stream.write_all(response.body()).await
}

async fn endless(stream: &mut TcpStream, response: &Response<Vec<u8>>) -> io::Result<()> {
    stream.write_all(&head(response, Length::Chunked)).await?;
    if !response.body().is_empty() {
        stream.write_all(&chunk(response.body())).await?;
    }
    let filler = chunk(&FILLER);
    loop {
        stream.write_all(&filler).await?;
        pause(BREATH).await;
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

/// An answer as it is on the wire.
fn bytes(response: &Response<Vec<u8>>) -> Vec<u8> {
    let mut bytes = head(response, Length::Right);
    bytes.extend_from_slice(response.body());
    bytes
}

/// The head and half of the body; half of the head where there is no body.
fn half(response: &Response<Vec<u8>>) -> Vec<u8> {
    let mut bytes = bytes(response);
    let body = response.body().len();
    let end = if body == 0 { bytes.len() / 2 } else { bytes.len() - body.div_ceil(2) };
    bytes.truncate(end);
    bytes
}

/// What the head says about the length of the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    Right,
    Chunked,
}

fn head(response: &Response<Vec<u8>>, length: Length) -> Vec<u8> {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
            continue;
        }
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    let length = match length {
        Length::Right => format!("content-length: {}\r\n\r\n", response.body().len()),
        Length::Chunked => "transfer-encoding: chunked\r\n\r\n".to_owned(),
    };
    head.extend_from_slice(length.as_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_answer_is_http() {
        let response = answer(200).header("x-one", "1").body("hello");
        assert_eq!(
            text(bytes(&response)),
            "HTTP/1.1 200 OK\r\nx-one: 1\r\ncontent-length: 5\r\n\r\nhello"
        );
        let chunked = text(head(&response, Length::Chunked));
        assert!(chunked.ends_with("\r\ntransfer-encoding: chunked\r\n\r\n"));
        assert_eq!(text(chunk(b"0123456789abcdef")), "10\r\n0123456789abcdef\r\n");
    }

    #[test]
    fn half_an_answer_is_never_whole() {
        assert!(text(half(&answer(200).body("hello"))).ends_with("content-length: 5\r\n\r\nhe"));
        assert!(text(half(&answer(200).body("h"))).ends_with("content-length: 1\r\n\r\n"));
        assert_eq!(text(half(&answer(401).empty())), "HTTP/1.1 401 Unauthorize");
    }
}
