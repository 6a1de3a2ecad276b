//! The background task of a provider: it refreshes grants that are due although no caller waits for a token, and looks for
//! more of them in the store.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::grant_state::GrantState;
use super::pool::Grants;
use super::provider::Renewable;
use super::refresh_attempt::join_or_start;
use super::settings::Upkeep;
use super::shared::{DueGrant, Shared, permits};
use super::single_flight::RefreshRequest;
use crate::clock::{Sleep, jitter};
use crate::store::Store;

/// The longest wait between two looks into the store.
const LONGEST_SWEEP: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How many grants are read from the store at a time.
const PAGE: usize = 4096;

/// Starts the task. It ends with the last session. `opened` are the grants of a pool; a single session has none, and does not
/// look for others in the store.
pub(super) fn start<P: Renewable>(shared: &Arc<Shared<P>>, opened: Option<Arc<Grants<P>>>) {
    let refresher = BackgroundRefresher {
        shared: Arc::downgrade(shared),
        changed: Arc::clone(&shared.due_changed),
        opened: opened
            .filter(|_| shared.settings.upkeep != Upkeep::WhenAsked)
            .map(|opened| Arc::downgrade(&opened)),
        slots: Arc::new(Semaphore::new(permits(&shared.settings))),
    };
    shared.executor.spawn(Box::pin(refresher.run()));
}

struct BackgroundRefresher<P: Renewable> {
    shared: Weak<Shared<P>>,
    changed: Arc<Notify>,
    opened: Option<Weak<Grants<P>>>,
    /// As many as exchanges may be out at a time: the other grants wait in a queue and not as tasks.
    slots: Arc<Semaphore>,
}

impl<P: Renewable> BackgroundRefresher<P> {
    async fn run(self) {
        // At random, so that the processes of a fleet do not look at the same moment after an outage.
        let Some(mut look) = self.next_look(|jitter| jitter / 10.0) else {
            return;
        };
        let mut later_page = PAGE;
        loop {
            tokio::select! {
                // However many grants are due, the store is looked at as often.
                biased;
                () = &mut look => {
                    later_page = self.sweep(later_page).await;
                    match self.next_look(|jitter| 0.9 + jitter / 5.0) {
                        Some(next) => look = next,
                        None => return,
                    }
                }
                () = self.changed.notified() => {}
            }
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

    /// The wait for the next look into the store, as a share of the usual one, by a jitter from 0 to 1; `None` when there are no
    /// sessions any more.
    fn next_look(&self, share: impl Fn(f64) -> f64) -> Option<Sleep> {
        let shared = self.shared.upgrade()?;
        Some(match self.opened {
            Some(_) => {
                let usual = shared.settings.sweep.min(LONGEST_SWEEP);
                shared.clock.sleep(usual.mul_f64(share(jitter(&*shared.clock))))
            }
            None => Box::pin(std::future::pending()),
        })
    }

    /// Enqueues due grants of the store: the first page, and a later one where there are more, so that grants that cannot be
    /// refreshed do not hide the rest. Returns where the later page begins the next time.
    async fn sweep(&self, later_page: usize) -> usize {
        match self.enqueue_page(0).await {
            Some(PAGE..) => match self.enqueue_page(later_page).await {
                Some(PAGE..) => later_page + PAGE,
                Some(_) => PAGE,
                None => later_page,
            },
            Some(_) => PAGE,
            None => later_page,
        }
    }

    /// Enqueues the due grants from the place `first` on, and returns their number; `None` when the store cannot be reached: it
    /// is asked again at the next look.
    async fn enqueue_page(&self, first: usize) -> Option<usize> {
        let (shared, opened) = (self.shared.upgrade()?, self.opened.as_ref()?.upgrade()?);
        let due = shared.store.due(P::ID, shared.now(), first..first + PAGE).await;
        let keys = due.ok()?;
        let found = keys.len();
        for key in keys {
            let open = {
                let opened = opened.read().unwrap_or_else(PoisonError::into_inner);
                opened.get(&key).cloned()
            };
            shared.enqueue(open.unwrap_or_else(|| GrantState::new(Arc::clone(&shared), key)));
        }
        Some(found)
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

/// Sets the deadline to when the next attempt may be made.
fn retry_later<P: Renewable>(grant: &Arc<GrantState<P>>) {
    let until = grant.inner().last_failure.as_ref().map(|failure| failure.until);
    if let Some(until) = until.filter(|until| *until < Duration::MAX) {
        grant.set_deadline(Some(until));
    }
}
