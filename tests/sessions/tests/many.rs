//! Many grants in one process, and several processes on one store.

use rekindle_clients::{transak, wetix};
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::atlassian;
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{Pool, Session, SessionErrorKind, Sessions, Settings};
use rekindle_runtime::store::{Acquired, Key, Record, Store};
use rekindle_runtime::{Class, Provider};
use rekindle_sessions::{Integrator, World, ask, grant, settle};
use std::collections::BTreeSet;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GRANTS: usize = 500;

fn settings(concurrency: usize) -> Settings {
    let mut settings = Settings::default();
    settings.concurrency = concurrency;
    settings
}

/// A pool as one process has it.
fn pool(world: &World, concurrency: usize) -> Pool<atlassian::Client> {
    let builder = world.builder::<atlassian::Client>();
    builder.settings(settings(concurrency)).start().expect("a pool")
}

/// People sign in at another process: no session here holds their grants.
async fn signed_in(world: &World, grants: usize) {
    for number in 0..grants {
        let held = world.fake.provider().sign_in();
        let mut record = Record::new(grant(&held), world.clock.wall());
        record.due = Some(world.clock.wall() + 70 * DAY);
        let key = Key::new(atlassian::Client::ID, &format!("user-{number}"));
        world.store.put(&key, &record).await.expect("memory");
    }
}

/// After an outage all grants are due at once and none is open: no more exchanges are out at a time than the settings allow.
#[tokio::test]
async fn a_start_after_an_outage_is_no_stampede() {
    let world = World::of::<atlassian::Client>();
    signed_in(&world, GRANTS).await;
    world.pass(80 * DAY).await;
    let pool = pool(&world, 8);
    for _ in 0..20 {
        world.live(MINUTE).await;
    }
    assert_eq!(world.wire.most_at_once(), 8);
    assert_eq!(world.wire.sent(), GRANTS);
    assert!(world.what_refused().is_empty());
    // They were renewed and dropped: no session here holds them.
    assert!(pool.is_empty());
}

/// R26: several processes share the work through the store, and each grant is renewed once.
#[tokio::test]
async fn processes_share_what_is_due() {
    let world = World::of::<atlassian::Client>();
    signed_in(&world, GRANTS).await;
    world.pass(75 * DAY).await;
    let pools: Vec<_> = (0..4).map(|_| pool(&world, 16)).collect();
    for _ in 0..30 {
        world.live(MINUTE).await;
    }
    assert_eq!(world.wire.sent(), GRANTS);
    assert!(world.what_refused().is_empty());
    // And again when it is due again: no process stands idle for ever, none doubles.
    for _ in 0..75 {
        world.live(DAY).await;
    }
    assert_eq!(world.wire.sent(), 2 * GRANTS);
    assert!(world.what_refused().is_empty());
    drop(pools);
}

/// Of more grants than one look into the store brings, those that wait for a decision do not hide one that can be renewed.
#[tokio::test]
async fn grants_that_wait_hide_no_others() {
    const WAITING: usize = 5000;
    let world = World::of::<atlassian::Client>();
    signed_in(&world, 1).await;
    let due = Some(world.clock.wall() + DAY);
    for number in 0..WAITING {
        let mut record = Record::new(grant(&world.fake.provider().sign_in()), world.clock.wall());
        record.due = due;
        let key = Key::new(atlassian::Client::ID, &format!("waits-{number}"));
        world.store.put(&key, &record).await.expect("memory");
        world.left_in_doubt(&key).await;
    }
    world.pass(75 * DAY).await;
    let _pool = pool(&world, 64);
    for _ in 0..10 {
        world.live(MINUTE).await;
    }
    assert_eq!(world.wire.sent(), 1);
    assert!(world.what_refused().is_empty());
}

/// A lease that another process holds, or held when it crashed, keeps no other grant waiting.
#[tokio::test]
async fn a_session_that_waits_for_a_lease_gives_its_slot_back() {
    let world = World::of::<atlassian::Client>();
    let pool = pool(&world, 1);
    let (one, other) = (pool.session("one"), pool.session("other"));
    for session in [&one, &other] {
        let held = world.fake.provider().sign_in();
        session.sign_in(grant(&held)).await.expect("memory");
    }
    world.pass(DAY).await;
    let lease = world.store.acquire(one.key(), "crashed", MINUTE / 3).await;
    assert!(matches!(lease, Ok(Acquired::Held(_))));
    let waiting = ask(&one);
    settle().await;
    let served = ask(&other);
    settle().await;
    assert!(served.is_finished() && !waiting.is_finished());
    assert_eq!(served.await.expect("a task").expect("a token"), 2);
    world.live(MINUTE).await;
    assert_eq!(waiting.await.expect("a task").expect("a token"), 2);
    assert_eq!((world.wire.sent(), world.wire.most_at_once()), (2, 1));
}

/// The same when no caller asks: a lease that a crashed process held delays its own grant alone.
#[tokio::test]
async fn the_lease_of_a_crashed_process_delays_one_grant() {
    let world = World::of::<atlassian::Client>();
    signed_in(&world, 2).await;
    world.pass(75 * DAY).await;
    let key = Key::new(atlassian::Client::ID, "user-0");
    let lease = world.store.acquire(&key, "crashed", 20 * MINUTE).await;
    assert!(matches!(lease, Ok(Acquired::Held(_))));
    let _pool = pool(&world, 1);
    world.live(2 * MINUTE).await;
    assert_eq!(world.wire.sent(), 1);
    world.live(30 * MINUTE).await;
    assert_eq!(world.wire.sent(), 2);
    assert!(world.what_refused().is_empty());
}

