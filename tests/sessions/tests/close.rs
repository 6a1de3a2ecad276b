//! R41: sessions that are closed begin nothing, end what is out, save what is unsaved, and say what remains.

use rekindle_clients::xellar;
use rekindle_language::atlassian;
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{Pool, Session, SessionErrorKind, Sessions, Settings};
use rekindle_runtime::store::conformance::{Fault, Faulty, Operation};
use rekindle_runtime::store::{Key, Record, Store};
use rekindle_sessions::{Integrator, World, grant, settle};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A grant whose access token has ended.
async fn put(world: &World, subject: &str) -> Key {
    let key = Key::new("atlassian", subject);
    let held = grant(&world.fake.provider().sign_in());
    let mut record = Record::new(held, world.clock.wall());
    record.due = Some(record.issued_at);
    world.store.put(&key, &record).await.expect("memory");
    key
}

/// Grants are due, more than may be out at a time; closing ends those that are out, and begins no other.
#[tokio::test]
async fn a_backlog_is_not_worked_off() {
    let world = World::of::<atlassian::Client>();
    for number in 0..32 {
        put(&world, &format!("person-{number}")).await;
    }
    world.pass(10 * DAY).await;
    world.wire.hold();
    let mut settings = Settings::default();
    settings.concurrency = 4;
    let builder = world.builder::<atlassian::Client>().settings(settings);
    let pool = builder.start().expect("a pool");
    world.live(MINUTE).await;
    assert_eq!(world.wire.sent(), 4);
    let closing = tokio::spawn({
        let pool = pool.clone();
        async move { pool.close(MINUTE).await }
    });
    settle().await;
    assert!(!closing.is_finished());
    let error = pool.session("another").access_token().await.expect_err("closed");
    assert_eq!(error.kind(), SessionErrorKind::Closed);
    world.wire.release();
    settle().await;
    assert!(closing.await.expect("a task").is_nothing());
    world.live(DAY).await;
    assert_eq!(world.wire.sent(), 4);
    assert!(world.what_refused().is_empty());
    // Every answer that came is stored, and the rest is as it was for the next process.
    let mut renewed = 0;
    for number in 0..32 {
        let key = Key::new("atlassian", &format!("person-{number}"));
        let stored = world.store.read(&key).await.expect("memory").expect("a grant");
        assert!(stored.in_flight.is_none(), "{key}");
        renewed += stored.record.generation - 1;
    }
    assert_eq!(renewed, 4);
}

/// New tokens that the store does not take are waited for, also those of a session that the pool was told to forget, and named when
/// there is no more time.
#[tokio::test]
async fn what_is_unsaved_is_saved_or_named() {
    for (outage, is_saved) in [(20 * SECOND, true), (2 * MINUTE, false)] {
        let world = World::of::<atlassian::Client>();
        let key = put(&world, "person").await;
        world.pass(10 * DAY).await;
        let store = Faulty::new(world.store.clone());
        let builder = world.builder::<atlassian::Client>().store(store.clone());
        let pool: Pool<atlassian::Client> = builder.start().expect("a pool");
        store.fail_next(Operation::Commit, 1_000_000, Fault::NotApplied);
        pool.session("person").access_token().await.expect_err("not saved");
        pool.forget("person");
        let closing = tokio::spawn({
            let pool = pool.clone();
            async move { tokio::join!(pool.close(MINUTE), pool.close(MINUTE)) }
        });
        world.live(outage).await;
        store.clear();
        world.live(MINUTE).await;
        let (left, again) = closing.await.expect("a task");
        assert_eq!(left, again);
        assert_eq!(left.is_nothing(), is_saved, "{left:?}");
        let expected = if is_saved { Vec::new() } else { vec![key] };
        assert_eq!(left.unsaved, expected);
    }
}

/// A token that is valid is served until the process ends; the sessions of all providers are closed at once.
#[tokio::test]
async fn what_is_valid_is_served_by_closed_sessions() {
    let world = World::of::<atlassian::Client>();
    let sessions = Sessions::start_with(world.clock.clone()).expect("a runtime");
    let client =
        atlassian::Client::client(&world.fake.url(), &world.fake.provider().client().clone());
    let pool = sessions
        .provider(client, world.wire.clone())
        .store(world.store.clone())
        .start()
        .expect("a pool");
    let session = pool.session("person");
    session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    session.refresh_now().await.expect("a token of an hour");
    assert!(sessions.close(MINUTE).await.is_nothing());
    session.access_token().await.expect("the token");
    session.invalidate_generation(2);
    let error = session.access_token().await.expect_err("closed");
    assert_eq!(error.kind(), SessionErrorKind::Closed);
    assert_eq!(world.wire.sent(), 1);
}

/// How often `future` is polled.
async fn counted<F: Future>(future: F, polls: Arc<AtomicUsize>) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        polls.fetch_add(1, Ordering::SeqCst);
        future.as_mut().poll(context)
    })
    .await
}

/// Of single-use tokens, each exchange brings one, and wakes the caller whose turn it is.
#[tokio::test]
async fn callers_of_single_use_tokens_cost_as_much_each_however_many_there_are() {
    for callers in [50, 400] {
        let world = World::of::<xellar::Client>();
        let session: Session<xellar::Client> = world.signed_in().await;
        let polls = Arc::<AtomicUsize>::default();
        let asking: Vec<_> = (0..callers)
            .map(|_| {
                let (session, polls) = (session.clone(), Arc::clone(&polls));
                tokio::spawn(async move {
                    let asked = counted(session.access_token(), polls).await;
                    asked.map(|token| token.generation())
                })
            })
            .collect();
        let mut generations = Vec::new();
        for caller in asking {
            generations.push(caller.await.expect("a caller").expect("a token"));
        }
        generations.sort_unstable();
        generations.dedup();
        assert_eq!(generations.len(), callers, "each has a token of its own");
        let polls = polls.load(Ordering::SeqCst);
        assert!(polls <= 8 * callers, "{polls} polls of {callers} callers");
    }
}
