//! Sessions of clients whose contract says what brings tokens where a refresh cannot.

use http::Method;
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{fallback, fallback_renewing, fallback_steps};
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{
    EventKind, Events, InDoubt, Session, SessionError, SessionErrorKind, Upkeep,
};
use rekindle_runtime::store::{Acquired, EntryId, InFlight, Key, Store};
use rekindle_runtime::{Class, Grant, SignIn, Token};
use rekindle_sessions::{Integrator, World, ask, grant};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Client = fallback::Client;

/// The methods of the requests that arrived: a refresh is a POST, what brings tokens otherwise is a PUT.
fn arrived(world: &World) -> String {
    let words = world.fake.arrived();
    let words = words.iter().map(|one| match one.request.method() {
        &Method::PUT => "mint",
        _ => "refresh",
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What events tell of doubts and sign-ins.
fn decisions(events: &mut Events) -> Vec<String> {
    let told = std::iter::from_fn(|| events.try_next().map(|event| event.kind));
    let told = told.filter_map(|kind| match kind {
        EventKind::InDoubt { .. } => Some("in doubt".to_owned()),
        EventKind::SignInNeeded { how, .. } => Some(format!("{how:?}")),
        _ => None,
    });
    told.collect()
}

async fn opened(world: &World) -> Session<Client> {
    world.builder::<Client>().open().await.expect("a session")
}

/// Asks for a token, and lets time pass until there is one, or none.
async fn asked<P: Integrator>(world: &World, session: &Session<P>) -> Result<u64, SessionError> {
    let caller = ask(session);
    for _ in 0..600 {
        world.live(SECOND).await;
        if caller.is_finished() {
            break;
        }
    }
    assert!(caller.is_finished(), "nobody waits for ten minutes");
    caller.await.expect("a caller")
}

/// Why there is none.
async fn refused<P: Integrator>(world: &World, session: &Session<P>) -> SessionError {
    asked(world, session).await.expect_err("no token")
}

/// Asks for a token, which the provider accepts.
async fn good<P: Integrator>(world: &World, session: &Session<P>) {
    asked(world, session).await.expect("a token");
    let access = session.access_token().await.expect("a token");
    assert!(world.accepts(P::text(&access)), "the token is good");
}

#[tokio::test]
async fn the_first_tokens_are_minted_and_the_next_are_refreshed() {
    let world = World::of::<Client>();
    let session = opened(&world).await;
    assert!(!session.status().await.expect("a status").needs_sign_in());
    good(&world, &session).await;
    for _ in 0..3 {
        world.pass(2 * HOUR).await;
        good(&world, &session).await;
    }
    assert_eq!(arrived(&world), "mint refresh refresh refresh");
    assert_eq!(world.what_refused(), [""; 0]);
}

#[tokio::test]
async fn a_refresh_token_that_has_died_is_minted_anew_in_the_same_attempt() {
    let world = World::of::<Client>();
    let session = world.signed_in::<Client>().await;
    let mut events = session.events();
    for round in 1..4 {
        world.fake.provider().revoke_all();
        world.pass(2 * HOUR).await;
        good(&world, &session).await;
        assert_eq!(arrived(&world), ["refresh mint"; 9][..round].join(" "));
        assert!(!session.status().await.expect("a status").needs_sign_in());
    }
    assert_eq!(decisions(&mut events), [""; 0]);
}

#[tokio::test]
async fn what_has_died_by_its_own_end_is_not_sent() {
    let world = World::of::<Client>();
    let session = world.signed_in::<Client>().await;
    world.pass(31 * DAY).await;
    good(&world, &session).await;
    assert_eq!(arrived(&world), "mint");
    assert_eq!(world.what_refused(), [""; 0]);
}

#[tokio::test]
async fn a_token_that_renews_itself_is_minted_once_it_has_ended() {
    let world = World::of::<fallback_renewing::Client>();
    let session = world.builder::<fallback_renewing::Client>().open().await.expect("a session");
    for _ in 0..3 {
        // Nothing is said of a token that has expired but that it renews itself no more.
        good(&world, &session).await;
        world.pass(DAY).await;
    }
    let paths = world.fake.arrived();
    let logins = paths.iter().filter(|one| one.request.uri().path() == "/auth/login");
    assert!(logins.count() == paths.len() && paths.len() >= 3);
}

#[tokio::test]
async fn a_lost_answer_needs_no_decision() {
    for in_doubt in [InDoubt::Keep, InDoubt::Gamble, InDoubt::Reauthenticate] {
        let world = World::of::<Client>();
        let builder = world.builder::<Client>().in_doubt(in_doubt);
        let session = world.signed_in_with(builder).await;
        let mut events = session.events();
        world.fake.plan([Some(Trouble::Fault(Fault::ResetAfter))]);
        world.pass(2 * HOUR).await;
        good(&world, &session).await;
        assert_eq!(arrived(&world), "refresh mint");
        session.resolve(InDoubt::Keep).await.expect("nothing to decide");
        assert_eq!(decisions(&mut events), [""; 0]);
    }
}

/// What a process leaves behind that was killed after it had journaled a request.
async fn killed(world: &World, key: &Key) {
    let lease = match world.store.acquire(key, "killed", SECOND).await {
        Ok(Acquired::Held(lease)) => lease,
        other => panic!("{other:?}"),
    };
    let found = world.store.read(key).await.expect("memory").expect("a grant");
    let entry = InFlight {
        id: EntryId::random(),
        generation: found.record.generation,
        fence: lease.fence,
        owner: "killed".into(),
        started_at: world.clock.wall(),
        attempt: 1,
    };
    world.store.begin(key, &lease, &entry, found.entry_id()).await.expect("a journal");
}

#[tokio::test]
async fn a_killed_process_leaves_nothing_in_doubt() {
    let world = World::of::<Client>();
    let session = world.signed_in::<Client>().await;
    let key = session.key().clone();
    for round in 0..6 {
        world.pass(2 * HOUR).await;
        killed(&world, &key).await;
        let other = opened(&world).await;
        let mut events = other.events();
        world.live(SECOND).await;
        if let Err(error) = asked(&world, &other).await {
            // The killed one might have stored its answer yet.
            assert_ne!(error.class(), Class::InDoubt, "round {round}: {error}");
            assert_eq!(error.kind(), SessionErrorKind::NotYet, "round {round}: {error}");
        }
        world.live(3 * MINUTE).await;
        good(&world, &other).await;
        assert_eq!(decisions(&mut events), [""; 0], "round {round}");
    }
    assert!(arrived(&world).contains("mint"));
    assert!(!arrived(&world).contains("refresh"), "what may be spent is not sent");
}

#[tokio::test]
async fn a_process_that_is_killed_before_its_mint_leaves_a_grant_without_a_refresh_token() {
    let world = World::of::<Client>();
    let session = world.signed_in::<Client>().await;
    world.fake.provider().revoke_all();
    // The refresh is refused, and the mint does not leave.
    world.fake.plan([None, Some(Trouble::Fault(Fault::Unreachable))]);
    world.pass(2 * HOUR).await;
    let refused = refused(&world, &session).await;
    assert_eq!(refused.class(), Class::Transient);
    session.close(SECOND).await;
    let stored = world.store.read(session.key()).await.expect("memory").expect("a grant");
    assert!(stored.record.grant.refresh_token().is_none() && stored.record.ended.is_none());
    drop(session);
    let other = opened(&world).await;
    good(&world, &other).await;
    assert_eq!(arrived(&world), "refresh mint mint");
}

#[tokio::test]
async fn a_sign_in_is_asked_for_once_the_mint_is_refused_as_well() {
    let world = World::of::<Client>();
    let session = world.signed_in::<Client>().await;
    let mut events = session.events();
    let right = world.fake.provider().client()["password"].clone();
    let registered = |password: &str| {
        let changed = world.fake.provider().clone().with_client("password", password);
        *world.fake.provider() = changed;
    };
    registered("another");
    world.fake.provider().revoke_all();
    world.pass(2 * HOUR).await;
    for _ in 0..3 {
        let refused = refused(&world, &session).await;
        assert_eq!(refused.kind(), SessionErrorKind::ClientRefused);
        world.live(2 * MINUTE).await;
    }
    assert_eq!(arrived(&world), "refresh mint", "a wrong password is sent once");
    assert!(session.status().await.expect("a status").needs_sign_in());
    // A person signs in, or sets it right.
    session.sign_in(grant(&world.fake.provider().sign_in())).await.expect("a stored grant");
    assert!(!session.status().await.expect("a status").needs_sign_in());
    good(&world, &session).await;
    registered(&right);
    world.fake.provider().revoke_all();
    world.pass(2 * HOUR).await;
    good(&world, &session).await;
    assert_eq!(decisions(&mut events), [""; 0]);
}

#[tokio::test]
async fn who_refuses_a_mint_by_asking_for_a_sign_in_is_told_so() {
    let world = World::of::<Client>();
    let session = opened(&world).await;
    let mut events = session.events();
    world.fake.plan([Some(Trouble::Refusal(0))]);
    let refused = refused(&world, &session).await;
    assert_eq!(refused.kind(), SessionErrorKind::SignInNeeded(SignIn::Password));
    assert_eq!(decisions(&mut events), ["Password"]);
    world.pass(MINUTE).await;
    let other = opened(&world).await;
    // It has started since, and asks once itself.
    good(&world, &other).await;
    good(&world, &session).await;
}

#[tokio::test]
async fn all_processes_keep_the_limit_of_mints() {
    let world = World::of::<Client>();
    let session = opened(&world).await;
    for _ in 0..12 {
        // What it has is dead, and the next one is minted as soon as the limit allows it.
        let _ = asked(&world, &session).await;
        world.live(MINUTE).await;
        world.fake.provider().revoke_all();
        if let Some(access) = session.try_access_token() {
            session.invalidate(&access);
        }
    }
    assert!(arrived(&world).matches("mint").count() > 4);
    assert!(!world.what_refused().contains(&"too-many"), "{:?}", world.what_refused());
}

#[tokio::test]
async fn eight_processes_mint_once() {
    let world = World::of::<Client>();
    let mut sessions = Vec::new();
    for _ in 0..8 {
        sessions.push(opened(&world).await);
    }
    for lifetime in 1..3 {
        let callers: Vec<_> = (0..80).map(|number| ask(&sessions[number % 8])).collect();
        world.live(10 * SECOND).await;
        for caller in callers {
            caller.await.expect("a caller").expect("a token");
        }
        let mints =
            world.fake.arrived().iter().filter(|it| it.request.method() == Method::PUT).count();
        assert_eq!(mints, lifetime);
        world.pass(40 * DAY).await;
    }
}

#[tokio::test]
async fn tokens_are_there_before_anybody_asks() {
    let world = World::of::<Client>();
    let builder = world.builder::<Client>().upkeep(Upkeep::Always);
    let session = builder.open().await.expect("a session");
    world.live(MINUTE).await;
    assert!(session.try_access_token().is_some());
    world.fake.provider().revoke_all();
    world.live(2 * HOUR).await;
    let access = session.try_access_token().expect("a token");
    assert!(world.accepts(Client::text(&access)));
    // A grant that is handed in has no refresh token: the next one is minted.
    session.sign_in(Grant::new().with_access_token(Token::new("elsewhere"))).await.expect("memory");
    let access = session.access_token().await.expect("the one from elsewhere");
    session.invalidate(&access);
    good(&world, &session).await;
}

/// At a network that does not do what it should, over sessions that are dropped in the middle, and grants that end.
#[tokio::test]
async fn hostile_lives() {
    let faults = [Fault::ResetAfter, Fault::ResetBefore, Fault::BadGateway, Fault::NoAnswer];
    for seed in 0..6 {
        let mut random = fastrand::Rng::with_seed(seed);
        let world = World::of::<Client>();
        let chance = |random: &mut fastrand::Rng| {
            random.bool().then(|| Trouble::Fault(faults[random.usize(..faults.len())]))
        };
        world.fake.plan((0..40).map(|_| chance(&mut random)).collect::<Vec<_>>());
        let mut sessions: Vec<Session<Client>> = Vec::new();
        for _ in 0..80 {
            if sessions.len() < 3 {
                sessions.push(opened(&world).await);
            }
            drop(ask(&sessions[random.usize(..sessions.len())]));
            world.live(MINUTE * random.u32(0..40)).await;
            match random.u8(..8) {
                0 => drop(sessions.swap_remove(random.usize(..sessions.len()))),
                1 => world.fake.provider().revoke_all(),
                _ => {}
            }
            for session in &sessions {
                let trouble = session.status().await.expect("memory").trouble;
                let class = trouble.map(|error| error.class());
                assert_ne!(class, Some(Class::InDoubt), "seed {seed}");
            }
        }
        world.fake.calm();
        world.live(30 * MINUTE).await;
        good(&world, &sessions[0]).await;
        let refused = world.what_refused();
        assert!(!refused.contains(&"refresh-token-spent"), "seed {seed}: {refused:?}");
        assert!(!refused.contains(&"too-many"), "seed {seed}: {refused:?}");
    }
}

/// Each of the two requests has the steps before it that it needs; one whose answer is lost costs an attempt and leaves no doubt.
#[tokio::test]
async fn each_request_has_the_steps_that_it_needs() {
    let world = World::of::<fallback_steps::Client>();
    let session = world.builder::<fallback_steps::Client>().open().await.expect("a session");
    let mut events = session.events();
    good(&world, &session).await;
    world.pass(2 * HOUR).await;
    good(&world, &session).await;
    world.fake.provider().revoke_all();
    world.pass(2 * HOUR).await;
    good(&world, &session).await;
    let words: Vec<&str> = world.fake.arrived().iter().map(|one| step(&one.request)).collect();
    let (minted, refreshed) = (["discovery", "challenge", "mint"], ["discovery", "refresh"]);
    assert_eq!(words, [&minted[..], &refreshed, &refreshed, &minted].concat());
    assert_eq!(decisions(&mut events), [""; 0]);
    assert_eq!(world.what_refused(), ["grant-revoked"]);
}

/// What a request of those steps asks for.
fn step(request: &http::Request<Vec<u8>>) -> &'static str {
    match request.uri().path() {
        "/.well-known/tokens" => "discovery",
        path if path.contains("/challenges/") => "challenge",
        _ if String::from_utf8_lossy(request.body()).contains("password") => "mint",
        _ => "refresh",
    }
}
