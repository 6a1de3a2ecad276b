//! Fake providers on ports: who is where, who hears what, and what is told of it.

mod support;

use http::Request;
use rekindle_testkit::Fake;
use rekindle_testkit::provider::{Provider, Rule, TokenState};
use rekindle_testkit::serve::{Options, Serving};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::wire::{Wire, exchange, json};
use support::{acme, contracts, plain, refresh, sign_in};

#[test]
fn every_contract_is_served() {
    for contract in contracts() {
        let fake = Fake::new(Provider::new(contract));
        let _serving = fake.serve();
        let held = sign_in(&fake);
        let request = refresh(&fake, &held);
        let answer = exchange(&request).expect("an answer");
        assert!(answer.status().is_success(), "{request:?} {answer:?}");
        let date = answer.headers()["date"].to_str().expect("a text");
        assert!(date.contains(" Nov 2026 "), "the provider's clock, not {date}");
    }
}

#[test]
fn a_connection_serves_many_exchanges() {
    let fake = acme();
    let serving = fake.serve();
    let mut wire = Wire::to(serving.address());
    let mut held = sign_in(&fake);
    for _ in 0..3 {
        wire.send(&refresh(&fake, &held));
        let answer = wire.answer().expect("an answer");
        assert_eq!(answer.status(), 200);
        let token = |name: &str| json(&answer)[name].as_str().expect("a token").to_owned();
        held.access_token = token("access_token");
        held.refresh_token = Some(token("refresh_token"));
    }
}

#[test]
fn one_port_serves_each_below_its_id() {
    let (acme, globex) = (acme(), Fake::new(Provider::new(plain("globex"))));
    let serving =
        Serving::start(vec![acme.clone(), globex.clone()], Options::default()).expect("a port");
    assert_eq!(serving.url("acme"), Some(acme.url().as_str()));
    assert_eq!(
        serving.url("globex"),
        Some(format!("http://{}/globex", serving.address()).as_str())
    );
    assert_eq!(serving.url("initech"), None);
    for fake in [acme, globex] {
        let held = sign_in(&fake);
        assert_eq!(exchange(&refresh(&fake, &held)).expect("an answer").status(), 200);
    }
    for path in ["/", "/acmes/oauth/token", "/initech"] {
        let request = Request::get(format!("http://{}{path}", serving.address()));
        let answer = exchange(&request.body(Vec::new()).expect("a request")).expect("an answer");
        assert_eq!(answer.status(), 404);
        assert_eq!(json(&answer)["hint"], "the providers are at /acme, /globex");
    }
}

#[test]
fn each_has_a_port_of_its_own_if_asked() {
    let (acme, globex) = (acme(), Fake::new(Provider::new(plain("globex"))));
    let options = Options { separate_ports: true, ..Options::default() };
    let serving = Serving::start(vec![acme.clone(), globex.clone()], options).expect("ports");
    assert_ne!(acme.url(), globex.url());
    assert_eq!(serving.url("acme"), Some(format!("http://{}", serving.address()).as_str()));
    for fake in [&acme, &globex] {
        let held = sign_in(fake);
        assert_eq!(exchange(&refresh(fake, &held)).expect("an answer").status(), 200);
        let control = Request::get(format!("{}/-/control", fake.url()));
        let control = control.body(Vec::new()).expect("a request");
        assert!(json(&exchange(&control).expect("an answer"))["providers"]["globex"].is_object());
    }
}

#[test]
fn what_cannot_be_served_is_said() {
    let twice = Serving::start(vec![acme(), acme()], Options::default()).unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::InvalidInput);
    let nothing = Serving::start(Vec::new(), Options::default()).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::InvalidInput);
    let held = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let taken = held.local_addr().expect("an address").port();
    let options = Options { port: taken, ..Options::default() };
    let taken = Serving::start(vec![acme()], options).unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
}

#[test]
fn the_host_is_the_origin() {
    let fake = acme();
    let serving = fake.serve();
    let port = serving.address().port();
    let held = sign_in(&fake);
    let status = |host: &str| {
        let mut request = refresh(&fake, &held);
        request.headers_mut().insert("host", host.parse().expect("a host"));
        exchange(&request).expect("an answer").status().as_u16()
    };
    assert_ne!(status("elsewhere.example"), 200);
    assert_ne!(status("localhost:1"), 200);
    assert_eq!(status(""), 400);
    assert_eq!(status(&format!("LocalHost:{port}")), 200);
    let mut wire = Wire::to(serving.address());
    wire.write(b"GET /acme HTTP/1.1\r\n\r\n").expect("a connection");
    assert_eq!(wire.answer().expect("an answer").status(), 400);
}

