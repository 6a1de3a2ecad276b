//! The background task of a provider: it refreshes the grants of this process that are due although no caller waits for a token.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::failure::is_tried_again;
use super::grant_state::GrantState;
use super::provider::Renewable;
use super::refresh_attempt::join_or_start;
use super::shared::{DueGrant, Shared, permits};
use super::single_flight::RefreshRequest;

/// Starts the task. It ends with the last session.
pub(super) fn start<P: Renewable>(shared: &Arc<Shared<P>>) {
    let refresher = BackgroundRefresher {
        shared: Arc::downgrade(shared),
        changed: Arc::clone(&shared.due_changed),
        slots: Arc::new(Semaphore::new(permits(&shared.settings))),
    };
    shared.executor.spawn(Box::pin(refresher.run()));
}

struct BackgroundRefresher<P: Renewable> {
    shared: Weak<Shared<P>>,
    changed: Arc<Notify>,
    /// As many as exchanges may be out at a time: the other grants wait in a queue and not as tasks.
    slots: Arc<Semaphore>,
}

impl<P: Renewable> BackgroundRefresher<P> {
    async fn run(self) {
        loop {
            self.changed.notified().await;
            while let Some(grant) = self.next() {
                let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
                    return;
                };
                grant.refresh(slot);
            }
            if self.shared.strong_count() == 0 {
                return;
            }
        }
    }

    fn next(&self) -> Option<Arc<dyn DueGrant>> {
        self.shared.upgrade()?.dequeue()
    }
}

impl<P: Renewable> DueGrant for GrantState<P> {
    fn refresh(self: Arc<Self>, slot: OwnedSemaphorePermit) {
        let joins = self.inner().running().is_some();
        let Ok(Some(refresh)) = join_or_start(&self, RefreshRequest::upkeep()) else {
            retry_later(&self);
            return;
        };
        let executor = Arc::clone(&self.shared.executor);
        executor.spawn(Box::pin(async move {
            // A failure is told as an event. The refresh may have been started by a caller, and then it has set no deadline.
            let result = refresh.result().await;
            drop(slot);
            match result {
                Err(_) => retry_later(&self),
                // What it brought may have become due before it ended, and then no deadline is set either.
                Ok(()) if joins => Arc::clone(&self.shared).enqueue(self),
                Ok(()) => {}
            }
        }));
    }
}

/// Sets the deadline to when the next attempt may be made, where one is made without a caller.
fn retry_later<P: Renewable>(grant: &Arc<GrantState<P>>) {
    let until = {
        let inner = grant.inner();
        let failure = inner.last_failure.as_ref();
        failure.filter(|failure| is_tried_again(&failure.error)).map(|failure| failure.until)
    };
    if let Some(until) = until.filter(|until| *until < Duration::MAX) {
        grant.set_deadline(Some(until));
    }
}
