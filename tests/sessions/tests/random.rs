//! Random lives: a session, its store, a hostile network and crashes, in virtual time. `REKINDLE_SEED` replays one life,
//! `REKINDLE_LIVES` says how many there are.

use rekindle_clients::{blazex, seven_g, transak, wetix, xellar};
use rekindle_contract::contract::{Fault, Trouble};
use rekindle_language::{atlassian, first_use, near_expiry, replay_window};
use rekindle_runtime::session::{Access, Session, SessionError, SessionErrorKind};
use rekindle_runtime::store::conformance::{Fault as StoreFault, Faulty, Operation};
use rekindle_runtime::store::{Key, MemoryStore, Snapshot, Store};
use rekindle_sessions::{Integrator, World, settle};
use rekindle_testkit::provider::TokenState;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// How many lives each client has, unless the environment says otherwise.
const LIVES: u64 = 150;

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    Ask,
    Invalidate,
    RefreshNow,
    Wait(Duration),
    Trouble(Fault),
    StoreFails(Operation, usize, StoreFault),
    HoldAnswers,
    ReleaseAnswers,
    Sleep(Duration),
    Crash,
}

fn step(random: &mut fastrand::Rng) -> Step {
    let operations = [
        Operation::Read,
        Operation::Begin,
        Operation::Commit,
        Operation::Abandon,
        Operation::Renew,
    ];
    match random.u8(..24) {
        0..6 => Step::Ask,
        6..8 => Step::Invalidate,
        8 => Step::RefreshNow,
        9..12 => Step::Wait(MINUTE * random.u32(1..120)),
        12 => Step::Wait(HOUR * random.u32(1..200)),
        13..17 => Step::Trouble(Fault::ALL[random.usize(..Fault::ALL.len())]),
        17..19 => {
            let operation = operations[random.usize(..operations.len())];
            let times = random.usize(1..4);
            let fault = if random.bool() { StoreFault::AnswerLost } else { StoreFault::NotApplied };
            Step::StoreFails(operation, times, fault)
        }
        19 => Step::HoldAnswers,
        20 => Step::ReleaseAnswers,
        21 => Step::Sleep(HOUR * random.u32(1..9)),
        _ => Step::Crash,
    }
}

/// A life, and what it must never show.
struct Life<P: Integrator> {
    world: World,
    store: Faulty<MemoryStore>,
    key: Key,
    steps: Vec<Step>,
    seed: u64,
    client: std::marker::PhantomData<P>,
}

impl<P: Integrator> Life<P> {
    fn fails(&self, why: &str) -> ! {
        panic!(
            "{why}\n{} REKINDLE_SEED={}\n{:?}\nthe provider refused: {:?}",
            P::SPEC,
            self.seed,
            self.steps,
            self.world.what_refused()
        );
    }

    /// Never, whatever happens: a spent credential is sent again only where the contract allows it.
    fn check_provider(&self) {
        let refused = self.world.what_refused();
        if refused.contains(&"refresh-token-spent") {
            self.fails("a spent credential was sent");
        }
    }

    async fn stored(&self) -> Snapshot {
        let found = self.world.store.read(&self.key).await.expect("memory");
        found.expect("a grant")
    }

    /// R27: what is shown is stored, or was.
    async fn check_shown(&self, token: &Access<P>) {
        let stored = self.stored().await;
        let generation = stored.record.generation;
        if token.generation() > generation {
            self.fails("a token was shown that is not stored");
        }
        let text = P::text(token);
        let held = stored.record.grant.access_token();
        let same = held.is_none_or(|held| held.expose() == text);
        if token.generation() == generation && !same && !P::FACTS.access_token_single_use {
            self.fails("a token was shown that is not the stored one");
        }
        if self.world.fake.provider().access_token(&text) == TokenState::Unknown {
            self.fails("a token was shown that was never issued");
        }
    }

    /// R21: no sign-in is needed while the credential is good.
    async fn check_failure(&self, error: &SessionError) {
        if !matches!(error.kind(), SessionErrorKind::SignInNeeded(_)) {
            return;
        }
        let grant = self.stored().await.record.grant;
        let provider = self.world.fake.provider();
        let state = match (grant.refresh_token(), grant.access_token()) {
            (Some(token), _) => provider.refresh_token(token.expose()),
            (None, Some(token)) => provider.access_token(token.expose()),
            (None, None) => return,
        };
        drop(provider);
        if state == TokenState::Live {
            self.fails("the grant is good, and a sign-in was asked for");
        }
    }

