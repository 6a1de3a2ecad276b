//! A panic in what others wrote, a store, a transport, a client, is an error of the attempt that called it (R40).
//!
//! Where the program is built with `panic = "abort"`, a panic ends the process, and this does nothing.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// There was a panic. What it said is not kept: it may quote a credential. The process's panic hook has seen it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panicked;

/// Runs a future that others wrote.
///
/// It is not polled again after a panic, and what it held is dropped: that is why its unwinding cannot be seen.
pub(crate) async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// Calls a function that others wrote.
pub(crate) fn caught_call<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| Panicked)
}
