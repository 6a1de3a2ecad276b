//! How many copies of its tokens a process holds after an exchange: when all that had to do with it is dropped, and when the transport and its
//! connection are kept.
#![cfg(all(target_os = "linux", feature = "reqwest", feature = "hyper", feature = "ureq"))]

mod support;

use std::any::Any;

use rekindle_runtime::{
    HyperTransport, RefreshError, ReqwestTransport, Secret, UreqTransport, refresh,
    refresh_blocking,
};
use support::memory::{copies_of_child, wait_to_be_looked_at};
use support::provider::{Client, RefreshToken, Tokens};
use support::server::{Behaviour, Server};
use tokio::runtime::Runtime;

const WAY: &str = "REKINDLE_TEST_MEMORY_WAY";
const BASE: &str = "REKINDLE_TEST_MEMORY_BASE";
/// There where the transport is to stay.
const KEEP: &str = "REKINDLE_TEST_MEMORY_KEEP";

/// The refresh token, which stands nowhere in the program: it is the tenth letter, and so on.
fn refresh_token() -> String {
    (0..48_u8).map(|index| char::from(b'a' + (index.wrapping_mul(11) ^ 9) % 26)).collect()
}

/// Not a test of its own: one exchange, then this waits to be looked at.
#[test]
fn child() {
    let Ok(way) = std::env::var(WAY) else { return };
    let base = std::env::var(BASE).expect("where the server is");
    // Where connections are kept, so is what drives them.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let held = exchange(&runtime, &way, &base);
    let kept = std::env::var_os(KEEP).map(|_| (held, runtime));
    wait_to_be_looked_at();
    drop(kept);
}

/// One exchange. Gives what carried it.
fn exchange(runtime: &Runtime, way: &str, base: &str) -> Box<dyn Any> {
    let client = Client::new(base, "hunter2");
    let credential = || RefreshToken(Secret::new(refresh_token()));
    let check = |tokens: Result<Tokens, RefreshError<RefreshToken>>| {
        let tokens = tokens.expect("tokens");
        assert!(!tokens.access_token.is_empty());
    };
    match way {
        "by hand" => Box::new(runtime.block_on(by_hand(base))),
        "reqwest" => {
            let transport = ReqwestTransport::new().expect("a transport");
            let exchange = refresh(&client, &transport, credential());
            check(runtime.block_on(exchange));
            Box::new(transport)
        }
        "hyper" => {
            let transport = HyperTransport::http();
            let exchange = refresh(&client, &transport, credential());
            check(runtime.block_on(exchange));
            Box::new(transport)
        }
        _ => {
            let transport = UreqTransport::new();
            check(refresh_blocking(&client, &transport, credential()));
            Box::new(transport)
        }
    }
}

/// As one does it with reqwest alone.
async fn by_hand(base: &str) -> reqwest::Client {
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
    client
}

#[test]
fn fewer_copies_of_tokens_stay_in_memory_than_by_hand() {
    let refresh_token = refresh_token();
    let (access, replacement) = ("access-6Kq1vT0yDz3mWb8n", "refresh-9Xr4cHs7uJp2fLe5");
    let body = format!(
        r#"{{"access_token":"{access}","refresh_token":"{replacement}","expires_in":3600}}"#
    );
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    let server = Server::start(Behaviour::AnswerAndStall(answer.into_bytes()));
    let count = |way: &str, keep: bool| {
        let url = server.url();
        let mut variables = vec![(WAY, way), (BASE, url.trim_end_matches("/token"))];
        if keep {
            variables.push((KEEP, ""));
        }
        let tokens = [refresh_token.as_bytes(), access.as_bytes(), replacement.as_bytes()];
        copies_of_child(&variables, &tokens).into_iter().sum::<usize>()
    };
    for keep in [false, true] {
        let by_hand = count("by hand", keep);
        assert!(by_hand > 0, "what is counted can be seen");
        let found = ["reqwest", "hyper", "ureq"].map(|way| (way, count(way, keep)));
        println!("transport kept: {keep}; by hand {by_hand}, {found:?}");
        for (way, copies) in found {
            assert!(copies < by_hand, "{way}: {copies} copies, and by hand {by_hand}");
        }
    }
}
