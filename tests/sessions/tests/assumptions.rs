//! What a session may not assume: that clocks agree, that a store is quick and forgets nothing, that a `Date` is right, that a request
//! that was given up never arrives.

use http::{HeaderValue, Request, Response, header};
use rekindle_clients::seven_g;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{atlassian, first_use, replay_window};
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::session::{
    EventKind, InDoubt, OnThreads, Session, SessionBuilder, SessionError, SessionErrorKind,
    Settings, Upkeep,
};
use rekindle_runtime::store::conformance::{Fault as StoreFault, Faulty, Operation};
use rekindle_runtime::store::{MemoryStore, Store};
use rekindle_runtime::{BlockingTransport, Expiry, Grant, Place, Token, Transport, TransportError};
use rekindle_sessions::{Integrator, Wire, World, ask, grant, settle};
use rekindle_testkit::Fake;
use rekindle_testkit::conformance::words::lost;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn is_in_doubt(error: &SessionError) -> bool {
    matches!(error.kind(), SessionErrorKind::InDoubt(_))
}

/// A machine whose wall clock is `off` by so many seconds, and goes on with the world's.
fn machine(world: &World, off: i64) -> VirtualClock {
    let by = Duration::from_secs(off.unsigned_abs());
    let wall = world.clock.wall();
    VirtualClock::new(if off < 0 { wall - by } else { wall + by })
}

/// R35: a window closes by the store's clock, whatever the next process's clock shows.
#[tokio::test]
async fn a_window_closes_by_the_clock_that_all_share() {
    for off in [-3600, -280, -35, -20, 0, 20, 280, 3600] {
        for (after, is_open) in [(10, true), (20, true), (28, false), (40, false), (300, false)] {
            let world = World::of::<replay_window::Client>();
            let session: Session<replay_window::Client> = world.signed_in().await;
            world.pass(10 * DAY).await;
            world.left_in_doubt(session.key()).await;
            world.pass(after * SECOND).await;
            let builder = world.builder::<replay_window::Client>().clock(machine(&world, off));
            let next = builder.open().await.expect("a session");
            settle().await;
            let got = next.access_token().await;
            assert_eq!(got.is_ok(), is_open, "{off} s off, after {after} s: {got:?}");
            assert_eq!(world.wire.sent(), usize::from(is_open), "{off} s off, after {after} s");
        }
    }
}

/// R35: a lifetime is measured by the store's clock: however the clocks of machines differ, none serves a token that has ended, none
/// refreshes one that has not, and what is due is due for all.
#[tokio::test]
async fn machines_whose_clocks_differ_agree_on_what_has_ended() {
    for off in [-YEAR, -3600, -60, 60, 3600, YEAR] {
        let world = World::of::<atlassian::Client>();
        let clock = machine(&world, off);
        let here: Session<atlassian::Client> = world.signed_in().await;
        here.refresh_now().await.expect("a token of an hour");
        let builder = world.builder::<atlassian::Client>().clock(clock.clone());
        let there = builder.open().await.expect("a session");
        for minute in 0..300 {
            for session in [&here, &there] {
                let token = session.access_token().await.expect("a token");
                assert!(world.accepts(atlassian::Client::text(&token)), "{off} s, {minute} min");
            }
            clock.advance(MINUTE);
            world.pass(MINUTE).await;
        }
        let sent = world.wire.sent();
        assert!(sent <= 8, "{off} s off: {sent} requests in five hours");
        drop(here);
        clock.advance(80 * DAY);
        world.pass(80 * DAY).await;
        settle().await;
        assert!(world.wire.sent() > sent, "{off} s off: nothing kept it alive");
    }
}

