//! How many exchanges may be begun in a time, at one provider.

#[cfg(feature = "rate-limit")]
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "rate-limit")]
use governor::clock::Clock as GovernorClock;
#[cfg(feature = "rate-limit")]
use governor::middleware::NoOpMiddleware;
#[cfg(feature = "rate-limit")]
use governor::state::{InMemoryState, NotKeyed};
#[cfg(feature = "rate-limit")]
use governor::{Quota, RateLimiter};

#[cfg(feature = "rate-limit")]
use crate::clock::Clock;
use crate::store::{Rate, SharedStore, Store, StoreError};

/// What limits exchanges.
#[derive(Default)]
pub(crate) enum RateLimit {
    #[default]
    None,
    /// By this process.
    #[cfg(feature = "rate-limit")]
    OfProcess(ProcessRate),
    /// By all processes that share the store.
    OfStore(Rate),
}

/// When one more exchange may begin.
pub(crate) enum Turn {
    /// At once. It counts.
    Now,
    /// After this wait. It counts already.
    In(Duration),
    /// Not yet, and it does not count: to be asked again after this wait.
    #[cfg_attr(
        not(feature = "rate-limit"),
        expect(dead_code, reason = "a store makes a reservation")
    )]
    AskAgain(Duration),
}

impl RateLimit {
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// When one more exchange may begin at the provider of this id.
    pub async fn turn(&self, store: &SharedStore, provider: &str) -> Result<Turn, StoreError> {
        Ok(match self {
            Self::None => Turn::Now,
            #[cfg(feature = "rate-limit")]
            Self::OfProcess(rate) => rate.wait().map_or(Turn::Now, Turn::AskAgain),
            Self::OfStore(rate) => Turn::In(store.reserve(provider, *rate).await?),
        })
    }
}

/// The clock of the sessions, as the limiter asks for it.
#[cfg(feature = "rate-limit")]
struct ByClock(Arc<dyn Clock>);

#[cfg(feature = "rate-limit")]
impl GovernorClock for ByClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

/// A limit of one process.
#[cfg(feature = "rate-limit")]
pub(crate) struct ProcessRate {
    limiter: RateLimiter<NotKeyed, InMemoryState, ByClock, NoOpMiddleware<Duration>>,
    clock: Arc<dyn Clock>,
}

#[cfg(feature = "rate-limit")]
impl ProcessRate {
    pub fn new(quota: Quota, clock: Arc<dyn Clock>) -> Self {
        let by_clock = ByClock(Arc::clone(&clock));
        Self { limiter: RateLimiter::direct_with_clock(quota, by_clock), clock }
    }

    /// How long to wait until one more exchange may begin; `None` where it may now, and counts.
    fn wait(&self) -> Option<Duration> {
        let early = self.limiter.check().err()?;
        Some(early.wait_time_from(self.clock.monotonic()))
    }
}
