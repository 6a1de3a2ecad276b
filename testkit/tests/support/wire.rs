//! A client that sees bytes, and gives up after a while.

use http::{Request, Response};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A test that waits longer than this for a byte has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection.
pub struct Wire {
    stream: TcpStream,
    /// What was read and not yet used.
    left: Vec<u8>,
}

impl Wire {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        Self { stream, left: Vec::new() }
    }

    /// To the host of a request's URI.
    pub fn for_request(request: &Request<Vec<u8>>) -> Self {
        let authority = request.uri().authority().expect("an absolute URI");
        Self::to(authority.as_str().parse().expect("an address"))
    }

    pub fn patience(&self, patience: Duration) {
        let stream = &self.stream;
        stream.set_read_timeout(Some(patience)).expect("a time-out");
    }

    /// Sends a request, its host taken from its URI unless it has a header for that.
    pub fn send(&mut self, request: &Request<Vec<u8>>) {
        self.try_send(request).expect("a connection that is open");
    }

    pub fn try_send(&mut self, request: &Request<Vec<u8>>) -> io::Result<()> {
        let target = request.uri().path_and_query().expect("a path");
        let mut head = format!("{} {target} HTTP/1.1\r\n", request.method());
        if !request.headers().contains_key("host") {
            let authority = request.uri().authority().expect("an absolute URI");
            head += &format!("host: {authority}\r\n");
        }
        for (name, value) in request.headers() {
            head += &format!("{name}: {}\r\n", value.to_str().expect("a text"));
        }
        head += &format!("content-length: {}\r\n\r\n", request.body().len());
        self.write(head.as_bytes())?;
        self.write(request.body())
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Some bytes, as they come.
    pub fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; most];
        let read = self.stream.read(&mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> io::Result<String> {
        let mut rest = std::mem::take(&mut self.left);
        self.stream.read_to_end(&mut rest)?;
        Ok(String::from_utf8(rest).expect("a text"))
    }

    /// An answer whose length its head says.
    pub fn answer(&mut self) -> io::Result<Response<Vec<u8>>> {
        let end = self.until_head()?;
        let head = String::from_utf8(self.left.drain(..end).collect()).expect("a text");
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let mut response = Response::builder().status(status.expect("a status"));
        for line in lines {
            let (name, value) = line.split_once(": ").expect("a header");
            response = response.header(name, value);
        }
        let response = response.body(Vec::<u8>::new()).expect("an answer");
        if response.status() == 204 {
            return Ok(response); // It has no body, and says so by its status.
        }
        let length = response.headers().get("content-length");
        let length = length.expect("a length").to_str().expect("a text");
        let length: usize = length.parse().expect("a number");
        while self.left.len() < length {
            self.more()?;
        }
        Ok(response.map(|_| self.left.drain(..length).collect()))
    }

    fn until_head(&mut self) -> io::Result<usize> {
        loop {
            let found = self.left.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            match found {
                Some(at) => return Ok(at + 4),
                None => self.more()?,
            }
        }
    }

    fn more(&mut self) -> io::Result<()> {
        let bytes = self.read(16 * 1024)?;
        if bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left.extend(bytes);
        Ok(())
    }
}

/// Sends a request on a connection of its own.
pub fn exchange(request: &Request<Vec<u8>>) -> io::Result<Response<Vec<u8>>> {
    let mut wire = Wire::for_request(request);
    wire.send(request);
    wire.answer()
}

/// What is said in JSON.
pub fn json(response: &Response<Vec<u8>>) -> serde_json::Value {
    serde_json::from_slice(response.body()).expect("JSON")
}
