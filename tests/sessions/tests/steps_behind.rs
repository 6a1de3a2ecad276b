//! Exchanges whose refresh token is spent before the last request: what replaces it is stored before anything else is sent.

use http::{Request, Response};
use rekindle_language::{steps_behind, steps_spending};
use rekindle_runtime::clock::Clock as _;
use rekindle_runtime::session::{InDoubt, Session, SessionErrorKind};
use rekindle_runtime::store::conformance::{Fault, Faulty, Operation};
use rekindle_runtime::store::{Acquired, EntryId, InFlight, Key, Snapshot, Store as _};
use rekindle_runtime::transport::{Transport, TransportError};
use rekindle_runtime::{Class, Grant, Token, TransportErrorKind};
use rekindle_sessions::{Integrator, Wire, World, ask, grant, settle};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

type Client = steps_spending::Client;

/// Answers the request with this number, counted from 0, in place of the provider, once.
#[derive(Debug, Clone)]
struct Instead {
    wire: Wire,
    sent: Arc<AtomicUsize>,
    number: usize,
    /// `None` where there is no answer.
    answer: Option<(u16, &'static str)>,
}

impl Transport for Instead {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        if self.sent.fetch_add(1, Ordering::SeqCst) != self.number {
            return self.wire.send(request).await;
        }
        match self.answer {
            None => Err(TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer")),
            Some((status, body)) => {
                let answer = Response::builder().status(status).body(body.as_bytes().to_vec());
                Ok(answer.expect("an answer"))
            }
        }
    }
}

async fn instead<P: Integrator>(
    world: &World,
    number: usize,
    answer: Option<(u16, &'static str)>,
) -> Session<P> {
    let client = P::client(&world.fake.url(), &world.fake.provider().client().clone());
    let wire = world.wire.clone();
    let builder = Session::builder(client, Instead { wire, sent: Arc::default(), number, answer });
    let builder = builder.store(world.store.clone()).clock(world.clock.clone());
    world.signed_in_with(builder).await
}

async fn stored<P: Integrator>(world: &World, session: &Session<P>) -> Snapshot {
    world.store.read(session.key()).await.expect("memory").expect("a grant")
}

fn refresh_token(snapshot: &Snapshot) -> String {
    snapshot.record.grant.refresh_token().map(Token::expose).expect("a refresh token").to_owned()
}

/// Lets answers through until so many requests have left, the last of which is not answered.
async fn until_sent(world: &World, requests: usize) {
    world.wire.hold();
    while world.wire.sent() < requests {
        settle().await;
        if world.wire.sent() < requests {
            world.wire.release();
            tokio::task::yield_now().await;
            world.wire.hold();
        }
    }
}

/// What failed, and in which request.
const FAILURES: [Option<(u16, &str)>; 8] = [
    None,
    Some((200, "{}")),
    Some((200, "no JSON")),
    Some((401, "{\"error\":\"gone\"}")),
    Some((403, "{}")),
    Some((404, "<html>")),
    Some((409, "")),
    Some((500, "")),
];

#[tokio::test]
async fn an_exchange_takes_all_of_its_requests() {
    let world = World::of::<Client>();
    let session: Session<Client> = world.signed_in().await;
    for (exchange, requests) in [(1, 3), (2, 6)] {
        world.pass(2 * HOUR).await;
        let token = session.access_token().await.expect("a token");
        // What replaces the refresh token is stored by itself.
        assert_eq!((token.generation(), world.wire.sent()), (1 + 2 * exchange, requests));
        assert!(world.accepts(Client::text(&token)));
        assert!(stored(&world, &session).await.in_flight.is_none());
    }
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

#[tokio::test]
async fn a_refresh_token_that_is_kept_is_stored_once() {
    let world = World::of::<steps_behind::Client>();
    let session: Session<steps_behind::Client> = world.signed_in().await;
    world.pass(2 * HOUR).await;
    let token = session.access_token().await.expect("a token");
    assert_eq!((token.generation(), world.wire.sent()), (2, 3));
    assert!(world.accepts(steps_behind::Client::text(&token)));
}

/// When the next request leaves, the new refresh token is stored and nothing is on record; the token from before is served no longer than
/// before, and none that is not stored.
#[tokio::test]
async fn what_replaces_the_refresh_token_is_stored_before_the_next_request_leaves() {
    let world = World::of::<Client>();
    let session: Session<Client> = world.signed_in().await;
    let first = refresh_token(&stored(&world, &session).await);
    world.pass(2 * HOUR).await;
    for answered in [0, 1, 2] {
        world.wire.hold();
        let caller = ask(&session);
        until_sent(&world, answered + 1).await;
        let snapshot = stored(&world, &session).await;
        assert_eq!(snapshot.in_flight.is_some(), answered == 0, "after {answered} answers");
        assert_eq!(refresh_token(&snapshot) == first, answered == 0, "after {answered} answers");
        assert!(!caller.is_finished(), "no token is served after {answered} answers");
        caller.abort();
    }
    world.wire.release();
    settle().await;
    let token = session.access_token().await.expect("a token");
    assert_eq!((token.generation(), world.wire.sent()), (3, 3));
}

/// A failure behind the request that spent the refresh token ends no grant and leaves nothing in doubt, whatever is answered: the next
/// exchange goes on with what replaced it.
#[tokio::test]
async fn a_failure_behind_it_loses_nothing() {
    for number in [1, 2] {
        for answer in FAILURES {
            let world = World::of::<Client>();
            let session: Session<Client> = instead(&world, number, answer).await;
            world.pass(2 * HOUR).await;
            let failed = session.refresh_now().await.expect_err("a request fails");
            let shown = format!("{number} {answer:?}: {failed}");
            assert_eq!(failed.kind(), SessionErrorKind::Exchange, "{shown}");
            let cause = failed.exchange().expect("the exchange has failed");
            assert_eq!(cause.step(), Some(["device", "session"][number - 1]), "{shown}");
            assert!(!matches!(cause.class(), Class::Reauthenticate(_) | Class::InDoubt), "{shown}");
            let snapshot = stored(&world, &session).await;
            assert!(snapshot.in_flight.is_none() && snapshot.record.ended.is_none(), "{shown}");
            world.pass(HOUR).await;
            session.refresh_now().await.expect("the next exchange goes well");
            let token = session.access_token().await.expect("its token");
            assert!(world.accepts(Client::text(&token)), "{shown}");
            assert_eq!(world.fake.provider().reuses(), 0, "{shown}");
        }
    }
}

/// The same where the refresh token is kept.
#[tokio::test]
async fn a_failure_behind_one_that_is_kept_loses_nothing() {
    for answer in FAILURES {
        let world = World::of::<steps_behind::Client>();
        let session: Session<steps_behind::Client> = instead(&world, 2, answer).await;
        world.pass(2 * HOUR).await;
        let failed = session.refresh_now().await.expect_err("a request fails");
        assert_eq!(failed.kind(), SessionErrorKind::Exchange, "{answer:?}: {failed}");
        assert!(stored(&world, &session).await.in_flight.is_none(), "{answer:?}");
        world.pass(HOUR).await;
        session.refresh_now().await.expect("the next exchange goes well");
    }
}

/// A request that spends the refresh token has left, whatever becomes of those behind it: it counts where the provider takes one in a time.
#[tokio::test]
async fn a_failure_behind_it_counts_as_a_refresh() {
    for answer in [None, Some((500, ""))] {
        let world = World::of::<steps_behind::Client>();
        let session: Session<steps_behind::Client> = instead(&world, 2, answer).await;
        world.pass(2 * HOUR).await;
        session.refresh_now().await.expect_err("a request fails");
        let before = world.wire.sent();
        let again = tokio::spawn(async move { session.refresh_now().await });
        world.pass(Duration::from_secs(1)).await;
        assert_eq!(world.wire.sent(), before, "{answer:?}: the next one waits");
        world.pass(Duration::from_secs(1)).await;
        again.await.expect("a task").expect("the next exchange goes well");
    }
}

/// What the request that spends the refresh token answers means what it does where it is the last.
#[tokio::test]
async fn the_spending_answer_means_what_it_says() {
    let rows = [
        (None, "in doubt"),
        (Some((401, "{\"error\":\"gone\"}")), "over"),
        (Some((403, "{}")), "failed"),
        (Some((409, "")), "in doubt"),
        (Some((500, "")), "in doubt"),
        (Some((200, "{}")), "in doubt"),
        (Some((200, "{\"refresh_token\":\"r-2\"}")), "failed"),
    ];
    for (answer, means) in rows {
        let world = World::of::<Client>();
        let session: Session<Client> = instead(&world, 0, answer).await;
        world.pass(2 * HOUR).await;
        let failed = session.refresh_now().await.expect_err("the request fails");
        let found = match failed.kind() {
            SessionErrorKind::InDoubt(_) => "in doubt",
            SessionErrorKind::SignInNeeded(_) => "over",
            SessionErrorKind::Exchange => "failed",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, means, "{answer:?}: {failed}");
        let kept = refresh_token(&stored(&world, &session).await);
        let brought = answer.is_some_and(|(_, body)| body.contains("r-2"));
        assert_eq!(kept == "r-2", brought, "{answer:?}");
    }
}

/// A process that is killed behind the request that spent the refresh token leaves nothing in doubt: the next one goes on with what
/// replaced it.
#[test]
fn a_process_that_is_killed_behind_it_loses_nothing() {
    for (answered, doubt) in [(0, true), (1, false), (2, false)] {
        let world = World::of::<Client>();
        let runtime = || tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let killed = runtime();
        let held: Grant = killed.block_on(async {
            let session: Session<Client> = world.signed_in().await;
            world.pass(2 * HOUR).await;
            world.wire.hold();
            drop(ask(&session));
            until_sent(&world, answered + 1).await;
            stored(&world, &session).await.record.grant
        });
        drop(killed);
        world.wire.release();
        runtime().block_on(async {
            world.pass(HOUR).await;
            let session: Session<Client> = world.builder().open().await.expect("a session");
            let asked = session.access_token().await;
            if doubt {
                let error = asked.expect_err("it is in doubt");
                assert!(matches!(error.kind(), SessionErrorKind::InDoubt(_)), "{error}");
                return;
            }
            assert!(held.refresh_token().is_some());
            let token = asked.expect("a token");
            assert!(world.accepts(Client::text(&token)), "after {answered} answers");
            assert_eq!(world.fake.provider().reuses(), 0, "after {answered} answers");
        });
    }
}

/// What a process leaves behind that has journaled so many requests and ended, a minute ago.
async fn ended_with(world: &World, key: &Key, attempt: u32) {
    let lease = world.store.acquire(key, "ended", Duration::from_secs(1)).await;
    let Ok(Acquired::Held(lease)) = lease else { panic!("{lease:?}") };
    let entry = InFlight {
        id: EntryId::random(),
        generation: 1,
        fence: lease.fence,
        owner: "ended".into(),
        started_at: world.clock.wall(),
        attempt,
    };
    world.store.begin(key, &lease, &entry, None).await.expect("a journal");
    world.pass(Duration::from_secs(60)).await;
}

/// A process that ends once it has its last answer, before that is stored, leaves nothing in doubt either.
#[tokio::test]
async fn an_entry_that_nothing_was_sent_under_is_no_doubt() {
    for (attempt, doubt) in [(0, false), (1, true)] {
        let world = World::of::<Client>();
        let session: Session<Client> = world.signed_in().await;
        world.pass(2 * HOUR).await;
        ended_with(&world, session.key(), attempt).await;
        let asked = session.access_token().await;
        assert_eq!(asked.is_err(), doubt, "{attempt}: {asked:?}");
    }
}

/// A person who signs in while the last request is out is not undone by its answer.
#[tokio::test]
async fn a_sign_in_meanwhile_counts() {
    let world = World::of::<Client>();
    let session: Session<Client> = world.signed_in().await;
    world.pass(2 * HOUR).await;
    world.wire.hold();
    let caller = ask(&session);
    until_sent(&world, 2).await;
    let other: Session<Client> = world.builder().open().await.expect("a session");
    let anew = grant(&world.fake.provider().sign_in());
    let signed_in = anew.refresh_token().map(Token::expose).expect("a token").to_owned();
    other.sign_in(anew).await.expect("a stored grant");
    world.wire.release();
    let _ = caller.await.expect("a task");
    assert_eq!(refresh_token(&stored(&world, &session).await), signed_in);
}

/// Nothing that comes after the device's request is answered.
#[derive(Debug, Clone)]
struct Down(Wire);

impl Transport for Down {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        if request.method() == "PUT" {
            return Ok(Response::builder().status(500).body(Vec::new()).expect("an answer"));
        }
        self.0.send(request).await
    }
}

/// A refresh token that is replaced is no success: while the request behind it fails, each process waits longer and longer.
#[tokio::test]
async fn pauses_grow_while_a_request_behind_it_fails() {
    let world = World::of::<Client>();
    let open = || {
        let client = Client::client(&world.fake.url(), &world.fake.provider().client().clone());
        let builder = Session::builder(client, Down(world.wire.clone()));
        builder.store(world.store.clone()).clock(world.clock.clone())
    };
    let sessions = [world.signed_in_with(open()).await, open().open().await.expect("a session")];
    world.pass(2 * HOUR).await;
    let mut pauses = Vec::new();
    for _ in 0..6 {
        for session in &sessions {
            session.access_token().await.expect_err("a request fails");
            let status = session.status().await.expect("a status");
            let pause = status.next_try.expect("a pause");
            pauses.push(pause);
            world.pass(pause).await;
        }
    }
    for session in [0, 1] {
        let of_one: Vec<_> = pauses.iter().skip(session).step_by(2).collect();
        assert!(of_one.windows(2).all(|two| *two[0] * 3 < *two[1] * 2), "{of_one:?}");
    }
}

/// What has replaced the refresh token alone is no new token for whoever waits for one, in this process and in another one.
#[tokio::test]
async fn what_is_stored_in_between_is_no_new_token() {
    let world = World::of::<Client>();
    let session: Session<Client> = instead(&world, 2, Some((500, ""))).await;
    let other: Session<Client> = world.builder().open().await.expect("a session");
    let before = Client::text(&session.access_token().await.expect("a token"));
    world.wire.hold();
    let refresh = |session: &Session<Client>| {
        let session = session.clone();
        tokio::spawn(async move { session.refresh_now().await })
    };
    let running = refresh(&session);
    until_sent(&world, 1).await;
    let waiting = [refresh(&session), refresh(&other)];
    until_sent(&world, 2).await;
    // The other process polls for the lease.
    world.live(Duration::from_secs(1)).await;
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()), "what is stored is no new token");
    world.wire.release();
    world.live(Duration::from_secs(5)).await;
    running.await.expect("a task").expect_err("a request fails");
    for waiting in waiting {
        waiting.await.expect("a task").expect("an exchange of its own goes well");
    }
    let token = other.access_token().await.expect("a token");
    assert_ne!(Client::text(&token), before);
    assert!(world.accepts(Client::text(&token)));
}

