//! A worker holds a session on the shared grant, and refreshes until it has the generation that its supervisor wants.
//!
//! It is a process whose standard input has lines like `reach 17` (have a token of that generation or a later one) or `await 17` (the
//! same, when the tokens before it have ended), and which writes messages to its standard output; or a thread. At the end of its
//! input it ends its exchange, stores its pending writes, and ends.

use std::env;
use std::fmt;
use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::session::{
    EventKind, Events, Renewable, Session, SessionBuilder, SessionError, SessionErrorKind,
    Settings, Upkeep,
};
use rekindle_runtime::store::{SharedStore, StoreErrorKind};
use rekindle_runtime::{HyperTransport, Renew};
use rekindle_sessions::minting::{Harmless, Minter as _};
use tokio::sync::watch;

use crate::address::Address;
use crate::message::Message;
use crate::provider::{Client, Registered, Tried as _};
use crate::skewed_clock::SkewedClock;
use crate::windowed::Windowed;

/// The first argument of a process that is a worker.
pub const NAME: &str = "worker";

/// What the name of a role with a wrong clock begins with.
const SKEWED: &str = "skewed:";
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(5);
/// How many exchanges a worker with a pool has out at a time.
const CONCURRENCY: usize = 2;
/// How often a worker with a pool looks for what has become due.
const SWEEP: Duration = Duration::from_millis(200);
/// How long a worker waits at a time for what it has begun.
const CLOSING: Duration = Duration::from_secs(60);

/// What a worker is told when it starts.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where its store is.
    pub address: Address,
    /// What its client needs.
    pub provider: Registered,
    /// How long it has the grant to itself.
    pub lease: Duration,
    /// How long an operation of the store may take.
    pub limit: Duration,
    /// What it holds.
    pub role: Role,
}

/// What a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A session on the one grant.
    Session,
    /// A pool, which refreshes whatever is due.
    Pool,
    /// A session of a client whose settings alone bring tokens.
    Mint,
    /// A session of a client that has a replay window, by a clock that is wrong by so many seconds. It tells what it serves.
    Skewed(i32),
    /// A session of a client that its program knows by this name.
    Other(String),
}

impl Role {
    const ALL: [Self; 3] = [Self::Session, Self::Pool, Self::Mint];

    fn name(&self) -> String {
        match self {
            Self::Other(name) => name.clone(),
            Self::Skewed(off) => format!("{SKEWED}{off}"),
            known => format!("{known:?}"),
        }
    }

    fn named(name: &str) -> Self {
        if let Some(off) = name.strip_prefix(SKEWED).and_then(|off| off.parse().ok()) {
            return Self::Skewed(off);
        }
        let mut known = Self::ALL.into_iter();
        known.find(|role| role.name() == name).unwrap_or_else(|| Self::Other(name.to_owned()))
    }
}

/// What a supervisor wants of its workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// A token of this generation or a later one, at once.
    Reach(u64),
    /// The same, when the tokens before it have ended.
    Await(u64),
}

impl Goal {
    fn generation(self) -> u64 {
        match self {
            Self::Reach(generation) | Self::Await(generation) => generation,
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let (word, generation) = line.split_once(' ')?;
        let generation = generation.parse().ok()?;
        match word {
            "reach" => Some(Self::Reach(generation)),
            "await" => Some(Self::Await(generation)),
            _ => None,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reach(generation) => write!(f, "reach {generation}"),
            Self::Await(generation) => write!(f, "await {generation}"),
        }
    }
}

/// What a process that is a worker has to do.
pub struct Assignment {
    owner: String,
    job: Job,
    goal: watch::Receiver<Option<Goal>>,
}

impl Assignment {
    /// What it was told.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Holds a session of this client on the shared grant, until its supervisor wants no more.
    ///
    /// # Errors
    /// The client cannot be made.
    pub async fn hold<P: Renewable>(
        self,
        client: impl Fn(&Registered) -> Result<P, String>,
    ) -> Result<(), String> {
        self.hold_as(client, None).await
    }

