//! Clients whose settings alone bring tokens, and the provider of them, which does to each request what a test has planned.

use http::{Request, Response};
use rekindle_runtime::Token;
use rekindle_runtime::clock::{Clock, VirtualClock};
use rekindle_runtime::facts::{MintEnds, MintLimit};
use rekindle_runtime::session::{Renewable, Session, SessionBuilder};
use rekindle_runtime::store::MemoryStore;
use rekindle_runtime::transport::{Transport, TransportError, TransportErrorKind};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;

/// The right password.
pub const PASSWORD: &str = "sesame";
/// How long access tokens live.
pub const LIFE: Duration = Duration::from_secs(60 * 60);

/// A client of a contract.
pub trait Minter: Sized + Renewable<AccessToken: Into<Token> + Clone> {
    /// With this password, at the provider behind this URL of the machine's own.
    fn at(url: &str, password: &str) -> Self;

    /// With this password, at an [`Issuer`].
    fn with(password: &str) -> Self {
        Self::at("http://127.0.0.1:9/login", password)
    }
}

macro_rules! minting {
    ($module:ident, $ends:expr, $limit:expr) => {
        mod $module {
            use super::*;
            use rekindle_runtime::facts::{Ends, Facts, Mint};
            use rekindle_runtime::{SignIn, kit};

            #[derive(Debug, Clone)]
            pub struct Client(kit::Endpoint<Login>);
            kit::mint!(Client, Login, Tokens);

            #[derive(Debug)]
            pub struct AccessToken(kit::Held);
            kit::token!(AccessToken, access, many, "access token", lives(LIFE));

            #[derive(Debug)]
            pub struct Tokens {
                access_token: AccessToken,
                deviations: Vec<kit::Deviation>,
            }
            kit::tokens!(Tokens, Login, access_token);

            impl kit::Contract for Client {
                const NAME: &'static str = "Minting";
                const ID: &'static str = stringify!($module);
                type Environment = kit::Undocumented;
                type Settings = String;
                type Options = ();

                fn base_url(environment: kit::Undocumented, _: &kit::Setup<Self>) -> String {
                    match environment {}
                }
            }

            #[derive(Debug, Clone)]
            pub enum Login {}

            impl kit::Operation for Login {
                type Contract = Client;
                type AccessToken = AccessToken;
                type Credential = ();
                type Outputs = ();
                type Tokens = Tokens;
                const FACTS: Facts = Facts {
                    access_token_ends: Ends::AfterLifetime,
                    mint: Some(Mint { ends: $ends, limit: $limit }),
                    ..Facts::DEFAULT
                };

                fn request(
                    setup: &kit::Setup<Client>,
                    _: &kit::Checked<'_, Self>,
                    request: &mut kit::Request<Vec<u8>>,
                ) -> kit::Result<()> {
                    kit::form_body(request, kit::Form::new().field("password", &setup.settings));
                    Ok(())
                }

                fn classify(status: u16, _: &kit::Body<'_>) -> kit::Verdict {
                    match status {
                        200 => kit::Verdict::SUCCESS,
                        401 => kit::Verdict::client_misconfigured("errors[0]: status 401"),
                        // A person has to act although the settings are right.
                        403 => kit::Verdict::reauthenticate(SignIn::Password, "errors[1]: 403"),
                        _ => kit::Verdict::undescribed(status),
                    }
                }

                fn read(
                    body: &kit::Body<'_>,
                    started_at: SystemTime,
                    _: &mut Vec<kit::Deviation>,
                ) -> kit::Result<kit::Answer<Self>> {
                    let text = body.require_json()?.at(&["token"]).required_token("token")?;
                    Ok((kit::issued(text, started_at), None, ()))
                }
            }

            impl Minter for Client {
                fn at(url: &str, password: &str) -> Self {
                    let place = kit::Place::loopback(url);
                    let endpoint = kit::Endpoint::new(place, password.to_owned(), ());
                    Self(endpoint.expect("settings"))
                }
            }
        }
    };
}

minting!(harmless, MintEnds::Nothing, None);
minting!(ending, MintEnds::Previous, None);
minting!(two_live, MintEnds::OldestOf(2), None);
minting!(
    limited,
    MintEnds::Nothing,
    Some(MintLimit { at_most: 4, per: Duration::from_secs(20 * 60) })
);

/// A mint ends nothing.
pub type Harmless = harmless::Client;
/// A mint ends the token before it.
pub type Ending = ending::Client;
/// A mint ends all tokens but the one before it.
pub type TwoLive = two_live::Client;
/// Four mints are taken in twenty minutes.
pub type Limited = limited::Client;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It does not leave.
    NotSent,
    /// It is lost on its way.
    RequestLost,
    /// It brings a token, and the answer is lost.
    AnswerLost,
    /// It is given up, and arrives with [`Issuer::arrive`].
    Late,
    /// It is answered with this status, and brings nothing.
    Status(u16),
}

/// The provider, and the way to it. Its copies are the same.
#[derive(Debug, Clone)]
pub struct Issuer {
    state: Arc<Mutex<State>>,
    clock: VirtualClock,
    open: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    /// How many tokens live at most.
    kept: usize,
    plan: VecDeque<Mishap>,
    /// When requests arrived.
    arrived: Vec<Duration>,
    late: usize,
    /// How many tokens were issued, and which of them are dead.
    issued: usize,
    dead: usize,
}