/// A token that an API has refused is served no more when it is stored again beside another refresh token, and a report of it that comes
/// after that counts.
#[tokio::test]
async fn a_refused_token_is_not_served_again() {
    for reported_before in [true, false] {
        let world = World::of::<Client>();
        let session: Session<Client> = world.signed_in().await;
        let other: Session<Client> = world.builder().open().await.expect("a session");
        let (token, its) = (session.access_token().await, other.access_token().await);
        let (token, its) = (token.expect("a token"), its.expect("a token"));
        if reported_before {
            other.invalidate(&its);
        }
        world.wire.hold();
        let refreshing = tokio::spawn({
            let session = session.clone();
            async move { session.refresh_now().await }
        });
        until_sent(&world, 2).await;
        if !reported_before {
            session.invalidate(&token);
            assert!(session.try_access_token().is_none(), "it was reported");
            // It reads what is stored in between.
            drop(tokio::spawn({
                let other = other.clone();
                async move { other.refresh_now().await }
            }));
            world.live(Duration::from_millis(500)).await;
            other.invalidate(&its);
            assert!(other.try_access_token().is_none(), "it was reported");
        }
        let asked = ask(&other);
        world.live(Duration::from_secs(1)).await;
        assert!(!asked.is_finished(), "a refused token is not served again");
        world.wire.release();
        world.live(Duration::from_secs(5)).await;
        refreshing.await.expect("a task").expect("it goes well");
        asked.await.expect("a task").expect("a new token");
        let served = other.access_token().await.expect("a token");
        assert_ne!(Client::text(&served), Client::text(&token));
    }
}

