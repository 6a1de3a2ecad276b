//! A server on a loopback socket that takes one connection and does one thing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with the connection it takes.
pub enum Behaviour {
    /// Reads the request and answers with these bytes.
    Answer(Vec<u8>),
    /// Reads the request, answers with these bytes, and then says nothing until the client goes.
    AnswerAndStall(Vec<u8>),
    /// Reads the request and answers with these bytes for ever, after a first part.
    Endless(Vec<u8>, Vec<u8>),
    /// Reads the beginning of the request and closes: what is left unread makes it a reset.
    Reset,
    /// Reads the request and closes.
    Close,
    /// Reads nothing and answers at once.
    Blurt(Vec<u8>),
}

pub struct Server {
    port: u16,
    requests: Receiver<String>,
}

impl Server {
    /// Takes connections one after another, each in the same way, for as long as the test runs.
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let request = behave(stream, &behaviour);
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { port, requests }
    }

    pub fn answering(answer: &str) -> Self {
        Self::start(Behaviour::Answer(answer.as_bytes().to_vec()))
    }

    /// A port where nobody listens.
    pub fn nobody() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").port()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    pub fn https_url(&self) -> String {
        format!("https://127.0.0.1:{}/token", self.port)
    }

    /// The next request, as it was on the wire.
    pub fn request(&self) -> String {
        self.requests.recv().expect("a request")
    }

    /// The requests of the connections that are over and were not asked for yet.
    pub fn further_requests(&self) -> usize {
        self.requests.try_iter().count()
    }
}

/// A server that keeps connections, answers each request on them with `asked`, and can be told to say more.
pub struct KeptServer {
    port: u16,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl KeptServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let open = Arc::<Mutex<Vec<TcpStream>>>::default();
        let kept = Arc::clone(&open);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let writer = stream.try_clone().expect("a socket");
                kept.lock().expect("no panic").push(writer);
                thread::spawn(move || {
                    while !read_request(&mut stream).is_empty() {
                        let _ = stream.write_all(&ok("asked"));
                    }
                });
            }
        });
        Self { port, open }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    /// Says one more answer on each connection.
    pub fn say_unasked(&self) {
        for stream in &mut *self.open.lock().expect("no panic") {
            // The client may have closed it.
            let _ = stream.write_all(&ok("unasked"));
        }
    }
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn behave(mut stream: TcpStream, behaviour: &Behaviour) -> String {
    match behaviour {
        Behaviour::Answer(answer) => {
            let request = read_request(&mut stream);
            let _ = stream.write_all(answer);
            request
        }
        Behaviour::AnswerAndStall(answer) => {
            let request = read_request(&mut stream);
            let _ = stream.write_all(answer);
            // Ends when the client gives up and closes.
            let _ = stream.read(&mut [0]);
            request
        }
        Behaviour::Endless(head, part) => {
            let request = read_request(&mut stream);
            let _ = stream.write_all(head);
            while stream.write_all(part).is_ok() {}
            request
        }
        Behaviour::Reset => {
            let _ = stream.read_exact(&mut [0; 8]);
            String::new()
        }
        Behaviour::Close => read_request(&mut stream),
        Behaviour::Blurt(answer) => {
            let _ = stream.write_all(answer);
            let _ = stream.read(&mut [0; 16_384]);
            String::new()
        }
    }
}

/// Reads one request: its head, and as much body as the head announces.
pub fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if request_end(&bytes).is_some_and(|end| bytes.len() >= end) {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&bytes).into_owned(),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

fn request_end(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:").map(str::trim));
    Some(head + length.map_or(0, |length| length.parse().expect("a length")))
}
