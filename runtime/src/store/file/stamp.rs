//! When something was written, by the clocks of this machine.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::store::{StoreError, StoreErrorKind};

/// A moment, by the wall clock, which people and time servers set, and by the one that counts from the machine's start, where
/// all processes of the machine have that one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stamp {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uptime: Option<Uptime>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Uptime {
    /// Which start of the machine it counts from.
    boot: String,
    millis: u64,
}

impl Stamp {
    /// This moment.
    ///
    /// # Errors
    /// [`StoreErrorKind::Refused`](crate::store::StoreErrorKind::Refused) when the wall clock shows what cannot be written.
    pub(super) fn now(clock: &dyn Clock) -> Result<Self, StoreError> {
        let millis = u64::try_from(clock.monotonic().as_millis()).unwrap_or(u64::MAX);
        let uptime = clock.boot().map(|boot| Uptime { boot, millis });
        Ok(Self { at: write_time(clock.wall())?, uptime })
    }

    /// How long ago it was.
    pub(super) fn elapsed(&self, clock: &dyn Clock) -> Duration {
        let now = clock.monotonic();
        match (&self.uptime, clock.boot()) {
            (Some(then), Some(boot)) if then.boot == boot => {
                now.saturating_sub(Duration::from_millis(then.millis))
            }
            // The machine has started since: it is at least that long ago.
            (Some(_), Some(_)) => since(self.at.into(), clock).max(now),
            _ => since(self.at.into(), clock),
        }
    }
}

/// How long ago an instant was by the wall clock.
pub(super) fn since(at: SystemTime, clock: &dyn Clock) -> Duration {
    clock.wall().duration_since(at).unwrap_or_default()
}

/// In whole milliseconds, rounded down.
pub(super) fn write_time(time: SystemTime) -> Result<Timestamp, StoreError> {
    let beyond = |_| {
        StoreError::new(StoreErrorKind::Refused).with_detail("a time is beyond what can be written")
    };
    let time = Timestamp::try_from(time).map_err(beyond)?;
    let millis = time.as_nanosecond().div_euclid(1_000_000);
    Timestamp::from_nanosecond(millis * 1_000_000).map_err(beyond)
}
