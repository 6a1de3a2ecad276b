//! The middleware for `reqwest`.

use rekindle_fitting::Place;
use rekindle_runtime::fit::AuthorizeMiddleware;
use rekindle_runtime::session::{Renewable, Session, SessionError, SessionErrorKind};
use rekindle_runtime::{Authorize, http};
use rekindle_testkit::{Server, answer};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

fn client<P: Renewable<AccessToken: Authorize>>(session: &Session<P>) -> ClientWithMiddleware {
    ClientBuilder::new(reqwest::Client::new())
        .with(AuthorizeMiddleware::new(session.clone()))
        .build()
}

async fn status(client: &ClientWithMiddleware, url: &str) -> http::StatusCode {
    let answer = client.get(url).send().await;
    answer.expect("an answer").status()
}

#[tokio::test]
async fn a_token_that_has_died_is_replaced_and_the_request_repeated() {
    let place = Place::open();
    let session = place.session().await;
    let client = client(&session);
    assert_eq!(status(&client, &place.api()).await, 200);
    place.outlive();
    assert_eq!(status(&client, &place.api()).await, 200);
    let expired = "access-token-expired";
    assert_eq!(place.reads(), [None, Some(expired), None]);
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn the_repeated_request_is_the_same_but_for_its_token() {
    let place = Place::open();
    let session = place.session().await;
    let api = Server::start([answer(401).text("no"), answer(200).text("yes")]);
    let request = client(&session)
        .post(format!("{}/orders?of=17", api.url()))
        .header("x-mine", "stays")
        .body("two of them");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("a body"), "yes");
    let mut sent = api.requests();
    let tokens: Vec<_> =
        sent.iter_mut().map(|request| request.headers_mut().remove("authorization")).collect();
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(sent[0].headers(), sent[1].headers());
    assert_eq!(sent[0].uri(), sent[1].uri());
    assert_eq!(sent[0].method(), sent[1].method());
    assert_eq!(sent[0].body(), sent[1].body());
    assert_eq!(sent[1].body(), b"two of them");
}

#[tokio::test]
async fn a_lack_of_scope_is_handed_on_at_once() {
    let place = Place::open();
    let session = place.session().await;
    for refusal in [401, 403] {
        let challenge = "Bearer realm=\"a\", error=\"insufficient_scope\", scope=\"write\"";
        let no = || answer(refusal).header("www-authenticate", challenge).text("no");
        let api = Server::start([no(), no()]);
        assert_eq!(status(&client(&session), &api.url()).await, refusal);
        assert_eq!(api.requests().len(), 1);
    }
    assert_eq!(place.refreshes(), 0);
    assert!(session.try_access_token().is_some());
}

#[tokio::test]
async fn an_api_that_refuses_every_token_is_asked_twice() {
    let place = Place::open();
    let session = place.session().await;
    let api = Server::start((0..5).map(|_| answer(401).text("no")));
    assert_eq!(status(&client(&session), &api.url()).await, 401);
    assert_eq!(api.requests().len(), 2);
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn a_stream_is_sent_once_and_the_next_request_has_a_new_token() {
    let place = Place::open();
    let session = place.session().await;
    let client = client(&session);
    let api = Server::start((0..2).map(|_| answer(401).text("no")));
    let parts = tokio_stream::iter([Ok::<_, std::io::Error>("part "), Ok("by part")]);
    let request = client.post(api.url()).body(reqwest::Body::wrap_stream(parts));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 401);
    assert_eq!(api.request().body(), b"part by part");
    assert_eq!(place.refreshes(), 0);
    assert_eq!(status(&client, &place.api()).await, 200);
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn without_tokens_nothing_is_sent_and_the_error_says_why() {
    let place = Place::open();
    let session = place.describe().open().await.expect("a session");
    let api = Server::start([answer(401).text("no")]);
    let error = client(&session).get(api.url()).send().await.err();
    let Some(reqwest_middleware::Error::Middleware(error)) = error else {
        panic!("another error: {error:?}");
    };
    let known = error.downcast_ref::<SessionError>().map(SessionError::kind);
    assert_eq!(known, Some(SessionErrorKind::NoGrant));
    assert!(api.requests().is_empty());
}