    /// The same, and tells the text of each token that it serves, if that is said.
    async fn hold_as<P: Renewable>(
        self,
        client: impl Fn(&Registered) -> Result<P, String>,
        text: Option<Text<P>>,
    ) -> Result<(), String> {
        let Self { owner, job, goal } = self;
        let session =
            open(&job, |store| Ok(job.session_of(client(&job.provider)?, &owner, store))).await?;
        print(&Message::Ready);
        let mut worker = Worker::new(session, |message| print(&message));
        worker.text = text;
        worker.run(goal).await;
        print(&Message::Done);
        Ok(())
    }
}

impl Job {
    pub(crate) fn arguments(&self, owner: &str) -> Vec<String> {
        vec![
            NAME.to_owned(),
            owner.to_owned(),
            self.address.to_string(),
            self.provider.url.clone(),
            self.provider.client_id.clone(),
            self.provider.client_secret.clone(),
            self.lease.as_millis().to_string(),
            self.limit.as_millis().to_string(),
            self.role.name(),
        ]
    }

    fn from_arguments(arguments: &[String]) -> Option<(String, Self)> {
        let [owner, address, url, client_id, client_secret, lease, limit, role] = arguments else {
            return None;
        };
        let millis = |text: &String| text.parse().ok().map(Duration::from_millis);
        let job = Self {
            address: address.parse().ok()?,
            provider: Registered {
                url: url.clone(),
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            },
            lease: millis(lease)?,
            limit: millis(limit)?,
            role: Role::named(role),
        };
        Some((owner.clone(), job))
    }

    /// A session on the grant in this store, to be opened.
    pub(crate) fn session(
        &self,
        owner: &str,
        store: SharedStore,
    ) -> Result<SessionBuilder<Client>, String> {
        Ok(self.session_of(Client::of(&self.provider)?, owner, store))
    }

    /// The same of any client.
    pub(crate) fn session_of<P: Renewable>(
        &self,
        client: P,
        owner: &str,
        store: SharedStore,
    ) -> SessionBuilder<P> {
        let session = Session::builder(client, HyperTransport::http()).store(store);
        let session = session.owner(owner).settings(self.settings());
        match self.role {
            Role::Skewed(off) => session.clock(SkewedClock::new(off)),
            _ => session,
        }
    }

    /// A short lease, and no long waits after failures.
    fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.upkeep = Upkeep::WhenAsked;
        settings.lease = self.lease;
        settings.backoff = PAUSE;
        settings.longest_backoff = PAUSE * 4;
        settings
    }
}

/// Runs as a worker, if the arguments of this process say so. What it does with its assignment is [`hold`] here, and what other
/// programs know there.
pub fn run_if_asked(work: impl AsyncFnOnce(Assignment) -> Result<(), String>) -> Option<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().map(String::as_str) != Some(NAME) {
        return None;
    }
    let outcome = match Job::from_arguments(&arguments[1..]) {
        Some((owner, job)) => run(owner, job, work),
        None => Err("a worker is started by its supervisor".to_owned()),
    };
    Some(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    })
}

fn run(
    owner: String,
    job: Job,
    work: impl AsyncFnOnce(Assignment) -> Result<(), String>,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(work(Assignment { owner, job, goal: goal() }))
}

/// Does what the roles of this package are.
///
/// # Errors
/// The client or the pool cannot be made, or something was left undone.
pub async fn hold(assignment: Assignment) -> Result<(), String> {
    match &assignment.job.role {
        Role::Pool => refresh_what_is_due(assignment).await,
        Role::Session => assignment.hold(Client::of).await,
        Role::Skewed(_) => assignment.hold_as(Windowed::of, Some(Windowed::text)).await,
        Role::Mint => {
            assignment
                .hold(|provider| Ok(Harmless::at(&provider.url, &provider.client_secret)))
                .await
        }
        Role::Other(name) => Err(format!("{name} is not known here")),
    }
}

/// What the supervisor wants; `None` when it wants no more.
fn goal() -> watch::Receiver<Option<Goal>> {
    let (sender, goal) = watch::channel(Some(Goal::Reach(0)));
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if let Some(goal) = Goal::parse(&line) {
                sender.send_replace(Some(goal));
            }
        }
        sender.send_replace(None);
    });
    goal
}

/// Refreshes what is due until the supervisor wants no more, and closes.
async fn refresh_what_is_due(assignment: Assignment) -> Result<(), String> {
    let Assignment { owner, job, mut goal } = assignment;
    let store = job.address.open(job.limit).await?;
    let mut settings = job.settings();
    settings.upkeep = Settings::default().upkeep;
    settings.concurrency = CONCURRENCY;
    settings.sweep = SWEEP;
    let pool = job.session(&owner, store)?.settings(settings).start();
    let pool = pool.map_err(|error| error.to_string())?;
    print(&Message::Ready);
    // It fails when the supervisor has gone, who wants no more then.
    let _ = goal.wait_for(Option::is_none).await;
    let unfinished = pool.close(CLOSING).await;
    if !unfinished.is_nothing() {
        return Err(format!("{unfinished:?}"));
    }
    print(&Message::Done);
    Ok(())
}

