//! What time costs are counted in.

use std::time::Duration;

use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};

/// CPU time of this thread alone: a server on another thread is not in it.
pub fn thread() -> Duration {
    read(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time of all threads of this process.
pub fn process() -> Duration {
    read(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

/// Time as it passes on the wall.
pub fn wall() -> Duration {
    read(ClockId::CLOCK_MONOTONIC)
}

/// CPU time, user and system, of the processes that this one started and waited for, and of those that they waited for.
pub fn children() -> Result<Duration, Errno> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let microseconds =
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(microseconds.unsigned_abs()))
}

/// A clock that the platform has: where one is missing, every figure reads zero.
fn read(clock: ClockId) -> Duration {
    clock_gettime(clock).map(Duration::from).unwrap_or_default()
}