#[test]
fn a_body_beyond_reason_is_not_read() {
    let fake = acme();
    let serving = fake.serve();
    let mut wire = Wire::to(serving.address());
    wire.write(b"POST /acme/oauth/token HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n")
        .expect("a connection");
    // It may close as soon as it has seen enough.
    let _ = (0..32).try_for_each(|_| wire.write(&[b'a'; 64 * 1024]));
    if let Ok(answer) = wire.answer() {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(fake.planned().len(), 0);
}

#[test]
fn starting_is_cheap() {
    let fake = acme();
    for _ in 0..200 {
        drop(fake.serve());
    }
}

/// Requests with a secret where none belongs.
fn misplaced(good: &Request<Vec<u8>>, url: &str, secret: &str) -> Vec<Request<Vec<u8>>> {
    let path = |rest: String| Request::get(format!("{url}{rest}")).body(Vec::new());
    let with = |name: &str, value: &str| {
        let mut request = good.clone();
        let name: http::HeaderName = name.parse().expect("a name");
        let value = value.parse().expect("a value");
        request.headers_mut().insert(name, value);
        request
    };
    let mut requests = [
        path(format!("/{secret}")),
        path(format!("/-/{secret}?x={secret}")),
        path(format!("?{secret}")),
        path(format!("?a={secret}&{secret}=b")),
    ]
    .map(|request| request.expect("a request"))
    .to_vec();
    let host = good.uri().authority().expect("an absolute URI");
    requests.push(with("host", &format!("{secret}@{host}")));
    requests.push(with("authorization", secret));
    requests.push(with("content-type", secret));
    for body in [format!("{secret}={secret}"), format!(r#"{{"{secret}":"{secret}"}}"#)] {
        let mut request = good.clone();
        *request.body_mut() = body.into_bytes();
        requests.push(request);
    }
    requests
}

/// An exchange is told of with its rule, and without what it held.
#[test]
fn exchanges_are_told_without_secrets() {
    for contract in contracts() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let observer = Arc::clone(&told);
        let fake = Fake::new(Provider::new(contract));
        let options = Options {
            observer: Some(Box::new(move |exchange| {
                observer.lock().expect("no panic").push(exchange.clone());
            })),
            ..Options::default()
        };
        let _serving = Serving::start(vec![fake.clone()], options).expect("a port");
        let held = sign_in(&fake);
        let good = refresh(&fake, &held);
        let mut secrets: Vec<String> = held.refresh_token.into_iter().collect();
        secrets.push(held.access_token);
        let provider = fake.provider();
        let client = provider.client().iter();
        let secret = client.filter(|(name, _)| provider.contract().client[*name].secret);
        secrets.extend(secret.map(|(_, value)| value.clone()));
        drop(provider);
        exchange(&good).expect("an answer");
        for secret in &secrets {
            for wrong in misplaced(&good, &fake.url(), secret) {
                exchange(&wrong).expect("an answer");
            }
        }
        let told = told.lock().expect("no panic");
        assert_eq!(told.len(), 1 + secrets.len() * 9);
        for exchange in told.iter() {
            let line = format!("{exchange} {exchange:?}");
            assert!(secrets.iter().all(|secret| !line.contains(secret.as_str())), "{line}");
        }
        assert!(told[0].to_string().contains("  new tokens issued"), "{}", told[0]);
    }
}

#[test]
fn a_refusal_names_its_rule() {
    let told = Arc::new(Mutex::new(String::new()));
    let observer = Arc::clone(&told);
    let fake = acme();
    let options = Options {
        observer: Some(Box::new(move |exchange| {
            *observer.lock().expect("no panic") = exchange.to_string();
        })),
        ..Options::default()
    };
    let _serving = Serving::start(vec![fake.clone()], options).expect("a port");
    let held = sign_in(&fake);
    let mut request = refresh(&fake, &held);
    request.body_mut().extend_from_slice(b"&grant_type=refresh_token");
    assert_ne!(exchange(&request).expect("an answer").status(), 200);
    let line = told.lock().expect("no panic").clone();
    let begin = "2026-11-21T08:00:00Z  acme  POST /acme/oauth/token  4";
    assert!(line.starts_with(begin), "{line}");
    assert!(line.contains(&format!("  refused by {}: ", Rule::FieldTwice)), "{line}");
    let refresh_token = held.refresh_token.expect("a refresh token");
    assert_eq!(fake.provider().refresh_token(&refresh_token), TokenState::Live);
}

#[test]
fn what_is_no_http_harms_nobody() {
    let fake = acme();
    let serving = fake.serve();
    let cases: [&[u8]; 7] = [
        b"\r\n\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET http://[:::: HTTP/1.1\r\nhost: a\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST /acme/oauth/token HTTP/1.1\r\nhost: \xff\xfe\r\ncontent-length: -1\r\n\r\n",
    ];
    for bytes in cases {
        let mut wire = Wire::to(serving.address());
        wire.write(bytes).expect("a connection");
        // What it says to that, if anything, is up to the HTTP library.
        wire.patience(Duration::from_millis(20));
        let _ = wire.read(1024);
    }
    let held = sign_in(&fake);
    let answer = exchange(&refresh(&fake, &held)).expect("an answer");
    assert_eq!(answer.status(), 200);
}
