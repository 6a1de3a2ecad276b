//! A way between a session and its server that counts exchanges and loses answers.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// What is between a session and its server.
#[derive(Default)]
pub struct Way {
    pub exchanges: AtomicUsize,
    /// How many of the next answers are swallowed.
    pub lost: AtomicUsize,
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

    fn carry(&self, mut client: TcpStream, server: u16) -> std::io::Result<()> {
        let mut request = Vec::new();
        let mut part = [0; 4096];
        let (head, body) = loop {
            let read = client.read(&mut part)?;
            if read == 0 {
                return Ok(());
            }
            request.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&request).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0usize) {
                break (head.to_owned(), body.to_owned());
            }
        };
        self.exchanges.fetch_add(1, SeqCst);
        let mut upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
        upstream.write_all(format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes())?;
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer)?;
        let is_lost = self.lost.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
        if is_lost { Ok(()) } else { client.write_all(&answer) }
    }
}
