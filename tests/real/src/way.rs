//! A way between sessions and their server, which counts exchanges, loses answers and holds requests back.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

/// What becomes of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The answer is swallowed, and the connection ends.
    AnswerLost,
    /// The answer is swallowed, and the connection stays until whoever asked has gone.
    Silence,
    /// The gateway gives up with 504, and the request leaves when [`Way::deliver`] says so.
    Late,
}

/// A request as it stood on the wire.
struct Request {
    head: String,
    body: String,
}

/// What is between sessions and their server.
#[derive(Default)]
pub struct Way {
    /// How many requests have come.
    pub exchanges: AtomicUsize,
    /// What becomes of the next exchanges, in order; the rest go well.
    faults: Mutex<VecDeque<Fault>>,
    held_back: Mutex<Vec<Request>>,
    /// Of each exchange that has reached the server: the body of the request, and the status of the answer.
    told: Mutex<Vec<(String, u16)>>,
}

impl Way {
    /// Opens it, and says where.
    pub fn to(server: u16) -> (Arc<Self>, String) {
        let way = Arc::new(Self::default());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let own = Arc::clone(&way);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let way = Arc::clone(&own);
                thread::spawn(move || way.carry(stream, server));
            }
        });
        (way, url)
    }

    /// Has this happen to the next exchange that nothing happens to yet.
    pub fn disturb(&self, fault: Fault) {
        self.faults.lock().unwrap().push_back(fault);
    }

    /// Lets a request arrive at last that was held back. Gives the status of its answer, which nobody waits for any more.
    pub fn deliver(&self, server: u16) -> u16 {
        let request = self.held_back.lock().unwrap().remove(0);
        self.pass_on(&request, server).map(|(status, _)| status).unwrap()
    }

    /// Of each exchange that has reached the server: the body of the request, and the status of the answer.
    pub fn told(&self) -> Vec<(String, u16)> {
        self.told.lock().unwrap().clone()
    }

    fn carry(&self, mut client: TcpStream, server: u16) -> std::io::Result<()> {
        let Some(request) = read(&mut client)? else { return Ok(()) };
        self.exchanges.fetch_add(1, SeqCst);
        let fault = self.faults.lock().unwrap().pop_front();
        if fault == Some(Fault::Late) {
            self.held_back.lock().unwrap().push(request);
            let gone =
                "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return client.write_all(gone.as_bytes());
        }
        let (_, answer) = self.pass_on(&request, server)?;
        match fault {
            None => client.write_all(&answer),
            Some(Fault::Silence) => client.read(&mut [0]).map(drop),
            Some(_) => Ok(()),
        }
    }

    fn pass_on(&self, request: &Request, server: u16) -> std::io::Result<(u16, Vec<u8>)> {
        let Request { head, body } = request;
        let mut upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
        upstream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes())?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer)?;
        let text = String::from_utf8_lossy(&answer);
        let status = text.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_default();
        self.told.lock().unwrap().push((body.clone(), status));
        Ok((status, answer))
    }
}

/// One request; `None` where the connection ends without one.
fn read(client: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = client.read(&mut part)?;
        if read == 0 {
            return Ok(None);
        }
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if body.len() >= length.unwrap_or(0usize) {
            return Ok(Some(Request { head: head.to_owned(), body: body.to_owned() }));
        }
    }
}
