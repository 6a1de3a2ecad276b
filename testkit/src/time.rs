//! Instants, and waiting for what takes time.

use std::time::SystemTime;

/// The instant that an RFC 3339 text names: `2026-11-21T08:00:00Z`.
///
/// # Panics
/// When it names none.
#[track_caller]
pub fn at(rfc3339: &str) -> SystemTime {
    let instant: jiff::Timestamp =
        rfc3339.parse().unwrap_or_else(|error| panic!("{rfc3339:?} is no instant: {error}"));
    instant.into()
}

/// Runs futures on this thread, one after the other, with sockets and time-outs at their service. What one future leaves behind, such
/// as an open connection, the next one finds.
#[derive(Debug)]
pub struct Executor(tokio::runtime::Runtime);

impl Executor {
    /// A new one, with nothing left behind.
    ///
    /// # Panics
    /// When the machine has no event queue to give.
    #[expect(clippy::new_without_default, reason = "it takes something from the machine")]
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self(runtime.expect("a runtime"))
    }

    /// Runs a future to its end.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

/// Runs a future to its end on this thread, with sockets and time-outs at its service.
///
/// # Panics
/// When the machine has no event queue to give.
pub fn block_on<F: Future>(future: F) -> F::Output {
    Executor::new().block_on(future)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_future_is_run() {
        assert_eq!(super::block_on(async { 7 }), 7);
    }

    #[test]
    fn an_instant_is_read() {
        assert_eq!(
            super::at("1970-01-01T00:01:00.5Z"),
            SystemTime::UNIX_EPOCH + Duration::from_millis(60_500)
        );
    }
}
