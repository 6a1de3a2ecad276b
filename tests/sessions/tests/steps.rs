//! Exchanges of several requests: the credential is in the last one, and until then nothing is on record.

use http::{Request, Response};
use rekindle_language::steps::Client;
use rekindle_language::steps_mint;
use rekindle_runtime::clock::VirtualClock;
use rekindle_runtime::session::{Session, SessionErrorKind, Upkeep};
use rekindle_runtime::store::Store as _;
use rekindle_runtime::transport::{Transport, TransportError};
use rekindle_runtime::{Class, TransportErrorKind};
use rekindle_sessions::{Integrator, Wire, World, ask, settle};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Answers the step with this number, counted from 0, in place of the provider, once.
#[derive(Debug, Clone)]
struct Instead(Wire, Arc<AtomicUsize>, usize, u16);

impl Transport for Instead {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let Self(wire, sent, step, status) = self;
        match sent.fetch_add(1, Ordering::SeqCst) {
            number if number == *step && *status == 0 => {
                Err(TransportError::maybe_sent(TransportErrorKind::Timeout, "no answer"))
            }
            number if number == *step => {
                let answer = Response::builder().status(*status).body(b"{}".to_vec());
                Ok(answer.expect("an answer"))
            }
            _ => wire.send(request).await,
        }
    }
}

async fn is_on_record(world: &World, session: &Session<Client>) -> bool {
    let stored = world.store.read(session.key()).await.expect("memory").expect("a grant");
    stored.in_flight.is_some()
}

#[tokio::test]
async fn an_exchange_takes_its_three_requests() {
    let world = World::of::<Client>();
    let session: Session<Client> = world.signed_in().await;
    world.pass(DAY).await;
    let token = session.access_token().await.expect("a token");
    assert_eq!((token.generation(), world.wire.sent()), (2, 3));
    assert!(world.accepts(Client::text(&token)));
    world.pass(DAY).await;
    let token = session.access_token().await.expect("a token");
    assert_eq!((token.generation(), world.wire.sent()), (3, 6));
    assert!(world.what_refused().is_empty(), "{:?}", world.what_refused());
}

/// A step costs no grant, whatever it answers. Nothing is in doubt, and the next exchange goes well.
#[tokio::test]
async fn a_step_that_fails_spends_nothing() {
    for step in [0, 1] {
        for status in [0, 401, 403, 404, 500] {
            let world = World::of::<Client>();
            let client = Client::client(&world.fake.url(), &world.fake.provider().client().clone());
            let instead = Instead(world.wire.clone(), Arc::default(), step, status);
            let builder = Session::builder(client, instead);
            let builder = builder.store(world.store.clone()).clock(world.clock.clone());
            let session = world.signed_in_with(builder).await;
            world.pass(DAY).await;
            let failed = session.refresh_now().await.expect_err("the step fails");
            let text = failed.to_string();
            assert!(!is_on_record(&world, &session).await, "{step} {status}: {text}");
            assert!(!text.contains("sign in"), "{step} {status}: {text}");
            let cause = failed.exchange().expect("the exchange has failed");
            assert_eq!(cause.step(), Some(["discovery", "challenge"][step]), "{status}: {text}");
            world.pass(Duration::from_secs(60 * 60)).await;
            session.refresh_now().await.expect("the next exchange goes well");
            let token = session.access_token().await.expect("its token");
            assert_eq!(token.generation(), 2, "{step} {status}");
            assert!(world.what_refused().is_empty());
        }
    }
}

/// A process that crashes in a step leaves no doubt; one that crashes behind them does.
#[tokio::test]
async fn a_crash_before_the_credential_is_sent_leaves_no_doubt() {
    for (answered, in_doubt) in [(0, false), (1, false), (2, true)] {
        let world = World::of::<Client>();
        let session: Session<Client> = world.signed_in().await;
        world.pass(DAY).await;
        world.wire.hold();
        let caller = ask(&session);
        while world.wire.sent() <= answered {
            settle().await;
            // One answer comes through, and the next is held back.
            if world.wire.sent() <= answered {
                world.wire.release();
                tokio::task::yield_now().await;
                world.wire.hold();
            }
        }
        assert_eq!(world.wire.sent(), answered + 1);
        assert_eq!(is_on_record(&world, &session).await, in_doubt, "after {answered} answers");
        caller.abort();
    }
}

/// The steps have one limit, a minute, however many there are, and what comes too late leaves the credential unspent. The request that
/// spends it has a limit of its own: it does not leave with no time left for its answer.
#[tokio::test]
async fn the_limit_is_that_of_all_steps() {
    for (each, ends_well) in [(25, true), (35, false)] {
        let world = World::of::<Client>();
        let clock: &VirtualClock = &world.clock;
        let client = Client::client(&world.fake.url(), &world.fake.provider().client().clone());
        let wire = world.wire.clone().taking(Duration::from_secs(each), clock);
        let builder = Session::builder(client, wire);
        let builder = builder.store(world.store.clone()).clock(world.clock.clone());
        let session = world.signed_in_with(builder).await;
        world.pass(DAY).await;
        let refreshing = tokio::spawn({
            let session = session.clone();
            async move { session.refresh_now().await }
        });
        world.live(Duration::from_secs(120)).await;
        let result = refreshing.await.expect("a task");
        match result {
            Ok(()) => assert!(ends_well),
            Err(error) => {
                assert!(!ends_well, "{error}");
                assert_eq!(error.class(), Class::Transient, "{error}");
                assert_eq!(world.wire.sent(), 2);
                assert!(!is_on_record(&world, &session).await);
            }
        }
    }
}

/// Answers every request with 401, and counts them.
#[derive(Debug, Clone, Default)]
struct Refusing(Arc<AtomicUsize>);

impl Transport for Refusing {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Response::builder().status(401).body(b"{}".to_vec()).expect("an answer"))
    }
}

/// Settings that a step refuses are known to be wrong, as those that the last request refuses: nothing sends them again by itself.
#[tokio::test]
async fn settings_that_a_step_refuses_are_sent_once() {
    let world = World::of::<Client>();
    let settings = steps_mint::Settings { user: "ada".into(), password: "wrong".into() };
    let client = steps_mint::Client::new("https://id.example", settings, Default::default());
    let refusing = Refusing::default();
    let builder = Session::builder(client.expect("a client"), refusing.clone());
    let builder = builder.store(world.store.clone()).clock(world.clock.clone());
    let session = builder.upkeep(Upkeep::Always).open().await.expect("a session");
    for _ in 0..30 {
        let error = session.access_token().await.expect_err("no token");
        assert_eq!(error.kind(), SessionErrorKind::ClientRefused);
        world.live(Duration::from_secs(60)).await;
    }
    assert_eq!(refusing.0.load(Ordering::SeqCst), 1);
}