/// The last answer is not lost with the store: its tokens are kept until they are stored, and nothing else is spent meanwhile.
#[tokio::test]
async fn what_the_last_answer_brings_is_kept_until_it_is_stored() {
    for (begins, commits) in [(1, 0), (0, 1), (1, 1), (9, 9)] {
        for fault in [Fault::NotApplied, Fault::AnswerLost] {
            let shown = format!("{begins} {commits} {fault:?}");
            let world = World::of::<Client>();
            let store = Faulty::new(world.store.clone());
            let session =
                world.signed_in_with(world.builder::<Client>().store(store.clone())).await;
            world.pass(2 * HOUR).await;
            world.wire.hold();
            drop(ask(&session));
            until_sent(&world, 3).await;
            store.fail_next(Operation::Begin, begins, fault);
            store.fail_next(Operation::Commit, commits, fault);
            world.wire.release();
            world.live(Duration::from_secs(120)).await;
            let kept = stored(&world, &session).await;
            assert!(kept.in_flight.is_none(), "{shown}");
            let token = kept.record.grant.access_token().expect("an access token");
            assert!(world.accepts(token.expose()), "{shown}");
            let served = session.access_token().await.expect("a token");
            assert_eq!(Client::text(&served), token.expose(), "{shown}");
            assert_eq!(world.wire.sent(), 3, "{shown}");
        }
    }
}

