//! Sessions of clients that make their tokens themselves: no store is asked, nothing is sent, and each process serves its own.

use rekindle_language::{local_secret, local_token};
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::session::{EventKind, InDoubt, Session, Upkeep};
use rekindle_runtime::store::MemoryStore;
use rekindle_runtime::store::conformance::Faulty;
use rekindle_runtime::{Expiry, Grant, NoTransport, Renew, Token};
use rekindle_sessions::settle;
use rekindle_testkit::keys;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const MINUTE: Duration = Duration::from_secs(60);
const LIFE: Duration = Duration::from_secs(20 * 60);

type Store = Faulty<MemoryStore>;

fn clock() -> VirtualClock {
    VirtualClock::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_248_000))
}

fn store(clock: &VirtualClock) -> Store {
    Faulty::new(MemoryStore::with_clock(Arc::new(clock.clone())))
}

fn client() -> local_token::Client {
    let settings = local_token::Settings {
        issuer: "issuer".into(),
        key: keys::ES384.into(),
        key_id: "key".into(),
    };
    local_token::Client::new(settings, local_token::Options::default()).expect("a client")
}

async fn session<P: Renew + Send + Sync + 'static>(
    client: P,
    clock: &VirtualClock,
    store: &Store,
    upkeep: Upkeep,
) -> Session<P>
where
    P::Credential: Send,
    P::Tokens: Send,
    P::Pending: Send,
{
    let builder = Session::builder(client, NoTransport).clock(clock.clone());
    builder.store(store.clone()).upkeep(upkeep).open().await.expect("a session")
}

async fn token(session: &Session<local_token::Client>) -> Token {
    let access = session.access_token().await.expect("a token");
    local_token::AccessToken::clone(&access).into()
}

#[tokio::test]
async fn each_process_makes_one_token_a_lifetime_and_asks_no_store() {
    let (clock, store, client) = (clock(), store(&clock()), client());
    let mut processes = Vec::new();
    for _ in 0..8 {
        processes.push(session(client.clone(), &clock, &store, Upkeep::WhenAsked).await);
    }
    for lifetime in 1..4 {
        let begun = clock.wall();
        let mut texts = BTreeSet::new();
        let callers: Vec<_> = (0..800)
            .map(|number| {
                let session = processes[number % 8].clone();
                tokio::spawn(async move { token(&session).await })
            })
            .collect();
        for caller in callers {
            let token = caller.await.expect("a caller");
            assert_eq!(token.expiry(), Expiry::At(begun + LIFE));
            texts.insert(token.expose().to_owned());
        }
        assert_eq!(texts.len(), 8, "each process makes its own");
        let status = processes[3].status().await.expect("a status");
        assert!(!status.needs_sign_in() && status.generation == lifetime);
        assert_eq!(status.access_ends, Expiry::At(begun + LIFE));
        assert_eq!(status.issued_at, Some(begun));
        clock.advance(2 * LIFE);
    }
    assert_eq!(store.calls(), 0);
}

#[tokio::test]
async fn a_token_is_made_anew_near_its_end_and_where_it_is_refused() {
    let (clock, store) = (clock(), store(&clock()));
    let session = session(client(), &clock, &store, Upkeep::WhenAsked).await;
    let mut events = session.events();
    let first = token(&session).await;
    clock.advance(LIFE - 10 * Duration::from_secs(1));
    // Served to the end, and replaced behind it.
    assert!(token(&session).await.matches(&first));
    settle().await;
    let second = token(&session).await;
    assert!(!second.matches(&first));

    session.invalidate(&session.access_token().await.expect("a token"));
    let third = token(&session).await;
    assert!(!third.matches(&second));
    session.refresh_now().await.expect("another");
    let fourth = token(&session).await;
    assert!(!fourth.matches(&third));
    session.resolve(InDoubt::Gamble).await.expect("nothing is in doubt");
    assert!(token(&session).await.matches(&fourth));

    let handed_in = Token::new("elsewhere").with_expiry(Expiry::At(clock.wall() + MINUTE));
    session.sign_in(Grant::new().with_access_token(handed_in)).await.expect("it is served");
    assert_eq!(token(&session).await.expose(), "elsewhere");
    session.sign_out().await.expect("it is forgotten");
    assert_ne!(token(&session).await.expose(), "elsewhere");

    let told: Vec<EventKind> =
        std::iter::from_fn(|| events.try_next().map(|event| event.kind)).collect();
    let made = |kind: &EventKind| matches!(kind, EventKind::Refreshed { .. });
    assert!(told.len() == 5 && told.iter().all(made), "{told:?}");
    assert_eq!(store.calls(), 0);
}

#[tokio::test]
async fn no_caller_waits_where_tokens_are_kept_fresh() {
    let (clock, store) = (clock(), store(&clock()));
    let session = session(client(), &clock, &store, Upkeep::Always).await;
    let mut seen = BTreeSet::new();
    for _ in 0..100 {
        settle().await;
        let token = session.try_access_token().expect("it is fresh before anybody asks");
        seen.insert(token.generation());
        let next = clock.until_next().unwrap_or(MINUTE).min(MINUTE);
        clock.advance(next);
    }
    assert!(seen.len() > 3, "{seen:?}");
    assert_eq!(store.calls(), 0);
}

#[tokio::test]
async fn a_token_for_one_request_is_made_for_each() {
    let (clock, store) = (clock(), store(&clock()));
    let settings = local_secret::Settings { key_id: "key".into(), secret: "73796e7468".into() };
    let client = local_secret::Client::new(settings).expect("a client");
    let session = session(client, &clock, &store, Upkeep::WhenAsked).await;
    let mut texts = BTreeSet::new();
    for _ in 0..20 {
        let served = session.access_token().await.expect("a token");
        let token = served.take().expect("nobody has taken it");
        assert!(served.take().is_none());
        texts.insert(Token::from(token).expose().to_owned());
    }
    assert_eq!(texts.len(), 20);
    assert_eq!(store.calls(), 0);
}

/// A pool has a token for each of its subjects, and looks for nothing in the store.
#[tokio::test]
async fn a_pool_asks_no_store_either() {
    let (clock, store) = (clock(), store(&clock()));
    let builder = Session::builder(client(), NoTransport).clock(clock.clone());
    let pool = builder.store(store.clone()).upkeep(Upkeep::Always).start().expect("a pool");
    let (one, other) = (pool.session("one"), pool.session("other"));
    assert!(!token(&one).await.matches(&token(&other).await));
    clock.advance(10 * LIFE);
    settle().await;
    assert!(one.try_access_token().is_some());
    assert_eq!(store.calls(), 0);
    let unfinished = pool.close(MINUTE).await;
    assert_eq!((unfinished.attempts, unfinished.unsaved.len()), (0, 0));
}
