//! Five processes over one store, at real token servers: they refresh when tokens end, a gateway gives up a request that arrives all the
//! same, one of them is killed when the server has answered, and somebody signs out.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use rekindle_real::way::{Fault, Way};
use rekindle_real::{oauth_toolkit, oidc_provider, simplejwt, synapse};
use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::session::{Session, Upkeep};
use rekindle_runtime::store::{Key, SharedStore, Snapshot, Store as _};
use rekindle_runtime::{Grant, HyperTransport, Token};
use rekindle_servers::{Lives, Postgres, Redis, TokenServer, TokenServerKind};
use rekindle_torture::worker::{Job, Role};
use rekindle_torture::{Address, Message, Registered, Workers};

const PROCESSES: usize = 5;
/// How long access tokens live, in seconds.
const LIFE: u16 = 3;
/// How many generations the processes wait out.
const LIVES: u64 = 2;
/// What a request of a busy machine stays within; a process that was killed holds the grant for so long.
const LEASE: Duration = Duration::from_secs(2);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the grant is, and what that stands on.
type Shared = (Address, Box<dyn Any>);

fn folder() -> Option<Shared> {
    let folder = tempfile::tempdir().unwrap();
    Some((Address::File(folder.path().join("grants")), Box::new(folder)))
}

fn postgres() -> Option<Shared> {
    Postgres::launch(&[]).map(|server| (Address::Postgres(server.url()), Box::new(server) as _))
}

fn redis() -> Option<Shared> {
    Redis::launch(&[]).map(|server| (Address::Redis(server.url()), Box::new(server) as _))
}

/// What the contract says of a credential of which nobody knows whether it is spent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// It is not sent again, and somebody signs in.
    InDoubt,
    /// It is sent again.
    SentAgain,
}

/// The processes, and what they share.
struct Scene<P: rekindle_real::Registered> {
    server: TokenServer,
    way: Arc<Way>,
    workers: Workers,
    /// Of the one who signs in.
    session: Session<P>,
    store: SharedStore,
    /// The generation that each process has.
    at: BTreeMap<u32, u64>,
    _shared: Box<dyn Any>,
}

impl<P: rekindle_real::Registered> Scene<P> {
    /// Signs in, and starts the processes; `None` where something is not installed.
    async fn set_up(kind: TokenServerKind, shared: Option<Shared>) -> Option<Self> {
        let (address, shared) = shared?;
        let lives = Lives { access: LIFE, ..Lives::default() };
        let server = TokenServer::launch_with(kind, lives)?;
        let (way, url) = Way::to(server.port());
        let (id, secret) = TokenServer::CLIENT;
        address.prepare().await.unwrap();
        let store = address.open(PATIENCE).await.unwrap();
        let session = Session::builder(P::at(&url, id, secret).unwrap(), HyperTransport::http());
        let session = session.store(store.clone()).upkeep(Upkeep::WhenAsked).open().await.unwrap();
        let job = Job {
            address,
            provider: Registered { url, client_id: id.into(), client_secret: secret.into() },
            lease: LEASE,
            limit: PATIENCE,
            role: Role::Other(P::ID.to_owned()),
        };
        let workers = Workers::new(env!("CARGO_BIN_EXE_rekindle-real").into(), job);
        let at = BTreeMap::new();
        let mut scene = Self { server, way, workers, session, store, at, _shared: shared };
        scene.sign_in().await;
        for _ in 0..PROCESSES {
            scene.start().await;
        }
        Some(scene)
    }

    async fn start(&mut self) {
        self.workers.start().await.unwrap();
    }

    async fn sign_in(&self) {
        let grant = Grant::new().with_refresh_token(Token::new(self.server.grant()));
        self.session.sign_in(grant).await.unwrap();
    }

    async fn stored(&self) -> Snapshot {
        self.store.read(&Key::new(P::ID, "default")).await.unwrap().unwrap()
    }

    async fn generation(&self) -> u64 {
        self.stored().await.record.generation
    }

    /// What a process has to tell: which one, and what has failed.
    async fn hear(&mut self) -> (u32, Option<String>) {
        let heard = self.workers.receive(PATIENCE).await;
        let (number, message) = heard.unwrap_or_else(|| panic!("silence\n{}", self.server.log()));
        match message {
            Message::Reached { generation, .. } => {
                self.at.insert(number, generation);
                (number, None)
            }
            Message::Failed { kind, error } => {
                assert_ne!(
                    kind,
                    "sign-in-needed",
                    "worker {number}: {error}\n{}",
                    self.server.log()
                );
                (number, Some(kind))
            }
            Message::Ready | Message::Served { .. } | Message::Done => (number, None),
        }
    }

    /// Waits until every process has this generation.
    async fn all_have(&mut self, generation: u64) {
        let lags = |scene: &Self| {
            let at = |number| scene.at.get(&number).copied().unwrap_or_default();
            scene.workers.numbers().into_iter().any(|number| at(number) < generation)
        };
        while lags(self) {
            self.hear().await;
        }
    }

    /// Has every process go on to the next generation, at once.
    async fn go_on(&mut self) {
        let next = self.generation().await + 1;
        self.workers.set_goal(next).await;
        self.all_have(next).await;
    }

