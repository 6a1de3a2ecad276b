//! The clock of a machine on which nobody has set it right.

use std::time::{Duration, SystemTime};

use rekindle_runtime::clock::{Clock, Sleep, SystemClock};

/// How long after the others it was started, for each second that its wall clock is wrong.
const STARTED_APART: Duration = Duration::from_secs(60);

/// This machine's clock, minutes wrong, and as of a machine that was started at another time.
pub(crate) struct SkewedClock {
    right: SystemClock,
    off: i32,
}

impl SkewedClock {
    /// Wrong by so many seconds; less than 0 is behind.
    pub(crate) fn new(off: i32) -> Self {
        Self { right: SystemClock::new(), off }
    }
}

impl Clock for SkewedClock {
    fn monotonic(&self) -> Duration {
        self.right.monotonic() + STARTED_APART * self.off.unsigned_abs()
    }

    fn wall(&self) -> SystemTime {
        let by = Duration::from_secs(self.off.unsigned_abs().into());
        let right = self.right.wall();
        if self.off < 0 { right - by } else { right + by }
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.right.sleep(duration)
    }

    fn boot(&self) -> Option<String> {
        Some(format!("started with a clock {} s off", self.off))
    }
}