/// R36: the window is looked at again once the repeat is on record.
#[tokio::test]
async fn a_window_that_closes_while_the_journal_is_written_is_closed() {
    for (late, is_open) in [(SECOND, true), (4500 * SECOND / 1000, false)] {
        let world = World::of::<replay_window::Client>();
        let session: Session<replay_window::Client> = world.signed_in().await;
        world.pass(10 * DAY).await;
        world.left_in_doubt(session.key()).await;
        world.pass(25 * SECOND).await;
        let store = Faulty::new(world.store.clone());
        store.fail_next(Operation::Begin, 1, StoreFault::Late);
        let builder = world.builder::<replay_window::Client>().store(store.clone());
        let next = builder.open().await.expect("a session");
        let asking = ask(&next);
        store.hangs().await;
        world.pass(late).await;
        store.answer();
        let got = asking.await.expect("a task");
        assert_eq!(got.is_ok(), is_open, "{late:?}: {got:?}");
        assert_eq!(world.wire.sent(), usize::from(is_open), "{late:?}");
        assert!(world.what_refused().is_empty());
    }
}

/// The store is away while an answer comes. Whoever opens as it returns gives nothing up, and spends nothing: the holder of the new tokens
/// may live, and does.
#[tokio::test]
async fn a_policy_that_spends_waits_for_a_holder_that_lives() {
    for policy in [InDoubt::Gamble, InDoubt::Reauthenticate] {
        for outage in [30, 61, 75, 85, 600] {
            let world = World::of::<atlassian::Client>();
            let store = Faulty::new(world.store.clone());
            let builder = world.builder::<atlassian::Client>().store(store.clone());
            let holder = world.signed_in_with(builder).await;
            world.pass(10 * DAY).await;
            store.fail_next(Operation::Commit, 1_000_000, StoreFault::NotApplied);
            holder.access_token().await.expect_err("the store is away");
            world.live(outage * SECOND).await;
            store.clear();
            let builder = world.builder::<atlassian::Client>().in_doubt(policy);
            let next = builder.open().await.expect("a session");
            let context = format!("{policy:?} after {outage} s");
            // For how long it waits is said.
            let error = next.access_token().await.expect_err(&context);
            let said = error.to_string();
            assert!(
                is_in_doubt(&error) && said.contains("looked at again in"),
                "{context}: {said}"
            );
            world.live(MINUTE).await;
            assert_eq!(world.wire.sent(), 1, "{context}");
            for session in [&holder, &next] {
                let token = session.access_token().await.expect(&context);
                assert!(world.accepts(atlassian::Client::text(&token)), "{context}");
            }
        }
    }
}

/// However long its holder was stopped: new tokens are better than a grant that was given up.
#[tokio::test]
async fn new_tokens_outlive_a_grant_that_was_given_up() {
    let world = World::of::<atlassian::Client>();
    let store = Faulty::new(world.store.clone());
    let builder = world.builder::<atlassian::Client>().store(store.clone());
    let holder = world.signed_in_with(builder).await;
    world.pass(10 * DAY).await;
    store.fail_next(Operation::Commit, 1_000_000, StoreFault::NotApplied);
    holder.access_token().await.expect_err("the store is away from here alone");
    let other: Session<atlassian::Client> =
        world.builder().in_doubt(InDoubt::Reauthenticate).open().await.expect("a session");
    world.live(3 * MINUTE).await;
    let error = other.access_token().await.expect_err("given up");
    assert!(matches!(error.kind(), SessionErrorKind::SignInNeeded(_)), "{error:?}");
    store.clear();
    world.live(MINUTE).await;
    holder.access_token().await.expect("what it has held all the time is stored");
    other.access_token().await.expect("and served by all");
    assert_eq!(world.wire.sent(), 1);
}

