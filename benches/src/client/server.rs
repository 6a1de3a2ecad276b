//! A token endpoint on a loopback socket, on threads of its own. It keeps connections, and allocates nothing while it answers:
//! neither its CPU time nor its memory is counted as a client's.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::exchange::ANSWERS;

/// Starts it and says where it is: `http://127.0.0.1:PORT`.
pub fn start() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let answers = ANSWERS.map(|body| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json;charset=UTF-8\r\ncache-control: no-store\r\n\
             pragma: no-cache\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    });
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = answers.clone();
            // A client that goes ends its thread.
            thread::spawn(move || _ = serve(stream, &answers));
        }
    });
    Ok(format!("http://{address}"))
}

/// Answers each request of a connection, with each answer in turn.
fn serve(mut stream: TcpStream, answers: &[String]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 8192];
    for answer in answers.iter().cycle() {
        let mut filled = 0;
        while !is_whole(&buffer[..filled]) {
            match stream.read(&mut buffer[filled..])? {
                0 => return Ok(()),
                count => filled += count,
            }
        }
        stream.write_all(answer.as_bytes())?;
    }
    Ok(())
}

/// Whether a request has come to its end.
fn is_whole(request: &[u8]) -> bool {
    let end = b"\r\n\r\n";
    let Some(head) = request.windows(end.len()).position(|window| window == end) else {
        return false;
    };
    let length = request[..head].split(|&byte| byte == b'\n').find_map(content_length);
    request.len() >= head + end.len() + length.unwrap_or(0)
}

fn content_length(line: &[u8]) -> Option<usize> {
    let (name, value) = line.split_at_checked(b"content-length:".len())?;
    if !name.eq_ignore_ascii_case(b"content-length:") {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
