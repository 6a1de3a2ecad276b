//! One refresh for all who ask: what they ask for, and how they wait for its result. Waiters are woken in the order in which
//! they came.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use super::error::SessionError;
use super::settings::InDoubt;

/// How a refresh ended, for every waiter.
pub(crate) type RefreshResult = Result<(), SessionError>;

/// What a refresh is asked to bring.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RefreshRequest {
    /// Tokens of a later generation than this.
    pub newer_than: u64,
    /// The token must also be valid now.
    pub wants_token: bool,
    /// Refresh even if an attempt has failed a moment ago.
    pub force: bool,
    /// Refresh only if the grant is due: no caller asked for a token.
    pub upkeep: bool,
    /// What to do with an exchange in doubt, in place of what the settings say.
    pub in_doubt: Option<InDoubt>,
}

impl RefreshRequest {
    /// A token that is valid now, where that of generation `seen` is not.
    pub fn token(seen: u64) -> Self {
        Self { newer_than: seen, wants_token: true, ..Self::default() }
    }

    /// Tokens of a later generation.
    pub fn newer_than(generation: u64) -> Self {
        Self { newer_than: generation, ..Self::default() }
    }

    /// The same, and newer than this generation, which brings no token. What is due is due after it as well.
    pub fn beyond(self, generation: u64) -> Self {
        Self { newer_than: self.newer_than.max(generation), ..self }
    }

    /// A refresh of the grant, if it is due.
    pub fn upkeep() -> Self {
        Self { newer_than: u64::MAX, upkeep: true, ..Self::default() }
    }
}

/// A running refresh, as its waiters hold it.
#[derive(Clone)]
pub(crate) struct RefreshHandle(Arc<State>);

/// The same, as the refresh holds it. Dropped before [`Completion::complete`], it tells the waiters that the refresh is lost.
pub(crate) struct Completion(Arc<State>);

#[derive(Default)]
struct State {
    /// `Err(())`: the refresh is lost, because its executor was shut down.
    result: OnceLock<Result<RefreshResult, ()>>,
    changed: Notify,
}

impl State {
    /// Only the first call counts.
    fn set(&self, result: Result<RefreshResult, ()>) {
        if self.result.set(result).is_ok() {
            self.changed.notify_waiters();
        }
    }
}

/// Both ends of a refresh that is about to start.
pub(crate) fn pair() -> (Completion, RefreshHandle) {
    let state = Arc::new(State::default());
    (Completion(Arc::clone(&state)), RefreshHandle(state))
}

impl Completion {
    /// Gives the result to all waiters.
    pub fn complete(self, result: RefreshResult) {
        self.0.set(Ok(result));
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        self.0.set(Err(()));
    }
}

impl fmt::Debug for RefreshHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.result.get() {
            None => "running",
            Some(Ok(_)) => "ended",
            Some(Err(())) => "lost",
        })
    }
}

impl RefreshHandle {
    pub fn is_lost(&self) -> bool {
        matches!(self.0.result.get(), Some(Err(())))
    }

    /// Waits for the result.
    pub async fn result(&self) -> RefreshResult {
        // Registered before the check, so that no change is missed in between.
        let changed = self.0.changed.notified();
        if self.0.result.get().is_none() {
            changed.await;
        }
        match self.0.result.get() {
            Some(Ok(result)) => result.clone(),
            Some(Err(())) | None => Err(SessionError::no_executor()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::{Mutex, PoisonError};
    use std::task::{Context, Poll, Wake, Waker};

    use super::super::error::SessionErrorKind;
    use super::*;

    fn poll(handle: &RefreshHandle) -> Poll<RefreshResult> {
        pin!(handle.result()).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_late_waiter_gets_the_result_as_well() {
        let (completion, handle) = pair();
        assert!(poll(&handle).is_pending() && !handle.is_lost());
        completion.complete(Ok(()));
        assert!(matches!(poll(&handle), Poll::Ready(Ok(()))) && !handle.is_lost());
        assert!(matches!(poll(&handle.clone()), Poll::Ready(Ok(()))));
    }

    #[test]
    fn a_refresh_that_is_dropped_is_lost() {
        let (completion, handle) = pair();
        drop(completion);
        assert!(handle.is_lost());
        let Poll::Ready(Err(error)) = poll(&handle) else {
            panic!("the waiter was not woken");
        };
        assert!(matches!(error.kind(), SessionErrorKind::NoExecutor));
    }

    /// Records its number when it is woken.
    struct Numbered(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Numbered {
        fn wake(self: Arc<Self>) {
            let mut woken = self.1.lock().unwrap_or_else(PoisonError::into_inner);
            woken.push(self.0);
        }
    }

    #[test]
    fn waiters_are_woken_in_order_even_when_the_refresh_is_lost() {
        let (completion, handle) = pair();
        let woken = Arc::new(Mutex::new(Vec::new()));
        let waker = |number| Waker::from(Arc::new(Numbered(number, Arc::clone(&woken))));
        let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(handle.result())).collect();
        for (number, future) in waiting.iter_mut().enumerate() {
            let waker = waker(number);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        drop(completion);
        let woken = woken.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(woken.iter().copied().eq(0..100));
    }
}