/// R37: a backup is restored. What it holds may be spent: it is told, and not sent.
#[tokio::test]
async fn a_store_that_went_back_is_told_and_its_tokens_are_not_spent() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    let backup = world.store.read(session.key()).await.expect("memory").expect("a grant").record;
    session.refresh_now().await.expect("new tokens");
    let mut events = session.events();
    world.store.remove(session.key()).await.expect("memory");
    world.store.put(session.key(), &backup).await.expect("memory");
    // The token at hand is served while it lives.
    assert_eq!(session.access_token().await.expect("a token").generation(), 2);
    world.live(10 * DAY).await;
    for _ in 0..3 {
        let error = session.access_token().await.expect_err("in doubt");
        assert!(is_in_doubt(&error), "{error:?}");
        world.live(HOUR).await;
    }
    assert_eq!(world.wire.sent(), 1);
    let told: Vec<_> = std::iter::from_fn(|| events.try_next()).map(|event| event.kind).collect();
    let went_back =
        |kind: &&EventKind| matches!(kind, EventKind::StoreWentBack { stored: 1, known: Some(2) });
    assert_eq!(told.iter().filter(went_back).count(), 1, "{told:?}");
    // A sign-in, here or elsewhere, begins anew.
    let other: Session<atlassian::Client> = world.builder().open().await.expect("a session");
    other.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
    world.live(10 * DAY).await;
    session.access_token().await.expect("a token of the new grant");
}

/// Signed out and in again by another process, whose clock is behind: that is no older state, and it is seen.
#[tokio::test]
async fn a_grant_that_was_put_again_is_seen() {
    for off in [-3600, 0, 3600] {
        let world = World::of::<atlassian::Client>();
        let session: Session<atlassian::Client> = world.signed_in().await;
        let builder = world.builder::<atlassian::Client>().clock(machine(&world, off));
        let other = builder.open().await.expect("a session");
        other.sign_out().await.expect("memory");
        other.sign_in(grant(&world.fake.provider().sign_in())).await.expect("memory");
        let token = session.access_token().await.expect("a token");
        session.invalidate(&token);
        session.access_token().await.expect("a token");
        let stored = world.store.read(session.key()).await.expect("memory").expect("a grant");
        let refresh_token = stored.record.grant.refresh_token().expect("a token").expose();
        assert!(refresh_token.starts_with("atlassian-refresh-2-"), "{refresh_token}");
        assert!(world.what_refused().is_empty(), "{off} s off");
    }
}

/// A transport whose answers have a `Date` that lies.
#[derive(Clone)]
struct Lying {
    wire: Wire,
    /// For how many answers, and what they say.
    lies: Arc<Mutex<(usize, SystemTime)>>,
    /// Whether the lie is the same distance from the truth each time: then it is this.
    off: Option<(World, i64)>,
}

impl Transport for Lying {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let mut response = self.wire.send(request).await?;
        let lie = {
            let mut lies = self.lies.lock().expect("a lock");
            let lie = (lies.0 > 0).then_some(lies.1);
            lies.0 = lies.0.saturating_sub(1);
            lie
        };
        let lie = match &self.off {
            Some((world, off)) => lie.map(|_| machine(world, *off).wall()),
            None => lie,
        };
        if let Some(lie) = lie {
            let date = HeaderValue::from_str(&httpdate::fmt_http_date(lie)).expect("a date");
            response.headers_mut().insert(header::DATE, date);
        }
        Ok(response)
    }
}

fn lying<P: Integrator>(world: &World, lies: usize, off: i64) -> SessionBuilder<P> {
    let client = P::client(&world.fake.url(), &world.fake.provider().client().clone());
    let transport = Lying {
        wire: world.wire.clone(),
        lies: Arc::new(Mutex::new((lies, SystemTime::UNIX_EPOCH))),
        off: (off != i64::MIN).then(|| (world.clone(), off)),
    };
    Session::builder(client, transport).store(world.store.clone()).clock(world.clock.clone())
}

const YEAR: i64 = 365 * 24 * 60 * 60;

/// R39: whatever a `Date` says, once or for ever, the record can be written, no dead token is served, and the grant is kept alive.
#[tokio::test]
async fn a_date_that_lies_costs_nothing() {
    for off in [i64::MIN, -YEAR, -3600, 3600, YEAR, 10 * YEAR] {
        for lies in [1, 2, usize::MAX] {
            lied_to::<seven_g::Client>(lies, off).await;
            lied_to::<atlassian::Client>(lies, off).await;
        }
    }
}

