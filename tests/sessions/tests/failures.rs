//! What fails, and what is served in spite of it.

use rekindle_clients::wetix;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{atlassian, first_use, replay_window};
use rekindle_runtime::clock::{Clock, Sleep, VirtualClock};
use rekindle_runtime::session::{EventKind, InDoubt, Session, SessionErrorKind};
use rekindle_runtime::store::conformance::{Fault as StoreFault, Faulty, Operation};
use rekindle_runtime::store::{Acquired, Key, MemoryStore, Record, Store, StoreError};
use rekindle_runtime::{Class, Grant, SignIn, Token};
use rekindle_sessions::{Integrator, World, ask, grant, settle};
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn trouble(fault: Fault) -> Option<Trouble> {
    Some(Trouble::Fault(fault))
}

/// A session whose access token ended some days ago.
async fn expired<P: Integrator>() -> (World, Session<P>) {
    let world = World::of::<P>();
    let session = world.signed_in().await;
    world.pass(10 * DAY).await;
    (world, session)
}

/// The same with a store that fails on command.
async fn expired_with_faults() -> (World, Faulty<MemoryStore>, Session<atlassian::Client>) {
    let world = World::of::<atlassian::Client>();
    let store = Faulty::new(world.store.clone());
    let builder = world.builder().store(store.clone());
    let session = world.signed_in_with(builder).await;
    world.pass(10 * DAY).await;
    (world, store, session)
}

/// R21, R29: an error never displaces a token that is still valid.
#[tokio::test]
async fn a_failed_early_refresh_serves_the_old_token() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    session.refresh_now().await.expect("a token of an hour");
    world.pass(HOUR - 120 * SECOND).await;
    world.fake.plan(vec![trouble(Fault::BadGateway); 100]);
    for _ in 0..50 {
        let token = session.access_token().await.expect("the old token");
        assert_eq!(token.generation(), 2);
        world.pass(SECOND).await;
    }
    // A 503 may have been answered after the token was spent: it is in doubt, so nothing more is sent.
    assert_eq!(world.wire.sent(), 2);
}

/// R25: no declared window, no replay; both tokens are kept.
#[tokio::test]
async fn an_exchange_in_doubt_is_kept() {
    let (world, session) = expired::<atlassian::Client>().await;
    world.fake.plan([trouble(Fault::ResetAfter)]);
    let mut events = session.events();
    for _ in 0..5 {
        let error = session.access_token().await.expect_err("in doubt");
        assert!(matches!(error.kind(), SessionErrorKind::InDoubt(_)), "{error:?}");
        assert_eq!(error.class(), Class::InDoubt);
        world.pass(HOUR).await;
    }
    assert_eq!(world.wire.sent(), 1);
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    let doubts = told.iter().filter(|event| matches!(event.kind, EventKind::InDoubt { .. }));
    assert_eq!(doubts.count(), 1, "{told:?}");
    // The next process knows it, too.
    let other: Session<atlassian::Client> = world.builder().open().await.expect("a session");
    let status = other.status().await.expect("a status");
    assert!(status.in_flight.is_some() && !status.needs_sign_in());
    let error = other.access_token().await.expect_err("in doubt");
    assert!(matches!(error.kind(), SessionErrorKind::InDoubt(_)), "{error:?}");
    assert_eq!(world.wire.sent(), 1);
}

/// The user decides to send again: the provider detects the reuse and revokes the grant, and that is remembered.
#[tokio::test]
async fn a_gamble_that_is_lost_ends_the_grant() {
    let (world, session) = expired::<atlassian::Client>().await;
    world.fake.plan([trouble(Fault::ResetAfter)]);
    session.access_token().await.expect_err("in doubt");
    let error = session.resolve(InDoubt::Gamble).await.expect_err("reuse");
    let how = SignIn::AuthorizationCode;
    assert_eq!(error.kind(), SessionErrorKind::SignInNeeded(how));
    assert_eq!(world.wire.sent(), 2);
    // Remembered by every holder, without another request.
    let other: Session<atlassian::Client> = world.builder().open().await.expect("a session");
    for session in [&session, &other] {
        let error = session.access_token().await.expect_err("over");
        assert_eq!(error.kind(), SessionErrorKind::SignInNeeded(how));
    }
    assert_eq!(world.wire.sent(), 2);
}

