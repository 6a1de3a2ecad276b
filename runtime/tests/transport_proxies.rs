//! Transports as their defaults make them, in a process whose environment names a proxy.
#![cfg(all(feature = "reqwest-rustls", feature = "hyper-rustls", feature = "ureq-rustls"))]

mod support;

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use rekindle_runtime::{
    BlockingTransport, HyperTransport, Limits, ReqwestTransport, Transport, UreqTransport,
};
use support::server::{Behaviour, Server, read_request};
use support::{CANARY, Outcome, block_on, request};

/// What the child sends to.
const URL: &str = "REKINDLE_TEST_PROXIED_URL";
/// What its lines begin with.
const MARK: &str = "outcome:";
const PROXY_VARIABLES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/// Not a test of its own: what the others run in a process with another environment.
#[test]
fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let limits = Limits { timeout: Duration::from_secs(4), ..Limits::default() };
    let reqwest = ReqwestTransport::with_limits(limits).expect("a transport");
    let hyper = HyperTransport::https_with(limits).expect("a transport");
    let ureq = UreqTransport::with_limits(limits);
    let tell = |name, outcome: Outcome| match outcome {
        Ok(response) => println!("\n{MARK}{name} {}", response.status().as_u16()),
        Err(error) => println!("\n{MARK}{name} {:?} {:?}", error.was_sent(), error.kind()),
    };
    tell("reqwest", block_on(reqwest.send(request(&url))));
    tell("hyper", block_on(hyper.send(request(&url))));
    tell("ureq", ureq.send(request(&url)));
}

/// How each transport fares with a URL, in a process with these variables.
fn outcomes(url: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["child", "--exact", "--nocapture"]).env(URL, url);
    for name in PROXY_VARIABLES {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(variables.iter().copied()).output().expect("a child");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.strip_prefix(MARK).map(str::to_owned)).collect()
}

/// What arrived at a proxy, up to a connection that this makes itself.
fn arrived(proxy: &Server, port: u16) -> Vec<String> {
    let mut last = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    last.write_all(b"LAST\r\n\r\n").expect("a line");
    drop(last);
    let mut seen = Vec::new();
    loop {
        let request = proxy.request();
        if request.starts_with("LAST") {
            return seen;
        }
        seen.push(request);
    }
}

/// R43.
#[test]
fn plain_http_to_this_machine_goes_through_no_proxy() {
    let proxy =
        Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let provider =
        Server::answering("HTTP/1.1 201 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let named = format!("http://127.0.0.1:{}", proxy.port());
    let environments: [&[(&str, &str)]; 3] = [
        &[("HTTP_PROXY", &named), ("http_proxy", &named)],
        &[("ALL_PROXY", &named), ("NO_PROXY", "example.com")],
        &[("HTTP_PROXY", &named), ("HTTPS_PROXY", &named), ("NO_PROXY", "")],
    ];
    let (port, nobody) = (provider.port(), Server::nobody());
    for variables in environments {
        for host in ["127.0.0.1", "localhost", "LOCALHOST"] {
            let found = outcomes(&format!("http://{host}:{port}/token"), variables);
            assert_eq!(found, ["reqwest 201", "hyper 201", "ureq 201"], "{host} {variables:?}");
        }
        for host in ["127.8.8.8", "[::1]"] {
            let found = outcomes(&format!("http://{host}:{nobody}/token"), variables);
            let refused = ["reqwest No Connect", "hyper No Connect", "ureq No Connect"];
            assert_eq!(found, refused, "{host} {variables:?}");
        }
    }
    assert_eq!(arrived(&proxy, proxy.port()), [""; 0]);
}

/// R42. hyper knows no proxies: there the name is not found.
#[test]
fn what_a_proxy_refuses_was_not_sent() {
    let text = |text: &str| Behaviour::Answer(text.as_bytes().to_vec());
    let refusals = [
        text("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
        text("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
        text("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
        text("this is no HTTP\r\n\r\n"),
        text("HTTP/1.1 200 OK\r\n\r\n"),
        Behaviour::Close,
        Behaviour::Reset,
        Behaviour::AnswerAndStall(Vec::new()),
    ];
    for (index, refusal) in refusals.into_iter().enumerate() {
        let proxy = Server::start(refusal);
        let named = format!("http://127.0.0.1:{}", proxy.port());
        let found = outcomes("https://nowhere.invalid/token", &[("ALL_PROXY", &named)]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|line| line.contains(" No ")), "{index}: {found:?}");
        for request in [proxy.request(), proxy.request()] {
            assert!(!request.contains(CANARY), "{request}");
        }
    }
}

/// Passes on what clients ask a tunnel for, whatever its name, to a port of this machine.
fn tunnel(to: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.expect("a connection");
            assert!(read_request(&mut client).starts_with("CONNECT nowhere.invalid:443 "));
            let mut server = TcpStream::connect(("127.0.0.1", to)).expect("the server");
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").expect("an open connection");
            let (mut back, mut forth) =
                (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
            thread::spawn(move || io::copy(&mut back, &mut forth));
            let _ = io::copy(&mut client, &mut server);
        }
    });
    port
}

/// The certificate of the server behind the tunnel is what each gets to see.
#[test]
fn https_goes_through_the_proxy_that_the_environment_names() {
    let (server, _received) = support::tls::start();
    let named = format!("http://127.0.0.1:{}", tunnel(server));
    let found = outcomes("https://nowhere.invalid/token", &[("HTTPS_PROXY", &named)]);
    assert_eq!(found, ["reqwest No Certificate", "hyper No Connect", "ureq No Certificate"]);
}
