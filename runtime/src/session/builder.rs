//! How sessions are described before they are opened.

use std::fmt;
use std::sync::Arc;

use super::activity::{Activities, Activity};
use super::background_refresher;
use super::deadline_queue::DeadlineQueue;
use super::error::SessionError;
use super::executor::{self, Executor};
use super::grant_state::GrantState;
use super::pool::Pool;
use super::provider::{ErasedTransport, Renewable};
#[cfg(feature = "rate-limit")]
use super::rate::ProcessRate;
use super::rate::RateLimit;
use super::refresh_attempt::join_or_start;
use super::session::Session;
use super::settings::{InDoubt, Settings, Upkeep};
use super::shared::{Parts, Shared};
use super::single_flight::RefreshRequest;
use super::sweep;
use crate::clock::{Clock, SystemClock};
use crate::store::{Key, MemoryStore, Rate, SharedStore, Store, StoreError, StoreErrorKind};
use crate::transport::Transport;

/// Describes the sessions of one provider: where grants are kept, when they are refreshed.
#[must_use]
pub struct SessionBuilder<P> {
    client: P,
    transport: Box<dyn ErasedTransport>,
    store: Option<SharedStore>,
    clock: Arc<dyn Clock>,
    executor: Option<Arc<dyn Executor>>,
    deadlines: Option<Arc<DeadlineQueue>>,
    providers: Option<Arc<Activities>>,
    settings: Settings,
    owner: Option<Arc<str>>,
    subject: String,
    rate_of_store: Option<Rate>,
    #[cfg(feature = "rate-limit")]
    rate: Option<governor::Quota>,
}

impl<P: Renewable> Session<P> {
    /// Begins to describe a session of its own. For many grants, see [`Sessions`](super::Sessions).
    pub fn builder(
        client: P,
        transport: impl Transport + Send + Sync + 'static,
    ) -> SessionBuilder<P> {
        SessionBuilder::new(client, transport)
    }
}

impl<P: Renewable> SessionBuilder<P> {
    pub(super) fn new(client: P, transport: impl Transport + Send + Sync + 'static) -> Self {
        Self {
            client,
            transport: Box::new(transport),
            store: None,
            clock: Arc::new(SystemClock::new()),
            executor: None,
            deadlines: None,
            providers: None,
            settings: Settings::default(),
            owner: None,
            subject: "default".to_owned(),
            rate_of_store: None,
            #[cfg(feature = "rate-limit")]
            rate: None,
        }
    }

    /// With a queue that other providers share, its clock and its executor, and the list of them.
    pub(super) fn with_deadlines(
        mut self,
        queue: Arc<DeadlineQueue>,
        clock: Arc<dyn Clock>,
        executor: Arc<dyn Executor>,
        providers: Arc<Activities>,
    ) -> Self {
        self.providers = Some(providers);
        self.deadlines = Some(queue);
        self.clock = clock;
        self.executor = Some(executor);
        self
    }

