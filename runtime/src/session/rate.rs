//! How many exchanges may be begun in a time, at one provider, by this process.

use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::clock::Clock;

/// The clock of the sessions, as the limiter asks for it.
struct ByClock(Arc<dyn Clock>);

impl GovernorClock for ByClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

/// A limit of one process.
pub(crate) struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, ByClock, NoOpMiddleware<Duration>>,
    clock: Arc<dyn Clock>,
}

impl Rate {
    pub fn new(quota: Quota, clock: Arc<dyn Clock>) -> Self {
        let by_clock = ByClock(Arc::clone(&clock));
        Self { limiter: RateLimiter::direct_with_clock(quota, by_clock), clock }
    }

    /// How long to wait until one more exchange may begin; `None` where it may now, and counts.
    pub fn wait(&self) -> Option<Duration> {
        let early = self.limiter.check().err()?;
        Some(early.wait_time_from(self.clock.monotonic()))
    }
}