/// A request that never left is worth a gamble.
#[tokio::test]
async fn a_gamble_that_is_won_goes_on() {
    let (world, session) = expired::<atlassian::Client>().await;
    world.fake.plan([trouble(Fault::ResetBefore)]);
    session.access_token().await.expect_err("in doubt");
    session.resolve(InDoubt::Gamble).await.expect("new tokens");
    let token = session.access_token().await.expect("a token");
    assert!(world.accepts(atlassian::Client::text(&token)));
}

/// The policy `Reauthenticate` gives the grant up at once.
#[tokio::test]
async fn the_policy_reauthenticate_ends_the_grant() {
    let world = World::of::<atlassian::Client>();
    let builder = world.builder::<atlassian::Client>();
    let session = world.signed_in_with(builder.in_doubt(InDoubt::Reauthenticate)).await;
    world.pass(10 * DAY).await;
    world.fake.plan([trouble(Fault::ResetAfter)]);
    let error = session.access_token().await.expect_err("given up");
    assert_eq!(error.kind(), SessionErrorKind::SignInNeeded(SignIn::Unspecified));
    assert!(session.status().await.expect("a status").needs_sign_in());
    assert_eq!(world.wire.sent(), 1);
}

/// A sign-out forgets the grant here and in the store, after an exchange that is out; a new sign-in is possible.
#[tokio::test]
async fn a_sign_out_forgets_the_grant() {
    let (world, session) = expired::<atlassian::Client>().await;
    world.wire.hold();
    let asking = ask(&session);
    settle().await;
    let leaving = tokio::spawn({
        let session = session.clone();
        async move { session.sign_out().await }
    });
    settle().await;
    assert!(!leaving.is_finished());
    world.wire.release();
    asking.await.expect("a task").expect("a token");
    leaving.await.expect("a task").expect("memory");
    assert!(session.try_access_token().is_none());
    let stored = world.store.read(session.key()).await.expect("memory");
    assert!(stored.is_none());
    let error = session.access_token().await.expect_err("no grant");
    assert_eq!(error.kind(), SessionErrorKind::NoGrant);
    session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    session.access_token().await.expect("a token");
    assert_eq!(world.wire.sent(), 1);
}

/// Where another process signs out and in again, generations begin anew: the result of an exchange from before is not taken for
/// the new grant's.
#[tokio::test]
async fn an_answer_for_a_grant_that_was_replaced_is_dropped() {
    let (world, session) = expired::<atlassian::Client>().await;
    let key = session.key().clone();
    world.wire.hold();
    let asking = ask(&session);
    settle().await;
    let held = world.fake.provider().sign_in();
    world.store.remove(&key).await.expect("memory");
    let record = Record::new(grant(&held), world.clock.wall());
    world.store.put(&key, &record).await.expect("memory");
    world.wire.release();
    let _ = asking.await.expect("a task");
    world.live(10 * SECOND).await;
    let stored = world.store.read(&key).await.expect("memory");
    let stored = stored.expect("the new grant").record;
    let refresh_token = stored.grant.refresh_token().expect("a token").expose();
    // As the fake provider names them: of its second grant.
    assert!(refresh_token.starts_with("atlassian-refresh-2-"), "{refresh_token}");
    assert!(world.what_refused().is_empty());
}

/// During a sign-out, no caller is served the token that it is about to forget.
#[tokio::test]
async fn a_caller_waits_for_a_sign_out_to_end() {
    let (_world, store, session) = expired_with_faults().await;
    store.fail_next(Operation::Remove, 1, StoreFault::NotApplied);
    session.sign_out().await.expect_err("the store is away");
    session.access_token().await.expect("nothing is forgotten");
    let (left, asked) = tokio::join!(session.sign_out(), session.access_token());
    left.expect("memory");
    assert_eq!(asked.expect_err("gone").kind(), SessionErrorKind::NoGrant);
}

/// R25: inside a declared window a lost answer is fetched again, and no caller notices.
#[tokio::test]
async fn a_lost_answer_is_fetched_again_where_that_is_declared() {
    let (world, session) = expired::<replay_window::Client>().await;
    world.fake.plan([trouble(Fault::ResetAfter), trouble(Fault::NoAnswer)]);
    let waiting = ask(&session);
    world.live(5 * SECOND).await;
    assert_eq!(waiting.await.expect("a caller").expect("a token"), 2);
    assert_eq!(world.wire.sent(), 3);
    let token = session.access_token().await.expect("a token");
    assert!(world.accepts(replay_window::Client::text(&token)));
}

