//! A whole exchange, from the credential to the tokens or to its fate.

mod support;

use std::cell::RefCell;

use http::{Request, Response};
use rekindle_runtime::{
    BlockingTransport, Class, ErrorKind, Fate, RefreshError, Secret, Sent, SignIn, TransportError,
    TransportErrorKind, clock, refresh_blocking,
};
use support::provider::{Client, RefreshToken, Tokens};
use support::{CANARY, everything_said};

/// A transport that has its answer ready and counts.
struct Ready {
    answer: RefCell<Option<Result<Response<Vec<u8>>, TransportError>>>,
}

impl BlockingTransport for Ready {
    fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.answer.take().expect("one request and no retry")
    }
}

fn exchange(
    answer: Result<Response<Vec<u8>>, TransportError>,
) -> Result<Tokens, RefreshError<RefreshToken>> {
    let client = Client::new("https://auth.example.com", CANARY);
    let transport = Ready { answer: RefCell::new(Some(answer)) };
    refresh_blocking(&client, &transport, RefreshToken(Secret::new(CANARY)))
}

fn answer(status: u16, body: &str) -> Result<Response<Vec<u8>>, TransportError> {
    Ok(Response::builder().status(status).body(body.into()).expect("a valid response"))
}

fn failure(answer: Result<Response<Vec<u8>>, TransportError>) -> RefreshError<RefreshToken> {
    let error = exchange(answer).err().expect("must fail");
    let said = everything_said(&error) + &everything_said(&error.error);
    assert!(!said.contains(CANARY), "{said}");
    error
}

#[test]
fn an_answer_brings_tokens() {
    let before = clock::now();
    let body = r#"{"access_token":"a","refresh_token":"r","expires_in":3600}"#;
    let tokens = exchange(answer(200, body)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((tokens.access_token.expose(), tokens.refresh_token.0.expose()), ("a", "r"));
    assert!(tokens.expiry.remaining(before).expect("an instant").as_secs() >= 3600);
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    for body in [r#"{"access_token":"a"}"#, r#"{"access_token":"a","refresh_token":null}"#] {
        let tokens = exchange(answer(200, body)).unwrap_or_else(|error| panic!("{error}"));
        assert!(tokens.refresh_token.0.matches(CANARY));
    }
}

#[test]
fn a_refusal_is_classified_before_the_body_is_read() {
    let body = format!(r#"{{"error":"invalid_grant","error_description":"{CANARY}"}}"#);
    let error = failure(answer(400, &body));
    assert_eq!(error.class(), Class::Reauthenticate(SignIn::Password));
    assert!(matches!(error.fate, Fate::Spent { replacement: None }));
    assert_eq!(
        error.to_string(),
        "Example: the provider refused the exchange (status 400), by the rule `errors[0]: status 400, invalid_grant`; \
         sign in again with a password; the credential is spent"
    );
    // R21: the same words inside a 5xx are no verdict.
    assert_eq!(failure(answer(503, &body)).class(), Class::Transient);
    let page = format!("<html>{CANARY}</html>");
    assert_eq!(failure(answer(401, &page)).class(), Class::ClientMisconfigured);
    assert_eq!(failure(answer(429, "")).class(), Class::RateLimited { after: None });
    assert_eq!(*failure(answer(307, &page)).error.kind(), ErrorKind::Redirect);
}

#[test]
fn an_unusable_answer_loses_nothing_that_it_brought() {
    let body = format!(r#"{{"access_token":"","refresh_token":"{CANARY}-new"}}"#);
    let error = failure(answer(200, &body));
    assert_eq!(*error.error.kind(), ErrorKind::Missing { what: "access token" });
    let kept = error.into_credential().expect("the replacement");
    assert_eq!(kept.0.expose(), format!("{CANARY}-new"));

    let error = failure(answer(200, CANARY));
    assert_eq!(*error.error.kind(), ErrorKind::NotJson);
    assert!(matches!(error.fate, Fate::InDoubt(_)));
}

#[test]
fn a_failed_transport_decides_the_fate_by_whether_it_was_sent() {
    let failed = |sent| failure(Err(TransportError::bare(TransportErrorKind::Timeout, sent)));
    let error = failed(Sent::No);
    assert_eq!(error.class(), Class::Transient);
    assert!(matches!(error.fate, Fate::Unspent(_)));
    let error = failed(Sent::Maybe);
    assert_eq!(error.class(), Class::InDoubt);
    assert!(matches!(error.fate, Fate::InDoubt(_)));
}

#[test]
fn what_cannot_be_sent_comes_back_unspent() {
    let transport = Ready { answer: RefCell::new(None) };
    let client = Client::new("https://auth.example.com", &format!("{CANARY}\r\nX-Evil: 1"));
    let error = refresh_blocking(&client, &transport, RefreshToken(Secret::new("r")))
        .err()
        .expect("must fail");
    assert_eq!(error.class(), Class::ClientMisconfigured);
    assert!(!everything_said(&error).contains(CANARY));
    assert!(matches!(error.fate, Fate::Unspent(_)));

    let client = Client::new("https://auth.example.com", "secret");
    let error = refresh_blocking(&client, &transport, RefreshToken(Secret::new("")))
        .err()
        .expect("must fail");
    assert_eq!(
        error.to_string(),
        "Example: the refresh token is empty; the credential was not spent"
    );
}

#[cfg(feature = "hyper")]
#[test]
fn an_exchange_over_a_socket() {
    use rekindle_runtime::{HyperTransport, refresh};
    use support::block_on;
    use support::server::Server;

    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n{\"access_token\":\"a\"}",
    );
    let base = server.url().replace("/token", "");
    let client = Client::new(&base, "secret");
    let future = async {
        let transport = HyperTransport::http();
        refresh(&client, &transport, RefreshToken(Secret::new("a+b"))).await
    };
    let tokens = block_on(future).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(tokens.access_token.expose(), "a");
    assert!(server.request().ends_with("\r\n\r\ngrant_type=refresh_token&refresh_token=a%2Bb"));
}
