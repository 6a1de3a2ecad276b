//! How sessions are described before they are opened.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::core::{Core, Source};
use super::error::SessionError;
use super::flight::Need;
use super::keeper::Keeper;
use super::lane;
use super::provider::{Carry, Renewable};
use super::session::Session;
use super::sessions::Pool;
use super::settings::{InDoubt, Settings, Upkeep};
use super::shared::{Parts, Shared};
use crate::clock::{Clock, SystemClock};
use crate::store::{Key, MemoryStore, SharedStore, Store};
use crate::transport::Transport;

/// Describes the sessions of one provider: where grants are kept, when they are refreshed.
#[must_use]
pub struct SessionBuilder<P> {
    client: P,
    transport: Box<dyn Carry>,
    store: Option<SharedStore>,
    clock: Arc<dyn Clock>,
    keeper: Option<Arc<Keeper>>,
    settings: Settings,
    owner: Option<Arc<str>>,
    subject: String,
    #[cfg(feature = "rate-limit")]
    rate: Option<governor::Quota>,
}

impl<P: Renewable> SessionBuilder<P> {
    pub(super) fn new(client: P, transport: impl Transport + Send + Sync + 'static) -> Self {
        Self {
            client,
            transport: Box::new(transport),
            store: None,
            clock: Arc::new(SystemClock::new()),
            keeper: None,
            settings: Settings::default(),
            owner: None,
            subject: "default".to_owned(),
            #[cfg(feature = "rate-limit")]
            rate: None,
        }
    }

    /// With a keeper that other providers share, and the clock that it goes by.
    pub(super) fn kept_by(mut self, keeper: Arc<Keeper>, clock: Arc<dyn Clock>) -> Self {
        self.keeper = Some(keeper);
        self.clock = clock;
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

    /// Who this process is, in leases and journals: for people. The process id unless said.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into().into());
        self
    }

    /// How many exchanges may be begun in a time: the provider's rate limit.
    #[cfg(feature = "rate-limit")]
    pub fn rate(mut self, quota: governor::Quota) -> Self {
        self.rate = Some(quota);
        self
    }

    /// Opens the session, and reads what the store holds. Where the last process has died in the middle of an exchange, the
    /// rule for an exchange in doubt is applied now.
    ///
    /// # Errors
    /// The store cannot be read, or no `tokio` runtime runs here. That there is no grant yet is no error.
    pub async fn open(self) -> Result<Session<P>, SessionError> {
        let subject = self.subject.clone();
        let shared = self.share()?;
        lane::start(&shared, None);
        let core = Core::new(Arc::clone(&shared), Key::new(P::ID, &subject));
        let known = shared.store.read(&core.key).await;
        if let Some(snapshot) = known.map_err(SessionError::store)? {
            core.adopt(&snapshot.record, Source::Store);
            if snapshot.in_flight.is_some() {
                let need = Need::newer_than(snapshot.record.generation);
                // What comes of it is told as an event, and to the first who asks for a token.
                let _ = core.join(need);
            }
        }
        Ok(Session { core })
    }

    /// Starts to manage many grants of this provider. None is read before somebody asks for it or it is due.
    ///
    /// # Errors
    /// No `tokio` runtime runs here.
    pub fn start(self) -> Result<Pool<P>, SessionError> {
        let pool = Pool::new(self.share()?);
        lane::start(&pool.shared, Some(pool.opened()));
        Ok(pool)
    }

    fn share(self) -> Result<Arc<Shared<P>>, SessionError> {
        let executor = Handle::try_current().map_err(|_| SessionError::no_executor())?;
        let keeper = match self.keeper {
            Some(keeper) => keeper,
            None => Keeper::start(Arc::clone(&self.clock), &executor),
        };
        let store = self
            .store
            .unwrap_or_else(|| SharedStore::new(MemoryStore::with_clock(Arc::clone(&self.clock))));
        Ok(Shared::new(Parts {
            client: self.client,
            transport: self.transport,
            store,
            clock: self.clock,
            settings: self.settings,
            owner: self.owner.unwrap_or_else(process),
            #[cfg(feature = "rate-limit")]
            rate: self.rate.map(governor::RateLimiter::direct),
            keeper,
            executor,
        }))
    }
}

/// This process, told apart from an earlier one of the same id.
fn process() -> Arc<str> {
    format!("{}-{:06x}", std::process::id(), fastrand::u32(..) & 0xff_ffff).into()
}

impl<P> fmt::Debug for SessionBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("subject", &self.subject)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
