//! The one thread on which the blocking sessions of a process live.

use std::future::Future;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{self, ThreadId};

use tokio::runtime::{Builder, Handle};

use super::super::error::SessionError;

/// The thread. Its copies are the same.
#[derive(Clone)]
pub(super) struct Engine {
    executor: Handle,
    thread: ThreadId,
}

/// The process's engine, once there is one.
static ENGINE: Mutex<Option<Engine>> = Mutex::new(None);

impl Engine {
    /// The process's engine.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn of_process() -> Result<Self, SessionError> {
        let mut engine = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*engine {
            return Ok(engine.clone());
        }
        let started = Self::start()?;
        *engine = Some(started.clone());
        Ok(started)
    }

    fn start() -> Result<Self, SessionError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .thread_name("rekindle-blocking")
            .build()
            .map_err(|_| SessionError::no_executor())?;
        let executor = runtime.handle().clone();
        let thread = thread::Builder::new()
            .name("rekindle".to_owned())
            // For as long as the process runs: dropping a session must not end its exchange.
            .spawn(move || runtime.block_on(std::future::pending::<()>()))
            .map_err(|_| SessionError::no_executor())?;
        Ok(Self { executor, thread: thread.thread().id() })
    }

    /// Runs a future on the thread, and blocks this one until it ends. Inside another runtime this works as well: nothing of
    /// that runtime is used.
    ///
    /// # Errors
    /// The future panicked; or this is the engine's own thread, which must not block: a store or a clock has called back.
    pub fn wait<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, SessionError> {
        if thread::current().id() == self.thread {
            return Err(SessionError::no_executor());
        }
        let (tell, told) = mpsc::sync_channel(1);
        self.executor.spawn(async move {
            // The receiver is there: its thread is blocked until this is sent.
            let _ = tell.send(future.await);
        });
        told.recv().map_err(|_| SessionError::no_executor())
    }
}
