//! What runs the tasks of sessions.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::error::SessionError;

/// A task of sessions.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the tasks of sessions: exchanges, which go on when their callers stop waiting, and what refreshes in the background.
///
/// A [`Handle`] of `tokio` is one, and where none is given, that of the runtime that opens the session. With another executor, sessions
/// themselves need no `tokio` runtime; the [clock](crate::clock::Clock), the transport and the store may.
pub trait Executor: Send + Sync + 'static {
    /// Starts to run a task, and returns at once.
    ///
    /// An executor that is shut down drops its tasks: those who wait for one are told by
    /// [`NoExecutor`](super::SessionErrorKind::NoExecutor).
    fn spawn(&self, task: Task);
}

impl Executor for Handle {
    fn spawn(&self, task: Task) {
        drop(Self::spawn(self, task));
    }
}

/// The executor of the `tokio` runtime that runs here.
///
/// # Errors
/// None runs here.
pub(super) fn current() -> Result<Arc<dyn Executor>, SessionError> {
    let handle = Handle::try_current().map_err(|_| SessionError::no_executor())?;
    Ok(Arc::new(handle))
}
