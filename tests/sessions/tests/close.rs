//! R41: sessions that are closed begin nothing, end what is out, save what is unsaved, and say what remains.

use rekindle_clients::{blazex, xellar};
use rekindle_language::atlassian;
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{
    Executor, Pool, Session, SessionErrorKind, Sessions, Settings, Task, Unfinished,
};
use rekindle_runtime::store::conformance::{Fault, Faulty, Operation};
use rekindle_runtime::store::{Acquired, Key, Record, Store};
use rekindle_sessions::{Integrator, World, grant, settle};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
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

/// R41: grants are due, more than may be out at a time; closing ends those that are out, and begins no other.
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

/// R41: new tokens that the store does not take are waited for, also those of a session that the pool was told to forget, and of a grant that
/// no session holds, since it was refreshed as it was found due; and they are named when there is no more time.
#[tokio::test]
async fn what_is_unsaved_is_saved_or_named() {
    for (outage, is_saved) in [(20 * SECOND, true), (2 * MINUTE, false)] {
        for swept in [false, true] {
            let world = World::of::<atlassian::Client>();
            let key = put(&world, "person").await;
            world.pass(10 * DAY).await;
            let store = Faulty::new(world.store.clone());
            let builder = world.builder::<atlassian::Client>().store(store.clone());
            let pool: Pool<atlassian::Client> = builder.start().expect("a pool");
            store.fail_next(Operation::Commit, 1_000_000, Fault::NotApplied);
            if swept {
                world.live(2 * SECOND).await;
                assert_eq!((world.wire.sent(), pool.len()), (1, 0));
            } else {
                pool.session("person").access_token().await.expect_err("not saved");
                pool.forget("person");
            }
            let closing = tokio::spawn({
                let pool = pool.clone();
                async move { tokio::join!(pool.close(MINUTE), pool.close(MINUTE)) }
            });
            world.live(outage).await;
            store.clear();
            world.live(MINUTE).await;
            let (left, again) = closing.await.expect("a task");
            assert_eq!(left, again);
            assert_eq!(left.is_nothing(), is_saved, "swept: {swept}, {left:?}");
            let expected = if is_saved { Vec::new() } else { vec![key] };
            assert_eq!(left.unsaved, expected, "swept: {swept}");
        }
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
    // A provider that is started later is closed as well.
    let client =
        atlassian::Client::client(&world.fake.url(), &world.fake.provider().client().clone());
    let late = sessions.provider(client, world.wire.clone()).start().expect("a pool");
    let error = late.session("person").access_token().await.expect_err("closed");
    assert_eq!(error.kind(), SessionErrorKind::Closed);
    session.access_token().await.expect("the token");
    session.invalidate_generation(2);
    let error = session.access_token().await.expect_err("closed");
    assert_eq!(error.kind(), SessionErrorKind::Closed);
    assert_eq!(world.wire.sent(), 1);
}

/// An executor that can keep tasks back.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Option<Vec<Task>>>>);

impl Gate {
    fn shut(&self) {
        *self.0.lock().expect("no panic") = Some(Vec::new());
    }

    /// How many tasks it has kept back.
    fn kept(&self) -> usize {
        self.0.lock().expect("no panic").as_ref().map_or(0, Vec::len)
    }

    fn open(&self) {
        let kept = self.0.lock().expect("no panic").take();
        kept.into_iter().flatten().for_each(|task| self.spawn(task));
    }
}

impl Executor for Gate {
    fn spawn(&self, task: Task) {
        match &mut *self.0.lock().expect("no panic") {
            Some(kept) => kept.push(task),
            None => drop(tokio::spawn(task)),
        }
    }
}

/// Closes in a task of its own.
fn close(pool: &Pool<atlassian::Client>) -> tokio::task::JoinHandle<Unfinished> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.close(MINUTE).await })
}

/// R41: grants that were taken from the store with their leases, and not begun, are as due as before, for every process and at once.
#[tokio::test]
async fn what_is_not_begun_is_left_to_others() {
    let world = World::of::<atlassian::Client>();
    let gate = Gate::default();
    let mut keys = Vec::new();
    for number in 0..4 {
        keys.push(put(&world, &format!("person-{number}")).await);
    }
    world.pass(10 * DAY).await;
    let builder = world.builder::<atlassian::Client>().executor(gate.clone());
    let pool = builder.start().expect("a pool");
    settle().await;
    gate.shut();
    world.live(2 * SECOND).await;
    assert_eq!(gate.kept(), 4, "attempts that have their leases");
    let closing = close(&pool);
    settle().await;
    assert!(!closing.is_finished());
    gate.open();
    settle().await;
    assert!(closing.await.expect("a task").is_nothing());
    assert_eq!(world.wire.sent(), 0);
    for key in &keys {
        let stored = world.store.read(key).await.expect("memory").expect("a grant");
        let due = stored.record.due.expect("a moment");
        assert!(due <= world.clock.wall(), "{key} is put off");
        let lease = world.store.acquire(key, "another", SECOND).await.expect("memory");
        assert!(matches!(lease, Acquired::Held(_)), "{key} is leased");
    }
    world.pass(2 * SECOND).await;
    let _other = world.builder::<atlassian::Client>().start().expect("a pool");
    world.live(2 * SECOND).await;
    assert_eq!(world.wire.sent(), 4);
}

