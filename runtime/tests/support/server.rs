//! A server on a loopback socket that takes one connection and does one thing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// When a server that keeps connections says what nobody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// In one write with each answer.
    WithTheAnswer,
    /// After each answer, when it is told to.
    Later,
    /// It has nothing to say to its first request until it is told to, which is too late.
    TooLate,
    Never,
}

/// What is between the bytes of a connection and what they say: nothing, or TLS.
pub trait Channel: Send + 'static {
    /// Reads a request: nothing where the client has gone.
    fn request(&mut self, socket: &mut TcpStream) -> String;
    /// A text as it goes over the wire.
    fn wire(&mut self, text: &str) -> Vec<u8>;
}

pub struct Plain;

impl Channel for Plain {
    fn request(&mut self, socket: &mut TcpStream) -> String {
        read_request(socket)
    }

    fn wire(&mut self, text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }
}

/// What is still to be said, and where.
type Held = Arc<Mutex<Vec<(TcpStream, Vec<u8>)>>>;

/// A server that keeps connections, answers each request on them with `asked`, and says `unasked` besides.
pub struct KeptServer {
    port: u16,
    held: Held,
    connections: Arc<AtomicUsize>,
}

impl KeptServer {
    pub fn start<C: Channel>(unasked: Unasked, channel: impl Fn() -> C + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = Self { port, held: Held::default(), connections: Arc::default() };
        let (held, connections) = (Arc::clone(&server.held), Arc::clone(&server.connections));
        thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(socket) = socket else { return };
                // What is said has arrived when it is said, and does not wait for what the client says.
                socket.set_nodelay(true).expect("a socket");
                let first = connections.fetch_add(1, Ordering::Relaxed) == 0;
                let (held, channel) = (Arc::clone(&held), channel());
                thread::spawn(move || serve(socket, channel, unasked, first, &held));
            }
        });
        server
    }

    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Says what it has held back.
    pub fn say(&self) {
        for (mut socket, wire) in self.held.lock().expect("no panic").drain(..) {
            // The client may have closed it.
            let _ = socket.write_all(&wire);
        }
    }
}

fn serve(
    mut socket: TcpStream,
    mut channel: impl Channel,
    unasked: Unasked,
    first: bool,
    held: &Held,
) {
    let (asked, more) = (ok("asked"), ok("unasked"));
    while !channel.request(&mut socket).is_empty() {
        let (now, later) = match unasked {
            Unasked::WithTheAnswer => (asked.clone() + &more, ""),
            Unasked::Later => (asked.clone(), &more[..]),
            Unasked::TooLate if first => (String::new(), &more[..]),
            Unasked::TooLate | Unasked::Never => (asked.clone(), ""),
        };
        let (now, later) = (channel.wire(&now), channel.wire(later));
        if !later.is_empty() {
            // First: the client may go on as soon as it has its answer.
            let again = socket.try_clone().expect("a socket");
            held.lock().expect("no panic").push((again, later));
        }
        let _ = socket.write_all(&now);
    }
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
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
pub fn read_request(stream: &mut impl Read) -> String {
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
