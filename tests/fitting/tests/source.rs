//! Sessions as token sources for clients that know nothing of them.

use std::sync::Arc;

use rekindle_clients::seven_g;
use rekindle_fitting::Place;
use rekindle_runtime::session::{SessionError, SessionErrorKind, TokenSource};
use rekindle_runtime::{Expiry, Token};
use rekindle_testkit::assert_silent;

/// What another crate's client asks of its callers: a trait of its own, which knows texts alone.
struct TheirCredentials(Arc<dyn TokenSource>);

impl TheirCredentials {
    async fn bearer(&self) -> String {
        let token = self.0.token().await.expect("a token");
        format!("Bearer {}", token.expose())
    }
}

#[tokio::test]
async fn a_session_is_a_source_for_other_peoples_clients() {
    let place = Place::open();
    let session = place.session().await;
    let theirs = TheirCredentials(Arc::new(session.clone()));
    let held = session.access_token().await.expect("a token");
    assert_eq!(theirs.bearer().await, format!("Bearer {}", held.expose()));
    let token = theirs.0.token().await.expect("a token");
    assert_eq!(token.expiry(), held.expiry());
    assert!(matches!(token.expiry(), Expiry::At(_)));
    assert_silent(&[held.expose()], &token);
    assert_silent(&[held.expose()], &*theirs.0);
    assert_eq!(place.refreshes(), 0);
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let place = Place::open();
    let session = place.session().await;
    let source: &dyn TokenSource = &session;
    let first = source.token().await.expect("a token");
    source.invalidate(&Token::new("another token"));
    assert!(first.matches(&source.token().await.expect("a token")));
    source.invalidate(&first);
    let second = source.token().await.expect("a token");
    assert!(!first.matches(&second));
    source.invalidate(&first);
    assert!(second.matches(&source.token().await.expect("a token")));
    assert_eq!(place.refreshes(), 1);
}

#[tokio::test]
async fn the_error_of_a_source_is_that_of_its_session() {
    let place = Place::open();
    let session = place.describe().open().await.expect("a session");
    let error = session.token().await.expect_err("no grant");
    let known = error.downcast_ref::<SessionError>().map(SessionError::kind);
    assert_eq!(known, Some(SessionErrorKind::NoGrant));
}

/// Every client whose access token may be used more than once is a source.
#[test]
fn sources_are_for_any_such_client() {
    fn is_source<T: TokenSource>() {}
    is_source::<rekindle_runtime::session::Session<seven_g::Client>>();
    is_source::<Arc<dyn TokenSource>>();
}