impl Issuer {
    fn new(ends: MintEnds, clock: &VirtualClock) -> Self {
        let kept = match ends {
            MintEnds::Nothing => usize::MAX,
            MintEnds::OldestOf(kept) => usize::try_from(kept).expect("a few"),
            _ => 1,
        };
        let (plan, arrived) = (VecDeque::new(), Vec::new());
        let state = State { kept, plan, arrived, late: 0, issued: 0, dead: 0 };
        let open = watch::Sender::new(true);
        Self { state: Arc::new(Mutex::new(state)), clock: clock.clone(), open }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of the next requests.
    pub fn plan(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.state().plan = mishaps.into_iter().collect();
    }

    /// Requests arrive, and their answers stay away until [`Issuer::release`].
    pub fn hold(&self) {
        self.open.send_replace(false);
    }

    /// Lets the answers through.
    pub fn release(&self) {
        self.open.send_replace(true);
    }

    /// When requests arrived.
    pub fn arrived(&self) -> Vec<Duration> {
        self.state().arrived.clone()
    }

    /// How many requests arrived.
    pub fn requests(&self) -> usize {
        self.state().arrived.len()
    }

    /// Requests that were given up arrive.
    pub fn arrive(&self) {
        let mut state = self.state();
        for _ in 0..std::mem::take(&mut state.late) {
            state.receive(self.clock.monotonic());
        }
    }

    /// Whether an API takes this token, as far as it is told of its end.
    pub fn accepts(&self, token: &Token) -> bool {
        let number = token.expose().trim_start_matches("token-").parse::<usize>();
        number.is_ok_and(|number| number > self.state().dead)
    }
}

impl State {
    /// A request with the right password: the text of its answer.
    fn receive(&mut self, now: Duration) -> Vec<u8> {
        self.arrived.push(now);
        self.issued += 1;
        self.dead = self.issued.saturating_sub(self.kept);
        format!(r#"{{"token": "token-{}"}}"#, self.issued).into_bytes()
    }

    /// What comes of a request.
    fn outcome(&mut self, request: &Request<Vec<u8>>, now: Duration) -> Outcome {
        let lost = |sent: fn(TransportErrorKind, &'static str) -> TransportError| {
            Err(sent(TransportErrorKind::Io, "planned"))
        };
        let refused = |state: &mut Self, status: u16| {
            state.arrived.push(now);
            let mut answer = Response::new(Vec::new());
            *answer.status_mut() = status.try_into().expect("a status");
            Ok(answer)
        };
        match self.plan.pop_front() {
            Some(Mishap::NotSent) => lost(TransportError::not_sent),
            Some(Mishap::RequestLost) => lost(TransportError::maybe_sent),
            Some(Mishap::AnswerLost) => {
                self.receive(now);
                lost(TransportError::maybe_sent)
            }
            Some(Mishap::Late) => {
                self.late += 1;
                lost(TransportError::maybe_sent)
            }
            Some(Mishap::Status(status)) => refused(self, status),
            None if request.body() != format!("password={PASSWORD}").as_bytes() => {
                refused(self, 401)
            }
            None => Ok(Response::new(self.receive(now))),
        }
    }
}

type Outcome = Result<Response<Vec<u8>>, TransportError>;

impl Transport for Issuer {
    async fn send(&self, request: Request<Vec<u8>>) -> Outcome {
        let outcome = self.state().outcome(&request, self.clock.monotonic());
        let mut open = self.open.subscribe();
        // It cannot fail: the sender lives as long as this.
        let _ = open.wait_for(|open| *open).await;
        // An answer takes time, in which other tasks can run.
        tokio::task::yield_now().await;
        outcome
    }
}

/// A provider of tokens without a refresh token, the clock of its sessions, and the store that outlives them.
#[derive(Debug, Clone)]
pub struct Mint {
    /// The provider.
    pub issuer: Issuer,
    /// The clock of all processes.
    pub clock: VirtualClock,
    /// What all processes share.
    pub store: MemoryStore,
}

impl Mint {
    /// With the provider of client `P`.
    pub fn of<P: Minter>() -> Self {
        let clock = VirtualClock::new(SystemTime::UNIX_EPOCH + 10_000 * LIFE);
        let store = MemoryStore::with_clock(Arc::new(clock.clone()));
        let ends = P::FACTS.mint.map_or(MintEnds::Unknown, |mint| mint.ends);
        Self { issuer: Issuer::new(ends, &clock), clock, store }
    }

    /// A session that is described and not yet opened: a process of its own.
    pub fn builder<P: Minter>(&self) -> SessionBuilder<P> {
        let builder = Session::builder(P::with(PASSWORD), self.issuer.clone());
        builder.store(self.store.clone()).clock(self.clock.clone())
    }

    /// A session.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn session<P: Minter>(&self) -> Session<P> {
        self.builder().open().await.expect("a session")
    }

    /// Lets time pass in steps, each up to the next moment for which a task waits.
    pub async fn live(&self, for_: Duration) {
        crate::settle().await;
        let end = self.clock.monotonic() + for_;
        loop {
            let left = end.saturating_sub(self.clock.monotonic());
            let next = self.clock.until_next().map_or(left, |next| next.min(left));
            self.clock.advance(next);
            crate::settle().await;
            if left.is_zero() {
                return;
            }
        }
    }
}
