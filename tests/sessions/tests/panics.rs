//! R40: a panic in what others wrote costs one attempt, and nothing more.

use http::{Request, Response};
use rekindle_language::atlassian::Client;
use rekindle_runtime::clock::Clock;
use rekindle_runtime::session::{EventKind, Session, SessionErrorKind, Upkeep};
use rekindle_runtime::store::conformance::{Fault, Faulty, Operation};
use rekindle_runtime::store::{Key, MemoryStore, Rate, Record, Store, StoreErrorKind};
use rekindle_runtime::{
    Deviation, Facts, Grant, PendingRefresh, Progress, Provider, RefreshError, Renew, Token,
    Transport, TransportError,
};
use rekindle_sessions::{Integrator, Wire, World};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Where code that a session was given panics, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Place {
    Nowhere,
    TransportBefore,
    TransportAfter,
    Start,
    Proceed,
}

/// The place at which the next panic is.
#[derive(Debug, Clone)]
struct Next(Arc<AtomicU8>);

impl Next {
    fn panic_at(&self, place: Place) {
        let is_here = self.0.compare_exchange(
            place as u8,
            Place::Nowhere as u8,
            Ordering::SeqCst,
            Ordering::SeqCst,
        );
        assert!(is_here.is_err(), "a planned panic, of token canary");
    }
}

/// A transport and a client that panic.
#[derive(Clone)]
struct Panicky<T>(T, Next);

impl Transport for Panicky<Wire> {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        self.1.panic_at(Place::TransportBefore);
        let answer = self.0.send(request).await;
        self.1.panic_at(Place::TransportAfter);
        answer
    }
}

impl Provider for Panicky<Client> {
    type Credential = <Client as Provider>::Credential;
    type Tokens = <Client as Provider>::Tokens;
    type Pending = Panicky<<Client as Provider>::Pending>;

    const NAME: &'static str = <Client as Provider>::NAME;
    const ID: &'static str = <Client as Provider>::ID;

    fn start(
        &self,
        credential: Self::Credential,
        started_at: SystemTime,
    ) -> Result<(Request<Vec<u8>>, Self::Pending), RefreshError<Self::Credential>> {
        self.1.panic_at(Place::Start);
        let (request, pending) = self.0.start(credential, started_at)?;
        Ok((request, Panicky(pending, self.1.clone())))
    }
}

impl<P: PendingRefresh> PendingRefresh for Panicky<P> {
    type Credential = P::Credential;
    type Tokens = P::Tokens;

    fn finish<B: AsRef<[u8]>>(
        self,
        response: Response<B>,
    ) -> Result<Self::Tokens, RefreshError<Self::Credential>> {
        self.0.finish(response)
    }

    fn proceed<B: AsRef<[u8]>>(self, response: Response<B>) -> Progress<Self> {
        self.1.panic_at(Place::Proceed);
        Progress::Done(self.finish(response))
    }

    fn fail(self, error: TransportError) -> RefreshError<Self::Credential> {
        self.0.fail(error)
    }
}

impl Renew for Panicky<Client> {
    type AccessToken = <Client as Renew>::AccessToken;
    type Outputs = <Client as Renew>::Outputs;

    const FACTS: Facts = <Client as Renew>::FACTS;

    fn grant(tokens: Self::Tokens) -> (Grant, Vec<Deviation>) {
        Client::grant(tokens)
    }

    fn credential(grant: &Grant) -> Option<Self::Credential> {
        Client::credential(grant)
    }

    fn of_credential(credential: Self::Credential) -> Grant {
        Client::of_credential(credential)
    }

    fn access_token(token: &Token) -> Self::AccessToken {
        Client::access_token(token)
    }

    fn outputs(grant: &Grant) -> Self::Outputs {
        Client::outputs(grant)
    }
}

/// A session in whose world things panic, whose access token has ended.
struct Stage {
    world: World,
    store: Faulty<MemoryStore>,
    next: Next,
    session: Session<Panicky<Client>>,
}

impl Stage {
    async fn set() -> Self {
        let world = World::of::<Client>();
        let store = Faulty::new(world.store.clone());
        let next = Next(Arc::new(AtomicU8::new(Place::Nowhere as u8)));
        let client = Client::client(&world.fake.url(), &world.fake.provider().client().clone());
        let transport = Panicky(world.wire.clone(), next.clone());
        let session = Session::builder(Panicky(client, next.clone()), transport)
            .store(store.clone())
            .clock(world.clock.clone())
            .upkeep(Upkeep::Always)
            .open()
            .await
            .expect("a session");
        let held = world.fake.provider().sign_in();
        session.sign_in(rekindle_sessions::grant(&held)).await.expect("a stored grant");
        Self { world, store, next, session }
    }

    /// Lets the access token end, and upkeep do what it can.
    async fn refresh(&self) {
        self.world.live(90 * MINUTE).await;
    }

    async fn is_served(&self) -> bool {
        match self.session.access_token().await {
            Ok(token) => self.world.accepts(token.expose()),
            Err(_) => false,
        }
    }
}