    async fn ask(&self, session: &Session<P>) {
        match session.access_token().await {
            Ok(token) => self.check_shown(&token).await,
            Err(error) => self.check_failure(&error).await,
        }
    }

    /// One life of the process, up to its crash or the end of `steps`.
    async fn process(&self, steps: &[Step]) -> usize {
        let builder = self.world.builder::<P>().store(self.store.clone());
        // A store that is away at the start is tried again by the next process.
        let Ok(session) = builder.open().await else {
            self.world.pass(MINUTE).await;
            return 0;
        };
        let session = &session;
        for (place, step) in steps.iter().enumerate() {
            match *step {
                Step::Crash => return place + 1,
                Step::Ask => {
                    tokio::select! {
                        () = self.ask(session) => {}
                        () = self.world.live(30 * MINUTE / 10) => {}
                    }
                }
                Step::Invalidate => {
                    if let Some(token) = session.try_access_token() {
                        session.invalidate(&token);
                    }
                }
                Step::RefreshNow => {
                    tokio::select! {
                        outcome = session.refresh_now() => {
                            if let Err(error) = outcome {
                                self.check_failure(&error).await;
                            }
                        }
                        () = self.world.live(MINUTE) => {}
                    }
                }
                Step::Wait(by) => self.world.live(by).await,
                Step::Trouble(fault) => self.world.fake.plan([Some(Trouble::Fault(fault))]),
                Step::StoreFails(operation, times, fault) => {
                    self.store.fail_next(operation, times, fault);
                }
                Step::HoldAnswers => self.world.wire.hold(),
                Step::ReleaseAnswers => self.world.wire.release(),
                Step::Sleep(by) => {
                    self.world.fake.clock().advance(by);
                    self.world.clock.suspend(by);
                }
            }
            settle().await;
            self.check_provider();
        }
        steps.len()
    }

    /// All is well again: the session gives a good token, or says truly why it cannot.
    async fn ending(&self) {
        self.world.fake.calm();
        self.world.wire.release();
        self.store.clear();
        let builder = self.world.builder::<P>().store(self.store.clone());
        let session = builder.open().await.expect("a session");
        self.world.live(20 * MINUTE).await;
        let asked = async {
            match session.access_token().await {
                Ok(token) => {
                    self.check_shown(&token).await;
                    Ok(())
                }
                Err(error) => Err(error),
            }
        };
        let outcome = tokio::select! {
            outcome = asked => outcome,
            () = self.world.live(HOUR) => self.fails("there was no answer"),
        };
        self.check_provider();
        let Err(error) = outcome else {
            return;
        };
        self.check_failure(&error).await;
        let stored = self.stored().await;
        match error.kind() {
            SessionErrorKind::SignInNeeded(_) => {}
            SessionErrorKind::InDoubt(_) if stored.in_flight.is_some() => {}
            // A token whose end got lost cannot be waited for: the contract itself forbids to refresh now.
            _ if self.world.what_refused().contains(&"too-early") => {}
            _ => self.fails(&format!("no token, and no reason: {error:?}")),
        }
    }
}

/// A crash is a runtime that is dropped: all its tasks end where they are.
fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime")
}

fn live<P: Integrator>(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let world = World::of::<P>();
    let key = runtime().block_on(async { world.signed_in::<P>().await.key().clone() });
    let steps: Vec<Step> = (0..random.usize(5..40)).map(|_| step(&mut random)).collect();
    let life = Life::<P> {
        store: Faulty::new(world.store.clone()),
        world,
        key,
        steps: steps.clone(),
        seed,
        client: std::marker::PhantomData,
    };
    let mut rest = &steps[..];
    while !rest.is_empty() {
        let done = runtime().block_on(life.process(rest));
        rest = &rest[done..];
    }
    runtime().block_on(life.ending());
}

fn lives<P: Integrator>() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("REKINDLE_SEED") {
        Some(seed) => live::<P>(seed),
        None => (0..number("REKINDLE_LIVES").unwrap_or(LIVES)).for_each(live::<P>),
    }
}

macro_rules! lives {
    ($($name:ident: $client:ty,)*) => {
        $(#[test]
        fn $name() {
            lives::<$client>();
        })*
    };
}

lives! {
    random_lives_of_xellar: xellar::Client,
    random_lives_of_transak: transak::Client,
    random_lives_of_seven_g: seven_g::Client,
    random_lives_of_wetix: wetix::Client,
    random_lives_of_blazex: blazex::Client,
    random_lives_of_atlassian: atlassian::Client,
    random_lives_of_replay_window: replay_window::Client,
    random_lives_of_first_use: first_use::Client,
    random_lives_of_near_expiry: near_expiry::Client,
}
