//! Instants, and waiting for what takes time.

use std::time::SystemTime;

/// The instant that an RFC 3339 text names: `2026-11-21T08:00:00Z`.
///
/// # Panics
/// When it names none.
#[track_caller]
pub fn at(rfc3339: &str) -> SystemTime {
    let instant: jiff::Timestamp = rfc3339
        .parse()
        .unwrap_or_else(|error| panic!("{rfc3339:?} is no instant: {error}"));
    instant.into()
}

/// Runs a future to its end on this thread, with sockets and time-outs at its service.
///
/// # Panics
/// When the machine has no event queue to give.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
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