/// Opens the store and the session. The store may be out of reach when a process starts.
async fn open<P: Renewable>(
    job: &Job,
    session: impl Fn(SharedStore) -> Result<SessionBuilder<P>, String>,
) -> Result<Session<P>, String> {
    let store = loop {
        match job.address.open(job.limit).await {
            Ok(store) => break store,
            Err(error) => print(&Message::Failed { kind: "opening".to_owned(), error }),
        }
        SystemClock::new().sleep(PAUSE * 4).await;
    };
    loop {
        match session(store.clone())?.open().await {
            Ok(session) => return Ok(session),
            Err(error) => print(&failed(&error)),
        }
        SystemClock::new().sleep(PAUSE * 4).await;
    }
}

/// A session at work, and where its messages go.
pub(crate) struct Worker<P: Renewable, F> {
    session: Session<P>,
    events: Events,
    reached: u64,
    /// The last failure: each is sent once.
    last: Option<Message>,
    /// How the text of a token is had, where it is told.
    text: Option<Text<P>>,
    send: F,
}

/// The text of an access token.
type Text<P> = fn(&<P as Renew>::AccessToken) -> String;

impl<P: Renewable, F: Fn(Message)> Worker<P, F> {
    pub(crate) fn new(session: Session<P>, send: F) -> Self {
        Self { events: session.events(), session, reached: 0, last: None, text: None, send }
    }

    /// Reaches each goal. Where there is none any more, ends the exchange that is out and stores what is pending.
    pub(crate) async fn run(mut self, mut goal: watch::Receiver<Option<Goal>>) {
        loop {
            let Some(wanted) = *goal.borrow_and_update() else {
                break;
            };
            if self.reached < wanted.generation() {
                self.advance(wanted).await;
                tokio::task::yield_now().await;
            } else if goal.changed().await.is_err() {
                break;
            }
        }
        while !self.session.close(CLOSING).await.is_nothing() {}
    }

    async fn advance(&mut self, goal: Goal) {
        let asked = SystemClock::new().wall();
        match self.session.access_token().await {
            Ok(token) => {
                if let Some(text) = self.text {
                    (self.send)(Message::Served { at: asked, token: text(&token) });
                }
                let generation = token.generation();
                self.note(generation);
                if generation >= goal.generation() {
                    return;
                }
                match goal {
                    Goal::Reach(_) => {
                        self.session.invalidate_generation(generation);
                    }
                    Goal::Await(_) => SystemClock::new().sleep(PAUSE).await,
                }
            }
            Err(error) => {
                let message = Some(failed(&error));
                if message != self.last {
                    self.last.clone_from(&message);
                    message.into_iter().for_each(&self.send);
                }
                SystemClock::new().sleep(PAUSE).await;
            }
        }
    }

    fn note(&mut self, generation: u64) {
        if generation <= self.reached {
            return;
        }
        self.reached = generation;
        self.last = None;
        let mut own = false;
        while let Some(event) = self.events.try_next() {
            own |= matches!(event.kind, EventKind::Refreshed { generation: got, .. } if got == generation);
        }
        (self.send)(Message::Reached { generation, own });
    }
}

fn failed(error: &SessionError) -> Message {
    let kind = match error.kind() {
        SessionErrorKind::NoGrant => "no-grant",
        SessionErrorKind::SignInNeeded(_) => "sign-in-needed",
        SessionErrorKind::InDoubt(_) => "in-doubt",
        SessionErrorKind::Exchange => "exchange",
        SessionErrorKind::Store(kind) | SessionErrorKind::Unsaved(kind) => match kind {
            StoreErrorKind::Unreadable => "unreadable",
            StoreErrorKind::Newer => "newer",
            StoreErrorKind::Refused => "refused",
            StoreErrorKind::LeaseLost => "lease-lost",
            _ => "store",
        },
        _ => "other",
    };
    Message::Failed { kind: kind.to_owned(), error: error.to_string() }
}

/// Sends a message to the supervisor. Where it is gone, the message is lost.
fn print(message: &Message) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{message}");
}
