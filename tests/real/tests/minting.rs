//! Sessions of client credentials at a real token server: nobody signs in.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use rekindle_real::way::{Fault, Way};
use rekindle_real::{oidc_issuer_key, oidc_machine, oidc_private_key, oidc_secret_jwt};
use rekindle_runtime::session::{Renewable, Session, SessionErrorKind, Upkeep};
use rekindle_runtime::store::FileStore;
use rekindle_runtime::{Class, HyperTransport, Place, Token};
use rekindle_servers::{TokenServer, TokenServerKind};

/// A client of this test, whose access tokens can be shown to the server.
trait Machine: Renewable<AccessToken: Clone + Into<Token>> {}

impl<P: Renewable<AccessToken: Clone + Into<Token>>> Machine for P {}

async fn session<P: Machine>(client: P, store: FileStore) -> Session<P> {
    let session = Session::builder(client, HyperTransport::http());
    session.store(store).upkeep(Upkeep::WhenAsked).open().await.unwrap()
}

/// A client with these settings gets tokens, and the server takes them for those of the client with this id.
async fn mints<P: Machine>(server: &TokenServer, id: &str, client: impl Fn(&str) -> P) {
    let (way, url) = Way::to(server.port());
    let folder = tempfile::tempdir().unwrap();
    let open = || session(client(&url), FileStore::open(folder.path()).unwrap());
    let token = async |session: &Session<P>| -> Token {
        P::AccessToken::clone(&session.access_token().await.unwrap()).into()
    };
    let accepted = |token: &Token| server.introspect(token.expose()).as_deref() == Some(id);
    let first = Arc::new(open().await);
    assert!(!first.status().await.unwrap().needs_sign_in());

    // Eight tasks that find nothing make one exchange.
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let session = Arc::clone(&first);
            tokio::spawn(async move { session.access_token().await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(way.exchanges.load(SeqCst), 1, "one exchange for eight tasks");
    let minted = token(&first).await;
    assert!(accepted(&minted), "the server knows the token");
    assert!(!accepted(&Token::new("synthetic")), "and no other");

    // The next process is served from the store; what it mints leaves the earlier token alive, as the contract says.
    let next = open().await;
    assert!(token(&next).await.expose() == minted.expose(), "served from the store");
    assert_eq!(way.exchanges.load(SeqCst), 1, "served without an exchange");
    next.refresh_now().await.unwrap();
    assert_eq!(way.exchanges.load(SeqCst), 2, "one more exchange");
    let second = token(&next).await;
    assert!(second.expose() != minted.expose(), "another token");
    assert!(accepted(&second) && accepted(&minted), "both live");

    // A lost answer is no doubt: within the attempt or by the next, it is asked for again, with a proof of its own.
    way.disturb(Fault::AnswerLost);
    if let Err(error) = next.refresh_now().await {
        assert!(!matches!(error.kind(), SessionErrorKind::InDoubt(_)), "{error:?}");
        next.refresh_now().await.unwrap();
    }
    assert_eq!(way.exchanges.load(SeqCst), 4, "the lost one, and one more");
    let third = token(&next).await;
    assert!(third.expose() != second.expose() && accepted(&third), "the server knows the last");
}

/// A client with these settings is refused for the reason that the server's log gives, and asks once.
async fn is_refused<P: Machine>(server: &TokenServer, client: impl Fn(&str) -> P, why: &str) {
    let (way, url) = Way::to(server.port());
    let folder = tempfile::tempdir().unwrap();
    let session = session(client(&url), FileStore::open(folder.path()).unwrap()).await;
    for asked in 0..2 {
        let error = session.access_token().await.map(drop).expect_err("no token");
        assert_eq!(error.kind(), SessionErrorKind::ClientRefused, "asked {asked} times before");
        assert_eq!(error.class(), Class::ClientMisconfigured, "{error:?}");
        let exchange = error.exchange().expect("what the server has said");
        assert_eq!(exchange.status().map(|status| status.as_u16()), Some(401), "{error:?}");
        let rule = exchange.rule().expect("a rule has decided");
        assert!(rule.contains("invalid_client"), "{rule}");
    }
    assert_eq!(way.exchanges.load(SeqCst), 1, "asked once");
    let log = server.log();
    assert!(log.lines().last().is_some_and(|line| line.contains(why)), "not {why}:\n{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn basic() {
    let Some(server) = TokenServer::launch(TokenServerKind::OidcProvider) else { return };
    let (id, secret) = server.machine("basic");
    let with = |secret: &str| {
        let settings =
            oidc_machine::Settings { client_id: id.clone(), client_secret: secret.into() };
        move |url: &str| oidc_machine::Client::new(Place::loopback(url), settings.clone()).unwrap()
    };
    mints(&server, &id, with(&secret)).await;
    is_refused(&server, with("another secret"), "invalid secret").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_key_for_the_token_endpoint() {
    let Some(server) = TokenServer::launch(TokenServerKind::OidcProvider) else { return };
    let (id, key) = server.machine("ES256");
    let with = |kid: &str, key: &str| {
        let settings =
            oidc_private_key::Settings { client_id: id.clone(), key: key.into(), kid: kid.into() };
        move |url: &str| {
            oidc_private_key::Client::new(Place::loopback(url), settings.clone()).unwrap()
        }
    };
    mints(&server, &id, with("current", &key)).await;
    // The key under this id is another, or none.
    is_refused(&server, with("next", &key), "signature verification failed").await;
    is_refused(&server, with("unknown", &key), "no applicable key").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_key_for_the_issuer() {
    let Some(server) = TokenServer::launch(TokenServerKind::OidcProvider) else { return };
    let (id, key) = server.machine("RS256");
    let with = |issuer: &str| {
        let settings = oidc_issuer_key::Settings {
            client_id: id.clone(),
            key: key.as_str().into(),
            issuer: issuer.into(),
        };
        move |url: &str| {
            oidc_issuer_key::Client::new(Place::loopback(url), settings.clone()).unwrap()
        }
    };
    mints(&server, &id, with(&format!("http://127.0.0.1:{}", server.port()))).await;
    is_refused(&server, with("https://issuer.example"), "audience (aud)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_signed_with_the_secret() {
    let Some(server) = TokenServer::launch(TokenServerKind::OidcProvider) else { return };
    let (id, secret) = server.machine("HS256");
    let with = |secret: &str| {
        let settings =
            oidc_secret_jwt::Settings { client_id: id.clone(), client_secret: secret.into() };
        move |url: &str| {
            oidc_secret_jwt::Client::new(Place::loopback(url), settings.clone()).unwrap()
        }
    };
    mints(&server, &id, with(&secret)).await;
    is_refused(
        &server,
        with("another-secret-of-32-bytes-or-more-too"),
        "signature verification failed",
    )
    .await;
}
