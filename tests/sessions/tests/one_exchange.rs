//! However many callers ask, one exchange is out at a time, and it belongs to none of them.

use rekindle_clients::{wetix, xellar};
use rekindle_language::atlassian;
use rekindle_runtime::session::Session;
use rekindle_sessions::{Integrator, World, ask, settle};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// R26: one exchange in flight per grant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_at_the_instant_of_expiry_make_one_request() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    world.pass(10 * DAY).await;
    world.wire.hold();
    let callers: Vec<_> = (0..10_000).map(|_| ask(&session)).collect();
    settle().await;
    world.wire.release();
    for caller in callers {
        assert_eq!(caller.await.expect("a caller").expect("a token"), 2);
    }
    assert_eq!(world.wire.sent(), 1);
    assert!(world.what_refused().is_empty());
}

/// R28: a caller that goes away does not abandon an exchange that has left.
#[tokio::test]
async fn a_caller_that_stops_waiting_loses_nothing() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    world.pass(10 * DAY).await;
    world.wire.hold();
    let callers: Vec<_> = (0..10_000).map(|_| ask(&session)).collect();
    while world.wire.sent() == 0 {
        settle().await;
    }
    for caller in &callers {
        caller.abort();
    }
    for caller in callers {
        assert!(caller.await.expect_err("the caller was cancelled").is_cancelled());
    }
    world.wire.release();
    settle().await;
    // It is stored, and a session of another process finds it there.
    let other: Session<atlassian::Client> = world.builder().open().await.expect("a session");
    let token = other.access_token().await.expect("the stored token");
    assert_eq!(token.generation(), 2);
    assert!(world.accepts(atlassian::Client::text(&token)));
    assert_eq!(world.wire.sent(), 1);
}

#[tokio::test]
async fn a_fresh_token_costs_no_request() {
    let world = World::of::<wetix::Client>();
    let session: Session<wetix::Client> = world.signed_in().await;
    for _ in 0..10 {
        let token = session.access_token().await.expect("a token");
        assert!(world.accepts(wetix::Client::text(&token)));
    }
    assert_eq!(world.wire.sent(), 0);
}

/// R23: a 401 triggers at most one refresh per token generation.
#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let world = World::of::<wetix::Client>();
    let session: Session<wetix::Client> = world.signed_in().await;
    let first = session.access_token().await.expect("a token");
    let same = session.access_token().await.expect("a token");
    session.invalidate(&first);
    let second = session.access_token().await.expect("a newer token");
    assert_eq!(second.generation(), first.generation() + 1);
    session.invalidate(&same);
    session.invalidate(&first);
    let again = session.access_token().await.expect("the same token");
    assert_eq!(again.generation(), second.generation());
    assert_eq!(world.wire.sent(), 1);
}

/// A token that may be used once is handed out once.
#[tokio::test]
async fn single_use_tokens_are_handed_out_once() {
    let world = World::of::<xellar::Client>();
    let session: Session<xellar::Client> = world.signed_in().await;
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move {
                let token = session.access_token().await.expect("a token");
                xellar::Client::text(&token).to_owned()
            })
        })
        .collect();
    for caller in callers {
        let token = caller.await.expect("a caller");
        // Each is accepted: none was used before.
        assert!(world.accepts(&token));
    }
    // One came from signing in.
    assert_eq!(world.wire.sent(), 19);
    assert!(world.what_refused().is_empty());
}

/// R29: near its end the old token is served, and replaced meanwhile.
#[tokio::test]
async fn an_old_token_is_served_while_a_new_one_is_fetched() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    session.refresh_now().await.expect("a token of an hour");
    world.pass(HOUR - Duration::from_secs(120)).await;
    world.wire.hold();
    let token = session.access_token().await.expect("the old token");
    assert_eq!(token.generation(), 2);
    settle().await;
    assert_eq!(world.wire.sent(), 2);
    let token = session.access_token().await.expect("the old token, again");
    assert_eq!(token.generation(), 2);
    world.wire.release();
    settle().await;
    let token = session.access_token().await.expect("the new token");
    assert_eq!(token.generation(), 3);
    assert_eq!(world.wire.sent(), 2);
}
