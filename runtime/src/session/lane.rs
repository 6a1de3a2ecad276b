//! The one task of a provider: it begins the exchanges that nobody waits for, and looks for more of them in the store.

use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::core::Core;
use super::flight::Need;
use super::provider::Renewable;
use super::sessions::{Grants, Opened};
use super::settings::Upkeep;
use super::shared::{Shared, permits};
use crate::clock::Sleep;
use crate::store::Store;

/// The longest wait between two looks into the store.
const LONGEST_SWEEP: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How many grants are taken from the store at a time.
const BATCH: usize = 4096;

/// Starts the task. It ends with the last session. `opened` are the grants of a pool; a session by itself has none, and does
/// not look for others in the store.
pub(super) fn start<P: Renewable>(shared: &Arc<Shared<P>>, opened: Option<Opened<P>>) {
    let lane = Lane {
        shared: Arc::downgrade(shared),
        changed: Arc::clone(&shared.ready_changed),
        opened: opened
            .filter(|_| shared.settings.upkeep != Upkeep::WhenAsked)
            .map(|opened| Arc::downgrade(&opened)),
        slots: Arc::new(Semaphore::new(permits(&shared.settings))),
    };
    shared.executor.spawn(lane.run());
}

struct Lane<P: Renewable> {
    shared: Weak<Shared<P>>,
    changed: Arc<tokio::sync::Notify>,
    opened: Option<Weak<Grants<P>>>,
    /// As many at a time as exchanges may be out: the rest waits in a queue, not as tasks.
    slots: Arc<Semaphore>,
}

impl<P: Renewable> Lane<P> {
    async fn run(self) {
        // Not all processes of a fleet look at the same moment after an outage.
        let Some(mut look) = self.next_look(fastrand::f64() / 10.0) else {
            return;
        };
        let mut deeper = BATCH;
        loop {
            tokio::select! {
                () = self.changed.notified() => {}
                () = &mut look => {
                    deeper = self.sweep(deeper).await;
                    match self.next_look(0.9 + fastrand::f64() / 5.0) {
                        Some(next) => look = next,
                        None => return,
                    }
                }
            }
            while let Some(core) = self.next() {
                self.renew(core).await;
            }
            if self.shared.strong_count() == 0 {
                return;
            }
        }
    }

    fn next(&self) -> Option<Arc<Core<P>>> {
        self.shared.upgrade()?.dequeue()
    }

    /// The wait for the next look into the store, in shares of the usual one; `None` when there are no sessions any more.
    fn next_look(&self, share: f64) -> Option<Sleep> {
        let shared = self.shared.upgrade()?;
        Some(match self.opened {
            Some(_) => {
                let usual = shared.settings.sweep.min(LONGEST_SWEEP);
                shared.clock.sleep(usual.mul_f64(share))
            }
            None => Box::pin(std::future::pending()),
        })
    }

    /// Begins what is due of one grant, once there is a slot.
    async fn renew(&self, core: Arc<Core<P>>) {
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
            return;
        };
        let Ok(Some(flight)) = core.join(Need::upkeep()) else {
            core.retry_later();
            return;
        };
        let executor = core.shared.executor.clone();
        executor.spawn(async move {
            // How it ended is told as an event. It may have been somebody else's, who did not look at what is due.
            if flight.outcome().await.is_err() {
                core.retry_later();
            }
            drop((slot, core));
        });
    }

    /// Looks for grants that are due and that nobody has opened here: for the earliest, and where there are more of them for those
    /// from the place `deeper` on, so that many that cannot be refreshed hide no others. Returns where to look the next time.
    async fn sweep(&self, deeper: usize) -> usize {
        match self.page(0).await {
            Some(BATCH..) => match self.page(deeper).await {
                Some(BATCH..) => deeper + BATCH,
                Some(_) => BATCH,
                None => deeper,
            },
            Some(_) => BATCH,
            None => deeper,
        }
    }

    /// Has those renewed that are due, from the place `first` on. Returns how many they are; a store that cannot be reached is
    /// asked again at the next look.
    async fn page(&self, first: usize) -> Option<usize> {
        let (Some(shared), Some(opened)) =
            (self.shared.upgrade(), self.opened.as_ref().and_then(Weak::upgrade))
        else {
            return None;
        };
        let places = first..first + BATCH;
        let due = shared.store.due(P::ID, shared.now(), places).await;
        let keys = due.ok()?;
        let found = keys.len();
        for key in keys {
            let known = {
                let opened = opened.read().unwrap_or_else(PoisonError::into_inner);
                opened.get(&key).cloned()
            };
            shared.enqueue(known.unwrap_or_else(|| Core::new(Arc::clone(&shared), key)));
        }
        Some(found)
    }
}

impl<P: Renewable> Core<P> {
    /// Nothing may be tried now: looks again when something may.
    fn retry_later(&self) {
        let until = self.inner().trouble.as_ref().map(|trouble| trouble.until);
        if let Some(until) = until.filter(|until| *until < Duration::MAX) {
            self.look_again(Some(until));
        }
    }
}