    /// Where grants are kept. In memory unless said: then they are gone with the process.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(SharedStore::new(store));
        self
    }

    /// Whose grant it is: the rest of its [`Key`]. `default` unless said.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// All that can be decided, at once.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// What to do with an exchange in doubt.
    pub fn in_doubt(mut self, policy: InDoubt) -> Self {
        self.settings.in_doubt = policy;
        self
    }

    /// When to refresh.
    pub fn upkeep(mut self, upkeep: Upkeep) -> Self {
        self.settings.upkeep = upkeep;
        self
    }

    /// What the sessions go by in place of the machine's clocks.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What runs the tasks of the sessions. The `tokio` runtime that opens them unless said.
    pub fn executor(mut self, executor: impl Executor) -> Self {
        self.executor = Some(Arc::new(executor));
        self
    }

    /// Who this process is, in leases and journals: for people. The process id unless said.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into().into());
        self
    }

    /// How many exchanges may be begun in a time, by all processes that share the store: the provider's rate limit. It takes the place of
    /// one for this process.
    ///
    /// The store must keep rates, as all stores of this crate do; if not, nothing is opened. Each look for due grants counts as
    /// an exchange, even where it finds none.
    pub fn rate_of_all(mut self, rate: Rate) -> Self {
        self.rate_of_store = Some(rate);
        self
    }

    /// How many exchanges may be begun in a time, by this process: the provider's rate limit.
    #[cfg(feature = "rate-limit")]
    pub fn rate(mut self, quota: governor::Quota) -> Self {
        self.rate = Some(quota);
        self
    }

    /// Opens the session, and reads what the store holds. Where an earlier process crashed during an exchange, the rule for an
    /// exchange in doubt is applied now.
    ///
    /// # Errors
    /// The store cannot be read, or no executor was given and no `tokio` runtime runs here. That there is no grant yet is no error.
    pub async fn open(self) -> Result<Session<P>, SessionError> {
        let subject = self.subject.clone();
        let shared = self.share()?;
        background_refresher::start(&shared);
        let grant = GrantState::new(Arc::clone(&shared), Key::new(P::ID, &subject));
        let stored = match P::LOCAL {
            Some(_) => None,
            None => grant.find().await?,
        };
        if let Some(snapshot) = stored {
            grant.adopt_stored(&snapshot);
            if snapshot.doubted().is_some() {
                let request = RefreshRequest::newer_than(snapshot.record.generation);
                // Its result is told as an event, and to the first caller that asks for a token.
                let _ = join_or_start(&grant, request);
            }
        } else if P::FACTS.needs_no_sign_in() && shared.settings.upkeep == Upkeep::Always {
            // So that no caller waits for the first token either.
            let _ = join_or_start(&grant, RefreshRequest::upkeep());
        }
        Ok(Session { grant })
    }

    /// Starts to manage many grants of this provider. A grant is not read before a caller asks for its token or it
    /// is due.
    ///
    /// # Errors
    /// No executor was given, and no `tokio` runtime runs here.
    pub fn start(self) -> Result<Pool<P>, SessionError> {
        let pool = Pool::new(self.share()?);
        background_refresher::start(&pool.shared);
        if P::LOCAL.is_none() {
            sweep::start(&pool.shared, &pool.opened);
        }
        Ok(pool)
    }

    fn share(self) -> Result<Arc<Shared<P>>, SessionError> {
        let executor = self.executor.map_or_else(executor::current, Ok)?;
        let deadlines = match self.deadlines {
            Some(queue) => queue,
            None => DeadlineQueue::start(Arc::clone(&self.clock), &*executor),
        };
        let store = self
            .store
            .unwrap_or_else(|| SharedStore::new(MemoryStore::with_clock(Arc::clone(&self.clock))));
        let owner = self.owner.unwrap_or_else(|| process(&*self.clock));
        let activity = Arc::<Activity>::default();
        if let Some(providers) = self.providers {
            providers.add(&activity);
        }
        let rate = match self.rate_of_store {
            Some(_) if !store.keeps_rates() => {
                let refused = StoreError::new(StoreErrorKind::Refused);
                return Err(SessionError::store(refused.with_detail("it keeps no rates")));
            }
            Some(rate) => RateLimit::OfStore(rate),
            #[cfg(feature = "rate-limit")]
            None => self.rate.map_or(RateLimit::None, |quota| {
                RateLimit::OfProcess(ProcessRate::new(quota, Arc::clone(&self.clock)))
            }),
            #[cfg(not(feature = "rate-limit"))]
            None => RateLimit::None,
        };
        Ok(Shared::new(Parts {
            client: self.client,
            transport: self.transport,
            store,
            clock: self.clock,
            settings: self.settings,
            owner,
            rate,
            deadlines,
            executor,
            activity,
        }))
    }
}

/// This process, told apart from an earlier one of the same id.
fn process(clock: &dyn Clock) -> Arc<str> {
    format!("{}-{:06x}", std::process::id(), clock.random() & 0xff_ffff).into()
}

impl<P> fmt::Debug for SessionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("subject", &self.subject)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
