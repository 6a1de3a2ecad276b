//! A provider whose API takes the token in the query: layers put it into the URL, and a request that is repeated has the new one alone.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rekindle_fitting::{provider_of, signed_in};
use rekindle_language::token_in_query;
use rekindle_runtime::fit::{AuthorizeLayer, AuthorizeMiddleware};
use rekindle_runtime::kit;
use rekindle_runtime::session::Session;
use rekindle_testkit::serve::Serving;
use rekindle_testkit::{Server, answer, assert_error_silent};
use tower::{Layer, ServiceExt};

/// The provider of the spec, and a session that has signed in there.
struct Place {
    session: Session<token_in_query::Client>,
    first: String,
    _serving: Serving,
}

impl Place {
    async fn open() -> Self {
        let fake = provider_of("token_in_query.yaml");
        let serving = fake.serve();
        let place = kit::Place::loopback(fake.url());
        let client = token_in_query::Client::new(place).expect("a client");
        let (session, grant) = signed_in(&fake, client).await;
        let first = grant.access_token().expect("it is there").expose().to_owned();
        Self { session, first, _serving: serving }
    }

    /// Holds what arrived at an API that refused the first request against what should.
    async fn check(&self, api: &Server) {
        let sent = api.requests();
        let query = |at: usize| sent[at].uri().query().unwrap_or_default().to_owned();
        let served = self.session.access_token().await.expect("a token");
        assert_ne!(served.expose(), self.first);
        assert_eq!(query(0), format!("a=1&b&api_key={}", self.first));
        assert_eq!(query(1), format!("a=1&b&api_key={}", served.expose()));
        assert!(sent.iter().all(|request| !request.headers().contains_key("authorization")));
    }
}

fn api() -> Server {
    Server::start([answer(401).text("no"), answer(200).text("yes")])
}

#[tokio::test]
async fn the_tower_layer_puts_it_into_the_url() {
    let (place, api) = (Place::open().await, api());
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(format!("{}/things?a=1&api_key=old&b", api.url()));
    let request = request.body(Full::default()).expect("a request");
    let answer = AuthorizeLayer::new(place.session.clone()).layer(client).oneshot(request).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    place.check(&api).await;
}

#[tokio::test]
async fn the_reqwest_middleware_puts_it_into_the_url() {
    let (place, api) = (Place::open().await, api());
    let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(AuthorizeMiddleware::new(place.session.clone()))
        .build();
    let url = format!("{}/things?a=1&api_key=old&b", api.url());
    assert_eq!(client.get(url).send().await.expect("an answer").status(), 200);
    place.check(&api).await;
}

#[tokio::test]
async fn headers_alone_are_refused() {
    let place = Place::open().await;
    let mut headers = HeaderMap::new();
    let error = place.session.authorize(&mut headers).await.expect_err("there is no URL");
    assert_error_silent(&[place.first.as_str()], &error);
    let said = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(format!("{error}: {said}").contains("the whole request"), "{error}: {said}");
    assert!(headers.is_empty());
}
