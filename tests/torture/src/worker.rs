//! A process that holds a session on the one grant, and refreshes as its supervisor tells it.
//!
//! It is told on its standard input: `reach 17` (have a token of that generation or a later one). It tells on its standard output:
//! `up`, `at 16 mine` (it has got that generation itself) or `at 17 taken`, `trouble KIND what`, `bye`. At the end of its input
//! it ends its exchange, stores what is unsaved, and goes.

use std::env;
use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use rekindle_runtime::clock::{Clock as _, SystemClock};
use rekindle_runtime::session::{
    EventKind, Events, Session, SessionError, SessionErrorKind, Settings, Upkeep,
};
use rekindle_runtime::store::StoreErrorKind;
use tokio::sync::watch;

use crate::address::Address;
use crate::provider::{self, Client, Registered};

/// The first argument of a process that is a hand.
pub const NAME: &str = "hand";

/// How long to wait after a failure.
const BREATH: Duration = Duration::from_millis(5);

/// What a hand is told when it starts.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) address: Address,
    pub(crate) provider: Registered,
    pub(crate) lease: Duration,
    /// How long an operation of the store may take.
    pub(crate) limit: Duration,
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
        ]
    }

    fn from_arguments(arguments: &[String]) -> Option<(String, Self)> {
        let [owner, address, url, client_id, client_secret, lease, limit] = arguments else {
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
        };
        Some((owner.clone(), job))
    }

    /// The settings of a session here: a short lease, and no long waits after failures.
    pub(crate) fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.upkeep = Upkeep::WhenAsked;
        settings.lease = self.lease;
        settings.backoff = BREATH;
        settings.longest_backoff = BREATH * 4;
        settings
    }
}

/// Plays a hand, if the arguments of this process say so.
pub fn play() -> Option<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().map(String::as_str) != Some(NAME) {
        return None;
    }
    let outcome = match Job::from_arguments(&arguments[1..]) {
        Some((owner, job)) => work(&owner, &job),
        None => Err("a hand is started by its supervisor".to_owned()),
    };
    Some(match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    })
}

fn work(owner: &str, job: &Job) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let told = orders();
    runtime.block_on(async {
        let session = open(owner, job).await?;
        let events = session.events();
        say("up");
        let mut hand = Hand { session, events, reached: 0, last: String::new() };
        hand.obey(told).await;
        hand.leave().await;
        Ok(())
    })
}

/// What the supervisor wants: the generation to reach; `None` when it wants no more.
fn orders() -> watch::Receiver<Option<u64>> {
    let (orders, told) = watch::channel(Some(0));
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if let Some(goal) = line.strip_prefix("reach ") {
                orders.send_replace(goal.parse().ok());
            }
        }
        orders.send_replace(None);
    });
    told
}

/// A store may be out of reach when a process starts.
async fn open(owner: &str, job: &Job) -> Result<Session<Client>, String> {
    let store = loop {
        match job.address.open(job.limit).await {
            Ok(store) => break store,
            Err(error) => say(&format!("trouble opening {error}")),
        }
        SystemClock::new().sleep(BREATH * 4).await;
    };
    loop {
        let opened = provider::session(job.provider.client()?, store.clone())
            .owner(owner)
            .settings(job.settings())
            .open()
            .await;
        match opened {
            Ok(session) => return Ok(session),
            Err(error) => say(&format!("trouble {} {error}", kind(&error))),
        }
        SystemClock::new().sleep(BREATH * 4).await;
    }
}

struct Hand {
    session: Session<Client>,
    events: Events,
    reached: u64,
    /// The last trouble: each is told once.
    last: String,
}

impl Hand {
    async fn obey(&mut self, mut told: watch::Receiver<Option<u64>>) {
        loop {
            let Some(goal) = *told.borrow_and_update() else {
                return;
            };
            if self.reached >= goal {
                if told.changed().await.is_err() {
                    return;
                }
                continue;
            }
            self.advance(goal).await;
        }
    }

    async fn advance(&mut self, goal: u64) {
        match self.session.access_token().await {
            Ok(token) => {
                let generation = token.generation();
                self.arrive(generation);
                if generation < goal {
                    self.session.invalidate_generation(generation);
                }
            }
            Err(error) => {
                self.complain(&error);
                SystemClock::new().sleep(BREATH).await;
            }
        }
    }

    fn arrive(&mut self, generation: u64) {
        if generation <= self.reached {
            return;
        }
        self.reached = generation;
        self.last.clear();
        let mut mine = false;
        while let Some(event) = self.events.try_next() {
            mine |= matches!(event.kind, EventKind::Refreshed { generation: got, .. } if got == generation);
        }
        let whose = if mine { "mine" } else { "taken" };
        say(&format!("at {generation} {whose}"));
    }

    fn complain(&mut self, error: &SessionError) {
        let line = format!("trouble {} {error}", kind(error));
        if line != self.last {
            say(&line);
            self.last = line;
        }
    }

    /// Ends what is under way, and stores what is not stored.
    async fn leave(&self) {
        self.session.idle().await;
        while !self.session.status().await.is_ok_and(|status| !status.unsaved) {
            SystemClock::new().sleep(BREATH * 4).await;
        }
        say("bye");
    }
}

/// What kind of failure it is, in one word.
fn kind(error: &SessionError) -> &'static str {
    match error.kind() {
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
    }
}

/// One line to the supervisor. Where it is gone, nobody needs to hear it.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
}
