//! The machine's clock. Nothing else in this crate asks what time it is.

use std::time::SystemTime;

/// The wall clock, now.
///
/// Invariant: this is the only call of `SystemTime::now` in the runtime and in generated code (the `disallowed-methods`
/// lint keeps it so). Everything else is told the time.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for the time"
)]
pub fn now() -> SystemTime {
    SystemTime::now()
}
