//! Sessions of grants at real token servers.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use rekindle_real::way::{Fault, Way};
use rekindle_real::{Registered, oauth_toolkit, oidc_provider, simplejwt, synapse};
use rekindle_runtime::session::{Session, SessionErrorKind, Upkeep};
use rekindle_runtime::store::FileStore;
use rekindle_runtime::{Grant, HyperTransport, Token};
use rekindle_servers::{TokenServer, TokenServerKind};

/// What becomes of a grant whose answer was lost.
#[derive(Clone, Copy)]
enum Lost {
    /// Nobody can tell: it is in doubt, and nothing is sent.
    InDoubt,
    /// The contract lets the same credential be sent again.
    SentAgain,
}

async fn cases<P: Registered>(kind: TokenServerKind, lost: Lost) {
    let Some(server) = TokenServer::launch(kind) else { return };
    let (way, url) = Way::to(server.port());
    let folder = tempfile::tempdir().unwrap();
    let (id, secret) = TokenServer::CLIENT;
    let open = async || {
        let store = FileStore::open(folder.path()).unwrap();
        let session = Session::builder(P::at(&url, id, secret).unwrap(), HyperTransport::http());
        session.store(store).upkeep(Upkeep::WhenAsked).open().await.unwrap()
    };
    let session = Arc::new(open().await);
    let grant = || Grant::new().with_refresh_token(Token::new(server.grant()));
    session.sign_in(grant()).await.unwrap();

    // Eight tasks that find nothing fresh make one exchange.
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let session = Arc::clone(&session);
            tokio::spawn(async move { session.access_token().await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(way.exchanges.load(SeqCst), 1, "one exchange for eight tasks");

    // The next process is served from the store, and can refresh what is there.
    let next = open().await;
    next.access_token().await.unwrap();
    assert_eq!(way.exchanges.load(SeqCst), 1, "served without an exchange");
    next.refresh_now().await.unwrap();
    assert_eq!(way.exchanges.load(SeqCst), 2, "the kept refresh token is good");

    way.disturb(Fault::AnswerLost);
    let outcome = next.refresh_now().await;
    match lost {
        Lost::InDoubt => {
            assert!(outcome.is_err(), "an answer that was lost gives no tokens");
            assert!(next.refresh_now().await.is_err(), "it stays in doubt");
            assert_eq!(way.exchanges.load(SeqCst), 3, "nothing is sent twice");
            next.sign_in(grant()).await.unwrap();
        }
        // Within the attempt or by the next, as the pause after a failure has it.
        Lost::SentAgain if outcome.is_err() => next.refresh_now().await.unwrap(),
        Lost::SentAgain => {}
    }
    next.refresh_now().await.unwrap();

    // Signed out, for each process: nothing is sent. Whoever signs in anew, elsewhere, is served anew by all.
    let sent = way.exchanges.load(SeqCst);
    next.sign_out().await.unwrap();
    for session in [&*session, &next] {
        let error = session.refresh_now().await.unwrap_err();
        assert_eq!(error.kind(), SessionErrorKind::NoGrant);
    }
    assert_eq!(way.exchanges.load(SeqCst), sent, "nothing is sent for a grant that was signed out");
    session.sign_in(grant()).await.unwrap();
    next.refresh_now().await.unwrap();
    session.refresh_now().await.unwrap();
    assert_eq!(way.exchanges.load(SeqCst), sent + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oidc_provider() {
    cases::<oidc_provider::Client>(TokenServerKind::OidcProvider, Lost::InDoubt).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oauth_toolkit() {
    cases::<oauth_toolkit::Client>(TokenServerKind::OauthToolkit, Lost::SentAgain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synapse() {
    cases::<synapse::Client>(TokenServerKind::Synapse, Lost::SentAgain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simplejwt() {
    cases::<simplejwt::Client>(TokenServerKind::SimpleJwt, Lost::InDoubt).await;
}
