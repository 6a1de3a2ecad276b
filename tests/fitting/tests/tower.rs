//! The `tower` layer around `hyper-util`'s client.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::Full;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use rekindle_clients::wetix;
use rekindle_fitting::{Place, Strict};
use rekindle_runtime::fit::AuthorizeLayer;
use rekindle_runtime::session::{Session, SessionError, SessionErrorKind};
use rekindle_testkit::{Server, answer, assert_error_silent};
use tower::{Layer, Service, ServiceExt};

type Body = Full<Bytes>;
type Http = Strict<Client<HttpConnector, Body>>;

fn http() -> Http {
    Strict::new(Client::builder(TokioExecutor::new()).build_http())
}

fn get(url: &str) -> Request<Body> {
    Request::get(url).body(Body::default()).expect("a request")
}

async fn status(
    service: impl Service<
        Request<Body>,
        Response = Response<impl Sized>,
        Error = Box<dyn std::error::Error + Send + Sync>,
    >,
    url: &str,
) -> StatusCode {
    service.oneshot(get(url)).await.expect("an answer").status()
}

fn refusing(status: u16, challenge: &str, times: usize) -> Server {
    Server::start(
        (0..times).map(|_| answer(status).header("www-authenticate", challenge).text("no")),
    )
}

fn generation(session: &Session<wetix::Client>) -> Option<u64> {
    session.try_access_token().map(|token| token.generation())
}

#[tokio::test]
async fn requests_carry_the_token_as_the_contract_says() {
    let place = Place::open();
    let service = AuthorizeLayer::new(place.session().await).layer(http());
    let request = Request::get(place.api())
        .header("authorization", "Bearer another")
        .header("x-mine", "stays")
        .body(Body::default());
    let answer = service.oneshot(request.expect("a request")).await;
    assert_eq!(answer.expect("an answer").status(), 200);
    assert_eq!(place.reads(), [None]);
    assert_eq!(place.fake.arrived()[0].request.headers()["x-mine"], "stays");
    assert_eq!(place.refreshes(), 0);
}

#[tokio::test]
async fn a_token_that_has_died_is_replaced_and_the_request_repeated() {
    let place = Place::open();
    let session = place.session().await;
    let mut service = AuthorizeLayer::new(session.clone()).layer(http());
    place.outlive();
    for _ in 0..2 {
        let ready = service.ready().await.expect("ready");
        let answer = ready.call(get(&place.api())).await;
        assert_eq!(answer.expect("an answer").status(), 200);
    }
    let expired = "access-token-expired";
    assert_eq!(place.reads(), [Some(expired), None, None]);
    assert_eq!(place.refreshes(), 1);
    assert_eq!(generation(&session), Some(2));
}

#[tokio::test]
async fn of_many_requests_with_a_dead_token_each_succeeds_after_one_refresh() {
    let place = Place::open();
    let service = AuthorizeLayer::new(place.session().await).layer(http());
    place.outlive();
    let url = place.api();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let (service, url) = (service.clone(), url.clone());
        tasks.spawn(async move { status(service, &url).await });
    }
    for answered in tasks.join_all().await {
        assert_eq!(answered, 200);
    }
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn a_lack_of_scope_is_handed_on_at_once() {
    let place = Place::open();
    let session = place.session().await;
    for refusal in [401, 403] {
        let api = refusing(refusal, "bearer ERROR=insufficient_scope", 2);
        let service = AuthorizeLayer::new(session.clone()).layer(http());
        assert_eq!(status(service, &api.url()).await, refusal);
        assert_eq!(api.requests().len(), 1);
    }
    assert_eq!(place.refreshes(), 0);
    assert_eq!(generation(&session), Some(1));
}

#[tokio::test]
async fn statuses_that_the_contract_does_not_name_are_handed_on() {
    let place = Place::open();
    let session = place.session().await;
    for refusal in [400, 403, 404, 429, 500] {
        let api = refusing(refusal, "Bearer error=\"invalid_token\"", 2);
        let service = AuthorizeLayer::new(session.clone()).layer(http());
        assert_eq!(status(service, &api.url()).await, refusal);
        assert_eq!(api.requests().len(), 1);
    }
    assert_eq!(place.refreshes(), 0);
    assert_eq!(generation(&session), Some(1));
}

#[tokio::test]
async fn an_api_that_refuses_every_token_is_asked_twice() {
    let place = Place::open();
    let api = refusing(401, "Bearer", 5);
    let service = AuthorizeLayer::new(place.session().await).layer(http());
    assert_eq!(status(service, &api.url()).await, 401);
    let sent: Vec<_> =
        api.requests().iter().map(|request| request.headers()["authorization"].clone()).collect();
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0], sent[1], "the second has a new token");
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn what_cannot_be_had_twice_is_sent_once_and_the_next_has_a_new_token() {
    let place = Place::open();
    let session = place.session().await;
    let once = AuthorizeLayer::once(session.clone()).layer(http());
    place.outlive();
    assert_eq!(status(once.clone(), &place.api()).await, 401);
    assert_eq!(place.refreshes(), 0);
    assert_eq!(generation(&session), None, "it is not served any more");
    assert_eq!(status(once, &place.api()).await, 200);
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn the_caller_decides_which_bodies_are_copied() {
    let place = Place::open();
    let session = place.session().await;
    let empty = |body: &Body| body.is_end_stream().then(|| body.clone());
    let service = AuthorizeLayer::copying(session.clone(), empty).layer(http());
    place.outlive();
    let long = Request::get(place.api()).body(Body::from("a body"));
    let answer = service.clone().oneshot(long.expect("a request")).await;
    assert_eq!(answer.expect("an answer").status(), 401);
    assert_eq!(status(service.clone(), &place.api()).await, 200);
    place.outlive();
    assert_eq!(status(service, &place.api()).await, 200);
    let expired = Some("access-token-expired");
    assert_eq!(place.reads(), [expired, None, expired, None]);
}

#[tokio::test]
async fn without_tokens_nothing_is_sent_and_the_error_says_why() {
    let place = Place::open();
    let session = place.describe().open().await.expect("a session");
    let api = refusing(401, "Bearer", 1);
    let service = AuthorizeLayer::new(session).layer(http());
    let error = service.oneshot(get(&api.url())).await.err();
    let error = error.expect("no grant");
    let known = error.downcast_ref::<SessionError>().map(SessionError::kind);
    assert_eq!(known, Some(SessionErrorKind::NoGrant));
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_grant_that_is_over_is_the_error_and_not_the_refusal() {
    let place = Place::open();
    let session = place.session().await;
    let token = session.access_token().await.expect("a token");
    let service = AuthorizeLayer::new(session.clone()).layer(http());
    place.fake.provider().revoke_all();
    let error = service.oneshot(get(&place.api())).await.err();
    let error = error.expect("no new tokens");
    let known = error.downcast_ref::<SessionError>().map(SessionError::kind);
    assert!(matches!(known, Some(SessionErrorKind::SignInNeeded(_))));
    assert_error_silent(&[token.expose()], &*error);
    assert_eq!(place.reads(), [Some("grant-revoked")]);
}
