//! How many copies of its tokens a process holds after an exchange, when all that had to do with it is dropped.
#![cfg(all(target_os = "linux", feature = "reqwest", feature = "hyper", feature = "ureq"))]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::process::{Child, Command, Stdio};

use rekindle_runtime::{
    HyperTransport, ReqwestTransport, Secret, UreqTransport, refresh, refresh_blocking,
};
use support::block_on;
use support::provider::{Client, RefreshToken, Tokens};
use support::server::Server;

const WAY: &str = "REKINDLE_TEST_MEMORY_WAY";
const BASE: &str = "REKINDLE_TEST_MEMORY_BASE";
const DONE: &str = "exchange-done";

/// The refresh token, which stands nowhere in the program: it is the tenth letter, and so on.
fn refresh_token() -> String {
    (0..48_u8).map(|index| char::from(b'a' + (index.wrapping_mul(11) ^ 9) % 26)).collect()
}

/// Not a test of its own: one exchange, then this waits to be looked at.
#[test]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let base = std::env::var(BASE).expect("where the server is");
    exchange(&way, &base);
    println!("\n{DONE}");
    let _ = std::io::stdin().read(&mut [0]);
}

fn exchange(way: &str, base: &str) {
    let client = Client::new(base, "hunter2");
    let credential = || RefreshToken(Secret::new(refresh_token()));
    let check = |tokens: Tokens| assert!(!tokens.access_token.is_empty());
    match way {
        "by hand" => block_on(by_hand(base)),
        "reqwest" => {
            let transport = ReqwestTransport::new().expect("a transport");
            check(block_on(refresh(&client, &transport, credential())).ok().expect("tokens"));
        }
        "hyper" => {
            let transport = HyperTransport::http();
            check(block_on(refresh(&client, &transport, credential())).ok().expect("tokens"));
        }
        _ => {
            let transport = UreqTransport::new();
            check(refresh_blocking(&client, &transport, credential()).ok().expect("tokens"));
        }
    }
}

/// As one does it with reqwest alone.
async fn by_hand(base: &str) {
    let token = refresh_token();
    let body = format!("grant_type=refresh_token&refresh_token={token}");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client
        .post(format!("{base}/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer = request.send().await.expect("an answer").bytes().await.expect("a body");
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    assert!(answer["access_token"].is_string());
}

/// How often each text is in the memory of a process that waits.
fn copies(process: &Child, texts: &[&str]) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", process.id())).expect("its maps");
    let mut memory = File::open(format!("/proc/{}/mem", process.id())).expect("its memory");
    let mut found = 0;
    for line in maps.lines() {
        let mut fields = line.split(' ');
        let (range, rights) = (fields.next().expect("a range"), fields.next().expect("its rights"));
        // What cannot be written to holds no tokens, and some of it cannot be read.
        if !rights.starts_with("rw") || line.ends_with("[vvar]") {
            continue;
        }
        let (start, end) = range.split_once('-').expect("two ends");
        let address = |text| u64::from_str_radix(text, 16).expect("an address");
        let (start, end) = (address(start), address(end));
        let mut bytes = vec![0; usize::try_from(end - start).expect("a size")];
        memory.seek(SeekFrom::Start(start)).expect("its memory");
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        for text in texts {
            let first = text.as_bytes()[0];
            let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
            found += starts.filter(|(at, _)| bytes[*at..].starts_with(text.as_bytes())).count();
        }
    }
    found
}

#[test]
fn no_more_copies_of_tokens_stay_in_memory_than_by_hand() {
    let refresh_token = refresh_token();
    let (access, replacement) = ("access-6Kq1vT0yDz3mWb8n", "refresh-9Xr4cHs7uJp2fLe5");
    let body = format!(
        r#"{{"access_token":"{access}","refresh_token":"{replacement}","expires_in":3600}}"#
    );
    let length = body.len();
    let server =
        Server::answering(&format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"));
    let count = |way: &str| {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["child", "--exact", "--nocapture"])
            .env(WAY, way)
            .env(BASE, server.url().trim_end_matches("/token"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let done = lines.any(|line| line.is_ok_and(|line| line == DONE));
        assert!(done, "{way}: the exchange failed");
        let found = copies(&child, &[&refresh_token, access, replacement]);
        drop(child.stdin.take());
        assert!(child.wait().expect("its end").success());
        found
    };
    let by_hand = count("by hand");
    assert!(by_hand > 0, "what is counted can be seen");
    let found = ["reqwest", "hyper", "ureq"].map(|way| (way, count(way)));
    println!("by hand {by_hand}, {found:?}");
    for (way, copies) in found {
        assert!(copies <= by_hand, "{way}: {copies} copies, and by hand {by_hand}");
    }
}