/// The window counts from the first attempt, however many follow, and it is not opened by a restart.
#[tokio::test]
async fn a_window_that_is_over_is_over() {
    let (world, session) = expired::<replay_window::Client>().await;
    world.fake.plan(vec![trouble(Fault::ResetAfter); 100]);
    let waiting = ask(&session);
    world.live(60 * SECOND).await;
    let error = waiting.await.expect("a caller").expect_err("in doubt");
    assert!(matches!(error.kind(), SessionErrorKind::InDoubt(_)));
    world.fake.calm();
    let sent = world.wire.sent();
    let other: Session<replay_window::Client> = world.builder().open().await.expect("a session");
    other.access_token().await.expect_err("in doubt");
    assert_eq!(world.wire.sent(), sent);
}

/// A process crashes during an exchange: the next one fetches the answer, if the window is open.
#[tokio::test]
async fn the_next_process_replays_inside_the_window() {
    let (world, session) = expired::<replay_window::Client>().await;
    let key = session.key().clone();
    world.left_in_doubt(&key).await;
    world.pass(20 * SECOND).await;
    let next: Session<replay_window::Client> = world.builder().open().await.expect("a session");
    settle().await;
    assert_eq!(next.access_token().await.expect("a token").generation(), 2);
    assert_eq!(world.wire.sent(), 1);
}

/// The same without a window: nothing is sent, and it is said why.
#[tokio::test]
async fn the_next_process_knows_that_the_exchange_is_in_doubt() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    let key = session.key().clone();
    let entry = world.left_in_doubt(&key).await;
    world.pass(20 * SECOND).await;
    let next: Session<atlassian::Client> = world.builder().open().await.expect("a session");
    settle().await;
    let found = next.status().await.expect("a status").in_flight.expect("the exchange");
    assert_eq!(&*found.owner, "crashed");
    // The access token is still valid.
    assert_eq!(next.access_token().await.expect("the old token").generation(), 1);
    // Its holder was only stopped, comes back with the answer, and loses nothing.
    let record =
        Record::new(Grant::new().with_refresh_token(Token::new("new")), world.clock.wall());
    world.store.commit(&key, &entry, &record).await.expect("a commit without a lease");
    assert_eq!(next.status().await.expect("a status").generation, 2);
    assert_eq!(world.wire.sent(), 0);
}

/// A token that stays good until its successor is used may be sent again at any time: its successor was not used.
#[tokio::test]
async fn an_answer_is_fetched_again_until_its_tokens_are_used() {
    let (world, session) = expired::<first_use::Client>().await;
    world.fake.plan([trouble(Fault::ResetAfter)]);
    let asking = ask(&session);
    world.live(5 * SECOND).await;
    assert_eq!(asking.await.expect("a caller").expect("a token"), 2);
    let token = session.access_token().await.expect("a token");
    assert!(world.accepts(first_use::Client::text(&token)));
}

/// R27: the new pair is kept in memory, the failure is told, and the write is tried again before anything else.
#[tokio::test]
async fn what_the_store_does_not_take_is_not_lost() {
    let (world, store, session) = expired_with_faults().await;
    store.fail_next(Operation::Commit, 3, StoreFault::NotApplied);
    let mut events = session.events();
    let error = session.access_token().await.expect_err("not stored, so not shown");
    assert!(matches!(error.kind(), SessionErrorKind::Unsaved(_)), "{error:?}");
    assert!(session.status().await.expect("a status").unsaved);
    world.live(10 * SECOND).await;
    let token = session.access_token().await.expect("the new token");
    assert_eq!(token.generation(), 2);
    assert!(world.accepts(atlassian::Client::text(&token)));
    assert_eq!(world.wire.sent(), 1);
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).map(|event| event.kind).collect();
    assert!(matches!(told[0], EventKind::SaveFailed(_)), "{told:?}");
    assert!(told.iter().any(|kind| matches!(kind, EventKind::Saved { generation: 2 })), "{told:?}");
}

/// A write of which only the answer is lost is one write.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_done_once() {
    let (world, store, session) = expired_with_faults().await;
    store.fail_next(Operation::Commit, 1, StoreFault::AnswerLost);
    session.access_token().await.expect_err("not known to be stored");
    world.live(10 * SECOND).await;
    assert_eq!(session.access_token().await.expect("a token").generation(), 2);
    session.refresh_now().await.expect("a newer token");
    assert_eq!(session.access_token().await.expect("a token").generation(), 3);
    assert_eq!(world.wire.sent(), 2);
}