/// Where the store goes back behind a running exchange, the refresh token that is alive is not lost.
#[tokio::test]
async fn a_store_that_goes_back_meanwhile_loses_nothing() {
    for answered in [0, 1, 2] {
        let world = World::of::<Client>();
        let session: Session<Client> = world.signed_in().await;
        session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("a stored grant");
        let old = stored(&world, &session).await.record;
        world.pass(2 * HOUR).await;
        world.wire.hold();
        let caller = ask(&session);
        until_sent(&world, answered + 1).await;
        // Its generations begin anew with that.
        world.store.remove(session.key()).await.expect("memory");
        world.store.put(session.key(), &old).await.expect("memory");
        world.wire.release();
        world.live(Duration::from_secs(120)).await;
        caller.await.expect("a task").expect("a token");
        let kept = stored(&world, &session).await;
        let token = session.access_token().await.expect("a token");
        assert_eq!(token.generation(), kept.record.generation, "after {answered} answers");
        assert!(world.accepts(Client::text(&token)), "after {answered} answers");
        world.pass(2 * HOUR).await;
        session.access_token().await.expect("the next exchange goes well");
        assert_eq!(world.fake.provider().reuses(), 0, "after {answered} answers");
    }
}

/// Where another process has begun to spend what replaced the refresh token, its answer counts and not the late one.
#[tokio::test]
async fn a_late_answer_does_not_undo_another_exchange() {
    let world = World::of::<Client>();
    let store = Faulty::new(world.store.clone());
    let session = world.signed_in_with(world.builder::<Client>().store(store.clone())).await;
    world.pass(2 * HOUR).await;
    world.wire.hold();
    drop(ask(&session));
    until_sent(&world, 3).await;
    // Its lease is lost, and another process spends what it has stored.
    store.fail_next(Operation::Renew, 9, Fault::NotApplied);
    world.live(Duration::from_secs(31)).await;
    let key = session.key();
    let lease = world.store.acquire(key, "other", HOUR).await;
    let Ok(Acquired::Held(lease)) = lease else { panic!("{lease:?}") };
    let entry = InFlight {
        id: EntryId::random(),
        generation: 2,
        fence: lease.fence,
        owner: "other".into(),
        started_at: world.clock.wall(),
        attempt: 1,
    };
    world.store.begin(key, &lease, &entry, None).await.expect("a journal");
    world.store.release(key, &lease).await.expect("memory");
    world.wire.release();
    world.live(Duration::from_secs(20)).await;
    assert_eq!(stored(&world, &session).await.entry_id(), Some(entry.id));
}

