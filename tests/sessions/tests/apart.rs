//! Refreshes that a provider wants to be apart, repeats included, and access tokens of which it lets so many live.

use http::{Request, Response};
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{atlassian, first_use, limited, paced, replay_window};
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::session::{InDoubt, Pool, Session, SessionBuilder};
use rekindle_runtime::store::{Key, Record, Store};
use rekindle_runtime::transport::{Sent, Transport, TransportError, TransportErrorKind};
use rekindle_sessions::{Integrator, Wire, World, ask, grant, settle};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// However soon they want another token, and whichever process it is.
#[tokio::test]
async fn eight_processes_never_refresh_too_soon() {
    let world = World::of::<paced::Client>();
    let mut processes: Vec<Session<paced::Client>> = vec![world.signed_in().await];
    for _ in 1..8 {
        processes.push(world.builder().open().await.expect("a session"));
    }
    for (number, process) in processes.iter().enumerate() {
        let mut access = process.access_token().await.expect("a token");
        process.invalidate(&access);
        if number > 0 {
            // What another process has brought since.
            access = process.access_token().await.expect("a token");
            process.invalidate(&access);
        }
        let caller = ask(process);
        settle().await;
        match number {
            0 => assert!(caller.is_finished(), "none was before it"),
            1 => assert!(!caller.is_finished(), "one was"),
            _ => {}
        }
        if number > 0 {
            world.live(2 * SECOND).await;
        }
        assert!(caller.await.expect("a caller").is_ok());
    }
    assert_eq!(world.wire.sent(), 8);
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// However often they want another token, and whichever process it is.
#[tokio::test]
async fn two_processes_refresh_no_more_often_than_the_provider_takes() {
    let world = World::of::<limited::Client>();
    let first: Session<limited::Client> = world.signed_in().await;
    let second = world.builder().open().await.expect("a session");
    for _ in 0..30 {
        let callers = [&first, &second].map(|process| {
            let process = process.clone();
            tokio::spawn(async move {
                if let Ok(token) = process.access_token().await {
                    process.invalidate(&token);
                }
            })
        });
        world.live(MINUTE).await;
        for caller in callers {
            caller.await.expect("a caller");
        }
    }
    assert!((5..=9).contains(&world.wire.sent()), "{}", world.wire.sent());
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// A lost answer is got by sending the same again, which is not too soon either.
#[tokio::test]
async fn a_repeat_is_not_too_soon() {
    let world = World::of::<paced::Client>();
    let session: Session<paced::Client> = world.signed_in().await;
    world.fake.plan([Some(Trouble::Fault(Fault::ResetAfter)); 3]);
    let access = session.access_token().await.expect("a token");
    session.invalidate(&access);
    let caller = ask(&session);
    world.live(10 * SECOND).await;
    assert_eq!(caller.await.expect("a caller").expect("a token"), 2);
    assert_eq!(world.wire.sent(), 4);
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// Two live: the first lost answer leaves the token that is held alone, and the second may have ended it.
#[tokio::test]
async fn a_token_that_may_be_the_oldest_of_three_is_not_served() {
    let world = World::of::<paced::Client>();
    let session: Session<paced::Client> = world.signed_in().await;
    // Near its end it is replaced while it is served.
    world.pass(57 * MINUTE).await;
    world.fake.plan([Some(Trouble::Fault(Fault::ResetAfter)); 2]);
    let first = session.access_token().await.expect("a token");
    let text = paced::Client::text(&first).to_owned();
    settle().await;
    let served = session.access_token().await.expect("a token");
    assert_eq!(served.generation(), 1, "one was lost");
    assert!(world.accepts(&text));
    world.live(2 * SECOND).await;
    assert_eq!(world.wire.sent(), 2);
    let caller = ask(&session);
    settle().await;
    assert!(!caller.is_finished(), "two were lost");
    assert!(!world.accepts(&text));
    world.live(2 * SECOND).await;
    assert_eq!(caller.await.expect("a caller").expect("a token"), 2);
}

/// Two live: of two requests one was lost, and the other brought nothing. A process that starts then serves the token as well.
#[tokio::test]
async fn a_token_that_one_request_leaves_alone_is_served_again() {
    let world = World::of::<paced::Client>();
    let session: Session<paced::Client> = world.signed_in().await;
    world.pass(57 * MINUTE).await;
    let lost = Trouble::Fault(Fault::ResetAfter);
    world.fake.plan([Some(lost), Some(Trouble::Fault(Fault::RateLimited))]);
    session.access_token().await.expect("a token");
    world.live(2 * SECOND).await;
    assert_eq!(world.wire.sent(), 2);
    let other: Session<paced::Client> = world.builder().open().await.expect("a session");
    for process in [&session, &other] {
        let served = process.access_token().await.expect("the token from before");
        assert_eq!(served.generation(), 1);
        assert!(world.accepts(paced::Client::text(&served)));
    }
    // That is how long the provider asks to wait.
    world.live(8 * SECOND).await;
    session.access_token().await.expect("a token");
    world.live(2 * SECOND).await;
    assert_eq!(session.access_token().await.expect("a token").generation(), 2);
}

/// What is made of a request, and of its answer.
#[derive(Debug, Clone, Copy)]
enum Made {
    /// The provider cannot be reached.
    Unreachable,
    /// It arrives, and its answer is lost.
    Lost,
    /// Something before the provider answers with this status, and asks to wait so many seconds.
    Refused(u16, Option<u64>),
    /// The same, and the provider has the request.
    Taken(u16, Option<u64>),
}

/// A transport that makes this of each request, hands on those after, and writes down when they leave.
#[derive(Clone)]
struct Scripted(Wire, VirtualClock, Arc<Mutex<(VecDeque<Made>, Vec<Duration>)>>);

impl Transport for Scripted {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let made = {
            let mut script = self.2.lock().expect("a lock");
            script.1.push(self.1.monotonic());
            script.0.pop_front()
        };
        let (status, asked) = match made {
            None => return self.0.send(request).await,
            Some(Made::Unreachable) => {
                return Err(TransportError::bare(TransportErrorKind::Connect, Sent::No));
            }
            Some(Made::Lost) => {
                let _ = self.0.send(request).await;
                return Err(TransportError::bare(TransportErrorKind::Io, Sent::Maybe));
            }
            Some(Made::Refused(status, asked)) => (status, asked),
            Some(Made::Taken(status, asked)) => {
                let _ = self.0.send(request).await;
                (status, asked)
            }
        };
        let response = Response::builder().status(status);
        let response = match asked {
            Some(seconds) => response.header("retry-after", seconds),
            None => response,
        };
        Ok(response.body(Vec::new()).expect("an answer"))
    }
}

/// A session with that transport, not yet opened, and how long after its first request each one has left.
fn described<P: Integrator>(
    world: &World,
    script: Vec<Made>,
) -> (SessionBuilder<P>, impl Fn() -> Vec<Duration> + use<P>) {
    let made = Arc::new(Mutex::new((VecDeque::from(script), Vec::new())));
    let wire = Scripted(world.wire.clone(), world.clock.clone(), Arc::clone(&made));
    let client = P::client(&world.fake.url(), &world.fake.provider().client().clone());
    let builder = Session::builder(client, wire);
    let builder = builder.store(world.store.clone()).clock(world.clock.clone());
    let sent = move || {
        let sent = made.lock().expect("a lock").1.clone();
        sent.iter().map(|at| *at - sent[0]).collect()
    };
    (builder, sent)
}

/// The same opened, when its access token has ended.
async fn scripted<P: Integrator>(
    in_doubt: InDoubt,
    script: Vec<Made>,
) -> (World, Session<P>, impl Fn() -> Vec<Duration>) {
    let world = World::of::<P>();
    let (builder, sent) = described(&world, script);
    let session = world.signed_in_with(builder.in_doubt(in_doubt)).await;
    world.pass(10 * DAY).await;
    (world, session, sent)
}

/// A pool with that transport, and a grant that is due and that none of its sessions holds.
async fn due_alone<P: Integrator>(
    script: Vec<Made>,
) -> (World, Pool<P>, impl Fn() -> Vec<Duration> + use<P>, Key) {
    let world = World::of::<P>();
    let mut record = Record::new(grant(&world.fake.provider().sign_in()), world.clock.wall());
    record.due = Some(world.clock.wall() + DAY);
    let key = Key::new(P::ID, "ada");
    world.store.put(&key, &record).await.expect("memory");
    world.pass(2 * DAY).await;
    let (builder, sent) = described::<P>(&world, script);
    (world, builder.start().expect("a pool"), sent, key)
}

/// How many times the grant was renewed, and one.
async fn generation(world: &World, key: &Key) -> u64 {
    let stored = world.store.read(key).await.expect("memory");
    stored.expect("a grant").record.generation
}

/// A wait that the provider asks for is waited for, whatever the class of its answer, unless the window closes before: then the repeat
/// leaves as late as the window lets it. While a window is open, no caller needs to ask for it.
#[tokio::test]
async fn a_repeat_waits_as_long_as_the_provider_asks_and_comes_before_the_window_closes() {
    const LONG: Option<u64> = Some(3600);
    async fn held<P: Integrator>(
        in_doubt: InDoubt,
        is_asked: bool,
        cases: impl IntoIterator<Item = (Vec<Made>, Vec<u64>)>,
    ) {
        for (script, expected) in cases {
            let (world, session, sent) = scripted::<P>(in_doubt, script.clone()).await;
            let mut callers = vec![ask(&session)];
            for _ in 0..40 {
                world.live(SECOND).await;
                callers.extend(is_asked.then(|| ask(&session)));
            }
            settle().await;
            assert!(callers.iter().all(|caller| caller.is_finished()), "{script:?}");
            let sent: Vec<u64> = sent().iter().map(|at| at.as_secs()).collect();
            assert_eq!(sent, expected, "{script:?}");
            let token = session.access_token().await.expect("a token");
            assert_eq!(token.generation(), 2, "{script:?}");
            assert!(world.accepts(P::text(&token)), "{script:?}");
        }
    }
    let within_window = [
        (vec![Made::Taken(503, None)], vec![0, 0]),
        (vec![Made::Taken(503, Some(0))], vec![0, 0]),
        (vec![Made::Taken(503, Some(5))], vec![0, 5]),
        (vec![Made::Taken(503, Some(5)), Made::Refused(503, Some(7))], vec![0, 5, 12]),
        (vec![Made::Taken(503, LONG)], vec![0, 24]),
        // These two say that they have spent nothing. The first request may have.
        (vec![Made::Lost, Made::Refused(429, Some(5))], vec![0, 0, 5]),
        (vec![Made::Lost, Made::Refused(429, LONG)], vec![0, 0, 24]),
        // These do not say for how long: the usual pauses are made.
        (vec![Made::Lost, Made::Refused(429, None), Made::Refused(429, Some(0))], vec![0, 0, 1, 3]),
    ];
    held::<replay_window::Client>(InDoubt::Keep, false, within_window).await;
    let until_used = [(vec![Made::Taken(503, Some(5))], vec![0, 5])];
    held::<first_use::Client>(InDoubt::Keep, true, until_used).await;
    let gambles = [(vec![Made::Refused(503, Some(5))], vec![0, 5])];
    held::<atlassian::Client>(InDoubt::Gamble, true, gambles).await;
}

/// So does that of a grant which no session holds, long before the store is asked again for what is due.
#[tokio::test]
async fn a_due_grant_that_nobody_holds_is_repeated_before_its_window_closes() {
    type Client = replay_window::Client;
    for (script, expected) in [
        (vec![Made::Taken(503, Some(1)), Made::Refused(503, Some(2))], vec![0, 1, 3]),
        (vec![Made::Taken(503, Some(3600))], vec![0, 24]),
    ] {
        let (world, pool, sent, key) = due_alone::<Client>(script.clone()).await;
        world.live(MINUTE).await;
        let sent: Vec<u64> = sent().iter().map(|at| at.as_secs()).collect();
        assert_eq!(sent, expected, "{script:?}");
        assert_eq!(generation(&world, &key).await, 2, "{script:?}");
        assert!(pool.is_empty());
    }
}

/// A token that is good until its successor is used is not given up after an outage of a few seconds: what is due is tried again by itself.
#[tokio::test]
async fn a_grant_without_a_window_is_repeated_until_the_outage_is_over() {
    let script = [vec![Made::Lost], vec![Made::Refused(503, None); 6]].concat();
    let (world, pool, sent, key) = due_alone::<first_use::Client>(script).await;
    world.live(30 * MINUTE).await;
    assert_eq!(sent().len(), 8, "{:?}", sent());
    assert_eq!(generation(&world, &key).await, 2);
    drop(pool);
}

/// Requests that brought nothing are taken off the record, and count all the same.
#[tokio::test]
async fn an_attempt_repeats_so_often_also_what_never_arrives() {
    let script = [vec![Made::Lost], vec![Made::Unreachable; 100]].concat();
    let (world, session, sent) = scripted::<paced::Client>(InDoubt::Keep, script).await;
    let caller = ask(&session);
    world.live(5 * SECOND).await;
    assert!(caller.is_finished());
    caller.await.expect("a caller").expect_err("in doubt");
    assert_eq!(sent().len(), 6);
}

/// While the contract lets it be repeated there is nothing for a policy to decide, and no reason to send without a pause.
#[tokio::test]
async fn a_policy_decides_once_the_window_has_closed() {
    for in_doubt in [InDoubt::Keep, InDoubt::Gamble, InDoubt::Reauthenticate] {
        let script = [vec![Made::Lost], vec![Made::Refused(503, None); 100]].concat();
        let (world, session, sent) = scripted::<replay_window::Client>(in_doubt, script).await;
        let caller = ask(&session);
        world.live(60 * SECOND).await;
        caller.await.expect("a caller").expect_err("in doubt");
        let sent = sent();
        assert!((7..=12).contains(&sent.len()), "{sent:?}");
        assert!(sent.iter().all(|at| *at < 27 * SECOND), "{sent:?}");
        ask(&session).await.expect("a caller").expect_err("in doubt");
        let gives_up = in_doubt == InDoubt::Reauthenticate;
        let status = session.status().await.expect("a status");
        assert_eq!(status.needs_sign_in(), gives_up, "{in_doubt:?}");
    }
}
