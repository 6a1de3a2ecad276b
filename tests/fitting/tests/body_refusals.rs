//! A provider whose API refuses a dead token in a body: layers look into it, and hand on what they have looked at.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rekindle_fitting::{provider_of, signed_in};
use rekindle_language::body_refusals;
use rekindle_runtime::fit::{AuthorizeLayer, AuthorizeMiddleware};
use rekindle_runtime::kit;
use rekindle_runtime::session::{LARGEST_REFUSAL, Session};
use rekindle_testkit::serve::Serving;
use rekindle_testkit::{Fake, Server, answer};
use std::time::Duration;
use tower::{Layer, ServiceExt};

type Signed = Session<body_refusals::Client>;

/// A refusal of its API.
const REFUSAL: &str = r#"{"ok":false,"error":"token_expired"}"#;
/// What another request gets, with the same status and of the same type.
const OTHER: &str = r#"{"ok":false,"error":"channel_not_found"}"#;
const JSON: &str = "application/json; charset=utf-8";

/// The provider of the spec, and a session that has signed in there.
struct Place {
    fake: Fake,
    session: Signed,
    _serving: Serving,
}

impl Place {
    async fn open() -> Self {
        let fake = provider_of("body_refusals.yaml");
        let serving = fake.serve();
        let settings = fake.provider().client().clone();
        let settings = body_refusals::Settings {
            client_id: settings["client_id"].clone(),
            client_secret: settings["client_secret"].as_str().into(),
        };
        let client = body_refusals::Client::new(kit::Place::loopback(fake.url()), settings);
        let (session, _) = signed_in(&fake, client.expect("a client")).await;
        Self { fake, session, _serving: serving }
    }

    fn generation(&self) -> Option<u64> {
        self.session.try_access_token().map(|token| token.generation())
    }
}

/// What a client of the tower layer sees.
async fn through_tower(session: &Signed, url: &str) -> (StatusCode, Vec<u8>) {
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(url).body(Full::default()).expect("a request");
    let answer = AuthorizeLayer::new(session.clone()).layer(client).oneshot(request).await;
    let (head, body) = answer.expect("an answer").into_parts();
    (head.status, body.collect().await.expect("a body").to_bytes().to_vec())
}

/// What a client of the reqwest middleware sees.
async fn through_reqwest(session: &Signed, url: &str) -> (StatusCode, Vec<u8>) {
    let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(AuthorizeMiddleware::new(session.clone()))
        .build();
    let answer = client.get(url).send().await.expect("an answer");
    assert_eq!(answer.url().as_str(), url);
    assert!(answer.remote_addr().is_some(), "what reqwest adds stays");
    (answer.status(), answer.bytes().await.expect("a body").to_vec())
}

/// At the provider's own API: its refusals come with 200.
#[tokio::test]
async fn a_dead_token_is_replaced_though_its_refusal_has_status_200() {
    for is_tower in [true, false] {
        let place = Place::open().await;
        place.fake.clock().advance(Duration::from_secs(2 * 3600));
        let url = format!("{}/-/protected", place.fake.url());
        for _ in 0..2 {
            let (status, body) = match is_tower {
                true => through_tower(&place.session, &url).await,
                false => through_reqwest(&place.session, &url).await,
            };
            assert_eq!((status.as_u16(), &*body), (200, &br#"{"ok":true}"#[..]));
        }
        assert_eq!(place.generation(), Some(2), "one refresh, of which the second has no need");
        let first = &place.fake.arrived()[0];
        assert_eq!(first.refused_by(), Some("access-token-expired"));
    }
}

/// What is no refusal is handed on byte for byte, and the token stays.
#[tokio::test]
async fn what_is_no_refusal_is_handed_on() {
    let long = format!("{REFUSAL}{}", " ".repeat(LARGEST_REFUSAL));
    let place = Place::open().await;
    for (status, media_type, body) in [
        (200, JSON, OTHER),
        (200, JSON, long.as_str()),
        (200, JSON, "[1, 2"),
        (200, JSON, ""),
        (200, "text/plain", REFUSAL),
        (201, JSON, REFUSAL),
        (400, JSON, REFUSAL),
        (400, JSON, r#"{"fault":{"code":"14"}}"#),
    ] {
        let api = Server::start(
            (0..2).map(|_| answer(status).header("content-type", media_type).body(body)),
        );
        let seen = through_tower(&place.session, &api.url()).await;
        assert_eq!((seen.0.as_u16(), &*seen.1), (status, body.as_bytes()), "{media_type}");
        let url = format!("{}/", api.url());
        let seen = through_reqwest(&place.session, &url).await;
        assert_eq!((seen.0.as_u16(), &*seen.1), (status, body.as_bytes()), "{media_type}");
        assert_eq!(api.requests().len(), 2);
    }
    assert_eq!(place.generation(), Some(1));
}

/// An API that refuses every token is asked twice, and its second refusal is what the caller gets.
#[tokio::test]
async fn each_way_of_refusing_is_noticed_and_the_second_is_handed_on() {
    for (status, body) in
        [(200, REFUSAL), (403, r#"{"fault":{"code":14}}"#), (440, "no JSON at all")]
    {
        let place = Place::open().await;
        let api =
            Server::start((0..3).map(|_| answer(status).header("content-type", JSON).body(body)));
        let seen = through_tower(&place.session, &api.url()).await;
        assert_eq!((seen.0.as_u16(), &*seen.1), (status, body.as_bytes()));
        assert_eq!((api.requests().len(), place.generation()), (2, Some(2)), "{status}");
    }
}

/// Whoever owns the HTTP client asks whether a body matters, and shows it.
#[tokio::test]
async fn who_owns_the_client_shows_the_body() {
    let place = Place::open().await;
    let session = &place.session;
    let head = answer(200).header("content-type", JSON).body("");
    let (status, headers) = (head.status(), head.headers());
    assert!(session.looks_into_body(status, headers));
    assert!(!session.looks_into_body(StatusCode::CREATED, headers));
    assert!(!session.note_answer(1, status, headers), "the head alone says nothing");
    assert!(!session.note_answer_with_body(1, status, headers, OTHER.as_bytes()));
    assert_eq!(place.generation(), Some(1));
    assert!(session.note_answer_with_body(1, status, headers, REFUSAL.as_bytes()));
    assert_eq!(place.generation(), None);
    let refused = StatusCode::from_u16(440).expect("a status");
    assert!(session.note_answer_with_body(1, refused, headers, b""), "as note_answer does");
}