/// R40.
#[tokio::test]
async fn a_panic_of_the_store_is_a_failure_of_the_store() {
    let every = [
        Operation::Read,
        Operation::Acquire,
        Operation::Begin,
        Operation::Commit,
        Operation::Release,
        Operation::Renew,
        Operation::Abandon,
    ];
    for operation in every {
        let stage = Stage::set().await;
        let mut events = stage.session.events();
        stage.store.fail_next(operation, 3, Fault::Panics);
        stage.refresh().await;
        assert!(stage.is_served().await, "{operation:?}");
        assert!(stage.world.what_refused().is_empty(), "{operation:?}");
        let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
        let of_store = |kind: &EventKind| match kind {
            EventKind::Failed(error) => {
                error.kind() == SessionErrorKind::Store(StoreErrorKind::Unavailable)
            }
            EventKind::SaveFailed(error) => {
                error.kind() == SessionErrorKind::Unsaved(StoreErrorKind::Unavailable)
            }
            _ => false,
        };
        // A lease that cannot be given back or prolonged ends by itself.
        let is_silent =
            matches!(operation, Operation::Release | Operation::Renew | Operation::Abandon);
        assert_eq!(told.iter().any(|event| of_store(&event.kind)), !is_silent, "{told:?}");
    }
}

/// R40.
#[tokio::test]
async fn a_panic_of_the_transport_or_the_client_costs_one_attempt() {
    for (place, is_sent) in [
        (Place::TransportBefore, true),
        (Place::TransportAfter, true),
        (Place::Start, false),
        (Place::Proceed, true),
    ] {
        let stage = Stage::set().await;
        let mut events = stage.session.events();
        stage.next.0.store(place as u8, Ordering::SeqCst);
        stage.refresh().await;
        // Whether a request has left that was handed over nobody knows.
        let error = stage.session.access_token().await.err();
        let in_doubt = error
            .as_ref()
            .is_some_and(|error| matches!(error.kind(), SessionErrorKind::InDoubt(_)));
        assert_eq!(in_doubt, is_sent, "{place:?}: {error:?}");
        let told: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
        let told = format!("{told:?} {error:?}");
        assert!(!told.contains("canary"), "{told}");
        assert!(told.contains(if is_sent { "InDoubt" } else { "panicked" }), "{place:?}: {told}");
        if is_sent {
            // The next sign-in finds a session that works.
            let held = stage.world.fake.provider().sign_in();
            let signed_in = stage.session.sign_in(rekindle_sessions::grant(&held)).await;
            signed_in.expect("a stored grant");
            stage.world.live(DAY).await;
        }
        assert!(stage.is_served().await, "{place:?}");
    }
}

/// R40: a sweep goes on, whatever panics in it, and so does what a person asks for.
#[tokio::test]
async fn a_panic_of_the_store_ends_no_sweep() {
    for operation in [
        Operation::Now,
        Operation::AcquireDue,
        Operation::Backlog,
        Operation::Read,
        Operation::Begin,
        Operation::Commit,
        Operation::Postpone,
        Operation::Release,
        Operation::Reserve,
    ] {
        let world = World::of::<Client>();
        let key = Key::new(Client::ID, "person");
        let held = rekindle_sessions::grant(&world.fake.provider().sign_in());
        let mut record = Record::new(held, world.clock.wall());
        record.due = Some(record.issued_at);
        world.store.put(&key, &record).await.expect("memory");
        world.pass(10 * DAY).await;
        let store = Faulty::new(world.store.clone());
        store.fail_next(operation, 3, Fault::Panics);
        let builder = world.builder::<Client>().store(store.clone());
        let _pool = builder.rate_of_all(Rate::per(1, MINUTE)).start().expect("a pool");
        world.live(6 * 60 * MINUTE).await;
        let stored = world.store.read(&key).await.expect("memory").expect("a grant");
        assert_eq!(stored.record.generation, 2, "{operation:?}");
        assert_eq!(world.wire.sent(), 1, "{operation:?}");
        // And the next time.
        world.pass(80 * DAY).await;
        world.live(30 * MINUTE).await;
        assert_eq!(world.wire.sent(), 2, "{operation:?}");
        assert!(world.what_refused().is_empty(), "{operation:?}");
    }
    for operation in [Operation::Put, Operation::Remove] {
        let stage = Stage::set().await;
        stage.store.fail_next(operation, 1, Fault::Panics);
        let held = || rekindle_sessions::grant(&stage.world.fake.provider().sign_in());
        let signed = match operation {
            Operation::Put => stage.session.sign_in(held()).await.map(drop),
            _ => stage.session.sign_out().await,
        };
        let error = signed.expect_err("a panic");
        assert_eq!(error.kind(), SessionErrorKind::Store(StoreErrorKind::Unavailable));
        assert!(stage.is_served().await, "{operation:?}");
        stage.session.sign_out().await.expect("memory");
        stage.session.sign_in(held()).await.expect("memory");
        assert!(stage.is_served().await, "{operation:?}");
    }
}