async fn lied_to<P: Integrator>(lies: usize, off: i64) {
    let context = format!("{lies} lies of {off} s to {}", P::ID);
    let world = World::of::<P>();
    let session: Session<P> = world.signed_in_with(lying(&world, lies, off)).await;
    let mut served = 0;
    for _ in 0..200 {
        let token = session.access_token().await.expect(&context);
        served += u32::from(world.accepts(P::text(&token)));
        world.live(7 * MINUTE).await;
    }
    assert_eq!(served, 200, "{context}");
    assert!(!session.status().await.expect("memory").unsaved, "{context}");
    // After a restart, nothing of it is left.
    let sent = world.wire.sent();
    drop(session);
    let _next: Session<P> = world.builder().open().await.expect("a session");
    world.live(100 * DAY).await;
    assert!(
        world.wire.sent() > sent || P::FACTS.idle_limit.is_none(),
        "{context}: nothing kept it alive"
    );
}

/// A stored token that is valid is served at once, whoever holds the lease and whatever is on record.
#[tokio::test]
async fn a_stored_token_is_served_at_once() {
    for held in [false, true] {
        let world = World::of::<replay_window::Client>();
        let session: Session<replay_window::Client> = world.signed_in().await;
        session.refresh_now().await.expect("a token of an hour");
        let key = session.key().clone();
        let lease = world.store.acquire(&key, "another", HOUR).await.expect("memory");
        if !held {
            drop(lease);
        }
        let pool = world.builder::<replay_window::Client>().start().expect("a pool");
        let asking = ask(&pool.session(key.subject()));
        settle().await;
        assert!(asking.is_finished());
        assert_eq!(asking.await.expect("a task").expect("the stored token"), 2);
    }
}

/// An ended grant and one in doubt are not asked about for ever.
#[tokio::test]
async fn what_time_does_not_mend_is_not_polled() {
    for ended in [true, false] {
        let world = World::of::<atlassian::Client>();
        let store = Faulty::new(world.store.clone());
        let builder = world.builder::<atlassian::Client>().store(store.clone());
        let session = world.signed_in_with(builder.upkeep(Upkeep::Always)).await;
        if ended {
            world.fake.provider().revoke_all();
        } else {
            world.fake.plan([Some(Trouble::Fault(Fault::ResetAfter))]);
        }
        world.live(2 * HOUR).await;
        session.access_token().await.expect_err("over, or in doubt");
        let before = store.calls();
        world.live(10 * DAY).await;
        let calls = store.calls() - before;
        assert!(calls <= 3, "{calls} calls in ten days, ended: {ended}");
    }
}

/// There is nothing to decide: nothing is sent.
#[tokio::test]
async fn to_resolve_where_nothing_is_in_doubt_sends_nothing() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.signed_in().await;
    for decision in [InDoubt::Keep, InDoubt::Gamble, InDoubt::Reauthenticate] {
        session.resolve(decision).await.expect("nothing to decide");
    }
    assert_eq!(world.wire.sent(), 0);
    session.access_token().await.expect("the token");
}

/// A token that has ended when it is handed in is not served.
#[tokio::test]
async fn a_token_that_has_ended_at_sign_in_is_not_served() {
    let world = World::of::<atlassian::Client>();
    let session: Session<atlassian::Client> = world.builder().open().await.expect("a session");
    let held = grant(&world.fake.provider().sign_in());
    let ended = Token::new("ended").with_expiry(Expiry::At(world.clock.wall() - HOUR));
    session.sign_in(held.with_access_token(ended)).await.expect("memory");
    let token = session.access_token().await.expect("a new token");
    assert_eq!(token.generation(), 2);
    assert!(world.accepts(atlassian::Client::text(&token)));
}

/// A provider at which an old refresh token stays good until its successor is used, and each use of it brings another successor that
/// ends the earlier one: a request that was given up and arrives late ends what its repeat has brought.
#[derive(Clone, Default)]
struct Superseding(Arc<Mutex<Superseded>>);

