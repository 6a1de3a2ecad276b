//! A grant that would end without a refresh is refreshed even if no caller asks.

use rekindle_clients::xellar;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{keep_alive, prolonged};
use rekindle_runtime::Class;
use rekindle_runtime::Expiry;
use rekindle_runtime::session::{Session, SessionErrorKind};
use rekindle_runtime::store::Store;
use rekindle_sessions::{Integrator, World};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// R31: a refresh token that each refresh puts off is renewed in time, also after two refreshes at the same time, whose ends are
/// the same.
#[tokio::test]
async fn two_refreshes_at_the_same_time_do_not_end_the_upkeep() {
    let world = World::of::<xellar::Client>();
    let session: Session<xellar::Client> = world.signed_in().await;
    session.refresh_now().await.expect("new tokens");
    session.refresh_now().await.expect("new tokens, again");
    let before = world.wire.sent();
    world.live(30 * DAY).await;
    assert!(world.wire.sent() > before, "the grant was not kept alive");
    let token = session.access_token().await.expect("a token");
    assert!(world.accepts(xellar::Client::text(&token)));
    assert!(world.what_refused().is_empty());
}

/// Where no answer brings a token, the one of the sign-in is served for as long as it is kept alive, and nobody needs to ask for it.
#[tokio::test]
async fn a_token_that_no_answer_replaces_is_kept_alive() {
    let world = World::of::<keep_alive::Client>();
    let session: Session<keep_alive::Client> = world.signed_in().await;
    let first = session.access_token().await.expect("a token");
    let text = keep_alive::Client::text(&first);
    world.live(3 * DAY).await;
    let last = session.access_token().await.expect("a token");
    assert_eq!(keep_alive::Client::text(&last), text);
    assert!(last.generation() > first.generation() + 100, "{}", last.generation());
    assert!(world.accepts(&text));
    assert!(world.what_refused().is_empty());
    // What the store holds is the same token with its last end, and another process goes by it.
    let stored = world.store.read(session.key()).await.expect("the store").expect("a grant");
    let token = stored.record.grant.access_token().expect("a token");
    assert_eq!((token.expose(), token.expiry()), (text.as_str(), last.expiry()));
    let sent = world.wire.sent();
    let other = world.builder::<keep_alive::Client>().open().await.expect("a session");
    let served = other.access_token().await.expect("a token");
    assert_eq!((keep_alive::Client::text(&served), served.expiry()), (text, last.expiry()));
    assert_eq!(world.wire.sent(), sent);
}

/// Nothing is spent by such an exchange: a lost answer is no doubt, the token that is held is served meanwhile, and the next exchange
/// sends the same.
#[tokio::test]
async fn a_lost_answer_that_brings_no_token_is_no_doubt() {
    let world = World::of::<prolonged::Client>();
    let session: Session<prolonged::Client> = world.signed_in().await;
    let before = session.access_token().await.expect("a token");
    let text = prolonged::Client::text(&before);
    for fault in [Fault::ResetAfter, Fault::ResetBefore, Fault::PartialAnswer] {
        world.fake.plan([Some(Trouble::Fault(fault))]);
        let lost = session.refresh_now().await.expect_err("the answer is lost");
        assert!(matches!(lost.kind(), SessionErrorKind::Exchange), "{lost:?}");
        assert_eq!(lost.class(), Class::Transient);
        let stored = world.store.read(session.key()).await.expect("the store").expect("a grant");
        assert!(stored.in_flight.is_none(), "{fault:?}");
        let served = session.access_token().await.expect("it is still good");
        assert_eq!(prolonged::Client::text(&served), text);
        world.pass(Duration::from_secs(60)).await;
        session.refresh_now().await.expect("a success");
    }
    let after = session.access_token().await.expect("a token");
    assert_eq!(prolonged::Client::text(&after), text);
    let (Expiry::At(before), Expiry::At(after)) = (before.expiry(), after.expiry()) else {
        panic!("{before:?}, {after:?}")
    };
    assert!(after > before);
    assert!(world.accepts(&text) && world.what_refused().is_empty());
}

/// A grant whose tokens no answer replaces ends like any other.
#[tokio::test]
async fn a_token_that_no_answer_replaces_ends() {
    let world = World::of::<prolonged::Client>();
    let session: Session<prolonged::Client> = world.signed_in().await;
    world.fake.provider().revoke_all();
    let ended = session.refresh_now().await.expect_err("the grant has ended");
    assert!(matches!(ended.kind(), SessionErrorKind::SignInNeeded(_)), "{ended:?}");
}
