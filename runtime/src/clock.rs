//! The machine's clocks. Nothing else in this crate asks what time it is, or waits; what sessions leave to chance comes from here, too.

use std::time::SystemTime;

#[cfg(feature = "session")]
mod injected;
#[cfg(feature = "session")]
mod virtual_time;

#[cfg(feature = "session")]
pub(crate) use injected::jitter;
#[cfg(feature = "session")]
pub use injected::{Clock, Sleep, SystemClock};
#[cfg(feature = "session")]
pub use virtual_time::VirtualClock;

/// A random number, as the machine gives it: fit for nonces and ids that no one guesses.
///
/// # Errors
/// The machine has none to give.
#[cfg(feature = "random")]
pub fn random() -> Result<u64, crate::Error> {
    getrandom::u64().map_err(|_| crate::Error::no_randomness())
}

/// The wall clock, now.
///
/// Invariant: this is the only call of `SystemTime::now` in the runtime and in generated code (the `disallowed-methods`
/// lint keeps it so). Everything else is told the time.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
pub fn now() -> SystemTime {
    SystemTime::now()
}