#[derive(Default)]
struct Superseded {
    old: String,
    new: String,
    issued: u32,
    /// The first so many requests stay on their way.
    held_up: usize,
    late: Vec<String>,
    refused: u32,
}

impl Superseded {
    fn renew(&mut self, token: &str) -> Response<Vec<u8>> {
        if token == self.new {
            self.old = std::mem::take(&mut self.new);
        } else if token != self.old {
            self.refused += 1;
            return Response::builder().status(410).body(Vec::new()).expect("an answer");
        }
        self.issued += 1;
        self.new = format!("r-{}", self.issued);
        let body = serde_json::json!({
            "a": format!("a-{}", self.issued), "r": self.new,
            "a_ends": 1_900_000_000, "r_ends": 1_900_000_000_000_u64,
        });
        Response::new(body.to_string().into_bytes())
    }
}

impl Transport for Superseding {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let body: serde_json::Value = serde_json::from_slice(request.body()).expect("JSON");
        let token = body["renew"].as_str().expect("a token").to_owned();
        let mut provider = self.0.lock().expect("a lock");
        if provider.held_up > 0 {
            provider.held_up -= 1;
            provider.late.push(token);
            // The gateway has given up.
            return Ok(Response::builder().status(504).body(Vec::new()).expect("an answer"));
        }
        Ok(provider.renew(&token))
    }
}

/// R38: the predecessor is kept until its successor has proved itself, and takes its place when that is refused.
#[tokio::test]
async fn a_late_request_costs_no_grant() {
    for held_up in 0..3 {
        let provider = Superseding::default();
        {
            let mut provider = provider.0.lock().expect("a lock");
            "r-0".clone_into(&mut provider.new);
            provider.held_up = held_up;
        }
        let clock = VirtualClock::new(SystemTime::UNIX_EPOCH + 20_000 * DAY);
        let store = MemoryStore::with_clock(Arc::new(clock.clone()));
        let client =
            first_use::Client::new(Place::loopback("http://127.0.0.1:1")).expect("a client");
        let session = Session::builder(client, provider.clone())
            .store(store.clone())
            .clock(clock.clone())
            .open()
            .await
            .expect("a session");
        let signed_in = Grant::new().with_refresh_token(Token::new("r-0"));
        session.sign_in(signed_in).await.expect("memory");
        let asking = ask(&session);
        for _ in 0..100 {
            settle().await;
            clock.advance(SECOND / 10);
        }
        asking.await.expect("a task").expect("tokens");
        {
            let mut provider = provider.0.lock().expect("a lock");
            for late in std::mem::take(&mut provider.late) {
                assert_eq!(provider.renew(&late).status(), 200, "it supersedes what is stored");
            }
        }
        for _ in 0..3 {
            session.refresh_now().await.expect("the grant lives");
        }
        let refused = provider.0.lock().expect("a lock").refused;
        assert_eq!(refused, u32::from(held_up > 0), "{held_up} late requests");
    }
}

/// A transport that blocks a thread, in which a request waits before it leaves: for a name, say, or for a connection.
#[derive(Clone)]
struct Slow {
    fake: Fake,
    /// How many requests wait, and whether they may leave.
    waiting: Arc<(Mutex<(usize, bool)>, Condvar)>,
}

impl Slow {
    fn to(world: &World) -> Self {
        Self { fake: world.fake.clone(), waiting: Arc::default() }
    }

    /// Waits until so many requests wait, in real time, as the threads do.
    fn until_waiting(&self, requests: usize) {
        let (state, changed) = &*self.waiting;
        let is_short = |state: &mut (usize, bool)| state.0 < requests;
        drop(changed.wait_while(state.lock().expect("a lock"), is_short).expect("a lock"));
    }

    fn let_go(&self) {
        let (state, changed) = &*self.waiting;
        state.lock().expect("a lock").1 = true;
        changed.notify_all();
    }
}

