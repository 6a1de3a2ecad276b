//! How a flight ends, told to all who wait for it in the order in which they came.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;

use super::error::SessionError;
use super::flight::Outcome;

/// A flight that has begun, for those who wait for its end.
#[derive(Clone)]
pub(crate) struct Arrival(Arc<Board>);

/// The same, for the flight: dropped without a word, it says that the flight is lost.
pub(crate) struct Report(Arc<Board>);

#[derive(Default)]
struct Board {
    /// `Err(())`: the flight is lost, because its executor was shut down.
    ended: OnceLock<Result<Outcome, ()>>,
    changed: Notify,
}

impl Board {
    /// Only the first word counts.
    fn tell(&self, end: Result<Outcome, ()>) {
        if self.ended.set(end).is_ok() {
            self.changed.notify_waiters();
        }
    }
}

/// A flight that is about to begin.
pub(crate) fn flight() -> (Report, Arrival) {
    let board = Arc::new(Board::default());
    (Report(Arc::clone(&board)), Arrival(board))
}

impl Report {
    /// The flight has ended.
    pub fn tell(self, outcome: Outcome) {
        self.0.tell(Ok(outcome));
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.0.tell(Err(()));
    }
}

impl Arrival {
    pub fn is_lost(&self) -> bool {
        matches!(self.0.ended.get(), Some(Err(())))
    }

    /// Waits for the end.
    pub async fn outcome(&self) -> Outcome {
        // Before the look: it hears of every change from here on.
        let changed = self.0.changed.notified();
        if self.0.ended.get().is_none() {
            changed.await;
        }
        match self.0.ended.get() {
            Some(Ok(outcome)) => outcome.clone(),
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

    fn poll(arrival: &Arrival) -> Poll<Outcome> {
        pin!(arrival.outcome()).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn who_comes_late_hears_it_as_well() {
        let (report, arrival) = flight();
        assert!(poll(&arrival).is_pending() && !arrival.is_lost());
        report.tell(Ok(()));
        assert!(matches!(poll(&arrival), Poll::Ready(Ok(()))) && !arrival.is_lost());
        assert!(matches!(poll(&arrival.clone()), Poll::Ready(Ok(()))));
    }

    #[test]
    fn a_flight_that_is_dropped_is_lost() {
        let (report, arrival) = flight();
        drop(report);
        assert!(arrival.is_lost());
        let Poll::Ready(Err(error)) = poll(&arrival) else {
            panic!("nobody waits for ever");
        };
        assert!(matches!(error.kind(), SessionErrorKind::NoExecutor));
    }

    /// Writes its number down when it is woken.
    struct Numbered(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Numbered {
        fn wake(self: Arc<Self>) {
            let mut woken = self.1.lock().unwrap_or_else(PoisonError::into_inner);
            woken.push(self.0);
        }
    }

    #[test]
    fn who_came_first_is_woken_first_also_when_the_flight_is_lost() {
        let (report, arrival) = flight();
        let woken = Arc::new(Mutex::new(Vec::new()));
        let waker = |number| Waker::from(Arc::new(Numbered(number, Arc::clone(&woken))));
        let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(arrival.outcome())).collect();
        for (number, future) in waiting.iter_mut().enumerate() {
            let waker = waker(number);
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        drop(report);
        let woken = woken.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(woken.iter().copied().eq(0..100));
    }
}