    /// Waits until each process has failed like this.
    async fn all_fail(&mut self, how: &str) {
        let mut failed = BTreeSet::new();
        while failed.len() < self.workers.numbers().len() {
            if let (number, Some(kind)) = self.hear().await
                && kind == how
            {
                failed.insert(number);
            }
        }
    }

    /// Waits until no process knows what became of the credential.
    async fn all_in_doubt(&mut self) {
        self.all_fail("in-doubt").await;
        assert!(self.stored().await.in_flight.is_some(), "the journal says so");
    }

    /// What became of the credential of one exchange, after so many, is unknown to everybody who lives: the contract says what is done.
    async fn decide(&mut self, unknown: Unknown, sent: usize, next: u64) {
        if unknown == Unknown::InDoubt {
            self.all_in_doubt().await;
            let exchanges = self.way.exchanges.load(SeqCst);
            assert_eq!(exchanges, sent + 1, "nothing is sent in doubt");
            self.sign_in().await;
            self.workers.set_goal(self.generation().await + 1).await;
            self.all_have(self.generation().await).await;
        } else {
            self.all_have(next).await;
        }
    }
}

async fn cases<P: rekindle_real::Registered>(
    kind: TokenServerKind,
    shared: Option<Shared>,
    unknown: Unknown,
) {
    let Some(mut scene) = Scene::<P>::set_up(kind, shared).await else { return };
    let way = Arc::clone(&scene.way);
    let exchanges = || way.exchanges.load(SeqCst);

    // Each generation is exchanged once, when the one before it has ended.
    let first = scene.generation().await;
    let began = SystemClock::new().monotonic();
    scene.workers.await_expiry(first + 1 + LIVES).await;
    scene.all_have(first + 1 + LIVES).await;
    let took = SystemClock::new().monotonic() - began;
    assert!(took > Duration::from_secs(1) * u32::try_from(LIVES).unwrap(), "{took:?}");
    assert_eq!(u64::try_from(exchanges()).unwrap(), 1 + LIVES);
    assert_eq!(scene.generation().await, first + 1 + LIVES);

    // A gateway gives up a request, which arrives all the same, later than whatever was done about it.
    let next = scene.generation().await + 1;
    let sent = exchanges();
    way.disturb(Fault::Late);
    scene.workers.set_goal(next).await;
    scene.decide(unknown, sent, next).await;
    assert_eq!(way.deliver(scene.server.port()), 200, "{}", scene.server.log());
    scene.go_on().await;
    scene.go_on().await;

    // A process is killed when the server has answered, and before it knows.
    let next = scene.generation().await + 1;
    let (sent, told) = (exchanges(), way.told().len());
    way.disturb(Fault::Silence);
    scene.workers.set_goal(next).await;
    let clock = SystemClock::new();
    while way.told().len() == told {
        clock.sleep(Duration::from_millis(10)).await;
    }
    let owner = scene.stored().await.in_flight.expect("an exchange is under way").owner;
    let numbers = scene.workers.numbers();
    let sender = numbers.into_iter().find(|number| Workers::owner(*number) == *owner);
    scene.workers.kill(sender.expect("its sender lives")).await;
    scene.decide(unknown, sent, next).await;
    scene.start().await;
    scene.go_on().await;

    // Somebody signs out: no process has tokens any more, and none sends anything.
    let last = scene.stored().await;
    assert!(last.in_flight.is_none() && last.record.ended.is_none(), "{last:?}");
    let sent = exchanges();
    scene.session.sign_out().await.unwrap();
    scene.workers.set_goal(last.record.generation + 1).await;
    scene.all_fail("no-grant").await;
    assert_eq!(exchanges(), sent, "nothing is sent for a grant that was signed out");

    let (_, running) = scene.workers.stop_all(PATIENCE).await;
    assert_eq!(running, [0; 0], "all end in good order");
    // What each exchange has spent.
    let told = way.told();
    let spent: BTreeSet<&String> = told.iter().map(|(body, _)| body).collect();
    let refused = told.iter().filter(|(_, status)| *status != 200).count();
    match unknown {
        Unknown::InDoubt => {
            assert_eq!(spent.len(), told.len(), "no credential was sent twice");
            assert_eq!(refused, 0, "no credential was sent that is spent");
        }
        // Twice: the late one and that of the killed process. A server that ends a replay with its successor refuses once what the
        // late request has overtaken, and takes what came before it.
        Unknown::SentAgain => {
            let overtaken = usize::from(kind == TokenServerKind::Synapse);
            assert_eq!(refused, overtaken, "{}", scene.server.log());
            assert_eq!(told.len() - spent.len(), 2 + overtaken);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oidc_provider() {
    cases::<oidc_provider::Client>(TokenServerKind::OidcProvider, postgres(), Unknown::InDoubt)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oauth_toolkit() {
    cases::<oauth_toolkit::Client>(TokenServerKind::OauthToolkit, redis(), Unknown::SentAgain)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synapse() {
    cases::<synapse::Client>(TokenServerKind::Synapse, folder(), Unknown::SentAgain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn simplejwt() {
    cases::<simplejwt::Client>(TokenServerKind::SimpleJwt, redis(), Unknown::InDoubt).await;
}