/// Neither a task nor a timer for each grant.
#[tokio::test]
async fn a_grant_costs_no_task() {
    let world = World::of::<atlassian::Client>();
    let pool = pool(&world, 8);
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let sessions: Vec<Session<_>> =
        (0..10_000).map(|number| pool.session(&format!("u{number}"))).collect();
    for session in sessions.iter().take(1000) {
        let held = world.fake.provider().sign_in();
        session.sign_in(grant(&held)).await.expect("memory");
        session.access_token().await.expect("a token");
    }
    assert_eq!(tasks(), before);
    assert_eq!(pool.len(), 10_000);
    let again = pool.session("u7");
    assert_eq!(again.access_token().await.expect("the same session").generation(), 1);
}

/// One timer for several providers, and each has its own.
#[tokio::test]
async fn several_providers_share_a_process() {
    let world = World::of::<wetix::Client>();
    let other = World::of::<transak::Client>();
    let sessions = Sessions::start_with(world.clock.clone()).expect("a runtime");
    let settings = world.fake.provider().client().clone();
    let wetix = wetix::Client::client(&world.fake.url(), &settings);
    let wetix = sessions.provider(wetix, world.wire.clone()).store(world.store.clone());
    let wetix = wetix.start().expect("a pool");
    let transak = transak::Client::client(&other.fake.url(), &settings);
    let transak = sessions.provider(transak, other.wire.clone()).store(world.store.clone());
    let transak = transak.start().expect("a pool");
    let first = wetix.session("user-1");
    let second = transak.session("user-1");
    first.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    second.sign_in(grant(&other.fake.provider().sign_in())).await.expect("memory");
    // Transak's token is renewed while it lives; that of WeTix when a caller asks.
    for _ in 0..29 {
        other.fake.clock().advance(DAY);
        world.pass(DAY).await;
    }
    assert_eq!((world.wire.sent(), other.wire.sent()), (0, 1));
    let token = second.access_token().await.expect("a token");
    assert!(other.accepts(transak::Client::text(&token)));
}

/// A provider that asks to wait means the client, not one grant.
#[tokio::test]
async fn a_request_to_wait_holds_for_every_grant() {
    let world = World::of::<atlassian::Client>();
    let pool = pool(&world, 8);
    let sessions: Vec<_> = (0..20).map(|number| pool.session(&format!("u{number}"))).collect();
    for session in &sessions {
        session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    }
    world.pass(10 * DAY).await;
    world.fake.plan([Some(Trouble::Fault(Fault::RateLimited))]);
    for session in &sessions {
        let error = session.access_token().await.expect_err("wait");
        assert!(matches!(error.class(), Class::RateLimited { .. }), "{error:?}");
    }
    assert_eq!(world.wire.sent(), 1);
    world.live(10 * MINUTE).await;
    let mut generations = BTreeSet::new();
    for session in &sessions {
        generations.insert(session.access_token().await.expect("a token").generation());
    }
    assert_eq!(generations, BTreeSet::from([2]));
    assert!(world.what_refused().iter().all(|rule| !rule.contains("refresh-token")));
}

/// A missing grant is an error, and is read again later.
#[tokio::test]
async fn a_grant_that_was_never_stored_is_no_grant() {
    let world = World::of::<atlassian::Client>();
    let pool = pool(&world, 8);
    let session = pool.session("user-2");
    let error = session.access_token().await.expect_err("no grant");
    assert_eq!(error.kind(), SessionErrorKind::NoGrant);
    assert!(session.status().await.expect("a status").needs_sign_in());
    session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    session.access_token().await.expect("a token");
}

/// Subjects that have no grant take no memory for ever, however many are asked for.
#[tokio::test]
async fn unknown_subjects_are_forgotten() {
    let world = World::of::<atlassian::Client>();
    let pool = pool(&world, 8);
    let known = pool.session("known");
    known.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    drop(known);
    let held = pool.session("held");
    for number in 0..20_000 {
        let error = pool.session(&format!("u{number}")).access_token().await.expect_err("none");
        assert_eq!(error.kind(), SessionErrorKind::NoGrant);
    }
    assert!(pool.len() <= 1024, "{} sessions", pool.len());
    // One that is known is kept, and so is one that somebody holds.
    assert_eq!(pool.session("known").try_access_token().expect("a token").generation(), 1);
    held.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    assert!(pool.session("held").try_access_token().is_some());
}

/// What nobody has asked for since the last time is forgotten when the user wants it, and what is due is refreshed all the same.
#[tokio::test]
async fn unused_sessions_are_forgotten_and_refreshed() {
    let world = World::of::<atlassian::Client>();
    let pool = pool(&world, 8);
    for subject in ["one", "two", "held"] {
        let session = pool.session(subject);
        session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    }
    let held = pool.session("held");
    assert_eq!((pool.forget_unused(), pool.len()), (0, 3));
    pool.session("one").access_token().await.expect("a token");
    assert_eq!((pool.forget_unused(), pool.len()), (1, 2));
    assert_eq!((pool.forget_unused(), pool.len()), (1, 1));
    for _ in 0..80 {
        world.live(DAY).await;
    }
    assert_eq!(world.wire.sent(), 3);
    assert_eq!(held.access_token().await.expect("a token").generation(), 2 + 1);
}