/// R27: what cannot be journaled is not sent.
#[tokio::test]
async fn nothing_is_sent_that_is_not_on_record() {
    let (world, store, session) = expired_with_faults().await;
    store.fail_next(Operation::Begin, 1, StoreFault::AnswerLost);
    session.access_token().await.expect_err("the store is away");
    assert_eq!(world.wire.sent(), 0);
    world.live(10 * SECOND).await;
    // It was on record, and nothing was sent: that is known, and no doubt.
    assert_eq!(session.access_token().await.expect("a token").generation(), 2);
    assert_eq!(world.wire.sent(), 1);
}

/// R21: a terminal error is told once, remembered, and forgotten with the next sign-in.
#[tokio::test]
async fn the_end_of_a_grant_is_told_once() {
    let world = World::of::<wetix::Client>();
    let session: Session<wetix::Client> = world.signed_in().await;
    world.fake.provider().revoke_all();
    let mut events = session.events();
    let token = session.access_token().await.expect("it cannot know");
    session.invalidate(&token);
    drop(token);
    for _ in 0..10 {
        let error = session.access_token().await.expect_err("over");
        assert!(matches!(error.kind(), SessionErrorKind::SignInNeeded(_)));
        world.pass(DAY).await;
    }
    assert_eq!(world.wire.sent(), 1);
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    let ends = told.iter().filter(|event| matches!(event.kind, EventKind::SignInNeeded { .. }));
    assert_eq!(ends.count(), 1, "{told:?}");
    let session = world.signed_in_with(world.builder::<wetix::Client>()).await;
    session.access_token().await.expect("a token of the new grant");
}

/// Transient failures are waited out, longer each time, and never end a grant.
#[tokio::test]
async fn an_outage_is_waited_out() {
    let world = World::of::<wetix::Client>();
    let session: Session<wetix::Client> = world.signed_in().await;
    let token = session.access_token().await.expect("a token");
    session.invalidate(&token);
    drop(token);
    world.fake.plan(vec![trouble(Fault::Unreachable); 1000]);
    for _ in 0..3600 {
        session.access_token().await.expect_err("an outage");
        world.pass(SECOND).await;
    }
    let sent = world.wire.sent();
    assert!((8..=24).contains(&sent), "{sent} attempts in an hour");
    world.fake.calm();
    world.pass(10 * 60 * SECOND).await;
    session.access_token().await.expect("a token");
}

/// A clock by whose chance somebody signs in elsewhere: once, as soon as a session that holds the lease asks it for an id.
struct SignsIn {
    clock: VirtualClock,
    store: MemoryStore,
    /// The grant, until it is done.
    planned: Arc<Mutex<Option<Key>>>,
}

/// The outcome of what a store in memory does at once.
fn at_once<T>(operation: impl Future<Output = Result<T, StoreError>>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(operation).poll(&mut context) {
        Poll::Ready(outcome) => outcome.expect("a store in memory"),
        Poll::Pending => panic!("a store in memory waits"),
    }
}

impl Clock for SignsIn {
    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        self.clock.wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.clock.sleep(duration)
    }

    fn random(&self) -> u64 {
        let mut planned = self.planned.lock().expect("a plan");
        if let Some(key) = planned.take() {
            if let Acquired::Held(lease) = at_once(self.store.acquire(&key, "a test", SECOND)) {
                at_once(self.store.release(&key, &lease));
                *planned = Some(key);
            } else {
                let known = at_once(self.store.read(&key)).expect("a grant");
                at_once(self.store.put(&key, &known.record));
            }
        }
        self.clock.random()
    }
}

/// What changes between reading and journaling is no failure: it is read again, and nothing was sent meanwhile.
#[tokio::test]
async fn a_store_that_changes_before_the_journal_is_read_again() {
    let world = World::of::<atlassian::Client>();
    let planned = Arc::new(Mutex::new(None));
    let (clock, store) = (world.clock.clone(), world.store.clone());
    let builder = world.builder().clock(SignsIn { clock, store, planned: Arc::clone(&planned) });
    let session: Session<atlassian::Client> = world.signed_in_with(builder).await;
    world.pass(10 * DAY).await;
    let sent = world.wire.sent();
    *planned.lock().expect("a plan") = Some(session.key().clone());
    let token = session.access_token().await.expect("a token");
    assert!(planned.lock().expect("a plan").is_none(), "nobody has signed in");
    assert!(world.accepts(atlassian::Client::text(&token)));
    let known = world.store.read(session.key()).await.expect("read").expect("a grant");
    assert_eq!((known.record.generation, world.wire.sent() - sent), (3, 1));
}
