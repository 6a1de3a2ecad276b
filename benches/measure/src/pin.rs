//! Staying on one core.

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps this thread, and those that it starts from now on, on the last core that it may use.
///
/// A client and its server on two cores wake each other through interrupts between them, which can cost as much as the rest
/// of an exchange, and now happens, now does not. On one core a client waits for its answer, as it does for one that comes
/// from far away.
pub fn to_one_core() -> Result<(), Errno> {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    let last = (0..CpuSet::count()).rev().find(|&core| allowed.is_set(core).unwrap_or(false));
    let mut one = CpuSet::new();
    one.set(last.unwrap_or(0))?;
    sched_setaffinity(this, &one)
}
