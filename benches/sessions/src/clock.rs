//! Waiting, and asking what time it is. Peers read the machine's clock and cannot be given another: a token's life is waited out.

use std::time::{Duration, Instant};

/// Lets time pass.
#[expect(clippy::disallowed_methods, reason = "a peer's clock cannot be moved")]
pub async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// The machine's monotonic clock: what any holder of a token reads at least once for each call.
#[expect(clippy::disallowed_methods, reason = "what a reading costs is measured")]
#[inline]
pub fn now() -> Instant {
    Instant::now()
}
