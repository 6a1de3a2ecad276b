//! Work on files, on threads that may block.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};

use super::disk::wrong;
use super::lock::Locked;
use super::place::Place;
use crate::clock::{Clock, SystemClock};
use crate::store::{StoreError, StoreErrorKind};

/// How long to wait for another process's write before asking again, at first and at most.
const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(20);

/// How long a write of another process may take: far longer than any disk, so that a process that exceeds it must be stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// Works on the files of one place.
#[derive(Debug, Clone)]
pub(super) struct Work {
    place: Arc<Place>,
    /// Those of this handle take turns, and do not ask the system for the guard over and over.
    turn: Arc<Mutex<()>>,
}

impl Work {
    pub(super) fn new(place: Place) -> Self {
        Self { place: Arc::new(place), turn: Arc::default() }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Does what needs no guard.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Place) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.place);
        spawn_blocking(move || job(&place)).await.map_err(broken)?
    }

    /// Does something while no other process writes. Once begun it is completed, even if its future is dropped.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Place) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        // The system's clock in any case: a disk and another process do not go by another.
        let clock = SystemClock::new();
        let until = clock.monotonic() + PATIENCE;
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        let mut job = job;
        let mut wait = FIRST;
        loop {
            let place = Arc::clone(&self.place);
            let attempt = move || {
                let Some(guard) = Locked::take(&place.guard())? else {
                    return Ok(Err((turn, job)));
                };
                let done = job(&place);
                // In this order: the next of this handle finds the guard free.
                drop(guard);
                drop(turn);
                done.map(Ok)
            };
            match spawn_blocking(attempt).await.map_err(broken)?? {
                Ok(done) => return Ok(done),
                Err((kept, again)) => (turn, job) = (kept, again),
            }
            if clock.monotonic() >= until {
                let hint = "another process has been writing for 10 seconds: is it stopped?";
                return Err(wrong(StoreErrorKind::Unavailable, self.place.path(), hint));
            }
            clock.sleep(wait).await;
            wait = LONGEST.min(wait * 2);
        }
    }
}

/// The runtime is shutting down.
fn broken(_: JoinError) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable).with_detail("the runtime does no more work")
}