/// Nor is there anything to decide about, to tell or to begin at once; and its age is not that of the next exchange.
#[tokio::test]
async fn an_entry_that_nothing_was_sent_under_hands_nothing_on() {
    let world = World::of::<Client>();
    let session: Session<Client> = instead(&world, 0, None).await;
    ended_with(&world, session.key(), 0).await;
    let opened: Session<Client> = world.builder().open().await.expect("a session");
    world.live(Duration::from_secs(1)).await;
    opened.resolve(InDoubt::Reauthenticate).await.expect("nothing to decide about");
    let status = opened.status().await.expect("a status");
    assert!(status.in_flight.is_none() && status.ended.is_none());
    assert_eq!((status.generation, world.wire.sent()), (1, 0));
    ended_with(&world, session.key(), 0).await;
    let lost = session.refresh_now().await.expect_err("its answer is lost");
    assert_eq!(lost.kind(), SessionErrorKind::InDoubt(world.clock.wall()), "{lost}");
    let left = stored(&world, &session).await;
    let entry = left.in_flight.expect("it is on record");
    assert_eq!((entry.attempt, left.in_flight_for), (1, Duration::ZERO));
}

/// Settings that a request behind it cannot hold are refused before anything is spent.
#[tokio::test]
async fn settings_that_do_not_fit_behind_it_spend_nothing() {
    let world = World::of::<steps_behind::Client>();
    // A colon ends the user part of HTTP Basic.
    let settings = [("app".to_owned(), "a:b".to_owned())].into();
    let client = steps_behind::Client::client(&world.fake.url(), &settings);
    let builder = Session::builder(client, world.wire.clone());
    let builder = builder.store(world.store.clone()).clock(world.clock.clone());
    let session = world.signed_in_with(builder).await;
    let failed = session.refresh_now().await.expect_err("the settings do not fit");
    let cause = failed.exchange().expect("the exchange has failed");
    assert_eq!((cause.class(), cause.step()), (Class::ClientMisconfigured, Some("challenge")));
    assert!(stored(&world, &session).await.in_flight.is_none());
    assert!(world.fake.arrived().iter().all(|one| one.request.uri().path() == "/challenges"));
}