/// A look for due grants holds leases as soon as the store has answered: closing waits for it.
#[tokio::test]
async fn leases_that_are_being_taken_are_waited_for() {
    let world = World::of::<atlassian::Client>();
    let key = put(&world, "person").await;
    world.pass(10 * DAY).await;
    let store = Faulty::new(world.store.clone());
    store.fail_next(Operation::AcquireDue, 1, Fault::Late);
    let builder = world.builder::<atlassian::Client>().store(store.clone());
    let pool: Pool<atlassian::Client> = builder.start().expect("a pool");
    world.live(2 * SECOND).await;
    let closing = close(&pool);
    settle().await;
    assert!(!closing.is_finished());
    store.answer();
    settle().await;
    assert!(closing.is_finished() && closing.await.expect("a task").is_nothing());
    assert_eq!(world.wire.sent(), 0);
    let lease = world.store.acquire(&key, "another", SECOND).await.expect("memory");
    assert!(matches!(lease, Acquired::Held(_)), "{lease:?}");
}

/// An attempt that waits for another process has sent nothing: closing does not wait with it, and neither does its caller.
#[tokio::test]
async fn an_attempt_that_only_waits_ends_at_once() {
    let world = World::of::<atlassian::Client>();
    let key = put(&world, "person").await;
    world.pass(10 * DAY).await;
    let held = world.store.acquire(&key, "another", DAY).await.expect("memory");
    assert!(matches!(held, Acquired::Held(_)));
    let pool = world.builder::<atlassian::Client>().start().expect("a pool");
    let caller = rekindle_sessions::ask(&pool.session("person"));
    world.pass(SECOND).await;
    assert!(!caller.is_finished());
    let closing = close(&pool);
    settle().await;
    assert!(closing.is_finished() && caller.is_finished());
    assert!(closing.await.expect("a task").is_nothing());
    let error = caller.await.expect("a task").expect_err("closed");
    assert_eq!(error.kind(), SessionErrorKind::Closed);
}

/// However long the store was away, and however long the wait before the next try has become: one that is back takes the tokens as the
/// sessions close.
#[tokio::test]
async fn a_store_that_is_back_is_asked_at_once() {
    let world = World::of::<atlassian::Client>();
    let key = put(&world, "person").await;
    world.pass(10 * DAY).await;
    let store = Faulty::new(world.store.clone());
    let builder = world.builder::<atlassian::Client>().store(store.clone());
    let pool: Pool<atlassian::Client> = builder.start().expect("a pool");
    store.fail_next(Operation::Commit, 1_000_000, Fault::NotApplied);
    pool.session("person").access_token().await.expect_err("not saved");
    world.live(5 * MINUTE).await;
    store.clear();
    let closing = close(&pool);
    settle().await;
    assert!(closing.is_finished());
    assert!(closing.await.expect("a task").is_nothing());
    let stored = world.store.read(&key).await.expect("memory").expect("a grant");
    assert_eq!(stored.record.generation, 2);
}

/// What a sign-in has made superfluous is not unsaved.
#[tokio::test]
async fn nothing_superfluous_is_waited_for() {
    let world = World::of::<atlassian::Client>();
    put(&world, "person").await;
    world.pass(10 * DAY).await;
    let store = Faulty::new(world.store.clone());
    let builder = world.builder::<atlassian::Client>().store(store.clone());
    let pool: Pool<atlassian::Client> = builder.start().expect("a pool");
    store.fail_next(Operation::Commit, 1_000_000, Fault::NotApplied);
    let session = pool.session("person");
    session.access_token().await.expect_err("not saved");
    session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("a put");
    let closing = close(&pool);
    settle().await;
    assert!(closing.is_finished());
    assert!(closing.await.expect("a task").is_nothing());
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

/// Nothing is told of a session that is closed: nobody is to act on it.
#[tokio::test]
async fn closed_sessions_announce_nothing() {
    for is_closed in [false, true] {
        let world = World::of::<blazex::Client>();
        let session: Session<blazex::Client> = world.signed_in().await;
        let mut events = session.events();
        if is_closed {
            assert!(session.close(MINUTE).await.is_nothing());
        }
        world.live(28 * DAY).await;
        assert_eq!(events.try_next().is_none(), is_closed);
    }
}
