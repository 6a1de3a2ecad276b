//! Signals that ask the process to end: noted, so that a new token is kept before it does.

use super::super::console;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::runtime::Builder;

/// What a shell sees after Ctrl-C, and after a polite request of the system.
const INTERRUPTED: u8 = 130;
#[cfg(unix)]
const TERMINATED: u8 = 143;

/// The first signal that came.
#[derive(Clone, Default)]
pub(super) struct Signals(Arc<AtomicU8>);

impl Signals {
    /// From here on no such signal ends the process by itself, the second one neither.
    pub(super) fn listen() -> io::Result<Self> {
        let signals = Self::default();
        let noted = signals.clone();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let wait = {
            let _context = runtime.enter();
            listener()?
        };
        std::thread::Builder::new().spawn(move || {
            if let Some(code) = runtime.block_on(wait) {
                noted.0.store(code, Ordering::SeqCst);
                console::line("a signal came: what is under way is finished and kept first");
            }
        })?;
        Ok(signals)
    }

    /// The exit code that a signal asks for, where one came.
    pub(super) fn noted(&self) -> Option<u8> {
        match self.0.load(Ordering::SeqCst) {
            0 => None,
            code => Some(code),
        }
    }
}

#[cfg(unix)]
fn listener() -> io::Result<impl Future<Output = Option<u8>> + Send> {
    use std::task::Poll;
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(std::future::poll_fn(move |context| {
        if interrupt.poll_recv(context).is_ready() {
            return Poll::Ready(Some(INTERRUPTED));
        }
        terminate.poll_recv(context).map(|_| Some(TERMINATED))
    }))
}

#[cfg(not(unix))]
fn listener() -> io::Result<impl Future<Output = Option<u8>> + Send> {
    Ok(async { tokio::signal::ctrl_c().await.ok().map(|()| INTERRUPTED) })
}
