//! Time as sessions and stores are given it.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// What [`Clock::sleep`] gives.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a session and a store go by: two clocks, a way to wait, and chance.
pub trait Clock: Any + Send + Sync {
    /// How long it is since some fixed moment. Nobody can set it, and it goes on while the machine sleeps.
    fn monotonic(&self) -> Duration;

    /// What day and time it is, as far as the machine knows: people and time servers set it.
    fn wall(&self) -> SystemTime;

    /// Ends after `duration` of [`Clock::monotonic`] or later. A wait during which the machine sleeps may be longer by that
    /// sleep.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// Names the start of the machine that [`Clock::monotonic`] counts from, where every process of the machine counts from it;
    /// `None` where each counts from a moment of its own.
    fn boot(&self) -> Option<String> {
        None
    }

    /// The longest wait after which the machine's sleep is noticed: whoever waits for an instant looks again so often.
    fn longest_sleep(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// A number by chance, for waits of different lengths and for ids: every number equally likely, no two calls related. A clock that
    /// always gives the same numbers lets a run be repeated.
    fn random(&self) -> u64 {
        fastrand::u64(..)
    }
}

/// A number from 0 to 1 by chance.
pub(crate) fn jitter(clock: &dyn Clock) -> f64 {
    let [_, _, _, _, bits @ ..] = clock.random().to_le_bytes();
    f64::from(u32::from_le_bytes(bits)) / f64::from(u32::MAX)
}

/// The machine's own clocks. Waiting needs a `tokio` runtime with time enabled.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    #[cfg(not(target_os = "linux"))]
    start: std::time::Instant,
}

impl SystemClock {
    /// The machine's clocks.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(
            clippy::disallowed_methods,
            reason = "with `now`, the one module that asks the machine for the time"
        )
    )]
    pub fn new() -> Self {
        Self {
            #[cfg(not(target_os = "linux"))]
            start: std::time::Instant::now(),
        }
    }

    /// The machine's clocks, if `clock` is no other.
    pub(crate) fn behind(clock: &dyn Clock) -> Option<Self> {
        let clock: &dyn Any = clock;
        clock.downcast_ref().copied()
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    /// On Linux the clock that counts sleep (`CLOCK_BOOTTIME`).
    #[cfg(target_os = "linux")]
    #[inline]
    fn monotonic(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::new(
            u64::try_from(now.tv_sec).unwrap_or_default(),
            u32::try_from(now.tv_nsec).unwrap_or_default(),
        )
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(
        clippy::disallowed_methods,
        reason = "with `now`, the one module that asks the machine for the time"
    )]
    fn monotonic(&self) -> Duration {
        std::time::Instant::now().duration_since(self.start)
    }

    fn wall(&self) -> SystemTime {
        super::now()
    }

    /// On Linux the boot id of `/proc/sys/kernel/random`.
    #[cfg(target_os = "linux")]
    fn boot(&self) -> Option<String> {
        static BOOT: OnceLock<Option<String>> = OnceLock::new();
        let read = || {
            let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
            Some(id.trim().to_owned()).filter(|id| !id.is_empty())
        };
        BOOT.get_or_init(read).clone()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place of the runtime that waits")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}