impl BlockingTransport for Slow {
    fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let (state, changed) = &*self.waiting;
        let mut waiting = state.lock().expect("a lock");
        waiting.0 += 1;
        changed.notify_all();
        drop(changed.wait_while(waiting, |state| !state.1).expect("a lock"));
        self.fake.carry(&request).map_err(lost)
    }
}

/// Lets what waits go when a test ends, however it does: its runtime waits for the threads.
struct LetGo(Slow);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

/// R42: what a thread carries cannot be called back. However long it takes, the session waits for it, sends nothing beside it, and keeps
/// the lease, so that no other process does.
#[tokio::test]
async fn what_cannot_be_called_back_is_not_given_up() {
    let borrowed = OnThreads::new(Slow::to(&World::of::<atlassian::Client>()));
    assert!((&&borrowed).outlives_its_future() && Arc::new(borrowed).outlives_its_future());
    slow_at::<replay_window::Client>().await;
    slow_at::<atlassian::Client>().await;
}

async fn slow_at<P: Integrator>() {
    let world = World::of::<P>();
    let slow = Slow::to(&world);
    let _at_the_end = LetGo(slow.clone());
    let mut settings = Settings::default();
    settings.exchange_limit = 5 * SECOND;
    let client = P::client(&world.fake.url(), &world.fake.provider().client().clone());
    let builder = Session::builder(client, OnThreads::new(slow.clone()))
        .store(world.store.clone())
        .clock(world.clock.clone())
        .settings(settings.clone());
    let session = world.signed_in_with(builder).await;
    world.pass(10 * DAY).await;
    let asking = ask(&session);
    settle().await;
    slow.until_waiting(1);
    let builder = world.builder::<P>().settings(settings);
    let other = builder.open().await.expect("a session");
    for _ in 0..10 {
        let elsewhere = ask(&other);
        world.live(20 * SECOND).await;
        let error = elsewhere.await.expect("a task").expect_err("the lease is held");
        assert!(!is_in_doubt(&error), "{error:?}");
        assert!(!asking.is_finished(), "given up at {}", P::ID);
    }
    slow.let_go();
    assert_eq!(asking.await.expect("a task").expect("tokens"), 2, "{}", P::ID);
    world.live(5 * MINUTE).await;
    assert_eq!(other.access_token().await.expect("a token").generation(), 2);
    assert_eq!((slow.waiting.0.lock().expect("a lock").0, world.wire.sent()), (1, 0));
    assert!(world.what_refused().is_empty());
}

/// A provider asks to wait for a year: it is asked again within the hour.
#[tokio::test]
async fn a_wait_of_a_year_is_one_of_an_hour() {
    let world = World::of::<atlassian::Client>();
    let client =
        atlassian::Client::client(&world.fake.url(), &world.fake.provider().client().clone());
    let transport = Postponing { wire: world.wire.clone(), is_next: Arc::default() };
    let builder = Session::builder(client, transport.clone())
        .store(world.store.clone())
        .clock(world.clock.clone());
    let session = world.signed_in_with(builder).await;
    world.pass(10 * DAY).await;
    *transport.is_next.lock().expect("a lock") = true;
    session.access_token().await.expect_err("to wait");
    world.live(50 * MINUTE).await;
    session.access_token().await.expect_err("to wait");
    assert_eq!(world.wire.sent(), 0);
    world.live(20 * MINUTE).await;
    session.access_token().await.expect("new tokens");
    assert_eq!(world.wire.sent(), 1);
}

/// A transport at which one request is answered, before it comes to the provider, by a wait of a year.
#[derive(Clone)]
struct Postponing {
    wire: Wire,
    is_next: Arc<Mutex<bool>>,
}

impl Transport for Postponing {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        if !std::mem::take(&mut *self.is_next.lock().expect("a lock")) {
            return self.wire.send(request).await;
        }
        let response = Response::builder().status(429).header(header::RETRY_AFTER, YEAR);
        Ok(response.body(Vec::new()).expect("an answer"))
    }
}
