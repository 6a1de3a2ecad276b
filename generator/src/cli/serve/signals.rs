//! What ends a server: Ctrl-C, or a polite request of the system.

use std::io;
use tokio::runtime::{Builder, Runtime};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens to the signals that ask a process to end.
pub(super) struct Signals {
    runtime: Runtime,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

impl Signals {
    /// From here on such a signal no longer ends the process by itself.
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (interrupt, terminate) = {
            let _context = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        Ok(Self { runtime, interrupt, terminate })
    }

    /// From here on such a signal no longer ends the process by itself.
    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime })
    }

    /// Waits for one.
    #[cfg(unix)]
    pub(super) fn wait(&mut self) {
        let (interrupt, terminate) = (&mut self.interrupt, &mut self.terminate);
        self.runtime.block_on(std::future::poll_fn(|context| {
            let interrupted = interrupt.poll_recv(context);
            if interrupted.is_ready() { interrupted } else { terminate.poll_recv(context) }
        }));
    }

    /// Waits for one.
    #[cfg(not(unix))]
    pub(super) fn wait(&mut self) {
        // Where it cannot be listened to, it ends the process by itself.
        let _ = self.runtime.block_on(tokio::signal::ctrl_c());
    }
}
